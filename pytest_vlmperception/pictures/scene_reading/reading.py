"""What a picture of flat shapes and letters shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from pytest_vlmperception.errors import CannotJudge
from pytest_vlmperception.pictures.pixels import Pixels, check_pixels
from pytest_vlmperception.pictures.scene_reading.kinds import Fit
from pytest_vlmperception.pictures.scene_reading.lines import lines_of
from pytest_vlmperception.pictures.scene_reading.parts import explained
from pytest_vlmperception.pictures.scene_reading.regions import Region, regions
from pytest_vlmperception.records import Detection, Lettering

__all__ = ["SceneReading", "Seen", "detect_shapes", "read_lettering", "read_scene"]

CANVAS_PX = 1024
"""Longest side to which a larger picture is resized before it is read."""

# A region that no shape fits better is none.
LEAST_FIT = 0.6

# Least share of the area of all regions, letters apart, that shapes have.
LEAST_KNOWN = 0.5

# From here on a detection is certain. Whole shapes of 40 to 90 pixels fit better than 0.7 even after JPEG of quality
# 60: that leaves them above the confidence of 0.9 which GenEval asks for where objects are counted.
CERTAIN_FIT = 0.75


@dataclass(frozen=True)
class Seen:
    """One shape of a picture.

    Attributes
    ----------
    detection : Detection
        What and where it is.
    hidden : float
        Share of it that others hide.
    tone : tuple of float
        Its CIELAB values, without colour cast.
    """

    detection: Detection
    hidden: float
    tone: tuple[float, float, float]


@dataclass(frozen=True)
class SceneReading:
    """What was found in a picture.

    Attributes
    ----------
    seen : tuple of Seen
        Those with the largest hidden part first: of two that overlap, the later one lies in front.
    texts : tuple of Lettering
        From top to bottom.
    """

    seen: tuple[Seen, ...]
    texts: tuple[Lettering, ...]

    @property
    def shapes(self) -> tuple[Detection, ...]:
        """The shapes alone, in the order of `seen`."""
        return tuple(each.detection for each in self.seen)


def read_scene(pixels: Pixels) -> SceneReading:
    """Return the shapes and texts of a picture.

    The background is the plain colour along the picture's edges. Regions of other colours (the nearest of ten in
    CIELAB) are letters if they match one, else the shape that fits them best. Where other regions border on one, parts
    of it may be hidden: what they hide counts neither for nor against a shape. Two shapes of one colour that touch
    are seen as one.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (height, width, 3)
        sRGB.

    Raises
    ------
    CannotJudge
        If it is no scene of plain shapes on a plain background.
    PictureError
        If it is no such array.
    """
    small, scale = within_canvas(check_pixels(pixels))
    found = regions(small)
    texts, letters = lines_of(found)
    drawn = np.zeros(small.shape[:2], dtype=np.bool_)
    for region in found:
        drawn[region.top : region.bottom, region.left : region.right] |= region.mask
    rest = [region for region in found if not any(region is letter for letter in letters)]
    fits = [(region, fit) for region, fit in explained(rest, drawn) if fit.score >= LEAST_FIT]
    check_scene(rest, [region for region, _ in fits])
    shapes = [seen(region, fit, scale) for region, fit in fits]
    shapes.sort(key=lambda each: (-each.hidden, each.detection.box[1], each.detection.box[0]))
    return SceneReading(tuple(shapes), tuple(enlarged(text, scale) for text in texts))


def check_scene(found: Sequence[Region], shapes: Sequence[Region]) -> None:
    """Refuse a picture in which most of what differs from the background has no known shape."""
    all_, known = (sum(int(region.mask.sum()) for region in regions_) for regions_ in (found, shapes))
    if known < LEAST_KNOWN * all_:
        raise CannotJudge("the picture is no scene of shapes: most of it has none of the known outlines")


def within_canvas(pixels: Pixels) -> tuple[Pixels, float]:
    """Return a picture of at most `CANVAS_PX`, and by how much the original is larger."""
    height, width = pixels.shape[:2]
    scale = max(1.0, max(height, width) / CANVAS_PX)
    if scale == 1.0:
        return pixels, scale
    size = max(1, round(width / scale)), max(1, round(height / scale))
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BOX)), scale


def seen(region: Region, fit: Fit, scale: float) -> Seen:
    """Return a shape that was found, with its confidence."""
    left, top, right, bottom = (scale * side for side in fit.box)
    score = min(1.0, fit.score / CERTAIN_FIT)
    return Seen(Detection(fit.kind, (left, top, right, bottom), region.colour, score), fit.hidden, region.tone)


def enlarged(text: Lettering, scale: float) -> Lettering:
    """Return a line of text with its place in the original."""
    return replace(text, x=scale * text.x, y=scale * text.y, size=scale * text.size)


def detect_shapes(pixels: Pixels) -> tuple[Detection, ...]:
    """Return the shapes of a picture; see `read_scene`."""
    return read_scene(pixels).shapes


def read_lettering(pixels: Pixels) -> tuple[Lettering, ...]:
    """Return the lines of text of a picture; see `read_scene`."""
    return read_scene(pixels).texts
