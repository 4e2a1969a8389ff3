"""Metamorphic controls: changes that must not change an answer, and stimuli that must not have one."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_vlmperception.errors import UsageError
from pytest_vlmperception.pictures import decode, encode_png
from pytest_vlmperception.records import NoPicture, Picture, Stimulus

if TYPE_CHECKING:
    from pytest_vlmperception.pictures import Pixels

__all__ = ["blank", "mirrored", "reencoded", "resized", "text_only"]

BLANK_SIDE_PX = 384


def mirrored(stimulus: Stimulus) -> Stimulus:
    """Return the stimulus with left and right exchanged, as ``ID-mirrored``."""
    return changed(stimulus, "mirrored", lambda pixels: encoded_png(pixels[:, ::-1]))


def reencoded(stimulus: Stimulus, quality: int = 75) -> Stimulus:
    """Return the stimulus as a JPEG file of this quality, from 1 to 95, as ``ID-jpegQUALITY``.

    Raises
    ------
    UsageError
        If there is no such quality.
    """
    if isinstance(quality, bool) or not isinstance(quality, int) or not 1 <= quality <= 95:
        raise UsageError(f"quality={quality!r}; expected a whole number from 1 to 95")
    return changed(stimulus, f"jpeg{quality}", lambda pixels: encoded_jpeg(pixels, quality))


def resized(stimulus: Stimulus, factor: float) -> Stimulus:
    """Return the stimulus with its sides times `factor`, above 0.1 and at most 4, as ``ID-xFACTOR``.

    Raises
    ------
    UsageError
        If there is no such factor.
    """
    if isinstance(factor, bool) or not isinstance(factor, int | float) or not 0.1 <= factor <= 4:
        raise UsageError(f"factor={factor!r}; expected a number from 0.1 to 4")
    return changed(stimulus, f"x{factor:g}", lambda pixels: encoded_png(scaled(pixels, factor)))


def blank(level: int = 255) -> Stimulus:
    """Return a picture of nothing: one grey level, from 0 (black) to 255 (white).

    Raises
    ------
    UsageError
        If there is no such level.
    """
    if isinstance(level, bool) or not isinstance(level, int) or not 0 <= level <= 255:
        raise UsageError(f"level={level!r}; expected a whole number from 0 to 255")
    return Stimulus(f"blank-{level}", Picture(f"blank {level}", lambda: plain(level)))


def text_only() -> Stimulus:
    """Return the control that has no picture: the prompt is asked alone."""
    return Stimulus("text-only", NoPicture())


def changed(stimulus: Stimulus, what: str, change: Callable[[Pixels], tuple[str, bytes]]) -> Stimulus:
    """Return a stimulus whose picture is changed when it is read."""
    original = stimulus.picture

    def read() -> tuple[str, bytes]:
        return change(decode(original.bytes, original.name))

    picture = Picture(f"{original.name} {what}", read, of=original)
    return replace(stimulus, id=f"{stimulus.id}-{what}", picture=picture)


def encoded_png(pixels: Pixels) -> tuple[str, bytes]:
    """Return the media type and the bytes of a PNG."""
    return "image/png", encode_png(pixels)


def encoded_jpeg(pixels: Pixels, quality: int) -> tuple[str, bytes]:
    """Return the media type and the bytes of a JPEG."""
    # Loads numpy, which a set of files does not need.
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality)
    return "image/jpeg", file.getvalue()


def scaled(pixels: Pixels, factor: float) -> Pixels:
    """Return pixels with their sides times a factor, by Lanczos' filter."""
    # Imported late, for the same reason.
    import numpy as np
    from PIL import Image

    size = tuple(max(1, round(side * factor)) for side in (pixels.shape[1], pixels.shape[0]))
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS))


def plain(level: int) -> tuple[str, bytes]:
    """Return the media type and the bytes of a picture of one grey level."""
    # Imported late, for the same reason.
    import numpy as np

    return encoded_png(np.full((BLANK_SIDE_PX, BLANK_SIDE_PX, 3), level, np.uint8))
