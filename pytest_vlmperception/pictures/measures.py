"""Measures of a picture's contrast and colour."""

from __future__ import annotations

import numpy as np

from pytest_vlmperception.pictures.colour import lab_from_rgb
from pytest_vlmperception.pictures.pixels import Pixels, check_pixels

__all__ = ["colorfulness", "mean_chroma", "mean_lightness", "rms_contrast"]


def rms_contrast(rgb: Pixels) -> float:
    """Return the RMS contrast: the standard deviation of CIE L* over all pixels, in units of L*.

    Not divided by the mean, as RMS contrast of luminance is [1]_: L* is already a scale of lightness.

    Parameters
    ----------
    rgb : ndarray of uint8, shape (height, width, 3)
        sRGB.

    References
    ----------
    .. [1] Peli, E. (1990). Contrast in complex images. J. Opt. Soc. Am. A 7, 2032-2040.
       :DOI:`10.1364/JOSAA.7.002032`
    """
    return float(lab_from_rgb(check_pixels(rgb))[..., 0].std())


def mean_lightness(rgb: Pixels) -> float:
    """Return the mean CIE L* over all pixels of 8-bit sRGB, 0 (black) to 100 (white)."""
    return float(lab_from_rgb(check_pixels(rgb))[..., 0].mean())


def mean_chroma(rgb: Pixels) -> float:
    """Return the mean CIELAB chroma C*ab = sqrt(a*^2 + b*^2) over all pixels of 8-bit sRGB."""
    lab = lab_from_rgb(check_pixels(rgb))
    return float(np.hypot(lab[..., 1], lab[..., 2]).mean())


def colorfulness(rgb: Pixels) -> float:
    """Return the colorfulness M^(3) of Hasler and Suesstrunk [1]_.

    With rg = R - G and yb = (R + G) / 2 - B over all pixels, sigma their standard deviation and mu
    their mean::

        M = sqrt(sigma_rg^2 + sigma_yb^2) + 0.3 * sqrt(mu_rg^2 + mu_yb^2)

    The authors' scale: 0 not, 15 slightly, 33 moderately, 45 averagely, 59 quite, 82 highly,
    109 extremely colourful.

    Parameters
    ----------
    rgb : ndarray of uint8, shape (height, width, 3)
        sRGB. R, G and B are the gamma-encoded 8-bit values, as in the paper.

    References
    ----------
    .. [1] Hasler, D. and Suesstrunk, S. (2003). Measuring colorfulness in natural images.
       Proc. SPIE 5007, 87-95. :DOI:`10.1117/12.477378`
    """
    red, green, blue = np.moveaxis(check_pixels(rgb).astype(np.float64), -1, 0)
    rg = red - green
    yb = (red + green) / 2 - blue
    return float(np.hypot(rg.std(), yb.std()) + 0.3 * np.hypot(rg.mean(), yb.mean()))
