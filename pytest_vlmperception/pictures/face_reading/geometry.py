"""The geometry of a face: where brows, lids and lips are, and which wrinkles there are."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_vlmperception.pictures.face_reading.ink import ink
from pytest_vlmperception.pictures.face_reading.parts import Parts, find_parts
from pytest_vlmperception.pictures.face_reading.strokes import Stroke, strokes
from pytest_vlmperception.pictures.pixels import Pixels

__all__ = ["FaceGeometry", "read_face"]

# Share of a brow's or a mouth's width that is its end.
END = 0.12

PAIRED = frozenset({"cheek_lines", "eye_wrinkles", "folds", "frown"})


@dataclass(frozen=True)
class FaceGeometry:
    """Lengths in a face, in units of the distance between the eyes. Left and right are the picture's.

    Attributes
    ----------
    brow_inner, brow_outer : float
        Height of the ends of the brows above the corners of the eyes.
    brow_gap : float
        From the middle of one brow's inner end to that of the other's.
    frown : float
        Length of the lines between the brows.
    upper_lid, lower_lid : float
        How far the lids are above and below the corners of the eyes, in their middle.
    cheek_lines, eye_wrinkles, nose_wrinkles, folds : float
        Length of the lines below the eyes, beside them, across the nose and from the nose to the mouth.
    mouth_width : float
        From corner to corner.
    corner_left, corner_right : float
        Height of the corners of the mouth above the middle of the upper lip, negative below that of the lower lip; 0
        between the two.
    opening : float
        Between the lips.
    dimple_left, dimple_right : float
        Length of the lines beside the corners of the mouth.
    chin : float
        Width of the line on the chin.
    """

    brow_inner: float
    brow_outer: float
    brow_gap: float
    frown: float
    upper_lid: float
    lower_lid: float
    cheek_lines: float
    eye_wrinkles: float
    nose_wrinkles: float
    folds: float
    mouth_width: float
    corner_left: float
    corner_right: float
    opening: float
    dimple_left: float
    dimple_right: float
    chin: float


def read_face(pixels: Pixels) -> FaceGeometry:
    """Return the geometry of the schematic face in a picture, found in its pixels.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (height, width, 3)
        sRGB; dark lines on lighter areas, the face upright and from the front.

    Raises
    ------
    CannotJudge
        If the picture is no such drawing, or shows no face.
    """
    parts = find_parts(strokes(ink(pixels)))
    lengths = {**brows(parts), **lids(parts), **mouth(parts), **wrinkles(parts)}
    return FaceGeometry(**{name: float(length / parts.eyes.distance) for name, length in lengths.items()})


def brows(parts: Parts) -> dict[str, float]:
    """Return where the brows are, in pixels."""
    left, right = parts.brows.left, parts.brows.right
    level = parts.eye_level
    return {
        "brow_inner": level - (left.row(1 - END, 1) + right.row(0, END)) / 2,
        "brow_outer": level - (left.row(0, END) + right.row(1 - END, 1)) / 2,
        "brow_gap": right.left - left.right + (left.thickness + right.thickness) / 2,
    }


def lids(parts: Parts) -> dict[str, float]:
    """Return how far the lids are from the corners of the eyes, in pixels; the mean of both eyes."""
    both, half = (parts.eyes.left, parts.eyes.right), parts.line / 2
    return {
        "upper_lid": parts.eye_level - sum(eye.upper(0.4, 0.6) for eye in both) / 2 - half,
        "lower_lid": sum(eye.lower(0.4, 0.6) for eye in both) / 2 - parts.eye_level - half,
    }


def mouth(parts: Parts) -> dict[str, float]:
    """Return where the lips and their corners are, in pixels."""
    lips = parts.mouth
    middle = (parts.eyes.x - lips.left) / lips.width
    upper = lips.upper(middle - 0.05, middle + 0.05) + parts.line / 2
    lower = max(upper, lips.lower(middle - 0.05, middle + 0.05) - parts.line / 2)
    return {
        "mouth_width": lips.width - parts.line,
        "corner_left": beyond(lips.row(0, 0.05), upper, lower),
        "corner_right": beyond(lips.row(0.95, 1), upper, lower),
        "opening": lower - upper,
    }


def beyond(row: float, upper: float, lower: float) -> float:
    """Return how far a row is above the upper or, negative, below the lower one of two; 0 between them."""
    return max(0.0, upper - row) + min(0.0, lower - row)


def wrinkles(parts: Parts) -> dict[str, float]:
    """Return the lengths of wrinkles and folds, in pixels: the sum, of pairs the mean of both sides."""
    lengths = dict.fromkeys(
        ("cheek_lines", "chin", "dimple_left", "dimple_right", "eye_wrinkles", "folds", "frown", "nose_wrinkles"), 0.0
    )
    for stroke in parts.others:
        kind = wrinkle_kind(parts, stroke)
        if kind:
            lengths[kind] += max(stroke.width, stroke.height) / (2 if kind in PAIRED else 1)
    return lengths


def wrinkle_kind(parts: Parts, stroke: Stroke) -> str:
    """Return which wrinkle a piece of ink is by its place; empty where it is none."""
    aside = abs(stroke.x - parts.eyes.x) / parts.eyes.distance
    down = (stroke.y - parts.eye_level) / parts.eyes.distance
    below_nose = stroke.y > parts.nose.y
    if stroke.y > parts.mouth.bottom:
        return "chin" if aside < 0.2 else ""
    if is_beside_mouth(parts, stroke):
        return "dimple_left" if stroke.x < parts.eyes.x else "dimple_right"
    if aside < 0.25:
        return "" if below_nose else "nose_wrinkles" if down > -0.1 else "frown"
    if aside > 0.75:
        return "eye_wrinkles" if abs(down) < 0.3 else ""
    return "cheek_lines" if 0.15 < down < 0.5 else "folds" if down >= 0.5 else ""


def is_beside_mouth(parts: Parts, stroke: Stroke) -> bool:
    """Return whether a piece of ink lies beside a corner of the mouth."""
    lips = parts.mouth
    corner = lips.row(0, 0.05) if stroke.x < parts.eyes.x else lips.row(0.95, 1)
    outside = stroke.x < lips.left or stroke.x > lips.right
    return outside and abs(stroke.y - corner) < 0.2 * parts.eyes.distance
