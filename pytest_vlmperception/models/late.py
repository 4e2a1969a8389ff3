"""A value that is made when it is first needed, once for all threads."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

__all__ = ["Late"]

T = TypeVar("T")


class Late(Generic[T]):
    """A place for a value that the first `get` makes. Where making it fails, the next one tries again."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._made: T | None = None

    def get(self, make: Callable[[], T]) -> T:
        """Return the value, made by `make` at the first call."""
        with self._lock:
            if self._made is None:
                self._made = make()
            return self._made
