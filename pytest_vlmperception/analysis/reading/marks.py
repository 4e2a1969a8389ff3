"""What the phrases of a sentence stand for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pytest_vlmperception.analysis.reading.texts import Sentence
from pytest_vlmperception.analysis.reading.trie import Trie

__all__ = ["Action", "Emotion", "Hit", "Mark", "Parse", "Part", "Sign", "Word", "by_kind", "scan"]


@dataclass(frozen=True, slots=True)
class Emotion:
    """A state that is named, or shown by behaviour, with a strength up to 1."""

    state: str
    strength: float
    shown: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the face, such as the corners of the lips."""

    name: str
    region: str


@dataclass(frozen=True, slots=True)
class Action:
    """What a part does: it stands for action units where the part stands beside it."""

    part: str
    units: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Sign:
    """A word that speaks of a region without naming it."""

    region: str
    units: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the grammar by its kind; ``shield`` stands for nothing and keeps its words from being read."""

    kind: str


Mark = Emotion | Part | Action | Sign | Word


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase found in a sentence.

    Attributes
    ----------
    start, end : int
        Place in the sentence, in characters.
    marks : tuple of Mark
        What it stands for.
    """

    start: int
    end: int
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Parse:
    """What was found in a sentence.

    Attributes
    ----------
    sentence : Sentence
        The sentence.
    emotions, features : tuple of Hit
        Phrases of these layers, in order.
    grammar : mapping of str to tuple of Hit
        Words of the grammar by kind, each in order.
    heading : Parse or None
        What was found in the heading above it.
    breaks : tuple of int
        Places where a clause ends, ascending.
    stops : tuple of int
        Places that a denial does not reach over: the breaks and more.
    commas : tuple of int
        Places where a smaller part ends: what is said of one region mostly lies within.
    """

    sentence: Sentence
    emotions: tuple[Hit, ...]
    features: tuple[Hit, ...]
    grammar: Mapping[str, tuple[Hit, ...]]
    breaks: tuple[int, ...]
    stops: tuple[int, ...]
    commas: tuple[int, ...]
    heading: Parse | None = None

    def words(self, kind: str) -> tuple[Hit, ...]:
        """Return the words of the grammar of a kind."""
        return self.grammar.get(kind, ())


def by_kind(hits: Iterable[Hit]) -> Mapping[str, tuple[Hit, ...]]:
    """Return words of the grammar by kind."""
    found: dict[str, list[Hit]] = {}
    for hit in hits:
        for mark in hit.marks:
            if isinstance(mark, Word):
                found.setdefault(mark.kind, []).append(hit)
    return {kind: tuple(words) for kind, words in found.items()}


def scan(layer: Trie[Mark], symbols: Sequence[Iterable[str]], spans: Sequence[tuple[int, int]]) -> tuple[Hit, ...]:
    """Return the longest phrases from left to right, none overlapping.

    Parameters
    ----------
    layer : Trie
        Phrases.
    symbols : sequence
        The text: at each place the symbols that it may stand for.
    spans : sequence of (int, int)
        Start and end of each place in the sentence, in characters.
    """
    hits, after = [], 0
    for place, alternatives in enumerate(symbols):
        # Most places begin no phrase: this test keeps long texts fast.
        if place >= after and layer.may_begin(alternatives):
            end, marks = layer.longest(symbols, place)
            if marks:
                hits.append(Hit(spans[place][0], spans[end - 1][1], tuple(marks)))
                after = end
    return tuple(hits)
