"""Which shape fits a region best, and where the parts of it lie that others hide."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pytest_vlmperception.pictures.scene_reading.regions import Mask, Region
from pytest_vlmperception.pictures.scenes.outlines import OUTLINES, covers

__all__ = ["Fit", "best_fit"]

Boxes = npt.NDArray[np.float64]

# A region that borders on others over less than this share of its own edge is whole.
BORDERING = 0.02

# Sides of the squares that are tried for a region with hidden parts, as factors of its longer side.
GROWTH = np.linspace(1.0, 2.0, 16)

# Points along the longer side of the largest square, of which the fits are counted.
POINTS = 56

# What a wholly hidden shape would lose: among shapes that explain what is seen, the one with least hidden is best.
HIDING = 0.1


@dataclass(frozen=True)
class Fit:
    """A shape that fits a region.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    box : tuple of float
        Left, top, right and bottom of the whole shape, hidden parts included.
    score : float
        Area that shape and region share, over the area of both; what others hide does not count. 1 is a perfect fit.
    hidden : float
        Share of the shape that others hide.
    """

    kind: str
    box: tuple[float, float, float, float]
    score: float
    hidden: float


def best_fit(region: Region, drawn: Mask) -> Fit:
    """Return the shape that fits a region best.

    Parameters
    ----------
    region : Region
        What is seen of it.
    drawn : ndarray of bool, shape (height, width)
        Pixels of this and all other regions, which may hide parts of it.
    """
    whole = np.array([[region.left, region.top, region.right, region.bottom]], dtype=np.float64)
    if bordering(region, drawn) < BORDERING:
        return fitted(region, drawn, whole)
    return fitted(region, drawn, np.concatenate([whole, squares(region)]))


def bordering(region: Region, drawn: Mask) -> float:
    """Return the share of a region's edge where others border on it."""
    from scipy import ndimage

    rows, columns = (
        np.arange(max(0, low - 1), min(side, high + 1))
        for low, high, side in zip((region.top, region.left), (region.bottom, region.right), drawn.shape, strict=True)
    )
    own = region.at(rows, columns)
    around = ndimage.binary_dilation(own, np.ones((3, 3), dtype=np.bool_)) & ~own
    return float(drawn[np.ix_(rows, columns)][around].mean()) if around.any() else 0.0


def squares(region: Region) -> Boxes:
    """Return the squares that a region with hidden parts may fill, shape (n, 4)."""
    width, height = region.right - region.left, region.bottom - region.top
    found = []
    for side in max(width, height) * GROWTH:
        for to_left in (0.0, 0.5, 1.0):
            for to_top in (0.0, 0.5, 1.0):
                left, top = region.left - to_left * (side - width), region.top - to_top * (side - height)
                found.append((left, top, left + side, top + side))
    return np.array(found)


def fitted(region: Region, drawn: Mask, boxes: Boxes) -> Fit:
    """Return the best of all kinds in all boxes."""
    x, y = points_of(boxes, drawn.shape)
    seen = region.at(y, x)
    hiding = drawn[np.ix_(y, x)] & ~seen
    u, v = (
        (2 * (axis + 0.5) - boxes[:, low, None] - boxes[:, high, None]) / (boxes[:, high, None] - boxes[:, low, None])
        for axis, low, high in ((x, 0, 2), (y, 1, 3))
    )
    fits = [best_of_kind(kind, covers(kind, u[:, None, :], v[:, :, None]), seen, hiding, boxes) for kind in OUTLINES]
    return max(fits, key=lambda fit: fit.score - HIDING * fit.hidden)


def points_of(boxes: Boxes, shape: tuple[int, ...]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Return columns and rows of the pixels at which shapes are held against a region."""
    low, high = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    step = max(1, int((high - low).max() // POINTS))
    columns, rows = (
        np.arange(max(0, int(low[axis]) - 1), min(shape[1 - axis], int(high[axis]) + 1), step) for axis in (0, 1)
    )
    return columns, rows


def best_of_kind(kind: str, covered: Mask, seen: Mask, hiding: Mask, boxes: Boxes) -> Fit:
    """Return the best box of one kind; `covered` has shape (boxes, rows, columns)."""
    area = covered.sum(axis=(1, 2))
    shared = (covered & seen).sum(axis=(1, 2))
    hidden = (covered & hiding).sum(axis=(1, 2))
    scores = shared / np.maximum(area + seen.sum() - shared - hidden, 1)
    shares = hidden / np.maximum(area, 1)
    best = int((scores - HIDING * shares).argmax())
    left, top, right, bottom = boxes[best].tolist()
    return Fit(kind, (left, top, right, bottom), float(scores[best]), float(shares[best]))
