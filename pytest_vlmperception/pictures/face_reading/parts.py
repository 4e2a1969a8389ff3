"""Which piece of ink is which part of a face, by place and symmetry alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from pytest_vlmperception.errors import CannotJudge
from pytest_vlmperception.pictures.face_reading.strokes import Stroke

__all__ = ["Pair", "Parts", "find_parts"]

# What the head fills of its bounding box at least, and how much of it may be ink.
HEAD_FULL, HEAD_INK = 0.6, 0.5

# In units of the head's size, the square root of its area: a brow or eye is at least so wide, the two of a pair
# mirror each other up to such a shift, and the eyes are so far apart.
MIN_WIDTH, MAX_SHIFT = 0.13, 0.06
EYE_DISTANCES = (0.25, 0.6)

# In units of the distance between the eyes: how high brows are above the eyes and the mouth is below them, how wide
# the mouth is at least, and how wide and how far below the eyes the nose is.
BROWS_ABOVE, MOUTH_BELOW = (0.15, 1.0), (0.6, 1.8)
MOUTH_WIDTH = 0.3
NOSE_WIDTH, NOSE_BELOW = 0.12, 0.35


@dataclass(frozen=True)
class Pair:
    """The two of a kind, by the picture's sides."""

    left: Stroke
    right: Stroke

    @property
    def y(self) -> float:
        """Row of their middle."""
        return (self.left.y + self.right.y) / 2

    @property
    def x(self) -> float:
        """Column of their middle."""
        return (self.left.x + self.right.x) / 2

    @property
    def distance(self) -> float:
        """From the middle of one to that of the other."""
        return self.right.x - self.left.x

    @property
    def is_level(self) -> bool:
        """Whether both are wider than high."""
        return all(stroke.width > stroke.height for stroke in (self.left, self.right))


@dataclass(frozen=True)
class Parts:
    """The parts of a face.

    Attributes
    ----------
    brows, eyes : Pair
        Of the face.
    nose, mouth : Stroke
        Of the face.
    others : tuple of Stroke
        Wrinkles and folds: what else lies in the head.
    """

    brows: Pair
    eyes: Pair
    nose: Stroke
    mouth: Stroke
    others: tuple[Stroke, ...]

    @property
    def line(self) -> float:
        """Width of a line, in pixels."""
        return self.nose.thickness

    @property
    def eye_level(self) -> float:
        """Mean row of the corners of the eyes."""
        corners = [eye.row(*end) for eye in (self.eyes.left, self.eyes.right) for end in ((0, 0.05), (0.95, 1))]
        return sum(corners) / len(corners)


def find_parts(strokes: Sequence[Stroke]) -> Parts:
    """Return the parts of the face that the pieces of ink make up.

    The head is the largest piece that encloses others. In it the two topmost wide mirrored pairs are brows and eyes; of
    the pieces on the axis below the eyes the widest is the mouth, and the one above it the nose.

    Raises
    ------
    CannotJudge
        If they make up no face.
    """
    head = find_head(strokes)
    inner = [stroke for stroke in strokes if stroke is not head and head.contains(stroke)]
    brows, eyes = find_brows_and_eyes(inner, head.middle, math.sqrt(head.filled.sum()))
    nose, mouth = find_nose_and_mouth(inner, eyes)
    found = {brows.left, brows.right, eyes.left, eyes.right, nose, mouth}
    return Parts(brows, eyes, nose, mouth, tuple(stroke for stroke in inner if stroke not in found))


def no_face(why: str) -> CannotJudge:
    """Say why a picture is no schematic face."""
    return CannotJudge(f"the picture is no schematic face: {why}")


def find_head(strokes: Sequence[Stroke]) -> Stroke:
    """Return the closed line around everything else."""
    head = max(strokes, key=lambda stroke: stroke.width * stroke.height, default=None)
    if head is None or head.filled.mean() < HEAD_FULL or head.mask.sum() > HEAD_INK * head.filled.sum():
        raise no_face("no line runs around a head")
    return head


def find_brows_and_eyes(inner: Sequence[Stroke], axis: float, size: float) -> tuple[Pair, Pair]:
    """Return the two topmost mirrored pairs that are wide enough."""
    wide = [stroke for stroke in inner if stroke.width >= MIN_WIDTH * size]
    pairs = [pair for pair in mirrored_pairs(wide, axis, MAX_SHIFT * size) if pair.is_level]
    if len(pairs) < 2:
        raise no_face("it has no eyes with brows above them")
    brows, eyes = pairs[:2]
    above = (eyes.y - brows.y) / eyes.distance
    near, far = EYE_DISTANCES
    if not near <= eyes.distance / size <= far or not BROWS_ABOVE[0] <= above <= BROWS_ABOVE[1]:
        raise no_face("the two uppermost pairs of lines do not lie as brows and eyes do")
    return brows, eyes


def mirrored_pairs(strokes: Sequence[Stroke], axis: float, shift: float) -> list[Pair]:
    """Return pairs that mirror each other at the axis, from the top to the bottom."""
    pairs = [
        Pair(left, right)
        for left in strokes
        if left.right < axis
        for right in strokes
        if right.left > axis and left.mirrors(right, axis, shift)
    ]
    return sorted(pairs, key=lambda pair: pair.y)


def find_nose_and_mouth(inner: Sequence[Stroke], eyes: Pair) -> tuple[Stroke, Stroke]:
    """Return what lies on the axis below the eyes: the widest is the mouth, the last above it the nose."""
    unit = eyes.distance
    below = [
        stroke for stroke in inner if stroke.left < eyes.x < stroke.right and stroke.y > eyes.y + NOSE_BELOW * unit
    ]
    mouth = max(below, key=lambda stroke: stroke.width, default=None)
    if mouth is None or mouth.width < MOUTH_WIDTH * unit:
        raise no_face("it has no mouth below the eyes")
    if not MOUTH_BELOW[0] <= (mouth.y - eyes.y) / unit <= MOUTH_BELOW[1]:
        raise no_face("its mouth is not where a mouth is")
    noses = [stroke for stroke in below if stroke.y < mouth.y and stroke.width >= NOSE_WIDTH * unit]
    if not noses:
        raise no_face("it has no nose between the eyes and the mouth")
    return noses[-1], mouth
