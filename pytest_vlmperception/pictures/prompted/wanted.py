"""What a picture of shapes is wanted to show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

__all__ = ["MIRRORED", "Item", "SceneSpec", "Words"]

MIRRORED: Mapping[str, str] = MappingProxyType({
    "left of": "right of",
    "right of": "left of",
    "above": "below",
    "below": "above",
})
"""What holds when two objects change places."""


@dataclass(frozen=True)
class Item:
    """So many shapes of one kind.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    colour : str
        One of `COLOURS`; empty where any will do.
    count : int
        At least 1.
    """

    kind: str
    colour: str = ""
    count: int = 1

    def __str__(self) -> str:
        return " ".join(filter(None, [self.colour, self.kind]))


@dataclass(frozen=True)
class Words:
    """A line of text.

    Attributes
    ----------
    text : str
        Capitals, digits and blanks.
    colour : str
        One of `COLOURS`; empty where any will do.
    """

    text: str
    colour: str = ""


@dataclass(frozen=True)
class SceneSpec:
    """What a prompt asks a picture to show.

    Attributes
    ----------
    items : tuple of Item
        In the order of the prompt.
    relation : str
        Where the first item lies, as seen from the second: one of `records.RELATIONS`, or empty.
    texts : tuple of Words
        In the order of the prompt.
    """

    items: tuple[Item, ...] = ()
    relation: str = ""
    texts: tuple[Words, ...] = ()
