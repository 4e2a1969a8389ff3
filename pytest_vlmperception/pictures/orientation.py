"""Which way up a picture is."""

from __future__ import annotations

from PIL import ExifTags, Image

__all__ = ["is_turned", "turned"]

# EXIF orientation to the operation that turns the picture upright.
TURNS: dict[object, Image.Transpose] = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def turned(flat: Image.Image, picture: Image.Image) -> Image.Image:
    """Return `flat`, made of the pixels of `picture`, upright."""
    turn = TURNS.get(orientation(picture))
    return flat if turn is None else flat.transpose(turn)


def is_turned(picture: Image.Image) -> bool:
    """Return whether a loaded picture has to be turned or flipped to be upright."""
    return orientation(picture) in TURNS


def orientation(picture: Image.Image) -> object:
    """Return the EXIF orientation, 1 where none can be read."""
    try:
        return picture.getexif().get(ExifTags.Base.Orientation, 1)
    # Broken metadata does not make a good picture bad.
    except Exception:
        return 1
