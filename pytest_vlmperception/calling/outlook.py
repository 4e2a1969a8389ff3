"""How many calls lie ahead, found out without keeping the first of them waiting."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from typing import TypeVar

from pytest_vlmperception.calling.keys import key_of, key_parts
from pytest_vlmperception.calling.store import Store
from pytest_vlmperception.errors import PerceptionError
from pytest_vlmperception.models.base import Identity
from pytest_vlmperception.records import Outlook, Question, Reply

__all__ = ["look_out"]

T = TypeVar("T")

# To look a question up takes a twentieth of a millisecond, and reads pictures that are needed soon after.
LOOKED_UP = 64

# To estimate a question's tokens takes the headers of its pictures, which nobody else needs.
ESTIMATED = 8

KEY_DIGITS = 64


def look_out(
    name: str,
    asked: Mapping[Question, Future[Reply]],
    store: Store,
    identity: Identity,
    tokens: Callable[[Question], tuple[int, int]],
) -> Outlook:
    """Return what was submitted and is not stored, from a sample where it is much.

    Parameters
    ----------
    name : str
        What the user calls the model.
    asked : mapping of Question to Future
        All that was submitted so far.
    store : Store
        Where replies are kept.
    identity : Identity
        The model.
    tokens : callable
        Estimates tokens in and out of a question.
    """
    waiting = [question for question, future in asked.items() if not future.done()]
    answered = sum(future.done() and future.exception() is None for future in asked.values())
    sample = [] if knows_nothing(store) else spread(waiting, LOOKED_UP)
    found = [is_stored(question, store, identity) for question in sample]
    stored = round(len(waiting) * sum(found) / max(1, len(sample)))
    missing = [question for question, is_found in zip(sample, found, strict=True) if not is_found] or waiting
    counts = [tokens(question) for question in spread(missing, ESTIMATED)]
    tokens_in, tokens_out = (-(-sum(count[end] for count in counts) // max(1, len(counts))) for end in (0, 1))
    exact = len(sample) in {0, len(waiting)}
    return Outlook(name, len(waiting) - stored, answered + stored, exact, tokens_in, tokens_out)


def knows_nothing(store: Store) -> bool:
    """Tell whether no reply in the store can count: then none need be looked for."""
    return store.mode == "refresh" or not any(len(key) == KEY_DIGITS for key in store.cache.iterkeys())


def is_stored(question: Question, store: Store, identity: Identity) -> bool:
    """Tell whether a question has a reply."""
    try:
        return store.get(key_of(key_parts(identity, question))) is not None
    except PerceptionError:
        # Whoever asks it meets the broken picture, or the broken row, and reports it.
        return False


def spread(items: Sequence[T], most: int) -> list[T]:
    """Return items from all over a sequence, all of them where they are few."""
    if len(items) <= most:
        return list(items)
    return [items[n * len(items) // most] for n in range(most)]
