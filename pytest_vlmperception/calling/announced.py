"""The layer that lets nothing be paid before the user was told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

from pytest_vlmperception.models.base import Model
from pytest_vlmperception.records import Question, Reply

__all__ = ["Announce", "Announced"]

Announce = Callable[[Question], None]


@dataclass
class Announced:
    """Announce the first call; others wait until that is done.

    Parameters
    ----------
    inner : Model
        Whom to ask. If it has a method ``prepare``, that must succeed before anything is announced.
    announce : callable
        Given the first question, once.
    """

    inner: Model
    announce: Announce
    _lock: Lock = field(default_factory=Lock, init=False, repr=False)
    _done: bool = field(default=False, init=False, repr=False)

    def ask(self, question: Question) -> Reply:
        """Announce if nobody has, then ask."""
        if not self._done:
            with self._lock:
                if not self._done:
                    getattr(self.inner, "prepare", nothing)()
                    self.announce(question)
                    self._done = True
        return self.inner.ask(question)


def nothing() -> None:
    """Do nothing."""
