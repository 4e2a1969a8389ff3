"""All measures of one edit, each of which tells one thing only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pytest_vlmperception.pictures.colour import lab_from_rgb, rgb_from_lab, to_8bit
from pytest_vlmperception.pictures.editing.framing import Framing, framing_of, registered
from pytest_vlmperception.pictures.editing.keeping import changed_share, psnr, ssim
from pytest_vlmperception.pictures.editing.tones import Cast, cast_of, sharpness_ratio
from pytest_vlmperception.pictures.masks import Mask
from pytest_vlmperception.pictures.pixels import Pixels

__all__ = ["EditMeasures", "compare_edit"]


@dataclass(frozen=True)
class EditMeasures:
    """What an edit has changed outside its mask.

    Attributes
    ----------
    psnr, ssim : float
        As published for edits, of the two pictures as they are: everything lowers them, and a crop most of all.
    changed : float
        Share of the pixels that look changed when framing and colour cast are undone: over-editing.
    framing : Framing
        What part of the source can be seen, and in which proportions.
    cast : Cast
        By how much the tone has changed, when the framing is undone.
    sharpness : float
        Sharpness of the whole picture over that of its source.
    """

    psnr: float
    ssim: float
    changed: float
    framing: Framing
    cast: Cast
    sharpness: float


def compare_edit(before: Pixels, after: Pixels, mask: Mask | None = None) -> EditMeasures:
    """Return what an edit has changed outside its mask, by kind.

    An edited picture that is cropped is also a picture whose pixels differ nearly everywhere. So that each measure
    tells one thing, framing is found first and undone, then the colour cast, and what still differs was drawn anew.

    Parameters
    ----------
    before, after : ndarray of uint8, shape (height, width, 3)
        sRGB. Where the sizes differ, `after` is brought to that of `before`.
    mask : ndarray of bool, shape (height, width), optional
        True where the picture was to be edited; by default nowhere.

    Raises
    ------
    PictureError
        If the mask has another size than `before`, nothing was to be kept, or `before` is one plain colour.
    """
    framing = framing_of(before, after, mask)
    laid, there = registered(before, after, framing)
    hidden = ~there if mask is None else ~there | mask
    cast = cast_of(before, laid, hidden)
    return EditMeasures(
        psnr(before, after, mask),
        ssim(before, after, mask),
        changed_share(before, without(cast, laid), hidden),
        framing,
        cast,
        sharpness_ratio(before, after),
    )


def without(cast: Cast, pixels: Pixels) -> Pixels:
    """Return a picture without a colour cast."""
    return to_8bit(rgb_from_lab(lab_from_rgb(pixels) - np.array([cast.lightness, cast.a, cast.b])))
