"""The head: outline, hair and ears."""

from __future__ import annotations

import math
from collections.abc import Sequence

from pytest_vlmperception.pictures.faces.action_units import Expression
from pytest_vlmperception.pictures.faces.looks import Look
from pytest_vlmperception.pictures.faces.marks import Mark, Point, disc, stroke

__all__ = ["CENTRE", "head"]

CENTRE: Point = (0.0, 0.1)
"""Of the head."""

POINTS = 180

# How far the chin goes down with the jaw at its widest.
JAW_DROP = {26: 0.1, 27: 0.2}

# Share of the half height above the centre where the hair ends.
HAIRLINE = 0.66


def head(look: Look, expression: Expression) -> list[Mark]:
    """Return the marks of the head, which everything else is painted on."""
    drop = sum(most * expression[unit] for unit, most in JAW_DROP.items())
    contour = outline(look, drop)
    closed = [*contour, contour[0]]
    return [
        *(ears(look) if look.ears else []),
        Mark(tuple(contour), look.skin),
        *hair(look, contour),
        stroke(closed, look.ink, look.line),
    ]


def outline(look: Look, drop: float) -> list[Point]:
    """Return the outline, clockwise from the right; below the centre it is narrower, and longer by `drop`."""
    points = []
    for step in range(POINTS):
        turn = 2 * math.pi * step / POINTS
        across, down = (math.copysign(abs(f(turn)) ** (2 / look.squareness), f(turn)) for f in (math.cos, math.sin))
        below = max(0.0, down)
        x = look.half_width * across * (1 - look.taper * below)
        y = (look.half_height + drop * below) * down
        points.append((CENTRE[0] + x, CENTRE[1] + y))
    return points


def hair(look: Look, contour: Sequence[Point]) -> list[Mark]:
    """Return the hair: the part of the head above a line, or curls along it."""
    line = CENTRE[1] - HAIRLINE * look.half_height
    top = [point for point in contour if point[1] < line]
    if look.hair == "short":
        return [Mark(tuple(top), look.ink)]
    if look.hair == "curls":
        return [stroke(top, look.ink, 0.2), *(Mark(tuple(disc(point, 0.16)), look.ink) for point in top[::3])]
    return []


def ears(look: Look) -> list[Mark]:
    """Return a disc at both sides, half behind the head."""
    rims = [disc((side * look.half_width, 0.1), 0.2) for side in (-1, 1)]
    return [mark for rim in rims for mark in (Mark(tuple(rim), look.skin), stroke([*rim, rim[0]], look.ink, look.line))]
