"""The connected pieces of ink: their places and shapes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from pytest_vlmperception.errors import CannotJudge
from pytest_vlmperception.pictures.face_reading.ink import Mask

__all__ = ["Stroke", "strokes"]

EIGHT = np.ones((3, 3), bool)

# Smaller pieces are specks, such as JPEG leaves beside lines.
MIN_PIXELS = 12

# More pieces than any schematic face has: text, patterns, drawings of other things.
MAX_STROKES = 80


@dataclass(frozen=True, eq=False)
class Stroke:
    """A connected piece of ink. Lengths are in pixels, from the picture's upper left corner.

    Attributes
    ----------
    mask : ndarray of bool
        Within its bounding box.
    left, top : int
        Of the bounding box.
    """

    mask: Mask
    left: int
    top: int

    @property
    def width(self) -> int:
        """Of the bounding box."""
        return int(self.mask.shape[1])

    @property
    def height(self) -> int:
        """Of the bounding box."""
        return int(self.mask.shape[0])

    @property
    def right(self) -> int:
        """First column beyond it."""
        return self.left + self.width

    @property
    def bottom(self) -> int:
        """First row beyond it."""
        return self.top + self.height

    @property
    def x(self) -> float:
        """Middle of the bounding box."""
        return self.left + self.width / 2

    @property
    def y(self) -> float:
        """Middle of the bounding box."""
        return self.top + self.height / 2

    @cached_property
    def filled(self) -> Mask:
        """The piece with its holes filled."""
        # A fifth of the time of SciPy's function, which grows the outside pixel by pixel.
        outside, _ = ndimage.label(~np.pad(self.mask, 1))
        filled: Mask = outside[1:-1, 1:-1] != outside[0, 0]
        return filled

    @cached_property
    def thickness(self) -> float:
        """Width of the line: twice the pixels over those at the edge."""
        inner = ndimage.binary_erosion(np.pad(self.mask, 1))
        return 2.0 * float(self.mask.sum()) / max(1.0, float(self.mask.sum() - inner.sum()))

    @cached_property
    def middle(self) -> float:
        """Mean column of the piece with its holes filled."""
        return self.left + 0.5 + float(np.argwhere(self.filled)[:, 1].mean())

    def mirrors(self, other: Stroke, axis: float, shift: float) -> bool:
        """Return whether another piece is about as large, and lies where this one would in a mirror at `axis`."""
        apart = max(abs(self.x + other.x - 2 * axis), abs(self.y - other.y))
        grown = max(abs(self.width - other.width), abs(self.height - other.height))
        return apart <= shift and grown <= shift

    def contains(self, other: Stroke) -> bool:
        """Return whether another piece lies in a hole of this one."""
        row, column = np.argwhere(other.mask)[0]
        row, column = row + other.top - self.top, column + other.left - self.left
        inside = 0 <= row < self.height and 0 <= column < self.width
        return inside and bool(self.filled[row, column])

    def row(self, start: float, end: float) -> float:
        """Return the mean row of the ink between two shares of the width, 0 at the left."""
        return self._mean(start, end, lambda rows: float(rows.mean()))

    def upper(self, start: float, end: float) -> float:
        """Return the mean upper edge of the ink between two shares of the width."""
        return self._mean(start, end, lambda rows: float(rows.min()))

    def lower(self, start: float, end: float) -> float:
        """Return the mean lower edge of the ink between two shares of the width."""
        return self._mean(start, end, lambda rows: float(rows.max()) + 1)

    def _mean(self, start: float, end: float, of: Callable[[npt.NDArray[np.intp]], float]) -> float:
        first = min(int(start * self.width), self.width - 1)
        columns = range(first, max(first + 1, round(end * self.width)))
        rows = [np.flatnonzero(self.mask[:, column]) for column in columns]
        return self.top + float(np.mean([of(found) for found in rows if found.size]))


def strokes(ink: Mask) -> list[Stroke]:
    """Return the connected pieces of ink, from the top to the bottom.

    Raises
    ------
    CannotJudge
        If there are more than a schematic face has.
    """
    labels, _ = ndimage.label(ink, EIGHT)
    large = np.flatnonzero(np.bincount(labels.ravel())[1:] >= MIN_PIXELS) + 1
    if len(large) > MAX_STROKES:
        raise CannotJudge(f"the picture is no schematic face: it has {len(large)} separate lines")
    boxes = ndimage.find_objects(labels)
    found = [
        Stroke(labels[boxes[number - 1]] == number, boxes[number - 1][1].start, boxes[number - 1][0].start)
        for number in large
    ]
    return sorted(found, key=lambda stroke: stroke.y)
