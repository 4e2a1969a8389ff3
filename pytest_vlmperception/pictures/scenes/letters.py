"""Capitals and digits in cells of 5 x 7, so that no version of a font library changes a picture."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from pytest_vlmperception.errors import StimulusError

__all__ = ["ADVANCE", "FINE", "GLYPHS", "HEIGHT", "WIDTH", "strokes"]

WIDTH, HEIGHT = 5, 7
"""Cells of a character."""

ADVANCE = WIDTH + 1
"""Cells from the left edge of a character to that of the next."""

FINE = 3
"""Parts along each side of a cell."""

# Seven rows of five cells each, as hexadecimal numbers whose highest bit is the leftmost cell. The cells of each
# character hang together, at least by corners, and no two characters differ in fewer than three cells.
ROWS = {
    "A": "0E 11 11 1F 11 11 11",
    "B": "1E 11 11 1E 11 11 1E",
    "C": "0E 11 10 10 10 11 0E",
    "D": "1C 12 11 11 11 12 1C",
    "E": "1F 10 10 1E 10 10 1F",
    "F": "1F 10 10 1E 10 10 10",
    "G": "0E 11 10 17 11 11 0F",
    "H": "11 11 11 1F 11 11 11",
    "I": "0E 04 04 04 04 04 0E",
    "J": "07 02 02 02 02 12 0C",
    "K": "11 12 14 18 14 12 11",
    "L": "10 10 10 10 10 10 1F",
    "M": "11 1B 15 15 11 11 11",
    "N": "11 19 19 15 13 13 11",
    "O": "0E 11 11 11 11 11 0E",
    "P": "1E 11 11 1E 10 10 10",
    "Q": "0E 11 11 11 15 12 0D",
    "R": "1E 11 11 1E 14 12 11",
    "S": "0F 10 10 0E 01 01 1E",
    "T": "1F 04 04 04 04 04 04",
    "U": "11 11 11 11 11 11 0E",
    "V": "11 11 11 11 11 0A 04",
    "W": "11 11 11 15 15 1B 11",
    "X": "11 11 0A 04 0A 11 11",
    "Y": "11 11 0A 04 04 04 04",
    "Z": "1F 01 02 04 08 10 1F",
    "0": "0E 11 13 15 19 11 0E",
    "1": "04 0C 04 04 04 04 0E",
    "2": "0E 11 01 02 04 08 1F",
    "3": "1F 02 04 02 01 11 0E",
    "4": "02 06 0A 12 1F 02 02",
    "5": "1F 10 1E 01 01 11 0E",
    "6": "06 08 10 1E 11 11 0E",
    "7": "1F 01 02 04 08 08 08",
    "8": "0E 11 11 0E 11 11 0E",
    "9": "0E 11 11 0F 01 02 0C",
}

Cells = npt.NDArray[np.bool_]


def glyph(rows: str) -> Cells:
    """Return the cells of one character, shape (7, 5)."""
    numbers = [int(row, 16) for row in rows.split()]
    return np.array([[bool(number >> (WIDTH - 1 - column) & 1) for column in range(WIDTH)] for number in numbers])


GLYPHS: Mapping[str, Cells] = MappingProxyType({character: glyph(rows) for character, rows in ROWS.items()})
"""The cells of each character, shape (7, 5)."""


def cells(text: str) -> Cells:
    """Return the cells of a line, shape (7, 6 n - 1) for n characters.

    Raises
    ------
    StimulusError
        If it is empty or holds something else than capitals, digits and blanks.
    """
    strange = next((character for character in text if character not in GLYPHS and character != " "), None)
    if strange is not None or not text.strip():
        raise StimulusError(f"text {text!r} cannot be drawn; expected capitals A-Z, digits and blanks")
    line = np.zeros((HEIGHT, ADVANCE * len(text)), dtype=np.bool_)
    for place, character in enumerate(text):
        if character != " ":
            line[:, ADVANCE * place : ADVANCE * place + WIDTH] = GLYPHS[character]
    return line[:, :-1]


def strokes(text: str) -> Cells:
    """Return the parts of the cells of a line, shape (21, 18 n - 3): where two cells meet at a corner they are joined.

    Raises
    ------
    StimulusError
        As `cells` does.
    """
    line = cells(text)
    parts = line.repeat(FINE, axis=0).repeat(FINE, axis=1)
    falling = line[:-1, :-1] & line[1:, 1:] & ~line[:-1, 1:] & ~line[1:, :-1]
    rising = line[:-1, 1:] & line[1:, :-1] & ~line[:-1, :-1] & ~line[1:, 1:]
    for row, column in np.argwhere(falling | rising) + 1:
        parts[FINE * row - 1 : FINE * row + 1, FINE * column - 1 : FINE * column + 1] = True
    return parts
