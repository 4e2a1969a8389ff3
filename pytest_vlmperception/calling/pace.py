"""How many calls a model takes at once: learnt from its answers, shared by all workers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Lock

from pytest_vlmperception.calling.cell import Cell

__all__ = ["Pace", "PaceState"]

START = 16
CUT = 0.8
GROWTH = 0.05
SMALLEST_ROUND = 4
PAUSE_S = 0.5
LONGEST_PAUSE_S = 300.0


@dataclass(frozen=True)
class PaceState:
    """What all workers agree upon.

    Attributes
    ----------
    limit : int
        Calls in flight at most.
    until : float
        No call is sent before this time, in seconds on the monotonic clock.
    cut_at : float
        When the limit was last cut.
    slow_start : bool
        Whether each reply lets the limit grow: until the first cut.
    """

    limit: int
    until: float = 0.0
    cut_at: float = float("-inf")
    slow_start: bool = True


class Pace:
    """Additive increase, multiplicative decrease of the calls in flight.

    The limit starts at 16 and grows by one with each reply until the first rejection, which doubles it each
    round, then by one twentieth a round; a round is as many replies as the limit, and it lets the limit grow
    only if some call had to wait for a place. A rejection (429) cuts the limit by one fifth, once for all
    calls that were in flight, and holds every call back for as long as the server asked. Other passing
    errors keep the limit where it is for the round.

    Parameters
    ----------
    most : int
        The limit never exceeds this.
    cell : Cell of PaceState
        Where the state is kept.
    clock : callable
        Seconds on the monotonic clock, the same in all processes of a machine.
    """

    def __init__(self, most: int, cell: Cell[PaceState], clock: Callable[[], float]) -> None:
        self._most = most
        self._cell = cell
        self._clock = clock
        self._lock = Lock()
        # Replies until the round ends.
        self._left = max(min(START, most), SMALLEST_ROUND)
        self._waited = False
        self._disturbed = False

    @staticmethod
    def start(most: int) -> PaceState:
        """Return the state that a run begins with."""
        return PaceState(min(START, most))

    def now(self) -> float:
        """Return the time at which a call is sent."""
        return self._clock()

    def limit(self) -> int:
        """Return how many calls may be in flight."""
        return self._cell.read().limit

    def hold(self) -> float:
        """Return the seconds until the next call may be sent; not positive if it may be now."""
        return self._cell.read().until - self._clock()

    def waited(self) -> None:
        """Say that a call had to wait for a place."""
        self._waited = True

    def replied(self) -> None:
        """Say that a call was answered."""
        with self._lock:
            state = self._cell.read()
            self._left -= 1
            last = self._left <= 0
            grow = self._waited and not self._disturbed
            grown = self._grown(state, last) if grow else state
            if last:
                self._left = max(grown.limit, SMALLEST_ROUND)
                self._waited = self._disturbed = False
        if grown != state:
            # Unless it was cut since.
            self._cell.change(lambda now: self._grown(now, last) if now.cut_at == state.cut_at else now)

    def _grown(self, state: PaceState, last: bool) -> PaceState:
        """Return the state after a reply that may let it grow, and is the last one of its round or not."""
        step = 1 if state.slow_start else max(1, round(GROWTH * state.limit)) * last
        return replace(state, limit=min(self._most, state.limit + step))

    def used_up(self, seconds: float) -> None:
        """Say that the server replied, and takes no further call for so long."""
        until = self._clock() + min(LONGEST_PAUSE_S, seconds)
        if until > self._cell.read().until:
            self._cell.change(lambda state: replace(state, until=max(state.until, until)))

    def disturbed(self) -> None:
        """Say that a call failed for a reason that may pass and is no rejection."""
        self._disturbed = True

    def rejected(self, sent_at: float, retry_after: float | None) -> None:
        """Say that the server took a call sent at `sent_at` for one too many."""
        now = self._clock()
        until = now + min(LONGEST_PAUSE_S, PAUSE_S if retry_after is None else retry_after)

        def cut(state: PaceState) -> PaceState:
            state = replace(state, until=max(state.until, until))
            if sent_at < state.cut_at:
                return state
            return replace(state, limit=max(1, int(CUT * state.limit)), cut_at=now, slow_start=False)

        limit = self._cell.change(cut).limit
        with self._lock:
            self._left, self._disturbed = max(limit, SMALLEST_ROUND), True
