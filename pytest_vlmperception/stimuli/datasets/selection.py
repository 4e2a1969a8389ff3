"""What a manifest chooses of a data set."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from pytest_vlmperception.errors import StimulusError, choices_hint
from pytest_vlmperception.stimuli.entries import Entry

__all__ = ["chosen_levels", "chosen_texts", "per_class", "sampled", "seed_of"]

T = TypeVar("T")

MAX_COUNT = 1_000_000
MAX_SEED = 2**32 - 1


def chosen_texts(entry: Entry, key: str, known: Sequence[str]) -> list[str]:
    """Return the texts that a key lists, each one of those known; all of them where there is no such key.

    Raises
    ------
    StimulusError
        If the key is no list of known texts.
    """
    if key not in entry.table:
        return list(known)
    texts = entry.table[key]
    if not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in texts):
        raise entry.wrong(key, f"a list of texts; known: {', '.join(known)}")
    for text in texts:
        if text not in known:
            raise StimulusError(f"{entry.where}: {key} has {text!r}; {choices_hint(text, known)}")
    return list(dict.fromkeys(texts))


def chosen_levels(entry: Entry, key: str, most: int) -> set[int]:
    """Return the levels that a key lists, from 1 to `most`; all of them where there is no such key."""
    levels = entry.table.get(key, list(range(1, most + 1)))
    if not isinstance(levels, list) or not levels or not all(is_level(level, most) for level in levels):
        raise entry.wrong(key, f"a list of whole numbers from 1 to {most}")
    return set(levels)


def is_level(level: object, most: int) -> bool:
    """Return whether a value is a whole number from 1 to `most`."""
    return isinstance(level, int) and not isinstance(level, bool) and 1 <= level <= most


def per_class(entry: Entry) -> int | None:
    """Return how many stimuli of each class are wanted, None for all."""
    if "per_class" not in entry.table:
        return None
    return entry.whole_number("per_class", 1, MAX_COUNT, 1)


def seed_of(entry: Entry) -> int:
    """Return the seed of a sample."""
    return entry.whole_number("seed", 0, MAX_SEED, 0)


def sampled(
    items: Iterable[T], count: int, seed: int, name_of: Callable[[T], str], cluster_of: Callable[[T], str]
) -> list[T]:
    """Return `count` of the items, or all where there are fewer, sorted by name.

    Each item is ranked by the SHA-256 of seed and name, so that a sample is the same on every machine,
    whatever the order of the items, and a larger sample holds the smaller one. Items of one cluster
    are not independent: as many clusters as there are come first, one item of each.

    Parameters
    ----------
    items : iterable
        Of one class.
    count : int
        How many are wanted.
    seed : int
        Another seed gives another sample.
    name_of, cluster_of : callable
        Return the item's name, unique and the same in every copy of the data, and that of its cluster.
    """
    ranked = sorted(items, key=lambda item: hashlib.sha256(f"{seed}/{name_of(item)}".encode()).digest())
    before: Counter[str] = Counter()
    rounds = []
    for item in ranked:
        rounds.append(before[cluster_of(item)])
        before[cluster_of(item)] += 1
    # Sorting is stable: within a round the ranks decide.
    order = sorted(range(len(ranked)), key=rounds.__getitem__)[:count]
    return sorted((ranked[place] for place in order), key=name_of)
