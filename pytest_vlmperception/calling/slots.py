"""Places for calls in flight, over the threads of a process or over all workers of a run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Condition, Lock
from typing import Protocol

from filelock import FileLock, Timeout

from pytest_vlmperception.calling.pace import Pace

__all__ = ["FileSlots", "Slots", "ThreadSlots"]

# What other processes free is looked for this often; what this one frees it knows at once.
POLL_S = 0.03

# A server can ask for a pause of minutes, and a run that is being ended does not wait for that.
LOOK_S = 0.2


class Slots(Protocol):
    """As many places as the pace allows; a call holds one."""

    def one(self, check_running: Callable[[], None] = lambda: None) -> AbstractContextManager[None]:
        """Wait for a place and hold it, unless `check_running` raises meanwhile."""


class ThreadSlots:
    """Places within one process.

    Parameters
    ----------
    pace : Pace
        How many places there are now.
    """

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._taken = 0
        self._freed = Condition()

    @contextmanager
    def one(self, check_running: Callable[[], None] = lambda: None) -> Iterator[None]:
        """Wait for a place and hold it, unless `check_running` raises meanwhile."""
        with self._freed:
            while self._taken >= self._pace.limit() or self._pace.hold() > 0:
                check_running()
                self._pace.waited()
                hold = self._pace.hold()
                self._freed.wait(min(hold, LOOK_S) if hold > 0 else None)
            self._taken += 1
        try:
            yield
        finally:
            with self._freed:
                self._taken -= 1
                # One for the place that is free now, one in case the limit has grown.
                self._freed.notify(2)


@dataclass(frozen=True)
class FileSlots:
    """Places shared by processes: locked files, which the kernel frees when a process dies.

    Parameters
    ----------
    directory : Path
        Where the lock files are.
    pace : Pace
        How many places there are now, over all processes.
    """

    directory: Path
    pace: Pace
    _turn: Lock = field(default_factory=Lock)
    _held: set[int] = field(default_factory=set)
    _freed: SimpleQueue[int] = field(default_factory=SimpleQueue)

    def __post_init__(self) -> None:
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)

    @contextmanager
    def one(self, check_running: Callable[[], None] = lambda: None) -> Iterator[None]:
        """Wait for a place and hold it, unless `check_running` raises meanwhile."""
        place, lock = self._wait(check_running)
        try:
            yield
        finally:
            lock.release()
            self._held.discard(place)
            self._freed.put(place)

    def _wait(self, check_running: Callable[[], None]) -> tuple[int, FileLock]:
        # One thread of a process looks for a place at a time: the others would only look in vain.
        with self._turn:
            freed = self._freed_within(0.0)
            while True:
                hold = self.pace.hold()
                found = self._try(freed) if hold <= 0 else None
                if found is not None:
                    self._held.add(found[0])
                    return found
                check_running()
                self.pace.waited()
                freed = self._freed_within(max(POLL_S, min(hold, LOOK_S)))

    def _freed_within(self, seconds: float) -> list[int]:
        """Wait for places that this process frees; what others free is found by looking."""
        freed: list[int] = []
        with suppress(Empty):
            freed.append(self._freed.get(timeout=seconds))
            while True:
                freed.append(self._freed.get_nowait())
        return freed

    def _try(self, freed: list[int]) -> tuple[int, FileLock] | None:
        limit = self.pace.limit()
        # What was just freed is most likely still free; what this process holds it need not try.
        for place in dict.fromkeys([*freed, *range(limit)]):
            if place >= limit or place in self._held:
                continue
            lock = FileLock(self.directory / f"{place}.lock", thread_local=False, is_singleton=False)
            try:
                lock.acquire(blocking=False)
            except Timeout:
                continue
            return place, lock
        return None
