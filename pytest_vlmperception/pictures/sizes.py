"""Width and height of a picture file, read from its header."""

from __future__ import annotations

import io

from pytest_vlmperception.pictures.codec import picture_errors
from pytest_vlmperception.pictures.formats import EXPECTED, decoder_of

__all__ = ["size_of"]


def size_of(name: str, data: bytes) -> tuple[int, int]:
    """Return the width and height in pixels, as stored, without decoding the picture.

    Parameters
    ----------
    name : str
        What an error message calls the picture.
    data : bytes
        A picture file.

    Raises
    ------
    PictureError
        If the bytes are no picture, or their header is damaged.
    """
    with picture_errors(f"the size of {name!r} cannot be read", f"expected {EXPECTED}"):
        width, height = decoder_of(name, data)(io.BytesIO(data)).size
    return width, height
