"""What a run may spend: calls and money, reserved before they are spent, by all its workers together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from uuid import uuid4

from pytest_vlmperception.calling.cell import Cell
from pytest_vlmperception.calling.renewer import Renewer
from pytest_vlmperception.calling.spending import NOTHING, Amount, Limits, refused
from pytest_vlmperception.errors import StoreError, UnwritableError

__all__ = ["Budget", "BudgetState", "Share"]

LEASE_S = 10.0
RENEW_S = 3.0
FIRST_LOOK_S = 0.02
LAST_LOOK_S = 0.5


@dataclass(frozen=True)
class Share:
    """What one process has reserved: a lease, void after `until`.

    Attributes
    ----------
    amount : Amount
        The sum over its attempts in flight.
    until : float
        Seconds on the monotonic clock.
    """

    amount: Amount
    until: float


@dataclass(frozen=True)
class BudgetState:
    """What all workers agree upon.

    Attributes
    ----------
    paid : Amount
        What the run has spent.
    shares : mapping of str to Share
        What is reserved, by process.
    """

    paid: Amount = NOTHING
    shares: Mapping[str, Share] = field(default_factory=dict)

    @property
    def reserved(self) -> Amount:
        """The sum of all reservations."""
        return sum((share.amount for share in self.shares.values()), NOTHING)

    def at(self, now: float) -> BudgetState:
        """Return the state without the reservations of processes that stopped renewing them."""
        return BudgetState(self.paid, {name: share for name, share in self.shares.items() if share.until > now})

    def with_share(self, name: str, share: Share) -> BudgetState:
        """Return the state with what one process has reserved, if anything."""
        others = {other: kept for other, kept in self.shares.items() if other != name}
        return BudgetState(self.paid, {**others, name: share} if share.amount != NOTHING else others)


class Budget:
    """Keeps the calls and the money of a run within limits, over all threads and processes.

    An attempt reserves what it may cost before it is sent and pays what it did cost afterwards. The
    reservations of a process are one lease: renewed while it lives, void soon after it was killed.
    What it had in flight then is not known to have been paid and does not count.

    Parameters
    ----------
    limits : Limits
        What may be spent.
    cell : Cell of BudgetState
        Where the state is kept.
    clock : callable
        Seconds on the monotonic clock, the same in all processes of a machine.
    at_exit : callable
        Called by the renewing thread before it ends.
    lease_s, renew_s : float
        Seconds that a lease lasts, and after which it is renewed.
    """

    def __init__(
        self,
        limits: Limits,
        cell: Cell[BudgetState],
        clock: Callable[[], float],
        at_exit: Callable[[], None] = lambda: None,
        lease_s: float = LEASE_S,
        renew_s: float = RENEW_S,
    ) -> None:
        self.limits = limits
        self._cell = cell
        self._clock = clock
        self._lease_s = lease_s
        self._name = uuid4().hex
        self._lock = Lock()
        # The lock guards what this process holds, and what it paid that the cell does not know yet.
        self._held = NOTHING
        self._unpublished = NOTHING
        self._renewer = Renewer(self._renew, renew_s, at_exit)
        self._ended = False

    def reserve(self, usd: float | None, pause: Callable[[float], None]) -> Amount:
        """Set aside one call and `usd`, what it costs at most; wait while that may become possible.

        Parameters
        ----------
        usd : float or None
            None where it is not known, which only a budget without a limit in US dollars can take.
        pause : callable
            Waits for a number of seconds; raises `CallError` at the end of the run.

        Returns
        -------
        Amount
            What is to be given back to `settle`.

        Raises
        ------
        CallError
            Of kind ``budget``, if it does not fit and nobody has reserved anything that might be released.
        """
        need = self._need(usd)
        look = FIRST_LOOK_S
        while not (self._may_fit(need) and self._take(need)):
            pause(look)
            look = min(2 * look, LAST_LOOK_S)
        return need

    def _need(self, usd: float | None) -> Amount:
        if usd is None and self.limits.usd is not None:
            raise refused(
                f"the price of this question is not known, so --vlm-budget={self.limits.usd} cannot be kept; "
                "set the model's price, or give --vlm-max-calls instead"
            )
        return Amount.of_call(usd or 0.0)

    def _may_fit(self, need: Amount) -> bool:
        """Look without a transaction: many wait, and those who pay need the store."""
        state = self._state()
        return self.limits.allow(state.paid + state.reserved, need) or not state.shares

    def _take(self, need: Amount) -> bool:
        """Reserve `need` if it fits; raise where waiting is in vain."""
        with self._lock:
            state = self._publish_or_refuse(need)
            held = state.shares.get(self._name)
            if held is not None and held.amount == self._held + need:
                self._held = held.amount
                self._renewer.start()
                return True
        if not state.shares:
            raise self.limits.refusal(state.paid, need)
        return False

    def settle(self, reserved: Amount, paid: Amount) -> None:
        """Replace a reservation by what was paid.

        A store that cannot be written does not lose the reply that was paid for: what it cost is
        published with the next change.
        """
        with self._lock:
            self._held -= reserved
            self._unpublished += paid
            self._try_publish()

    def _publish_or_refuse(self, need: Amount) -> BudgetState:
        try:
            return self._publish(need)
        except UnwritableError as error:
            # Each process for itself would keep within what is left, and all together overdraw it.
            raise refused(
                f"the budget cannot be kept over the processes of the run, because the store cannot be written "
                f"({error.reason}); free some space, or run in one process"
            ) from None

    def _renew(self) -> None:
        with self._lock:
            if (self._held, self._unpublished) != (NOTHING, NOTHING):
                self._try_publish()

    def _try_publish(self) -> None:
        try:
            self._publish()
        except StoreError:
            # Calls in flight meet the broken store themselves and report it.
            return

    def _publish(self, need: Amount = NOTHING) -> BudgetState:
        """Write what this process paid and holds, and `need` beside it if that fits; return the state."""

        def update(state: BudgetState) -> BudgetState:
            state = self._with_own(state)
            if need == NOTHING or not self.limits.allow(state.paid + state.reserved, need):
                return state
            return state.with_share(self._name, self._share(self._held + need))

        state = self._cell.change(update)
        self._unpublished = NOTHING
        return state

    def paid(self) -> Amount:
        """Return what the run has spent so far."""
        return self._state().paid

    def _state(self) -> BudgetState:
        with self._lock:
            return self._with_own(self._cell.read())

    def _with_own(self, state: BudgetState) -> BudgetState:
        """Return the state with what only this process knows; it lives, whatever became of its lease."""
        state = BudgetState(state.paid + self._unpublished, state.at(self._clock()).shares)
        return state.with_share(self._name, self._share(self._held))

    def _share(self, amount: Amount) -> Share:
        return Share(amount, self._clock() + self._lease_s)

    def close(self) -> None:
        """Stop renewing, and publish what could not be published yet; once."""
        if not self._ended:
            self._ended = True
            self._renewer.close()
            self._renew()
