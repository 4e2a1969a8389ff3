"""Masks: which part of a picture is to be edited."""

from __future__ import annotations

import io

import numpy as np
import numpy.typing as npt
from PIL import Image

from pytest_vlmperception.errors import PictureError
from pytest_vlmperception.pictures.codec import encode_png, loaded
from pytest_vlmperception.pictures.pixels import Pixels

__all__ = ["Mask", "decode_mask", "encode_mask", "encode_transparent"]

Mask = npt.NDArray[np.bool_]
"""Shape (height, width): True where the picture is to be edited."""

# Of 8 bits: masks that were saved as JPEG are not quite black and white.
HALF = 128


def decode_mask(data: bytes, name: str, like: Pixels | None = None) -> Mask:
    """Return where a mask is white and opaque, shape (height, width).

    Parameters
    ----------
    data : bytes
        A whole picture file.
    name : str
        What an error message calls it.
    like : ndarray of uint8, optional
        The picture that it is a mask of. The mask is brought to its size if it has the same proportions, as where an
        editor returned a larger version of the picture that the mask was made for.

    Raises
    ------
    PictureError
        If it is no picture, is over the limits, or has other proportions than the picture.
    """
    picture = loaded(name, data).convert("RGBA")
    mask: Mask = np.asarray(picture).min(axis=-1) >= HALF
    return mask if like is None or mask.shape == like.shape[:2] else fitted(mask, name, like.shape[:2])


def fitted(mask: Mask, name: str, shape: tuple[int, ...]) -> Mask:
    """Return a mask at the size of its picture, (height, width)."""
    (height, width), (rows, columns) = shape, mask.shape
    # The same within rounding to whole pixels.
    if abs(width * rows - height * columns) > max(width, height, rows, columns):
        found = f"mask {name!r} has {columns} x {rows} pixels, its picture {width} x {height}"
        raise PictureError(f"{found}; give one of the same proportions")
    return np.asarray(Image.fromarray(mask).resize((width, height), Image.Resampling.NEAREST))


def encode_mask(mask: Mask) -> bytes:
    """Return a mask of shape (height, width) as a PNG file: white where it is True, else black."""
    if mask.dtype != np.bool_ or mask.ndim != 2 or mask.size == 0:
        raise PictureError(f"a mask is {mask.dtype} of shape {mask.shape}; expected bool of shape (height, width)")
    return encode_png(np.asarray(Image.fromarray(mask).convert("RGB")))


def encode_transparent(mask: Mask) -> bytes:
    """Return a mask of shape (height, width) as a PNG file: transparent where it is True, else opaque black."""
    pixels = np.zeros((*mask.shape, 4), np.uint8)
    pixels[..., 3] = np.where(mask, 0, 255)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()
