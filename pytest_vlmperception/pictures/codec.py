"""Picture files: what may come in, what is sent, and the pixels in between."""

from __future__ import annotations

import io
import re
import stat
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image
from PIL.ImageFile import ImageFile
from PIL.PngImagePlugin import PngImageFile

from pytest_vlmperception.errors import PictureError
from pytest_vlmperception.pictures.formats import EXPECTED, MEDIA_TYPES, decoder_of
from pytest_vlmperception.pictures.orientation import is_turned

if TYPE_CHECKING:
    from pytest_vlmperception.pictures.pixels import Pixels

__all__ = ["MAX_BYTES", "MAX_PIXELS", "check_whole", "decode", "encode_png", "encoded", "read_file"]

MAX_BYTES = 32 * 2**20
"""Largest picture file that is read."""

MAX_PIXELS = 50_000_000
"""Largest width times height that is decoded."""

# A third of the time of zlib's default, 6, for a few per cent more bytes.
COMPRESS_LEVEL = 3

# The last chunk of every PNG, with its checksum.
PNG_END = b"IEND\xae\x42\x60\x82"

# Chunks that can hold an orientation; they may follow the pixels.
PNG_METADATA = re.compile(rb"eXIf|iTXt|tEXt|zTXt")


def read_file(path: Path) -> bytes:
    """Return the bytes of a picture file.

    Devices and pipes are refused unopened: they could block, or never end.

    Raises
    ------
    PictureError
        If there is no such file, it is no regular one, it is empty or has more than `MAX_BYTES`, or
        it cannot be read.
    """
    with picture_errors(f"{str(path)!r} cannot be read", f"expected {EXPECTED}"):
        check_regular(path)
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    check_size(str(path), len(data))
    return data


def check_regular(path: Path) -> None:
    """Refuse folders, devices and pipes, and files over the limit."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        kind = "a folder" if stat.S_ISDIR(status.st_mode) else "no regular file"
        raise PictureError(f"{str(path)!r} is {kind}; expected {EXPECTED}")
    check_size(str(path), status.st_size)


def check_size(name: str, size: int) -> None:
    """Refuse a file that is empty or over the limit."""
    if size == 0:
        raise PictureError(f"{name!r} is empty; expected {EXPECTED}")
    if size > MAX_BYTES:
        raise PictureError(f"{name!r} has {size:,} bytes; at most {MAX_BYTES:,} are read: make the picture smaller")


def encoded(name: str, data: bytes) -> tuple[str, bytes]:
    """Return the media type and the bytes to send of a picture that came from outside.

    An upright PNG, JPEG, WebP or GIF is sent byte for byte: what is hashed is what was given. One
    that EXIF says to turn, and BMP, TIFF and MPO, are sent as the PNG of what `decode` returns:
    providers differ in whether they heed EXIF, and do not take the other formats.

    Of a picture that is sent as it is only the head is looked at: `check_whole` decodes it.

    Parameters
    ----------
    name : str
        What an error message calls the picture.
    data : bytes
        A whole picture file.

    Raises
    ------
    PictureError
        If the bytes are no such picture, are over the limits, or have several frames; one that is
        not sent as it is, also if it is damaged.
    """
    picture = opened(name, data)
    media_type = MEDIA_TYPES.get(picture.format or "")
    # A JPEG with an index of pictures ("mp") is an MPO.
    if media_type and "mp" not in picture.info and not (may_be_turned(picture, data) and is_turned(picture)):
        return media_type, data
    return "image/png", encode_png(decode(data, name))


def may_be_turned(picture: ImageFile, data: bytes) -> bool:
    """Tell whether a picture may hold an orientation; Pillow decodes the whole of a PNG to say that it holds none."""
    return not isinstance(picture, PngImageFile) or PNG_METADATA.search(data) is not None


def check_whole(name: str, data: bytes) -> None:
    """Decode a picture file to its end, so that a damaged one is found before it is paid for.

    Raises
    ------
    PictureError
        As for `encoded`, and if the picture is damaged.
    """
    picture = opened(name, data)
    # All of a JPEG's bytes are read for an eighth of its size as well, in a third of the time.
    picture.draft("L", (1, 1))
    load(name, picture, data)


def decode(data: bytes, name: str) -> Pixels:
    """Return the pixels of a picture file as 8-bit sRGB, shape (height, width, 3).

    Turned upright as EXIF says, transparency on white, the first picture of an MPO. An embedded ICC
    profile other than sRGB is applied (perceptual intent); one that is broken is ignored, as are
    the gAMA and cHRM of a PNG.

    Raises
    ------
    PictureError
        As for `check_whole`.
    """
    return pixels_of(name, loaded(name, data))


def encode_png(pixels: Pixels) -> bytes:
    """Return 8-bit sRGB pixels of shape (height, width, 3) as a PNG file without metadata.

    The same pixels give the same bytes wherever Pillow is built with the same zlib.
    """
    from pytest_vlmperception.pictures.pixels import check_pixels

    file = io.BytesIO()
    Image.fromarray(check_pixels(pixels)).save(file, "PNG", compress_level=COMPRESS_LEVEL)
    return file.getvalue()


def loaded(name: str, data: bytes) -> ImageFile:
    """Return the picture decoded, if it is whole and within the limits."""
    picture = opened(name, data)
    load(name, picture, data)
    return picture


def opened(name: str, data: bytes) -> ImageFile:
    """Return the picture with its head read, if that is within the limits."""
    check_size(name, len(data))
    decoder = decoder_of(name, data)
    with damage(name, decoder):
        picture = decoder(io.BytesIO(data))
        check_extent(name, picture)
    return picture


def load(name: str, picture: ImageFile, data: bytes) -> None:
    """Decode an opened picture to its end."""
    with damage(name, type(picture)):
        if isinstance(picture, PngImageFile):
            check_whole_png(data)
        picture.load()


def damage(name: str, decoder: type[ImageFile]) -> AbstractContextManager[None]:
    """Turn anything raised by a decoder into a `PictureError`."""
    return picture_errors(f"{name!r} is no whole {decoder.format} picture", "save or copy it anew")


def check_whole_png(data: bytes) -> None:
    """Raise for a wrong checksum or a lost end, which decoding to the last pixel would not notice."""
    PngImageFile(io.BytesIO(data)).verify()
    if PNG_END not in data:
        raise EOFError("its end is missing")


def check_extent(name: str, picture: ImageFile) -> None:
    """Refuse a picture that is too large to decode, or of several frames."""
    width, height = picture.size
    if not 0 < width * height <= MAX_PIXELS:
        raise PictureError(f"{name!r} has {width} x {height} pixels; expected 1 to {MAX_PIXELS:,}: make it smaller")
    if getattr(picture, "is_animated", False):
        raise PictureError(f"{name!r} has several frames or pages; expected {EXPECTED}: save one of them as PNG")


def pixels_of(name: str, picture: ImageFile) -> Pixels:
    """Return the pixels of a loaded picture."""
    # Loads numpy, which a picture that is sent as it is does not need.
    from pytest_vlmperception.pictures.flatten import flattened

    with picture_errors(f"{name!r} cannot be converted to 8-bit sRGB", "save it as PNG"):
        return flattened(picture)


@contextmanager
def picture_errors(what: str, remedy: str) -> Iterator[None]:
    """Turn anything raised on the way into a `PictureError` of one line."""
    try:
        yield
    except PictureError:
        raise
    # Hostile bytes make decoders raise nearly anything: OSError, SyntaxError, struct.error, zlib.error ...
    except Exception as error:
        text = getattr(error, "strerror", None) or str(error)
        reason = " ".join(text.split()) or type(error).__name__
        raise PictureError(f"{what} ({reason}); {remedy}") from None
