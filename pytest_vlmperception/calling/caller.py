"""Everything it takes to ask one model."""

from __future__ import annotations

import time
from collections.abc import Callable
from weakref import WeakValueDictionary

from pytest_vlmperception.calling.keys import key_of, key_parts
from pytest_vlmperception.calling.ledger import Ledger
from pytest_vlmperception.calling.pool import Asked, Pool
from pytest_vlmperception.calling.promise import Promise
from pytest_vlmperception.models.base import Provider
from pytest_vlmperception.records import Question

__all__ = ["Caller", "Chain", "Pause"]

# Waits for a number of seconds, or only looks with 0; raises `CallError` at the end of the run.
Pause = Callable[[float], None]

# Builds the layers around a provider, given how to wait.
Chain = Callable[[Pause], Asked]


class Caller:
    """Asks one model in the background, each question once.

    Parameters
    ----------
    name : str
        What the user calls the model.
    provider : Provider
        Who the model is.
    ledger : Ledger
        Where calls are counted.
    chain : callable
        Builds the layers that a question passes.
    threads : int
        Questions in work at once in this process.
    clock : callable
        Seconds on a monotonic clock.
    at_exit : callable
        Called by each thread before it ends.
    """

    def __init__(
        self,
        name: str,
        provider: Provider,
        ledger: Ledger,
        chain: Chain,
        threads: int,
        clock: Callable[[], float] = time.monotonic,
        at_exit: Callable[[], None] = lambda: None,
    ) -> None:
        self.name = name
        self.provider = provider
        self._ledger = ledger
        identity = provider.identity
        ledger.known(name, identity.provider, identity.model, identity.base_url)
        # A reply is held by those who still have to read it, and by the store.
        self._asked: WeakValueDictionary[Question, Promise] = WeakValueDictionary()
        self._pool = Pool(chain(self._pause), threads, clock, at_exit)

    def _pause(self, seconds: float) -> None:
        self._pool.pause(seconds)

    @property
    def is_observer(self) -> bool:
        """Whether the built-in observer answers."""
        return self.provider.identity.provider == "observer"

    def submit(self, question: Question) -> Promise:
        """Ask in the background; the same question gives the same promise."""
        promise = self._asked.get(question)
        if promise is None:
            promise = self._asked[question] = self._pool.submit(question)
        return promise

    def note_unusable(self, question: Question, kind: str) -> None:
        """Count a question whose reply says nothing usable, found when it was read."""
        self._ledger.failed(self.name, key_of(key_parts(self.provider.identity, question)), kind)

    def close(self) -> None:
        """Drop what is queued, wait for what is in flight."""
        self._pool.close()
