"""What a user is told while tests run: before the first paid call, and how far a long run is."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import count
from typing import Any

import pytest

from pytest_vlmperception.calling import Renewer
from pytest_vlmperception.letters import Inbox
from pytest_vlmperception.models import Identity
from pytest_vlmperception.models.prices import FREE, Price, price_of
from pytest_vlmperception.money import outlook_usd
from pytest_vlmperception.records import Cost, Figures, Outlook, Progress, Usage
from pytest_vlmperception.report import asking_line, progress_line
from pytest_vlmperception.screen import Screen

__all__ = ["Announcer", "Controller", "Speed", "Watch"]

# A run that is over by then needs no line; what is shown changes so often.
BEGIN_S = 3.0
EVERY_S = 0.5

# The time left follows from what was answered in this time.
LOOK_BACK_S = 30.0

# Between looks for a worker that waits for its first call to be announced.
LETTERS_S = 0.01

Events = Sequence[Sequence[Any]]


class Announcer:
    """Says what a run is about to ask of a model that is paid.

    It is said whatever the verbosity, and on no terminal too: it is about money.

    Parameters
    ----------
    screen : Screen
        Where to say it.
    overrides : mapping of str to Price
        Prices that the project sets.
    """

    def __init__(self, screen: Screen, overrides: Mapping[str, Price]) -> None:
        self._screen = screen
        self._overrides = overrides
        self._prices: dict[tuple[str, str, str], Future[Price | None]] = {}

    def expect(self, identity: Identity) -> None:
        """Look up a price in the background: the list takes a while to load."""
        who = (identity.provider, identity.model, identity.base_url)
        if who not in self._prices:
            executor = ThreadPoolExecutor(1, "vlmperception-prices")
            self._prices[who] = executor.submit(self._price, *who)
            executor.shutdown(wait=False)

    def _price(self, provider: str, model: str, base_url: str) -> Price | None:
        return price_of(provider, model, base_url=base_url, overrides=self._overrides)

    def announce(self, outlook: Outlook, identity: Identity) -> None:
        """Say it, unless the model is free."""
        self.expect(identity)
        price = self._prices[identity.provider, identity.model, identity.base_url].result()
        if price != FREE:
            self._screen.say(asking_line(outlook, outlook_usd(outlook, price)))


class Speed:
    """How long a run will go on, from how fast questions were answered lately.

    Parameters
    ----------
    look_back_s : float
        What was answered earlier does not count.
    """

    def __init__(self, look_back_s: float = LOOK_BACK_S) -> None:
        self._look_back_s = look_back_s
        self._seen: deque[tuple[float, int]] = deque()

    def seconds_left(self, now: float, figures: Figures) -> float | None:
        """Return the seconds left at this moment; None where nothing was answered yet.

        Parameters
        ----------
        now : float
            Seconds on a monotonic clock.
        figures : Figures
            How far the run is. Hits are not counted as progress: they come first, and take no time.
        """
        answered = figures.done - figures.hits
        self._seen.append((now, answered))
        while len(self._seen) > 2 and self._seen[1][0] <= now - self._look_back_s:
            self._seen.popleft()
        since, before = self._seen[0]
        if answered <= before:
            return None
        return (figures.asked - figures.done) * (now - since) / (answered - before)


class Watch:
    """Shows a line of progress while questions are open, once a run has lasted some seconds.

    Parameters
    ----------
    screen : Screen
        Where to show it.
    heard : callable
        Returns what the ledgers of the run heard since the last time, by process.
    overrides : mapping of str to Price
        Prices that the project sets.
    clock : callable
        Seconds on a monotonic clock.
    """

    def __init__(
        self,
        screen: Screen,
        heard: Callable[[], Iterable[tuple[str, Events]]],
        overrides: Mapping[str, Price],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._screen = screen
        self._heard = heard
        self._overrides = overrides
        self._clock = clock
        self._progress = Progress(self._cost_of)
        self._speed = Speed()
        self._began: float | None = None

    def _cost_of(self, provider: str, model: str, base_url: str) -> Cost:
        price = price_of(provider, model, base_url=base_url, overrides=self._overrides)
        return no_cost if price is None else price.cost_usd

    def look(self) -> None:
        """Look what happened, and show it."""
        for process, events in self._heard():
            self._progress.add(process, events)
        figures, now = self._progress.figures(), self._clock()
        if figures.asked == figures.done:
            self._screen.hide()
            return
        self._began = now if self._began is None else self._began
        seconds_left = self._speed.seconds_left(now, figures)
        if now - self._began >= BEGIN_S:
            self._screen.show(progress_line(figures, seconds_left))

    def close(self) -> None:
        """Leave no line behind."""
        self._screen.hide()


def no_cost(_: Usage) -> float | None:
    """Return the cost of a call whose price is not known."""
    return None


class Controller:
    """Says on the controller's terminal what the workers tell.

    Parameters
    ----------
    inbox : Inbox
        What the workers tell.
    announcer : Announcer or None
        None where there is no terminal to say it on.
    watch : Watch or None
        None where nobody watches.
    """

    def __init__(self, inbox: Inbox, announcer: Announcer | None, watch: Watch | None) -> None:
        self._inbox = inbox
        self._announcer = announcer
        self._watch = watch
        self._looks = count(1)
        self._renewer = Renewer(self._look, LETTERS_S)

    def start(self) -> None:
        """Begin to look."""
        self._renewer.start()

    def _look(self) -> None:
        for outlook, identity in self._inbox.outlooks():
            if self._announcer is not None:
                self._announcer.announce(outlook, identity)
        if self._watch is not None and next(self._looks) % round(EVERY_S / LETTERS_S) == 0:
            self._watch.look()

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Count nothing as in flight in a worker that has ended."""
        self._inbox.gone(node.gateway.id)

    def pytest_sessionfinish(self) -> None:
        """Look no longer."""
        self._renewer.close()
        if self._watch is not None:
            self._watch.close()
