"""What a picture of flat shapes and letters shows."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_vlmperception.pictures.pixels import Pixels
from pytest_vlmperception.pictures.scene_reading.kinds import Fit
from pytest_vlmperception.pictures.scene_reading.lines import lines_of
from pytest_vlmperception.pictures.scene_reading.parts import explained
from pytest_vlmperception.pictures.scene_reading.regions import Region, regions
from pytest_vlmperception.records import Detection, Lettering

__all__ = ["SceneReading", "detect_shapes", "read_lettering", "read_scene"]

# A region that no shape fits better is none.
LEAST_FIT = 0.6

# Whole shapes of 40 pixels fit better than 0.69 after JPEG of quality 20, noise of SD 25 of 255 or blur of two pixels:
# from here on a detection is certain.
CERTAIN_FIT = 0.75


@dataclass(frozen=True)
class SceneReading:
    """What was found in a picture.

    Attributes
    ----------
    shapes : tuple of Detection
        Those with the largest hidden part first: of two that overlap, the later one lies in front.
    texts : tuple of Lettering
        From top to bottom.
    """

    shapes: tuple[Detection, ...]
    texts: tuple[Lettering, ...]


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
    PictureError
        If it is no such array.
    """
    found = regions(pixels)
    texts, letters = lines_of(found)
    rest = [region for region in found if not any(region is letter for letter in letters)]
    fits = explained(rest, found)
    shapes = [(fit.hidden, detection(region, fit)) for region, fit in fits if fit.score >= LEAST_FIT]
    shapes.sort(key=lambda pair: (-round(pair[0], 2), pair[1].box[1], pair[1].box[0]))
    return SceneReading(tuple(shape for _, shape in shapes), texts)


def detection(region: Region, fit: Fit) -> Detection:
    """Return a shape that was found, with its confidence."""
    return Detection(fit.kind, fit.box, region.colour, min(1.0, fit.score / CERTAIN_FIT))


def detect_shapes(pixels: Pixels) -> tuple[Detection, ...]:
    """Return the shapes of a picture; see `read_scene`."""
    return read_scene(pixels).shapes


def read_lettering(pixels: Pixels) -> tuple[Lettering, ...]:
    """Return the lines of text of a picture; see `read_scene`."""
    return read_scene(pixels).texts
