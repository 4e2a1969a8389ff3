"""Masks: where a picture is to be edited, in the forms that providers take."""

from __future__ import annotations

import io

import numpy as np
import numpy.typing as npt
from PIL import Image

from pytest_vlmperception.errors import PictureError
from pytest_vlmperception.pictures.codec import loaded, picture_errors
from pytest_vlmperception.pictures.pixels import Pixels
from pytest_vlmperception.pictures.sizes import size_of

__all__ = ["Mask", "decode_mask", "edited_area", "transparent_mask", "white_mask"]

Mask = npt.NDArray[np.bool_]
"""Shape (height, width): True where the picture is to be edited."""

# Half of white: a pixel at the edge of a smooth mask belongs to the side that covers more of it.
HALF = 128


def edited_area(mask: bytes, picture: bytes, name: str) -> Mask:
    """Return where a picture is to be edited.

    A pixel is to be edited if its luma (ITU-R BT.601), times its opacity, is at least half of white: white and opaque
    is to be edited, black or transparent is to stay.

    Parameters
    ----------
    mask, picture : bytes
        Picture files of one size.
    name : str
        What messages call the mask.

    Returns
    -------
    ndarray of bool, shape (height, width)
        True where it is to be edited.

    Raises
    ------
    PictureError
        If either is no whole picture, their sizes differ, or nothing is to be edited.
    """
    area = bright(name, mask)
    check_size(area, size_of("the picture", picture), name)
    if not area.any():
        raise PictureError(f"{name!r} marks nothing to edit; make the part to edit white and opaque")
    return area


def decode_mask(data: bytes, name: str, like: Pixels | None = None) -> Mask:
    """Return where a mask is white and opaque, which may be nowhere.

    Parameters
    ----------
    data : bytes
        A whole picture file.
    name : str
        What messages call it.
    like : ndarray of uint8, optional
        The picture that it is a mask of, shape (height, width, 3).

    Raises
    ------
    PictureError
        If it is no whole picture, or has another size than the picture.
    """
    area = bright(name, data)
    if like is not None:
        check_size(area, (like.shape[1], like.shape[0]), name)
    return area


def check_size(area: Mask, size: tuple[int, int], name: str) -> None:
    """Raise unless a mask has the width and height of its picture."""
    if area.shape[::-1] != size:
        width, height = area.shape[::-1]
        remedy = "make the mask of the picture's own size"
        raise PictureError(f"{name!r} has {width} x {height} pixels, its picture {size[0]} x {size[1]}; {remedy}")


def bright(name: str, mask: bytes) -> Mask:
    """Return where a mask is white and opaque."""
    picture = loaded(name, mask)
    with picture_errors(f"{name!r} cannot be read as a mask", "save it as PNG"):
        layers = picture.convert("RGBA")
        black = Image.new("RGBA", layers.size, (0, 0, 0, 255))
        area: Mask = np.asarray(Image.alpha_composite(black, layers).convert("L")) >= HALF
    return area


def transparent_mask(area: Mask) -> bytes:
    """Return a PNG that is transparent where to edit, and opaque black elsewhere: OpenAI's form of a mask."""
    pixels = np.zeros((*area.shape, 4), np.uint8)
    pixels[..., 3] = np.where(area, 0, 255)
    return png(Image.fromarray(pixels))


def white_mask(area: Mask) -> bytes:
    """Return a PNG that is white where to edit, and black elsewhere."""
    return png(Image.fromarray(np.where(area, 255, 0).astype(np.uint8)))


def png(picture: Image.Image) -> bytes:
    """Return a picture as a PNG file."""
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()
