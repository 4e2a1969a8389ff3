"""Random numbers that are the same for the same words, on every machine and with every version of numpy."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from itertools import count
from typing import TypeVar

__all__ = ["Lottery"]

Item = TypeVar("Item")


class Lottery:
    """A row of random numbers, from the SHA-256 of what it is for and of their place in the row.

    Parameters
    ----------
    *parts : int or str
        What the numbers are for: ``Lottery(seed, "count", 3)``. Other parts give an independent row.

    Examples
    --------
    >>> Lottery(1, "an example").choice(["red", "green", "blue"])
    'blue'
    """

    def __init__(self, *parts: int | str) -> None:
        self._head = json.dumps(parts)
        self._places = count()

    def uniform(self, low: float = 0.0, high: float = 1.0) -> float:
        """Return a number between `low` and `high`."""
        data = hashlib.sha256(f"{self._head} {next(self._places)}".encode()).digest()
        return low + (high - low) * ((int.from_bytes(data[:8], "big") >> 11) / 2**53)

    def below(self, n: int) -> int:
        """Return a whole number from 0 to n - 1."""
        return min(int(self.uniform() * n), n - 1)

    def choice(self, items: Sequence[Item]) -> Item:
        """Return one of some items."""
        return items[self.below(len(items))]

    def sample(self, items: Sequence[Item], n: int) -> list[Item]:
        """Return n different ones of some items, in random order."""
        left = list(items)
        return [left.pop(self.below(len(left))) for _ in range(n)]
