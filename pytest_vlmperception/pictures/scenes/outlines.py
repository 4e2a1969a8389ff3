"""The shapes' outlines: which points of the square around it a shape covers.

Points are (u, v), from -1 to 1 to the right and down; every shape touches all four sides of its square. Only products,
sums and comparisons decide, so that a picture is the same to the last bit on every machine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from pytest_vlmperception.errors import StimulusError, choices_hint

__all__ = ["covers"]

Points = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

# Inner radius of the ring, and half width of the arms of the cross, as shares of half the side.
HOLE = 0.55
ARM = 1 / 3

# The heart curve (x^2 + y^2 - 1)^3 = x^2 y^3 reaches from -X to X and from -1 up to Y.
HEART_X, HEART_Y = 1.1390281646862328, 1.2366591700121614

# Corners of a five-pointed star whose inner radius is 0.45 of the outer one, stretched to its square: the right half,
# from the upper tip down.
STAR = (
    (0.0, -1.0),
    (0.27811529, -0.29691943),
    (1.0, -0.23606798),
    (0.45, 0.25931116),
    (0.61803399, 1.0),
    (0.0, 0.60308057),
)


def circle(u: Points, v: Points) -> Mask:
    """Return where the disc is."""
    return np.asarray(u * u + v * v <= 1.0)


def square(u: Points, v: Points) -> Mask:
    """Return where the square is."""
    return np.asarray((np.abs(u) <= 1.0) & (np.abs(v) <= 1.0))


def triangle(u: Points, v: Points) -> Mask:
    """Return where the triangle is: its tip above, its base below."""
    return np.asarray((np.abs(u) * 2.0 <= v + 1.0) & (v <= 1.0))


def diamond(u: Points, v: Points) -> Mask:
    """Return where the square that stands on a corner is."""
    return np.asarray(np.abs(u) + np.abs(v) <= 1.0)


def star(u: Points, v: Points) -> Mask:
    """Return where the five-pointed star is."""
    # By crossings of a ray to the right with the right half of the outline, mirrored.
    inside = np.zeros(np.broadcast(u, v).shape, dtype=np.bool_)
    for (x0, y0), (x1, y1) in pairwise(STAR):
        between = (v >= min(y0, y1)) & (v < max(y0, y1))
        inside ^= between & (np.abs(u) <= x0 + (v - y0) * ((x1 - x0) / (y1 - y0)))
    return inside


def cross(u: Points, v: Points) -> Mask:
    """Return where the cross of two equal bars is."""
    return np.asarray(square(u, v) & ((np.abs(u) <= ARM) | (np.abs(v) <= ARM)))


def ring(u: Points, v: Points) -> Mask:
    """Return where the ring is."""
    radius = u * u + v * v
    return np.asarray((radius <= 1.0) & (radius >= HOLE * HOLE))


def heart(u: Points, v: Points) -> Mask:
    """Return where the heart is, its tip below."""
    x, y = HEART_X * u, (HEART_Y - 1.0) / 2.0 - v * (HEART_Y + 1.0) / 2.0
    body = x * x + y * y - 1.0
    return np.asarray(body * body * body <= x * x * (y * y * y))


OUTLINES: Mapping[str, Callable[[Points, Points], Mask]] = MappingProxyType({
    "circle": circle,
    "cross": cross,
    "diamond": diamond,
    "heart": heart,
    "ring": ring,
    "square": square,
    "star": star,
    "triangle": triangle,
})


def covers(kind: str, u: Points, v: Points) -> Mask:
    """Return which points a shape covers.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    u, v : ndarray of float
        Of shapes that broadcast.

    Raises
    ------
    StimulusError
        If there is no such shape.
    """
    if kind not in OUTLINES:
        raise StimulusError(f"there is no shape {kind!r}; {choices_hint(kind, OUTLINES)}")
    return OUTLINES[kind](u, v)
