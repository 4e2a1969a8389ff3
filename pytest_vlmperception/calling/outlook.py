"""How many calls lie ahead, found out without keeping the first of them waiting."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from pytest_vlmperception.calling.keys import key_of, key_parts
from pytest_vlmperception.calling.pool import Ahead
from pytest_vlmperception.calling.store import Store
from pytest_vlmperception.errors import PerceptionError
from pytest_vlmperception.models.base import Identity
from pytest_vlmperception.records import Outlook, Question

__all__ = ["look_out"]

T = TypeVar("T")

# To look a question up takes a twentieth of a millisecond, and reads pictures that are needed soon after.
LOOKED_UP = 64

# To estimate a question's tokens takes the headers of its pictures, which nobody else needs.
ESTIMATED = 8


def look_out(
    name: str,
    question: Question,
    ahead: Ahead,
    store: Store,
    identity: Identity,
    tokens: Callable[[Question], tuple[int, int]],
) -> Outlook:
    """Return what was submitted and is not stored, from a sample where it is much.

    Parameters
    ----------
    name : str
        What the user calls the model.
    question : Question
        Of the first call.
    ahead : Ahead
        What was submitted.
    store : Store
        Where replies are kept.
    identity : Identity
        The model.
    tokens : callable
        Estimates tokens in and out of a question.
    """
    new = ahead.new
    sample = [] if knows_nothing(store) else spread(new, LOOKED_UP)
    found = [is_stored(question, store, identity) for question in sample]
    stored = round(len(new) * sum(found) / max(1, len(sample)))
    missing = [question for question, is_found in zip(sample, found, strict=True) if not is_found] if sample else new
    counts = [tokens(question) for question in [question, *spread(missing, ESTIMATED)]]
    tokens_in, tokens_out = (-(-sum(count[end] for count in counts) // len(counts)) for end in (0, 1))
    exact = len(sample) in {0, len(new)}
    return Outlook(name, ahead.missed + len(new) - stored, ahead.found + stored, exact, tokens_in, tokens_out)


def knows_nothing(store: Store) -> bool:
    """Tell whether no reply in the store can count: then none need be looked for."""
    try:
        return store.mode == "refresh" or next(store.stored_before(), None) is None
    except PerceptionError:
        # Whoever asks what a broken row belongs to meets it, and reports it.
        return False


def is_stored(question: Question, store: Store, identity: Identity) -> bool:
    """Tell whether a question has a reply."""
    try:
        return store.get(key_of(key_parts(identity, question))) is not None
    except PerceptionError:
        # As above; or its picture cannot be read.
        return False


def spread(items: Sequence[T], most: int) -> list[T]:
    """Return items from all over a sequence, all of them where they are few."""
    if len(items) <= most:
        return list(items)
    return [items[n * len(items) // most] for n in range(most)]
