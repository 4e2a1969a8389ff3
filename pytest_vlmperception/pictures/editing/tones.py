"""Colour casts and sharpness."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pytest_vlmperception.errors import PictureError
from pytest_vlmperception.pictures.colour import lab_from_rgb
from pytest_vlmperception.pictures.editing.keeping import at_size, to_keep
from pytest_vlmperception.pictures.masks import Mask
from pytest_vlmperception.pictures.pixels import Pixels, check_pixels

__all__ = ["Cast", "cast_of", "sharpness", "sharpness_ratio"]


# Share of the differences that is left out at either end.
TRIMMED = 0.1


@dataclass(frozen=True)
class Cast:
    """By how much a picture as a whole has changed its tone.

    Attributes
    ----------
    lightness, a, b : float
        Mean difference in CIELAB L*, a* and b*, the edited picture less its source: a warm cast has a positive b.
    """

    lightness: float = 0.0
    a: float = 0.0
    b: float = 0.0

    @property
    def strength(self) -> float:
        """Length of the difference: CIE 1976 Delta E*ab of the means."""
        return float(np.sqrt(self.lightness**2 + self.a**2 + self.b**2))


def cast_of(before: Pixels, after: Pixels, mask: Mask | None = None) -> Cast:
    """Return the mean difference in CIELAB over the pixels that were not to be edited.

    Of each coordinate the tenth of the differences at either end is left out: what was edited where it should not
    have been is no cast.

    Parameters
    ----------
    before, after : ndarray of uint8, shape (height, width, 3)
        sRGB; `after` is brought to the size of `before`.
    mask : ndarray of bool, shape (height, width), optional
        True where the picture was to be edited; by default nowhere.

    Raises
    ------
    PictureError
        If the mask has another size than `before`, or nothing was to be kept.
    """
    kept, after = to_keep(before, mask), at_size(after, before.shape)
    difference = np.sort(lab_from_rgb(after)[kept] - lab_from_rgb(before)[kept], axis=0)
    cut = int(TRIMMED * len(difference))
    lightness, a, b = difference[cut : len(difference) - cut].mean(axis=0)
    return Cast(float(lightness), float(a), float(b))


def sharpness(pixels: Pixels) -> float:
    """Return the variance of the Laplacian of L* [1]_: 0 for a plain picture, less the more it is blurred.

    The Laplacian is the sum of the four neighbours less four times the pixel, so pictures are to be compared at one
    size.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (height, width, 3)
        sRGB.

    References
    ----------
    .. [1] Pech-Pacheco, J. L., Cristobal, G., Chamorro-Martinez, J. and Fernandez-Valdivia, J. (2000). Diatom
       autofocusing in brightfield microscopy: a comparative study. Proc. 15th Int. Conf. Pattern Recognition 3,
       314-317. :DOI:`10.1109/ICPR.2000.903548`
    """
    from scipy import ndimage

    return float(ndimage.laplace(lab_from_rgb(check_pixels(pixels))[..., 0], mode="nearest").var())


def sharpness_ratio(before: Pixels, after: Pixels) -> float:
    """Return the sharpness of a picture, at the size of its source, over that of its source: below 1 if it was blurred.

    Raises
    ------
    PictureError
        If the source is plain: nothing of it could be sharper or less sharp.
    """
    source = sharpness(before)
    if source == 0.0:
        raise PictureError("the source is one plain colour; expected one that can be blurred")
    return sharpness(at_size(after, before.shape)) / source
