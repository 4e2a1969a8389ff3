"""Everything it takes to ask one model."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import Event

from pytest_vlmperception.calling.keys import key_of, key_parts
from pytest_vlmperception.calling.ledger import Ledger, fingerprint
from pytest_vlmperception.calling.pool import Ahead, Asked, Pool
from pytest_vlmperception.calling.promise import Promise
from pytest_vlmperception.models.base import Provider
from pytest_vlmperception.records import Question

__all__ = ["Caller", "Chain", "Pause"]

# From the moment that the first question can be sent until the first calls are under way, and no reply is there.
SENDING_S = 0.08

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
        Questions in work at once in this process, at most.
    clock : callable
        Seconds on a monotonic clock.
    at_exit : callable
        Called by each thread before it ends.
    useful : callable, optional
        Returns how many are worth having in work now; by default `threads`.

    Attributes
    ----------
    twins : sequence of Caller
        Are asked whatever this one is asked, in the same moment: models that are compared must not differ by what else
        changed meanwhile.
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
        useful: Callable[[], int] | None = None,
    ) -> None:
        self.name = name
        self.provider = provider
        self.twins: Sequence[Caller] = ()
        self._ledger = ledger
        identity = provider.identity
        ledger.known(name, identity.provider, identity.model, identity.base_url)
        # What is not settled yet: a reply is held by those who still have to read it, and by the store.
        self._asked: dict[Question, Promise] = {}
        self._pool = Pool(chain(self._pause), threads, clock, at_exit, self._settled, useful, self._prepare)
        self._asking = Event()
        self._under_way = False

    def _prepare(self) -> None:
        prepare: Callable[[], None] | None = getattr(self.provider, "prepare", None)
        if prepare is not None:
            # Asking fails for the same reason, and says so.
            with suppress(Exception):
                prepare()
        self._asking.set()

    def _pause(self, seconds: float) -> None:
        self._pool.pause(seconds)

    @property
    def is_built_in(self) -> bool:
        """Whether the built-in observer or painter answers."""
        return self.provider.identity.is_built_in

    def submit(self, question: Question) -> Promise:
        """Ask in the background; while it is under way, the same question gives the same promise."""
        return self.submit_all([question])[0]

    def submit_all(self, questions: Sequence[Question]) -> list[Promise]:
        """Ask in the background, each as `submit` does; all are known before the first is asked."""
        promises = self._submit_all(questions)
        for twin in self.twins:
            # Its answers are read in tests of its own, from the store.
            twin._submit_all(questions)
        return promises

    def _submit_all(self, questions: Sequence[Question]) -> list[Promise]:
        under_way = {question: self._asked.get(question) for question in questions}
        new = [question for question, promise in under_way.items() if promise is None]
        self._ledger.asked(self.name, new)
        promises = dict(zip(new, self._pool.submit_all(new), strict=True))
        self._asked.update(promises)
        for question, promise in promises.items():
            # It may have been settled before it was noted.
            if promise.done():
                self._settled(question)
        return [under_way[question] or promises[question] for question in questions]

    def ahead(self) -> Ahead:
        """Return what was submitted and is not answered."""
        return self._pool.ahead()

    def wait_for_calls(self, promise: Promise) -> None:
        """Wait until the first calls are under way, or a reply is there: a good time for what takes time itself."""
        if not self._under_way:
            promise.when_done(self._asking.set)
            self._asking.wait()
            # Whoever reads the promise meets what went wrong.
            with suppress(Exception):
                promise.result(SENDING_S)
            self._under_way = True

    def _settled(self, question: Question) -> None:
        self._asked.pop(question, None)

    def note_unusable(self, question: Question, kind: str) -> None:
        """Count a question whose reply says nothing usable, found when it was read."""
        self._ledger.failed(self.name, key_of(key_parts(self.provider.identity, question)), kind)

    def note_not_made(self, question: Question, kind: str) -> None:
        """Count a question that was not asked, since a picture that it shows was not made."""
        self._ledger.failed(self.name, f"not made/{fingerprint(self.name, question)}", kind)

    def stop(self) -> None:
        """Drop what is queued; what is in flight goes on."""
        self._pool.stop()

    def close(self) -> None:
        """Drop what is queued, wait for what is in flight."""
        self._pool.close()
