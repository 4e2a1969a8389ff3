"""The lower face: mouth, folds, dimples and chin, moved by their action units; units as in the upper face."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_vlmperception.pictures.faces.action_units import Expression
from pytest_vlmperception.pictures.faces.looks import WHITE, Look
from pytest_vlmperception.pictures.faces.marks import Mark, Point, arc, stroke
from pytest_vlmperception.pictures.faces.upper import SIDES, WRINKLE_FROM

__all__ = ["lower_face"]

MOUTH_HEIGHT = 1.1
MOUTH_HALF_WIDTH = 0.4

# Lips nearer than this are closed, and drawn as one line.
CLOSED_BELOW = 0.04

# Of the opening, how much lies above the line of the closed lips: mostly the lower lip moves.
ABOVE = 0.3

THIN = 0.8


@dataclass(frozen=True)
class Mouth:
    """Where the lips are.

    Attributes
    ----------
    right, left : tuple of float
        The corners, by the sides of the face: the picture's left and right.
    upper, lower : float
        Height of the upper and the lower lip in the middle.
    """

    right: Point
    left: Point
    upper: float
    lower: float


def lower_face(look: Look, expression: Expression) -> list[Mark]:
    """Return the marks of mouth, folds, dimples and chin."""
    mouth = lips(look, expression)
    marks = closed(look, expression, mouth)
    if mouth.lower - mouth.upper >= CLOSED_BELOW:
        marks = opened(look, expression, mouth)
    for side in SIDES:
        marks += [*fold(look, expression, side), *dimple(look, expression, mouth, side)]
    return [*marks, *chin(look, expression)]


def lips(look: Look, face: Expression) -> Mouth:
    """Return where the lips are.

    AU 25, 26 and 27 open them, AU 16 draws the lower one down and AU 17 pushes both up, AU 10 raises the upper one,
    AU 24 and 28 keep them closed.
    """
    parted = 0.14 * face[25] + 0.26 * face[26] + 0.42 * face[27] + 0.10 * face[16] + 0.10 * face[22]
    opening = min(parted, 0.5) * (1 - 0.8 * max(face[24], face[28]))
    middle = MOUTH_HEIGHT + 0.05 * face.both(12) - 0.08 * face[10] - 0.08 * face[17]
    return Mouth(
        corner(look, face, -1), corner(look, face, 1), middle - ABOVE * opening, middle + (1 - ABOVE) * opening
    )


def corner(look: Look, face: Expression, side: int) -> Point:
    """Return a corner of the mouth.

    AU 12 pulls it up and out, AU 15 down, AU 20 out, AU 14 tightens it; AU 22, 23, 24 and 28 draw it in.
    """
    units = face.left if side > 0 else face.right
    pulled, dimpled, down = (units.get(unit, 0.0) for unit in (12, 14, 15))
    inwards = max(0.20 * face[22], 0.11 * face[23], 0.12 * face[24], 0.05 * face[28]) + 0.04 * face[27]
    out = MOUTH_HALF_WIDTH * look.mouth_width + 0.09 * pulled + 0.03 * dimpled + 0.15 * face[20] - inwards
    return side * out, MOUTH_HEIGHT - 0.20 * pulled - 0.03 * dimpled + 0.17 * down + 0.02 * face[20]


def closed(look: Look, face: Expression, mouth: Mouth) -> list[Mark]:
    """Return the line between closed lips; AU 28 sucks them in, so that it is thin."""
    line = arc(mouth.right, (0.0, (mouth.upper + mouth.lower) / 2), mouth.left)
    return [stroke(line, look.ink, look.line * (1 - 0.4 * face[28]))]


def opened(look: Look, face: Expression, mouth: Mouth) -> list[Mark]:
    """Return an open mouth: dark inside, with teeth where the lips are drawn off them."""
    above, below = (arc(mouth.right, (0.0, middle), mouth.left) for middle in (mouth.upper, mouth.lower))
    marks = [Mark((*above, *reversed(below)), look.ink)]
    if max(face[12], face[20], face[10]) >= WRINKLE_FROM:
        marks.append(teeth(above, below))
    if face[16] >= WRINKLE_FROM:
        marks.append(teeth(below, above))
    return [*marks, stroke(above, look.ink, look.line), stroke(below, look.ink, look.line)]


def teeth(near: list[Point], far: list[Point]) -> Mark:
    """Return the row of teeth along one lip: a third of the opening, but for its corners."""
    edge = [(x, y + (beyond - y) / 3) for (x, y), (_, beyond) in zip(near, far, strict=True)]
    inner = slice(len(near) // 6, -(len(near) // 6))
    return Mark((*near[inner], *reversed(edge[inner])), WHITE)


def fold(look: Look, face: Expression, side: int) -> list[Mark]:
    """Return the fold from the wing of the nose to the corner of the mouth: AU 10, and weaker AU 9."""
    units = face.left if side > 0 else face.right
    strength = max(units.get(10, 0.0), 0.7 * face[9])
    if strength < WRINKLE_FROM:
        return []
    return [
        stroke(
            [(side * 0.25, 0.56), (side * (0.29 + 0.13 * strength), 0.60 + 0.22 * strength)],
            look.ink,
            look.line * THIN,
        )
    ]


def dimple(look: Look, face: Expression, mouth: Mouth, side: int) -> list[Mark]:
    """Return the wrinkle beside a corner of the mouth that is tightened: AU 14."""
    strength = (face.left if side > 0 else face.right).get(14, 0.0)
    if strength < WRINKLE_FROM:
        return []
    x, y = mouth.left if side > 0 else mouth.right
    half = 0.05 + 0.05 * strength
    beside = x + side * 0.12
    return [stroke(arc((beside, y - half), (beside + side * 0.03, y), (beside, y + half)), look.ink, look.line * THIN)]


def chin(look: Look, face: Expression) -> list[Mark]:
    """Return the edge of the chin that is pushed up: AU 17."""
    if face[17] < WRINKLE_FROM:
        return []
    half, y = 0.08 + 0.08 * face[17], 1.42 - 0.05 * face[17]
    return [stroke(arc((-half, y + 0.05), (0.0, y), (half, y + 0.05)), look.ink, look.line * THIN)]
