"""Which pixels of a line drawing are ink."""

from __future__ import annotations

from functools import reduce

import numpy as np
import numpy.typing as npt
from PIL import Image

from pytest_vlmperception.errors import CannotJudge
from pytest_vlmperception.pictures.pixels import Pixels, check_pixels

__all__ = ["CANVAS_PX", "Mask", "ink"]

Mask = npt.NDArray[np.bool_]

CANVAS_PX = 512
"""Longest side to which a picture is resized before it is read."""

# Lines of a face in fewer pixels run into each other.
MIN_SIDE_PX = 96

# A pixel is flat if its neighbourhood of 5 x 5 spans at most this many of 255 levels: more than what
# JPEG of quality 60 leaves in plain areas.
FLAT_LEVELS = 16

# Least share of flat pixels in a drawing of lines and plain areas.
MIN_FLAT = 0.6

# Least share of all pixels in one plain area, and how far its levels spread around their middle.
AREA_SHARE, AREA_LEVELS = 0.04, 8

# Least difference between ink and the areas that it is on, in levels.
MIN_CONTRAST = 40


def ink(pixels: Pixels) -> Mask:
    """Return where the lines of a drawing are: True on ink, longest side `CANVAS_PX`.

    The darkest hundredth of the pixels is ink. The areas that it is drawn on are the levels that many flat pixels
    share; what is darker than the mean of ink and the darkest such area is ink as well.

    Raises
    ------
    CannotJudge
        If it is no drawing of lines and plain areas.
    """
    grey = canvas(pixels)
    flat = extreme(np.maximum, grey) - extreme(np.minimum, grey) <= FLAT_LEVELS
    if flat.mean() < MIN_FLAT:
        raise CannotJudge("the picture is no line drawing: it has few plain areas, as photographs do")
    darkest = float(np.percentile(grey, 1))
    areas = [level for level in plain_levels(grey[flat], grey.size) if level > darkest + MIN_CONTRAST]
    if not areas:
        raise CannotJudge("the picture is no line drawing: it has no dark lines on lighter areas")
    mask: Mask = grey < (darkest + min(areas)) / 2
    return mask


def canvas(pixels: Pixels) -> npt.NDArray[np.uint8]:
    """Return the picture in grey, at the size at which it is read."""
    height, width = check_pixels(pixels).shape[:2]
    if min(height, width) < MIN_SIDE_PX:
        raise CannotJudge(f"the picture has {width} x {height} pixels; a face is read from {MIN_SIDE_PX} on")
    scale = CANVAS_PX / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(Image.fromarray(pixels).convert("L").resize(size, Image.Resampling.BICUBIC))


def extreme(of: np.ufunc, grey: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return the maximum or minimum of each pixel's neighbourhood of 5 x 5."""
    # A tenth of the time of SciPy's filters, which are made for any size.
    height, width = grey.shape
    padded = np.pad(grey, 2, mode="edge")
    across = reduce(of, (padded[:, shift : shift + width] for shift in range(5)))
    found: npt.NDArray[np.uint8] = reduce(of, (across[shift : shift + height] for shift in range(5)))
    return found


def plain_levels(levels: npt.NDArray[np.uint8], total: int) -> list[int]:
    """Return the grey levels around which at least `AREA_SHARE` of all pixels lie."""
    counts = np.bincount(levels, minlength=256)
    around = np.convolve(counts, np.ones(2 * AREA_LEVELS + 1), mode="same")
    return [int(level) for level in np.flatnonzero(around >= AREA_SHARE * total)]
