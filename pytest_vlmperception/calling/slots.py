"""The concurrency limit, held over all workers of a run together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import BoundedSemaphore, Lock
from typing import Protocol

from filelock import FileLock, Timeout

__all__ = ["FileSlots", "Slots", "ThreadSlots"]

POLL_S = 0.01


class Slots(Protocol):
    """A number of places; a call holds one."""

    def one(self) -> AbstractContextManager[None]:
        """Wait for a place and hold it."""


class ThreadSlots:
    """Places within one process."""

    def __init__(self, number: int) -> None:
        self._places = BoundedSemaphore(number)

    @contextmanager
    def one(self) -> Iterator[None]:
        """Wait for a place and hold it."""
        with self._places:
            yield


@dataclass(frozen=True)
class FileSlots:
    """Places shared by processes: locked files, which the kernel frees when a process dies.

    Parameters
    ----------
    directory : Path
        Where the lock files are.
    number : int
        Places over all processes.
    sleep : callable
        Wait for a number of seconds.
    """

    directory: Path
    number: int
    sleep: Callable[[float], None]
    _queue: Lock = field(default_factory=Lock)

    @contextmanager
    def one(self) -> Iterator[None]:
        """Wait for a place and hold it."""
        lock = self._wait()
        try:
            yield
        finally:
            lock.release()

    def _wait(self) -> FileLock:
        # One thread of a process looks for a place at a time: the others would only look in vain.
        with self._queue:
            while True:
                lock = self._try()
                if lock is not None:
                    return lock
                self.sleep(POLL_S)

    def _try(self) -> FileLock | None:
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        for place in range(self.number):
            lock = FileLock(self.directory / f"{place}.lock", thread_local=False, is_singleton=False)
            try:
                lock.acquire(blocking=False)
            except Timeout:
                continue
            return lock
        return None
