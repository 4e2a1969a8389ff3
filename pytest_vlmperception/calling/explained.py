"""Why questions of a run were not found in the store, in a bounded number of lines and seconds."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, zip_longest
from typing import Any

from pytest_vlmperception.calling.keys import canonical
from pytest_vlmperception.calling.misses import nearest_difference
from pytest_vlmperception.calling.store import Store

__all__ = ["explain"]

Parts = Mapping[str, Any]

# The newest of the store; reading one takes some 30 microseconds.
MOST_STORED = 50_000
# Comparing two questions takes 2 to 10 microseconds.
MOST_COMPARED = 400_000
MOST_LINES = 20


def explain(missed: Mapping[str, Parts | None], store: Store) -> Iterator[tuple[int, str]]:
    """Say what differs from the nearest question that an earlier run has stored.

    The newest 50 000 of the store are looked at, and so many of the missing questions that no more than
    400 000 comparisons are made: first one of each model, prompt and answer format, then the second ones,
    and so on. That takes 6 s at most on a machine at rest, whatever the store holds.

    Parameters
    ----------
    missed : mapping of str to mapping or None
        By key, the readable parts of the questions that were not stored; None where they are not known.
    store : Store
        The store, as it is after the run.

    Yields
    ------
    (int, str)
        Number of questions, and what is true of them: at most 20 differences, the most frequent first,
        then what is left.

    Raises
    ------
    StoreError
        If the store cannot be read.
    """
    stored = list(islice(store.stored_before(), MOST_STORED))
    chosen = list(islice(mixed(missed), max(1, MOST_COMPARED // max(1, len(stored)))))
    differences = Counter(nearest_difference(parts, stored) for parts in chosen)
    shown = sorted(differences.items(), key=lambda item: (-item[1], item[0]))[:MOST_LINES]
    yield from ((count, text) for text, count in shown)
    others = len(chosen) - sum(count for _, count in shown)
    if others:
        yield others, "other differences"
    if len(missed) > len(chosen):
        yield len(missed) - len(chosen), "not compared with what is stored, to save time"


def mixed(missed: Mapping[str, Parts | None]) -> Iterator[Parts]:
    """Yield the questions, sorted by key, so that neighbours differ in more than pictures and repeat."""
    groups: defaultdict[str, list[Parts]] = defaultdict(list)
    for _, parts in sorted(missed.items()):
        if parts is not None:
            groups[group(parts)].append(parts)
    yield from present(zip_longest(*(groups[name] for name in sorted(groups))))


def group(parts: Parts) -> str:
    """Return what questions have in common that differ in pictures and repeat only."""
    return canonical({name: value for name, value in parts.items() if name not in {"pictures", "repeat"}})


def present(rounds: Iterable[Sequence[Parts | None]]) -> Iterator[Parts]:
    """Yield what is there."""
    return (parts for one in rounds for parts in one if parts is not None)
