"""Which picture formats there are, told by a file's first bytes.

Each is opened by its own decoder, never by `PIL.Image.open`: that would try decoders nobody asked
for, and warn about a size before it can be refused.
"""

from __future__ import annotations

import re

from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from pytest_vlmperception.errors import PictureError

__all__ = ["EXPECTED", "MEDIA_TYPES", "SUFFIXES", "decoder_of"]

EXPECTED = "a still picture: PNG, JPEG, WebP, GIF, BMP, TIFF or MPO"

SUFFIXES = frozenset({".bmp", ".gif", ".jpeg", ".jpg", ".mpo", ".png", ".tif", ".tiff", ".webp"})

# Formats that every provider takes as they are.
MEDIA_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "GIF": "image/gif"}

DECODERS: tuple[tuple[re.Pattern[bytes], type[ImageFile]], ...] = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), PngImageFile),
    (re.compile(rb"\xff\xd8\xff"), JpegImageFile),
    (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), WebPImageFile),
    (re.compile(rb"GIF8[79]a"), GifImageFile),
    (re.compile(rb"BM"), BmpImageFile),
    (re.compile(rb"II[*+]\0|MM\0[*+]"), TiffImageFile),
)

# What people most often have in place of a picture, so that the message can say so.
LOOKALIKES: tuple[tuple[re.Pattern[bytes], str], ...] = (
    (re.compile(rb"version https://git-lfs"), "a Git LFS pointer (run 'git lfs pull')"),
    (re.compile(rb"\s*(<[?!].{0,500}>\s*)?<svg", re.DOTALL), "an SVG drawing"),
    (re.compile(rb"\s*<(!doctype html|html)", re.IGNORECASE), "an HTML page"),
    (re.compile(rb".{4}ftyp(heic|heix|mif1|avif|avis)", re.DOTALL), "a HEIC or AVIF picture"),
    (re.compile(rb"%PDF|%!PS|\xc5\xd0\xd3\xc6"), "a PDF, PostScript or EPS document"),
)


def decoder_of(name: str, data: bytes) -> type[ImageFile]:
    """Return the decoder that the first bytes ask for.

    Raises
    ------
    PictureError
        If no known format starts like this; the message calls the picture `name`.
    """
    for signature, decoder in DECODERS:
        if signature.match(data):
            return decoder
    raise PictureError(f"{name!r} is {described(data[:1024])}; expected {EXPECTED}")


def described(head: bytes) -> str:
    """Say what bytes that start no picture look like."""
    for signature, kind in LOOKALIKES:
        if signature.match(head):
            return kind
    if is_text(head):
        return f"text that starts {head[:20].decode('ascii')!r}"
    return f"no picture (its first bytes are {head[:8].hex(' ')})"


def is_text(head: bytes) -> bool:
    """Return whether bytes are printable ASCII."""
    return all(32 <= byte < 127 or byte in b"\t\n\r" for byte in head)
