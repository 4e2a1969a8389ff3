"""Ids and labels: they become test ids, rows of tables and names in reports."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from pytest_vlmperception.errors import StimulusError
from pytest_vlmperception.records import Stimulus

__all__ = ["MAX_ID", "check_id", "check_unique", "safe_id"]

MAX_ID = 200
"""Longest id, in characters."""

# Control, format (such as the one that reverses text), lone surrogate, line and paragraph separator.
INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def check_id(id_: str, where: str) -> str:
    """Return `id_` if it can be a stimulus' id; `where` names its place in messages.

    Raises
    ------
    StimulusError
        If it is empty or too long, has blanks at its ends, or characters that test ids cannot have.
    """
    if not id_ or id_ != id_.strip() or len(id_) > MAX_ID:
        expected = f"1 to {MAX_ID} characters without blanks at the ends"
        raise StimulusError(f"{where}: id {short(id_)} cannot be used; expected {expected}")
    if any(unicodedata.category(character) in INVISIBLE for character in id_):
        raise StimulusError(f"{where}: id {short(id_)} has control or invisible characters; remove them")
    if "/" in id_ or "\\" in id_ or "::" in id_:
        raise StimulusError(f"{where}: id {short(id_)} has '/', '\\' or '::', which separate test ids; use '-'")
    return id_


def short(text: str) -> str:
    """Return the text quoted, cut where it is long."""
    return repr(text if len(text) <= 80 else f"{text[:77]}...")


def safe_id(text: str) -> str:
    """Return an id made of a relative path without its suffix: separators become ``-``."""
    return "-".join(text.replace("\\", "/").replace("::", "-").split("/")).strip()


def check_unique(found: Iterable[tuple[str, Stimulus]]) -> list[Stimulus]:
    """Return the stimuli of pairs (place, stimulus), if no two have one id.

    Raises
    ------
    StimulusError
        Naming both places.
    """
    places: dict[str, str] = {}
    stimuli = []
    for where, stimulus in found:
        if stimulus.id in places:
            first = places[stimulus.id]
            raise StimulusError(f"{where}: id {stimulus.id!r} is taken by {first}; give one of them another")
        places[stimulus.id] = where
        stimuli.append(stimulus)
    return stimuli
