"""Contrast and chroma of a picture, changed by known factors in CIELAB.

All functions take CIELAB with L* 0-100, shape (..., 3), and leave it as it is.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pytest_vlmperception.pictures.colour import in_gamut, rgb_from_lab, to_8bit
from pytest_vlmperception.pictures.measures import mean_chroma
from pytest_vlmperception.pictures.pixels import Colours, Pixels

__all__ = ["gamut_safe_chroma", "into_gamut", "render", "rescale"]

# A factor known to 2^-12 is known better than 8 bits can show it.
BISECTIONS = 12

# Relative error of the mean C* that is left as it is.
CHROMA_TOLERANCE = 0.005


def rescale(lab: Colours, contrast: float, chroma: float) -> Colours:
    """Return the colours with scaled contrast and chroma, hue and mean lightness kept.

    ``L' = mean(L) + contrast * (L - mean(L))`` and ``C' = chroma * C``. The result may lie outside
    the sRGB gamut.

    Parameters
    ----------
    lab : ndarray, shape (..., 3)
        CIELAB.
    contrast, chroma : float
        Factors; 1 keeps.
    """
    lightness = lab[..., 0]
    scaled: Colours = lab * np.array([1.0, chroma, chroma])
    scaled[..., 0] = lightness.mean() + contrast * (lightness - lightness.mean())
    return scaled


def gamut_safe_chroma(
    lab: Colours, contrasts: Sequence[float], chromas: Sequence[float], share: float = 0.995
) -> float:
    """Return the largest base factor of chroma, at most 1, that suits a whole series.

    With it, every rendering ``rescale(lab, contrasts[i], base * chromas[i])`` has at least `share`
    of its pixels inside the sRGB gamut, so that the ratios of chroma within the series are the
    ratios of `chromas`.

    Parameters
    ----------
    lab : ndarray, shape (..., 3)
        CIELAB of the picture.
    contrasts, chromas : sequence of float
        The factors of each rendering, in parallel.
    share : float
        Least share of pixels, 0-1.

    Notes
    -----
    Found by bisection. As the sRGB gamut is a little concave near blue, a larger factor may exist;
    the one returned has been checked.
    """
    pairs = list(zip(contrasts, chromas, strict=True))

    def fits(base: float) -> bool:
        return all(in_gamut(rescale(lab, contrast, base * chroma)).mean() >= share for contrast, chroma in pairs)

    if fits(1.0):
        return 1.0
    low, high = 0.0, 1.0
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low


def into_gamut(lab: Colours) -> Colours:
    """Return the colours with the chroma of those out of gamut reduced, at their own L* and hue.

    Colours of an L* outside 0-100 become grey; `to_8bit` clips them.
    """
    inside = lab.copy()
    outside = ~in_gamut(lab)
    pixels = lab[outside]
    low, high = np.zeros((len(pixels), 1)), np.ones((len(pixels), 1))
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        fits = in_gamut(with_chroma(pixels, middle))[:, np.newaxis]
        low, high = np.where(fits, middle, low), np.where(fits, high, middle)
    inside[outside] = with_chroma(pixels, low)
    return inside


def with_chroma(pixels: Colours, factors: Colours) -> Colours:
    """Return pixels, shape (n, 3), with the chroma of each scaled by its own factor, shape (n, 1)."""
    return np.hstack([pixels[:, :1], pixels[:, 1:] * factors])


def render(lab: Colours, contrast: float, chroma: float) -> Pixels:
    """Return `lab`, shape (height, width, 3), rescaled and brought into gamut, as 8-bit sRGB.

    Eight bits are coarse for the colours of dark pixels: rounding alone can change the mean C* of a
    dark picture by several per cent. One correction of the chroma, by at most a tenth, undoes most of it.
    """
    wanted = rescale(lab, contrast, chroma)
    pixels = shown(wanted)
    measured = mean_chroma(pixels)
    if measured == 0:
        return pixels
    target = float(np.hypot(wanted[..., 1], wanted[..., 2]).mean())
    correction = np.clip(target / measured, 0.9, 1.1)
    if abs(correction - 1) <= CHROMA_TOLERANCE:
        return pixels
    return shown(wanted * np.array([1.0, correction, correction]))


def shown(lab: Colours) -> Pixels:
    """Return CIELAB as 8-bit sRGB, with reduced chroma where it is out of gamut."""
    return to_8bit(rgb_from_lab(into_gamut(lab)))
