"""Two texts side by side, for a terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from itertools import groupby, zip_longest

__all__ = ["side_by_side"]

GAP = " | "


def side_by_side(left: str, right: str, width: int) -> list[str]:
    """Return two texts in two columns, wrapped.

    Parameters
    ----------
    left, right : str
        Texts; what would control a terminal is spelt out.
    width : int
        Of both columns together, in cells: a wide character, as of Japanese, takes two.
    """
    column = (width - len(GAP)) // 2
    rows = zip_longest(wrapped(left, column), wrapped(right, column), fillvalue="")
    return [f"{one}{' ' * (column - cells(one))}{GAP}{other}".rstrip() for one, other in rows]


def wrapped(text: str, width: int) -> list[str]:
    """Return the lines of a text, none wider than `width`; a wide character may begin a line anywhere."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for token in tokens(printable(paragraph), width):
            if cells(line) + cells(token) > width:
                lines.append(line.rstrip())
                line = ""
            line += token if line or not token.isspace() else ""
        lines.append(line.rstrip())
    return lines


def tokens(line: str, width: int) -> Iterator[str]:
    """Yield what is not broken: words and blanks, wide characters one by one, words too long for a line in parts."""
    for kind, group in groupby(line, key=kind_of):
        characters = list(group)
        step = 1 if kind == "wide" else width
        yield from ("".join(characters[start : start + step]) for start in range(0, len(characters), step))


def kind_of(char: str) -> str:
    """Return what a character is for the breaking of lines."""
    return "blank" if char.isspace() else "wide" if width_of(char) == 2 else "narrow"


def cells(text: str) -> int:
    """Return how many cells of a terminal a text takes."""
    return sum(map(width_of, text))


def width_of(char: str) -> int:
    """Return how many cells a character takes."""
    if unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def printable(text: str) -> str:
    """Return a line in which what would control a terminal is spelt out."""
    return "".join(c if c.isprintable() or c == "\u3000" else " " if c == "\t" else ascii(c)[1:-1] for c in text)
