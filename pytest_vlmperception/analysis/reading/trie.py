"""Longest match of phrases against a text, in time linear in the text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

__all__ = ["Trie"]

V = TypeVar("V")


@dataclass
class Trie(Generic[V]):
    """Phrases of symbols, each with values.

    A symbol of the text may stand for several of a phrase, such as a word and its base form; so a text is a sequence of
    alternatives. The work per place of a text is bounded by the longest phrase, not by the text.
    """

    branches: dict[str, Trie[V]] = field(default_factory=dict)
    values: list[V] = field(default_factory=list)

    def add(self, phrase: Iterable[str], value: V) -> None:
        """Add a value to a phrase."""
        node = self
        for symbol in phrase:
            node = node.branches.setdefault(symbol, Trie())
        node.values.append(value)

    def longest(self, text: Sequence[Iterable[str]], start: int) -> tuple[int, list[V]]:
        """Return where the longest phrase that begins at `start` ends, and its values; (start, []) without any."""
        nodes, end, values = [self], start, list[V]()
        for place in range(start, len(text)):
            nodes = [node.branches[symbol] for symbol in text[place] for node in nodes if symbol in node.branches]
            if not nodes:
                break
            for node in nodes:
                if node.values:
                    end, values = place + 1, [*(values if end == place + 1 else ()), *node.values]
        return end, values

    def may_begin(self, symbols: Iterable[str]) -> bool:
        """Tell whether a phrase begins with one of the symbols."""
        return not self.branches.keys().isdisjoint(symbols)
