"""Threads that ask a model in the background."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from concurrent.futures import Future
from itertools import count
from threading import Condition, Event, Thread

from pytest_vlmperception.calling.layers import ENDED, LeasedElsewhereError
from pytest_vlmperception.errors import CallError
from pytest_vlmperception.models.base import Model
from pytest_vlmperception.records import Question, Reply

__all__ = ["Pool"]

LOOK_AGAIN_S = 0.05


class Pool:
    """Asks questions in the order submitted; what is leased elsewhere is looked at again later.

    Parameters
    ----------
    model : Model
        Whom to ask.
    threads : int
        Questions in work at once; threads are started when needed.
    clock : callable
        Seconds on a monotonic clock.
    at_exit : callable
        Called by each thread before it ends.
    """

    def __init__(
        self, model: Model, threads: int, clock: Callable[[], float], at_exit: Callable[[], None] = lambda: None
    ) -> None:
        self._model = model
        self._limit = threads
        self._clock = clock
        self._at_exit = at_exit
        self._changed = Condition()
        self._queue: list[tuple[float, int, Question, Future[Reply]]] = []
        self._order = count()
        self._threads: list[Thread] = []
        self._idle = 0
        self._closing = Event()

    def submit(self, question: Question, future: Future[Reply] | None = None) -> Future[Reply]:
        """Queue a question; its reply or `CallError` arrives in the future."""
        future = future or Future()
        with self._changed:
            if self._closing.is_set():
                future.cancel()
                return future
            self._push(0.0, question, future)
            if self._idle < len(self._queue) and len(self._threads) < self._limit:
                self._start()
        return future

    def _push(self, ready: float, question: Question, future: Future[Reply]) -> None:
        heapq.heappush(self._queue, (ready, next(self._order), question, future))
        self._changed.notify()

    def _start(self) -> None:
        thread = Thread(target=self._work, name=f"vlmperception-{len(self._threads)}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _work(self) -> None:
        try:
            while (job := self._next()) is not None:
                self._do(*job)
        finally:
            self._at_exit()

    def _next(self) -> tuple[Question, Future[Reply]] | None:
        with self._changed:
            self._idle += 1
            try:
                while not self._closing.is_set():
                    wait = self._queue[0][0] - self._clock() if self._queue else None
                    if wait is not None and wait <= 0:
                        return heapq.heappop(self._queue)[2:]
                    self._changed.wait(wait)
                return None
            finally:
                self._idle -= 1

    def _do(self, question: Question, future: Future[Reply]) -> None:
        try:
            reply = self._model.ask(question)
        except LeasedElsewhereError:
            with self._changed:
                if self._closing.is_set():
                    future.cancel()
                else:
                    self._push(self._clock() + LOOK_AGAIN_S, question, future)
        except BaseException as error:
            future.set_exception(error)
        else:
            future.set_result(reply)

    def pause(self, seconds: float = 0.0) -> None:
        """Wait inside a call, unless the pool is being closed.

        Raises
        ------
        CallError
            If the run ends meanwhile.
        """
        if self._closing.wait(seconds):
            raise CallError("the run ended before the question was asked", ENDED, sent=False)

    def close(self) -> None:
        """Drop what is queued, wait for what is in flight, end the threads."""
        with self._changed:
            self._closing.set()
            for *_, future in self._queue:
                future.cancel()
            self._queue.clear()
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()
