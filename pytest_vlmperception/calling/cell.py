"""One value that several threads, or processes, change."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Generic, Protocol, TypeVar

__all__ = ["Cell", "MemoryCell"]

T = TypeVar("T")


class Cell(Protocol[T]):
    """A frozen value, and the one way to replace it."""

    def read(self) -> T:
        """Return the value."""

    def change(self, function: Callable[[T], T]) -> T:
        """Replace the value by a function of it, atomically; return the new one."""


class MemoryCell(Generic[T]):
    """A value within one process."""

    def __init__(self, value: T) -> None:
        self._value = value
        self._lock = Lock()

    def read(self) -> T:
        """Return the value."""
        return self._value

    def change(self, function: Callable[[T], T]) -> T:
        """Replace the value by a function of it, atomically; return the new one."""
        with self._lock:
            self._value = function(self._value)
            return self._value
