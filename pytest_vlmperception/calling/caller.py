"""Everything it takes to ask one model."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from concurrent.futures import Future

from pytest_vlmperception.calling.keys import key_of, key_parts
from pytest_vlmperception.calling.layers import Breaker, Cached, Counted, Paced, Retried
from pytest_vlmperception.calling.ledger import Ledger
from pytest_vlmperception.calling.pace import Pace
from pytest_vlmperception.calling.pool import Pool
from pytest_vlmperception.calling.slots import Slots
from pytest_vlmperception.calling.store import Store
from pytest_vlmperception.models.base import Provider
from pytest_vlmperception.records import Question, Reply

__all__ = ["Caller"]


class Caller:
    """Asks one model in the background, each question once.

    Parameters
    ----------
    name : str
        What the user calls the model.
    provider : Provider
        Whom to ask.
    store : Store
        Where replies are kept.
    ledger : Ledger
        Where calls are counted.
    pace : Pace
        How many calls may be in flight.
    slots : Slots
        Places for them, over all workers.
    threads : int
        Questions in work at once in this process.
    clock : callable
        Seconds on a monotonic clock.
    rng : random.Random
        Source of the jitter between attempts.
    """

    def __init__(
        self,
        name: str,
        provider: Provider,
        store: Store,
        ledger: Ledger,
        pace: Pace,
        slots: Slots,
        threads: int,
        clock: Callable[[], float] = time.monotonic,
        rng: random.Random | None = None,
    ) -> None:
        self.name = name
        self.provider = provider
        self._ledger = ledger
        identity = provider.identity
        ledger.known(name, identity.provider, identity.model, identity.base_url)
        self._asked: dict[Question, Future[Reply]] = {}
        paced = Paced(Counted(provider, ledger, name), slots, pace, self._pause)
        retried = Retried(paced, clock, self._pause, rng or random.Random())  # noqa: S311 - jitter, no secret
        cached = Cached(Breaker(retried, store, f"model {name}"), provider.identity, store, ledger, name)
        self._pool = Pool(cached, threads, clock, store.close_thread)

    def _pause(self, seconds: float = 0.0) -> None:
        self._pool.pause(seconds)

    @property
    def is_observer(self) -> bool:
        """Whether the built-in observer answers."""
        return self.provider.identity.provider == "observer"

    def submit(self, question: Question) -> Future[Reply]:
        """Ask in the background; the same question gives the same future."""
        future = self._asked.get(question)
        if future is None:
            future = self._asked[question] = self._pool.submit(question)
        return future

    def note_unusable(self, question: Question, kind: str) -> None:
        """Count a question whose reply says nothing usable, found when it was read."""
        self._ledger.failed(self.name, key_of(key_parts(self.provider.identity, question)), kind)

    def close(self) -> None:
        """Drop what is queued, wait for what is in flight."""
        self._pool.close()
