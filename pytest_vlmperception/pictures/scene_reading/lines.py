"""Letters, and the lines that they make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from pytest_vlmperception.pictures.scene_reading.regions import Mask, Region
from pytest_vlmperception.pictures.scenes.letters import ADVANCE, GLYPHS, HEIGHT, WIDTH
from pytest_vlmperception.records import Lettering

__all__ = ["lines_of"]

# No two characters differ in fewer than three cells.
MOST_WRONG_CELLS = 1

# Cells narrower than two pixels have no pixel of their own.
LEAST_HEIGHT_PX = 2 * HEIGHT

# Letters of one line: how far their heights and places may differ, in heights, and blanks between two of them.
ALIKE, MOST_BLANKS = 0.2, 2


@dataclass(frozen=True)
class Letter:
    """A character at its place: left edge of its five cells, top, and height in pixels."""

    character: str
    colour: str
    left: float
    top: float
    height: float

    @property
    def cell(self) -> float:
        """Side of a cell in pixels."""
        return self.height / HEIGHT


def lines_of(found: Sequence[Region]) -> tuple[tuple[Lettering, ...], list[Region]]:
    """Return the lines of text among regions, and the regions that are letters."""
    read = [(region, letter) for region in found if (letter := letter_of(region)) is not None]
    lines: list[list[Letter]] = []
    for _, letter in sorted(read, key=lambda pair: pair[1].left):
        line = next((line for line in lines if follows(line[-1], letter)), None)
        if line is None:
            lines.append([letter])
        else:
            line.append(letter)
    texts = sorted(map(lettering, lines), key=lambda text: (text.y, text.x))
    return tuple(texts), [region for region, _ in read]


def letter_of(region: Region) -> Letter | None:
    """Return the character that a region is, None where it is none."""
    height, width = region.mask.shape
    columns = round(width * HEIGHT / height)
    if height < LEAST_HEIGHT_PX or not 0 < columns <= WIDTH:
        return None
    seen = in_cells(region.mask, columns)
    for character, glyph in GLYPHS.items():
        used = np.flatnonzero(glyph.any(axis=0))
        trimmed = glyph[:, used[0] : used[-1] + 1]
        if trimmed.shape == seen.shape and np.sum(trimmed ^ seen) <= MOST_WRONG_CELLS:
            left = region.left - used[0] * height / HEIGHT
            return Letter(character, region.colour, float(left), float(region.top), float(height))
    return None


def in_cells(mask: Mask, columns: int) -> Mask:
    """Return which cells a region fills by more than half, shape (7, columns)."""
    y, x = (np.linspace(0, side, cells + 1) for side, cells in zip(mask.shape, (HEIGHT, columns), strict=True))
    # Points inside each cell, away from its edges.
    rows, across = (
        (edges[:-1, None] + np.diff(edges)[:, None] * (np.arange(5) + 0.5) / 5).astype(np.intp) for edges in (y, x)
    )
    filled = mask[rows.ravel()][:, across.ravel()].reshape(HEIGHT, 5, columns, 5)
    return np.asarray(filled.mean(axis=(1, 3)) > 0.5)


def follows(last: Letter, letter: Letter) -> bool:
    """Return whether a letter continues the line of another."""
    blanks = steps(last, letter) - 1
    near = max(abs(letter.top - last.top), abs(letter.height - last.height)) <= ALIKE * last.height
    return near and letter.colour == last.colour and 0 <= blanks <= MOST_BLANKS


def steps(last: Letter, letter: Letter) -> int:
    """Return by how many characters one is farther to the right than the other."""
    return round((letter.left - last.left) / (ADVANCE * last.cell))


def lettering(line: Sequence[Letter]) -> Lettering:
    """Return a line of letters as text."""
    text = line[0].character
    for last, letter in pairwise(line):
        text += " " * (steps(last, letter) - 1) + letter.character
    height = float(np.median([letter.height for letter in line]))
    right = line[-1].left + WIDTH * line[-1].cell
    top = float(np.median([letter.top for letter in line]))
    return Lettering(text, line[0].colour, (line[0].left + right) / 2, top + height / 2, height)
