"""The upper face: brows, eyes, cheeks and nose, moved by their action units.

Lengths are in units of the distance between the pupils, which lie at height 0; `side` is -1 for the picture's left, the
right side of the face, and 1 for the other. The movements are those of the FACS manual, their sizes a convention: large
enough to be seen from intensity B on, and such that no two lines touch at E.
"""

from __future__ import annotations

from collections.abc import Callable

from pytest_vlmperception.pictures.faces.action_units import Expression
from pytest_vlmperception.pictures.faces.looks import WHITE, Look
from pytest_vlmperception.pictures.faces.marks import STEPS, Mark, Point, arc, disc, stroke

__all__ = ["SIDES", "WRINKLE_FROM", "upper_face"]

SIDES = (-1, 1)

WRINKLE_FROM = 0.3
"""The strength from which on a movement wrinkles the skin."""

BROW_HEIGHT = 0.44
EYE_HALF_WIDTH = 0.27
IRIS_RADIUS = 0.115
UPPER_LID, LOWER_LID = 0.115, 0.1

# An upper lid that is lower than this is closed, and drawn as one line with the other.
CLOSED_BELOW = 0.03

# Wrinkles and the nose are thinner than the lines of the other features.
THIN = 0.8


def upper_face(look: Look, expression: Expression) -> list[Mark]:
    """Return the marks of brows, eyes, cheeks and nose."""
    parts = (brow, furrow, eye, cheek, crows_feet)
    paired = [mark for side in SIDES for part in parts for mark in part(look, expression, side)]
    return [*paired, *nose(look, expression), *nose_wrinkles(look, expression)]


def brow(look: Look, face: Expression, side: int) -> list[Mark]:
    """Return a brow: AU 1 raises its inner, AU 2 its outer part; AU 4 lowers it and draws it to the middle."""
    # Raised by AU 1, a brow that is drawn together is not lowered: it becomes straight, or oblique.
    lowered = face[4] * (1 - 0.8 * face[1]) + 0.3 * face[9]
    base = -BROW_HEIGHT * look.brow_height
    inner = (side * (0.27 - 0.08 * face[4]), base - 0.22 * face[1] + 0.15 * lowered)
    middle = (side * 0.53, base - 0.10 - 0.08 * face[1] - 0.17 * face[2] + 0.10 * lowered + 0.06 * face[4])
    outer = (side * 0.80, base + 0.02 - 0.20 * face[2] + 0.02 * lowered)
    return [stroke(arc(inner, middle, outer), look.ink, look.line * look.brow)]


def furrow(look: Look, face: Expression, side: int) -> list[Mark]:
    """Return a frown line beside the middle: AU 4."""
    if face[4] < WRINKLE_FROM:
        return []
    top = -BROW_HEIGHT * look.brow_height - 0.10 * face[1] - 0.02
    x = side * 0.06
    return [stroke([(x, top), (x, top + 0.05 + 0.14 * face[4])], look.ink, look.line * THIN)]


def eye(look: Look, face: Expression, side: int) -> list[Mark]:
    """Return an eye: AU 5 raises the upper lid, AU 6 and 7 the lower one, AU 43 closes both."""
    open_ = 1 - face[43]
    upper = (UPPER_LID + 0.14 * face[5] - 0.03 * face[7] * (1 - face[5])) * open_
    lower = max(0.02, LOWER_LID - 0.055 * face[6] - 0.065 * face[7]) * open_ + 0.1 * face[43]
    if upper < CLOSED_BELOW:
        return [stroke(lid(side, lower), look.ink, look.line)]
    above, below = lid(side, -upper), lid(side, lower)
    iris = within(disc((side * 0.5, 0.0), IRIS_RADIUS), side, -upper, lower)
    return [
        Mark((*above, *reversed(below)), WHITE),
        Mark(tuple(iris), look.ink),
        stroke(above, look.ink, look.line),
        stroke(below, look.ink, look.line),
    ]


def lid(side: int, height: float) -> list[Point]:
    """Return the line of a lid, from one corner of the eye to the other."""
    xs = [side * 0.5 + EYE_HALF_WIDTH * (2 * step / STEPS - 1) for step in range(STEPS + 1)]
    return [(x, lid_height(side, height)(x)) for x in xs]


def lid_height(side: int, height: float) -> Callable[[float], float]:
    """Return the height of a lid as a function of x: flatter in the middle than a parabola."""
    return lambda x: height * max(0.0, 1 - abs((x - side * 0.5) / EYE_HALF_WIDTH) ** 2) ** 0.75


def within(points: list[Point], side: int, top: float, bottom: float) -> list[Point]:
    """Return points of the iris, those behind a lid moved to its edge."""
    upper, lower = lid_height(side, top), lid_height(side, bottom)
    return [(x, min(max(y, upper(x)), lower(x))) for x, y in points]


def cheek(look: Look, face: Expression, side: int) -> list[Mark]:
    """Return the upper edge of a cheek, pushed up below the eye: AU 6."""
    if face[6] < WRINKLE_FROM:
        return []
    half, y = 0.10 + 0.12 * face[6], 0.36 - 0.06 * face[6]
    x = side * 0.55
    return [stroke(arc((x - half, y + 0.05), (x, y), (x + half, y + 0.05)), look.ink, look.line * THIN)]


def crows_feet(look: Look, face: Expression, side: int) -> list[Mark]:
    """Return two wrinkles beside the outer corner of an eye: AU 6."""
    if face[6] < WRINKLE_FROM:
        return []
    length = 0.04 + 0.08 * face[6]
    starts = ((side * 0.88, -0.05, -0.5), (side * 0.88, 0.07, 0.5))
    return [
        stroke([(x, y), (x + side * length, y + slope * length)], look.ink, look.line * THIN) for x, y, slope in starts
    ]


def nose(look: Look, face: Expression) -> list[Mark]:
    """Return the lower edge of the nose; AU 9 and 10 raise its wings."""
    tip, wing = 0.64 * look.nose_length, 0.10 + 0.06 * max(face[9], 0.5 * face[10])
    left, right = ((side * 0.15, tip - wing) for side in SIDES)
    return [stroke(arc(left, (0.0, tip), right), look.ink, look.line * THIN)]


def nose_wrinkles(look: Look, face: Expression) -> list[Mark]:
    """Return two wrinkles across the root of the nose: AU 9."""
    if face[9] < WRINKLE_FROM:
        return []
    half = 0.03 + 0.07 * face[9]
    return [stroke(arc((-half, y), (0.0, y - 0.03), (half, y)), look.ink, look.line * THIN) for y in (0.06, 0.19)]
