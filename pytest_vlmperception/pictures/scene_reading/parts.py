"""Which regions are parts of one shape that another one lies across."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from pytest_vlmperception.pictures.scene_reading.kinds import Fit, best_fit
from pytest_vlmperception.pictures.scene_reading.regions import Mask, Region

__all__ = ["explained"]

# A shape of two parts has to fit as well as this, with no more than this share hidden.
LEAST_FIT, MOST_HIDDEN = 0.88, 0.7

Explained = tuple[Region, Fit]


def explained(shapes: Sequence[Region], drawn: Mask) -> list[Explained]:
    """Return the shape that fits each region best, parts of one shape taken together.

    Parameters
    ----------
    shapes : sequence of Region
        What may be shapes or parts of them.
    drawn : ndarray of bool, shape (height, width)
        Pixels of these and all other regions: each may hide parts of another.
    """
    fits = [(region, best_fit(region, drawn)) for region in shapes]
    while (better := two_in_one(fits, drawn)) is not None:
        fits = better
    return fits


def two_in_one(fits: list[Explained], drawn: Mask) -> list[Explained] | None:
    """Return the fits with two regions taken as parts of one shape; None where no two are."""
    for first, second in combinations(fits, 2):
        if may_belong(first, second):
            region = union(first[0], second[0])
            fit = best_fit(region, drawn)
            if fit.score >= LEAST_FIT and fit.hidden <= MOST_HIDDEN:
                return [each for each in fits if each is not first and each is not second] + [(region, fit)]
    return None


def may_belong(first: Explained, second: Explained) -> bool:
    """Return whether two regions have one colour and one would reach into the other if nothing hid parts of it."""
    if first[0].colour != second[0].colour or not (first[1].hidden and second[1].hidden):
        return False
    longest = max(max(region.mask.shape) for region, _ in (first, second))
    gaps = (
        max(first[0].left, second[0].left) - min(first[0].right, second[0].right),
        max(first[0].top, second[0].top) - min(first[0].bottom, second[0].bottom),
    )
    return bool(max(gaps) <= longest)


def union(first: Region, second: Region) -> Region:
    """Return two regions as one."""
    top, left = min(first.top, second.top), min(first.left, second.left)
    rows = np.arange(top, max(first.bottom, second.bottom))
    columns = np.arange(left, max(first.right, second.right))
    return Region(first.colour, first.tone, first.at(rows, columns) | second.at(rows, columns), top, left)
