"""Conversions between sRGB, linear light, CIE XYZ and CIELAB.

D65, CIE 1931 2-degree observer. Everything is computed in float64: in float32 the rounding to 8 bits
would differ between processors for some pixels, and with it the hash of a rendering.

References
----------
.. [1] IEC 61966-2-1:1999, Default RGB colour space - sRGB.
.. [2] CIE 15:2018, Colorimetry, 4th ed., section 8.2.1 (CIE 1976 L*a*b*). :DOI:`10.25039/TR.015.2018`
.. [3] Lindbloom, B. RGB/XYZ matrices (sRGB, D65, to seven digits).
   http://www.brucelindbloom.com/Eqn_RGB_XYZ_Matrix.html
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pytest_vlmperception.errors import PictureError
from pytest_vlmperception.pictures.pixels import Colours, Pixels

__all__ = [
    "in_gamut",
    "lab_from_rgb",
    "lab_from_xyz",
    "linear_from_lab",
    "linear_from_rgb",
    "linear_from_xyz",
    "rgb_from_lab",
    "rgb_from_linear",
    "to_8bit",
    "xyz_from_lab",
    "xyz_from_linear",
]

XYZ_OF_RGB = np.array([
    [0.4124564, 0.3575761, 0.1804375],
    [0.2126729, 0.7151522, 0.0721750],
    [0.0193339, 0.1191920, 0.9503041],
])
RGB_OF_XYZ = np.linalg.inv(XYZ_OF_RGB)
# The sum of the primaries, not a tabulated D65: so a* and b* of every grey are zero.
WHITE = XYZ_OF_RGB.sum(axis=1)

DELTA = 6 / 29
# Linear light; less than half a step of 8 bits at either end of the range.
GAMUT_TOLERANCE = 1e-4


def linear_from_rgb(rgb: npt.NDArray[np.generic]) -> Colours:
    """Return linear light in 0-1 of sRGB values.

    Parameters
    ----------
    rgb : ndarray, shape (..., 3)
        uint8, or floats where 0-1 is the range; values outside it are not clipped.

    Raises
    ------
    PictureError
        If the values are of another type or shape.
    """
    if rgb.ndim < 1 or rgb.shape[-1] != 3:
        raise PictureError(f"colours have shape {rgb.shape}; expected (..., 3)")
    if rgb.dtype == np.uint8:
        linear: Colours = LINEAR_OF_8BIT[rgb]
        return linear
    if not np.issubdtype(rgb.dtype, np.floating):
        raise PictureError(f"colours are {rgb.dtype}; expected uint8, or floats where 0-1 is the range")
    return decode_gamma(rgb.astype(np.float64))


def decode_gamma(encoded: Colours) -> Colours:
    """Return linear light of sRGB values in 0-1, by IEC 61966-2-1."""
    # The power is of the larger branch only, so that a negative base never occurs.
    power = ((np.maximum(encoded, 0.04045) + 0.055) / 1.055) ** 2.4
    return np.where(encoded <= 0.04045, encoded / 12.92, power)


LINEAR_OF_8BIT = decode_gamma(np.arange(256) / 255)
LINEAR_OF_8BIT.flags.writeable = False


def rgb_from_linear(linear: Colours) -> Colours:
    """Return sRGB in 0-1 of linear light, unclipped: outside the gamut values leave 0-1."""
    power = 1.055 * np.maximum(linear, 0.0031308) ** (1 / 2.4) - 0.055
    return np.where(linear <= 0.0031308, linear * 12.92, power)


def xyz_from_linear(linear: Colours) -> Colours:
    """Return CIE XYZ, with Y = 1 for white, of linear sRGB."""
    xyz: Colours = linear @ XYZ_OF_RGB.T
    return xyz


def linear_from_xyz(xyz: Colours) -> Colours:
    """Return linear sRGB, unclipped, of CIE XYZ with Y = 1 for white."""
    linear: Colours = xyz @ RGB_OF_XYZ.T
    return linear


def lab_from_xyz(xyz: Colours) -> Colours:
    """Return CIELAB (L* 0-100) of CIE XYZ with Y = 1 for white."""
    ratio = xyz / WHITE
    f: Colours = np.where(ratio > DELTA**3, np.cbrt(ratio), ratio / (3 * DELTA**2) + 4 / 29)
    lab = np.empty_like(f)
    lab[..., 0] = 116 * f[..., 1] - 16
    lab[..., 1] = 500 * (f[..., 0] - f[..., 1])
    lab[..., 2] = 200 * (f[..., 1] - f[..., 2])
    return lab


def xyz_from_lab(lab: Colours) -> Colours:
    """Return CIE XYZ, with Y = 1 for white, of CIELAB."""
    f = np.empty_like(lab)
    f[..., 1] = (lab[..., 0] + 16) / 116
    f[..., 0] = f[..., 1] + lab[..., 1] / 500
    f[..., 2] = f[..., 1] - lab[..., 2] / 200
    xyz: Colours = np.where(f > DELTA, f * f * f, 3 * DELTA**2 * (f - 4 / 29)) * WHITE
    return xyz


def lab_from_rgb(rgb: npt.NDArray[np.generic]) -> Colours:
    """Return CIELAB (L* 0-100) of sRGB given as uint8, or as floats where 0-1 is the range."""
    return lab_from_xyz(xyz_from_linear(linear_from_rgb(rgb)))


def linear_from_lab(lab: Colours) -> Colours:
    """Return linear sRGB, unclipped, of CIELAB."""
    return linear_from_xyz(xyz_from_lab(lab))


def rgb_from_lab(lab: Colours) -> Colours:
    """Return sRGB in 0-1 of CIELAB, unclipped: outside the gamut values leave 0-1."""
    return rgb_from_linear(linear_from_lab(lab))


def in_gamut(lab: Colours) -> npt.NDArray[np.bool_]:
    """Return which colours of CIELAB, shape (..., 3), 8-bit sRGB can show; shape (...)."""
    linear = linear_from_lab(lab)
    inside = (linear >= -GAMUT_TOLERANCE) & (linear <= 1 + GAMUT_TOLERANCE)
    return inside[..., 0] & inside[..., 1] & inside[..., 2]


def to_8bit(rgb: Colours) -> Pixels:
    """Return sRGB in 0-1 as uint8: clipped, and rounded to the nearest step."""
    return (np.clip(rgb, 0, 1) * 255 + 0.5).astype(np.uint8)
