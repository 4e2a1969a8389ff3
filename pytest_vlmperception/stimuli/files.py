"""Pictures in files."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from pytest_vlmperception.pictures import check_whole, encoded, read_file
from pytest_vlmperception.records import Picture

__all__ = ["file_picture"]


def file_picture(path: Path) -> Picture:
    """Return the picture in a file, which is read when its bytes are first needed."""
    return Picture(str(path), partial(read_picture, path), partial(check_whole, str(path)))


def read_picture(path: Path) -> tuple[str, bytes]:
    """Return the media type and the bytes to send of a picture file."""
    return encoded(str(path), read_file(path))
