"""Whether a scene meets a check: how many of a kind there are, their colours and places, and what is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from pytest_vlmperception.errors import CannotJudge
from pytest_vlmperception.records import COLOURS, KINDS, Detection, Lettering, relative_position

__all__ = ["DECIDABLE", "holds"]

COUNTS: Mapping[str, Callable[[int, int], bool]] = MappingProxyType({
    "count": lambda found, wanted: found == wanted,
    "at_least": lambda found, wanted: found >= wanted,
    "fewer_than": lambda found, wanted: found < wanted,
})
DECIDABLE = "class with count, at_least or fewer_than, class with relation and of, and text"


def holds(check: Mapping[str, Any], shapes: Sequence[Detection], texts: Sequence[Lettering]) -> bool:
    """Tell whether a check holds of a scene.

    Parameters
    ----------
    check : mapping
        ``class`` with ``count`` (exactly so many), ``at_least`` or ``fewer_than``; or ``class``, ``relation`` and
        ``of``, another class: each of the one lies so, seen from each of the other; or ``text``, a whole line.
        With ``colour``, and ``of_colour`` for the other class, only those of that colour count.
    shapes, texts : sequences of Detection and of Lettering
        What the scene shows.

    Raises
    ------
    CannotJudge
        If it asks for something else than shapes and letters can answer.
    """
    match dict(check):
        case {"text": str() as text, **rest} if not set(rest) - {"colour"}:
            lines = [line for line in texts if line.text == text.upper()]
            return any(line.colour == coloured(rest, "colour") or not rest for line in lines)
        case {"class": str() as kind, "relation": str() as relation, "of": str() as other, **rest} if not set(rest) - {
            "colour",
            "of_colour",
        }:
            ours = seen(shapes, kind, coloured(rest, "colour"))
            theirs = seen(shapes, other, coloured(rest, "of_colour"))
            return all_related(ours, theirs, relation)
        case {"class": str() as kind, **rest}:
            return counted(len(seen(shapes, kind, coloured(rest, "colour"))), rest)
    raise CannotJudge(f"the observer cannot decide the check {dict(check)!r}; it decides by {DECIDABLE}")


def coloured(rest: Mapping[str, Any], key: str) -> str:
    """Return a colour that a check asks for; empty where it asks for none."""
    colour = rest.get(key, "")
    if colour and colour not in COLOURS:
        raise CannotJudge(f"the observer does not know the colour {colour!r}; it knows {', '.join(COLOURS)}")
    return str(colour)


def seen(shapes: Sequence[Detection], kind: str, colour: str) -> list[Detection]:
    """Return the shapes of a kind, and of a colour if one is given."""
    if kind not in KINDS:
        raise CannotJudge(f"the observer does not know the class {kind!r}; it knows {', '.join(KINDS)}")
    return [shape for shape in shapes if shape.kind == kind and colour in ("", shape.colour)]


def counted(found: int, rest: Mapping[str, Any]) -> bool:
    """Tell whether a number of shapes is the one that a check asks for."""
    asked = {name: value for name, value in rest.items() if name != "colour"}
    match list(asked.items()):
        case [(name, int() as wanted)] if name in COUNTS:
            return COUNTS[name](found, wanted)
    raise CannotJudge(f"the observer cannot decide {asked!r} of a class; it decides by {DECIDABLE}")


def all_related(ours: Sequence[Detection], theirs: Sequence[Detection], relation: str) -> bool:
    """Tell whether each of some shapes lies as it should, as seen from each of the others; no where there are none."""
    pairs = [(our, their) for our in ours for their in theirs if our is not their]
    return bool(pairs) and all(relation in relative_position(our, their) for our, their in pairs)
