"""Threads that ask one model."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import compress, count
from operator import not_
from threading import Condition, Event, Lock, Thread
from typing import Protocol

from pytest_vlmperception.calling.layers import LeasedElsewhereError
from pytest_vlmperception.calling.promise import ENDED, Promise
from pytest_vlmperception.errors import CallError
from pytest_vlmperception.records import Picture, Question, Reply

__all__ = ["Ahead", "Asked", "Pool"]

# What is leased elsewhere is looked at again after this time, or later where there is so much of it
# that looking would take the time of asking.
LOOK_AGAIN_S = 0.05
LOOKS_AT_ONCE = 32

# Where so many questions wait for a thread to ask them, the next is looked up after this time, or when one is taken.
AHEAD = 8
AHEAD_S = 0.005


@dataclass(frozen=True)
class Ahead:
    """How far a pool is with what was submitted.

    Attributes
    ----------
    found, missed : int
        Questions looked up that were stored, and that were not; the one being looked up counts as the latter.
    new : list of Question
        Those that were not looked up yet.
    """

    found: int
    missed: int
    new: list[Question]


class Asked(Protocol):
    """What a pool asks: the layers around a provider."""

    def stored(self, question: Question) -> Reply | None:
        """Return the reply if it is at hand."""

    def ask(self, question: Question) -> Reply:
        """Return the reply, wherever it comes from."""


class Pool:
    """Asks questions in the order submitted; what is leased elsewhere is looked at again later.

    A question whose pictures are still being made is put off until they are there.

    One thread looks up what is stored, which many would only do more slowly; what is not goes to the
    threads that ask. It is not far ahead of them, or only slowly, since reading pictures would keep
    them from sending. They may all be waiting for a place, so that thread also looks again at what is
    leased elsewhere: what another process has answered is read at once.

    Parameters
    ----------
    model : Asked
        Whom to ask.
    threads : int
        Questions in work at once, at most.
    clock : callable
        Seconds on a monotonic clock.
    at_exit : callable
        Called by each thread before it ends.
    settled : callable
        Called with each question whose promise was kept.
    useful : callable, optional
        Returns how many questions are worth having in work at once now; by default `threads`.
    prepare : callable
        Called before the first question is asked, by the thread that looks up: loading an SDK takes twice as
        long beside threads that prepare their questions.
    """

    def __init__(
        self,
        model: Asked,
        threads: int,
        clock: Callable[[], float],
        at_exit: Callable[[], None] = lambda: None,
        settled: Callable[[Question], None] = lambda question: None,
        useful: Callable[[], int] | None = None,
        prepare: Callable[[], None] = lambda: None,
    ) -> None:
        self._model = model
        self._useful: Callable[[], int] = lambda: threads if useful is None else min(threads, useful())
        self._clock = clock
        self._at_exit = at_exit
        self._settled = settled
        self._prepare = prepare
        lock = Lock()
        self._for_reader = Condition(lock)
        self._for_askers = Condition(lock)
        self._kept = Condition()
        self._new: deque[tuple[Question, Promise]] = deque()
        self._missing: deque[tuple[Question, Promise]] = deque()
        self._leased: list[tuple[float, int, Question, Promise]] = []
        self._offered: set[Promise] = set()
        # By promise, because a question may be asked again after it was dropped.
        self._deferred: dict[Promise, Question] = {}
        self._order = count()
        self._threads: list[Thread] = []
        self._idle = 0
        self._submitted = 0
        self._found = 0
        self._failed = 0
        # The question of which it is not known yet whether it is stored.
        self._looked_at: list[Question] = []
        self._closing = Event()

    def submit(self, question: Question) -> Promise:
        """Queue a question; its reply, or `CallError`, arrives in the promise."""
        return self.submit_all([question])[0]

    def submit_all(self, questions: Sequence[Question]) -> list[Promise]:
        """Queue questions, each as `submit` does; none is taken before all are queued."""
        promises = [Promise(self._kept) for _ in questions]
        jobs = list(zip(questions, promises, strict=True))
        # Until its pictures are there nobody can say which question it is: it would block whoever looks it up.
        put_off = [not all(map(is_readable, question.shown)) for question in questions]
        deferred, ready = (list(compress(jobs, which)) for which in (put_off, map(not_, put_off)))
        with self._for_reader:
            if not self._closing.is_set():
                self._deferred.update((promise, question) for question, promise in deferred)
                self._queue(ready)
                jobs = []
        for _, promise in jobs:
            promise.drop()
        for question, promise in deferred:
            self._admit_when_there(question, promise)
        return promises

    def _queue(self, jobs: Sequence[tuple[Question, Promise]]) -> None:
        """Queue questions whose pictures are there; to be called with the lock held."""
        self._new.extend(jobs)
        self._submitted += len(jobs)
        if self._new and not self._threads:
            self._start(self._look_up)
        self._for_reader.notify()

    def _admit_when_there(self, question: Question, promise: Promise) -> None:
        """Queue a question once all of its pictures are there, or say which will not be."""
        waiting = list(question.shown)

        def arrived() -> None:
            with self._for_reader:
                waiting.pop()
                last = not waiting
            if last:
                self._admit(question, promise)

        for picture in question.shown:
            picture.when_there(arrived)

    def _admit(self, question: Question, promise: Promise) -> None:
        lost = next((picture.lost for picture in question.shown if picture.lost is not None), None)
        with self._for_reader:
            if self._deferred.pop(promise, None) is None:
                return
            if lost is None:
                self._queue([(question, promise)])
                return
        self._settle(question, promise, lost)

    def ahead(self) -> Ahead:
        """Return what was submitted and is not answered."""
        with self._for_reader:
            new = [question for question, _ in self._new] + self._looked_at
            return Ahead(self._found, self._submitted - self._found - self._failed - len(new), new)

    def _start(self, work: Callable[[], None]) -> None:
        thread = Thread(target=self._run, args=(work,), name=f"vlmperception-{len(self._threads)}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _run(self, work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            # A fault of our own. Whoever waits must hear of it: nobody else would keep the promises.
            self._drop_all(error)
        finally:
            self._at_exit()

    def _look_up(self) -> None:
        found: list[tuple[Question, Promise, Reply | BaseException]] = []
        try:
            while (job := self._next_new()) is not None:
                outcome = self._stored(*job)
                if outcome is not None:
                    found.append((job[0], job[1], outcome))
                # Settled together: whoever reads one after the other wakes up once for all of them.
                if len(found) >= LOOKS_AT_ONCE or not self._new or len(self._missing) >= AHEAD:
                    self._settle_all(found)
        finally:
            self._settle_all(found)

    def _settle_all(self, found: list[tuple[Question, Promise, Reply | BaseException]]) -> None:
        for question, promise, outcome in found:
            self._settle(question, promise, outcome)
        found.clear()

    def _stored(self, question: Question, promise: Promise, leased: bool) -> Reply | BaseException | None:
        """Return what is stored; pass on a question of which there is nothing."""
        try:
            reply = self._model.stored(question)
        except BaseException as error:
            self._looked_at = []
            self._failed += 1
            return error
        with self._for_reader:
            self._looked_at = []
            self._found += reply is not None
        if reply is not None:
            return reply
        try:
            if len(self._threads) == 1:
                self._prepare()
            (self._offer if leased else self._miss)(question, promise)
        except BaseException as fault:
            # It may be in no queue, where `_drop_all` would find it.
            if not promise.done():
                self._settle(question, promise, fault)
            raise
        return None

    def _settle(self, question: Question, promise: Promise, outcome: Reply | BaseException) -> None:
        promise.settle(outcome)
        self._settled(question)

    def _next_new(self) -> tuple[Question, Promise, bool] | None:
        """Wait for a question that is new, or leased elsewhere and to be looked at again."""
        waited = False
        with self._for_reader:
            while not self._closing.is_set():
                wait = self._leased[0][0] - self._clock() if self._leased else None
                if wait is not None and wait <= 0:
                    question, promise = heapq.heappop(self._leased)[2:]
                    if not promise.done():
                        return question, promise, True
                elif self._new and (waited or len(self._missing) < AHEAD):
                    question, promise = self._new.popleft()
                    self._looked_at = [question]
                    return question, promise, False
                elif self._new:
                    waited = not self._for_reader.wait(AHEAD_S)
                else:
                    self._for_reader.wait(wait)
            return None

    def _miss(self, question: Question, promise: Promise) -> None:
        useful = self._useful()
        with self._for_askers:
            if not self._closing.is_set():
                self._missing.append((question, promise))
                if self._idle < len(self._missing) and len(self._threads) <= useful:
                    self._start(self._ask_all)
                self._for_askers.notify()
                return
        promise.drop()

    def _offer(self, question: Question, promise: Promise) -> None:
        """Look at it later again, and let a thread try to get its lease meanwhile: who held it may have died."""
        with self._for_askers:
            if not self._closing.is_set():
                self._look_later(question, promise)
                if promise not in self._offered:
                    self._offered.add(promise)
                    self._missing.appendleft((question, promise))
                    self._for_askers.notify()
                return
        promise.drop()

    def _look_later(self, question: Question, promise: Promise) -> None:
        ready = self._clock() + LOOK_AGAIN_S * (1 + len(self._leased) / LOOKS_AT_ONCE)
        heapq.heappush(self._leased, (ready, next(self._order), question, promise))
        self._for_reader.notify()

    def _ask_all(self) -> None:
        while (job := self._next_missing()) is not None:
            self._ask(*job)

    def _next_missing(self) -> tuple[Question, Promise, bool] | None:
        """Wait for a question that is not stored; say whether it is looked at again in any case."""
        with self._for_askers:
            self._idle += 1
            try:
                self._for_askers.wait_for(lambda: self._missing or self._closing.is_set())
                if not self._missing:
                    return None
                question, promise = self._missing.popleft()
                offered = promise in self._offered
                self._offered.discard(promise)
                if self._new:
                    self._for_reader.notify()
                return question, promise, offered
            finally:
                self._idle -= 1

    def _ask(self, question: Question, promise: Promise, offered: bool) -> None:
        if promise.done():
            return
        try:
            reply = self._model.ask(question)
        except LeasedElsewhereError:
            if not offered:
                self._look_again(question, promise)
        except BaseException as error:
            self._settle(question, promise, error)
        else:
            self._settle(question, promise, reply)

    def _look_again(self, question: Question, promise: Promise) -> None:
        with self._for_askers:
            if not self._closing.is_set():
                self._look_later(question, promise)
                return
        promise.drop()

    def pause(self, seconds: float = 0.0) -> None:
        """Wait inside a call, unless the pool is being closed.

        Raises
        ------
        CallError
            If the run ends meanwhile.
        """
        if self._closing.wait(seconds):
            raise CallError("the run ended before the question was asked", ENDED, sent=False)

    def stop(self) -> None:
        """Drop what is queued; what is in flight goes on."""
        self._drop_all(None)

    def close(self) -> None:
        """Drop what is queued, wait for what is in flight, end the threads."""
        self.stop()
        for thread in self._threads:
            thread.join()

    def _drop_all(self, fault: BaseException | None) -> None:
        with self._for_askers:
            self._closing.set()
            dropped = [job[-1] for queue in (self._new, self._missing, self._leased) for job in queue]
            dropped += self._deferred
            self._deferred.clear()
            self._new.clear()
            self._missing.clear()
            self._leased.clear()
            self._for_reader.notify_all()
            self._for_askers.notify_all()
        for promise in dropped:
            # What was leased elsewhere may have been answered since it was looked at.
            if not promise.done():
                promise.drop() if fault is None else promise.settle(fault)


def is_readable(picture: Picture) -> bool:
    """Tell whether reading a picture neither waits for it nor says that it was not made."""
    return picture.is_there and picture.lost is None
