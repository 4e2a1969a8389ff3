"""How much of a picture is kept where it should be."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image

from pytest_vlmperception.errors import PictureError
from pytest_vlmperception.pictures.colour import lab_from_rgb
from pytest_vlmperception.pictures.masks import Mask
from pytest_vlmperception.pictures.pixels import Colours, Pixels, check_pixels

__all__ = ["at_size", "changed_share", "psnr", "ssim", "to_keep"]

# Wang et al. 2004: a Gaussian with this standard deviation over 11 x 11 pixels, and (K1 L)^2 and (K2 L)^2.
SIGMA_PX, RADIUS_PX = 1.5, 5
C1, C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2

Grey = npt.NDArray[np.float64]

# In units of CIELAB: four times a difference that can just be seen, and more than what saving as JPEG does to edges.
NOTICED = 10.0


def psnr(before: Pixels, after: Pixels, mask: Mask | None = None) -> float:
    """Return the peak signal-to-noise ratio in dB over the pixels that were not to be edited.

    10 log10(255^2 / MSE), the mean square error over the three channels of the pixels outside the mask only: taken
    over a frame whose masked part is blanked in both pictures, as is often done, it would rise with the size of the
    mask. Of identical pixels, where it would be infinite, it is the largest that is possible for others: that of one
    channel of one pixel a single step off.

    Parameters
    ----------
    before, after : ndarray of uint8, shape (height, width, 3)
        sRGB. Generators have sizes of their own: `after` is brought to that of `before`.
    mask : ndarray of bool, shape (height, width), optional
        True where the picture was to be edited; by default nowhere.

    Raises
    ------
    PictureError
        If the mask has another size than `before`, or nothing was to be kept.
    """
    kept, after = to_keep(before, mask), at_size(after, before.shape)
    squared = (before[kept].astype(np.float64) - after[kept]) ** 2
    return 10.0 * math.log10(255.0**2 * squared.size / max(float(squared.sum()), 1.0))


def ssim(before: Pixels, after: Pixels, mask: Mask | None = None) -> float:
    """Return the mean structural similarity [1]_ of luma over the pixels that were not to be edited.

    Gaussian windows with a standard deviation of 1.5 pixels, 11 wide, K1 = 0.01, K2 = 0.03, on ITU-R 601 luma. The map
    is averaged where no pixel of the window was to be edited, so that what is inside the mask does not count.

    Parameters
    ----------
    before, after, mask
        As for `psnr`.

    Raises
    ------
    PictureError
        If the mask has another size than `before`, a side of that has less than 11 pixels, or no window was to be
        kept.

    References
    ----------
    .. [1] Wang, Z., Bovik, A. C., Sheikh, H. R. and Simoncelli, E. P. (2004). Image quality assessment: from error
       visibility to structural similarity. IEEE Trans. Image Process. 13, 600-612. :DOI:`10.1109/TIP.2003.819861`
    """
    from scipy import ndimage

    kept, after = to_keep(before, mask), at_size(after, before.shape)
    if min(kept.shape) <= 2 * RADIUS_PX:
        raise PictureError(f"SSIM of {kept.shape[1]} x {kept.shape[0]} pixels; expected at least 11 x 11")
    windows = ndimage.minimum_filter(kept, size=2 * RADIUS_PX + 1, mode="nearest")
    if not windows.any():
        raise PictureError("no window of 11 x 11 pixels was to be kept; give a smaller mask")
    return float(similarity(luma(before), luma(after))[windows].mean())


def similarity(x: Grey, y: Grey) -> Grey:
    """Return the structural similarity of two pictures in grey at every pixel."""
    from scipy import ndimage

    def mean(values: Grey) -> Grey:
        return np.asarray(ndimage.gaussian_filter(values, SIGMA_PX, radius=RADIUS_PX, mode="reflect"))

    mean_x, mean_y = mean(x), mean(y)
    variances = mean(x * x) - mean_x**2 + mean(y * y) - mean_y**2
    covariance = mean(x * y) - mean_x * mean_y
    lightness = (2 * mean_x * mean_y + C1) / (mean_x**2 + mean_y**2 + C1)
    return lightness * (2 * covariance + C2) / (variances + C2)


def changed_share(before: Pixels, after: Pixels, mask: Mask | None = None, noticed: float = NOTICED) -> float:
    """Return the share of the pixels that were not to be edited and look changed.

    A pixel looks changed if its L*, a* or b* lies farther than `noticed` outside the range of the 3 x 3 pixels around
    it in the other picture, in either direction. So neither noise and compression nor an edge that is half a pixel
    off are changes.

    Parameters
    ----------
    before, after, mask
        As for `psnr`.
    noticed : float
        In units of CIELAB.

    Raises
    ------
    PictureError
        If the mask has another size than `before`, or nothing was to be kept.
    """
    kept, after = to_keep(before, mask), at_size(after, before.shape)
    first, second = lab_from_rgb(before), lab_from_rgb(after)
    changed = outside(first, second, noticed) | outside(second, first, noticed)
    return float(changed[kept].mean())


def outside(lab: Colours, other: Colours, noticed: float) -> Mask:
    """Return where the pixels of one picture are farther than `noticed` from what is near them in another."""
    from scipy import ndimage

    low = ndimage.minimum_filter(other, size=(3, 3, 1), mode="nearest") - noticed
    high = ndimage.maximum_filter(other, size=(3, 3, 1), mode="nearest") + noticed
    return np.asarray(((lab < low) | (lab > high)).any(axis=-1))


def luma(pixels: Pixels) -> Grey:
    """Return ITU-R 601 luma, 0 to 255."""
    return np.asarray(pixels.astype(np.float64) @ np.array([0.299, 0.587, 0.114]))


def to_keep(before: Pixels, mask: Mask | None) -> Mask:
    """Return where a picture was not to be edited.

    Raises
    ------
    PictureError
        If the mask has another size, or that is nowhere.
    """
    shape = check_pixels(before).shape[:2]
    if mask is not None and mask.shape != shape:
        found, expected = ("{1} x {0}".format(*each) for each in (mask.shape, shape))
        raise PictureError(f"the mask has {found} pixels, its picture {expected}; see decode_mask()")
    kept: Mask = np.ones(shape, dtype=np.bool_) if mask is None else ~mask
    if not kept.any():
        raise PictureError("the mask covers the whole picture, so that nothing was to be kept; give a smaller one")
    return kept


def at_size(pixels: Pixels, shape: Sequence[int]) -> Pixels:
    """Return a picture at the size of another, given by the shape of that: (height, width, ...)."""
    height, width = shape[:2]
    if check_pixels(pixels).shape[:2] == (height, width):
        return pixels
    return np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.BICUBIC))
