"""What a stimulus shows, as pixels."""

from __future__ import annotations

from pytest_vlmperception.pictures import Pixels, decode
from pytest_vlmperception.records import Stimulus

__all__ = ["pixels_of"]


def pixels_of(stimulus: Stimulus) -> Pixels:
    """Return the picture of a stimulus, upright, on white where it is transparent: uint8, shape (height, width, 3).

    A picture that is still being made is waited for.

    Raises
    ------
    PictureError
        If it cannot be decoded.
    Outcome
        If it was not made.
    """
    return decode(stimulus.bytes, stimulus.id)
