"""What an array of pixels is."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pytest_vlmperception.errors import PictureError

__all__ = ["Colours", "Pixels", "check_pixels"]

Pixels = npt.NDArray[np.uint8]
"""8-bit sRGB, shape (height, width, 3)."""

Colours = npt.NDArray[np.float64]
"""Colours in any space, shape (..., 3)."""


def check_pixels(pixels: Pixels) -> Pixels:
    """Return `pixels` if they are 8-bit sRGB of shape (height, width, 3), with at least one pixel.

    Raises
    ------
    PictureError
        If they are anything else.
    """
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.size == 0:
        found = f"{pixels.dtype} of shape {pixels.shape}"
        raise PictureError(f"pixels are {found}; expected uint8 of shape (height, width, 3), sRGB")
    return pixels
