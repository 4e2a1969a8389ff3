"""Pictures beside a recording: one file each, named by its hash."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

from pytest_vlmperception.calling.disk import MAX_PICTURE_BYTES
from pytest_vlmperception.calling.rows import SUFFIXES
from pytest_vlmperception.calling.whole import is_picture
from pytest_vlmperception.records import Made

__all__ = ["PictureFiles"]

OURS = re.compile(rf"[0-9a-f]{{64}}({'|'.join(map(re.escape, sorted(SUFFIXES.values())))})")

# A link is not followed, and a pipe does not block; Windows has neither flag.
FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


@dataclass(frozen=True)
class PictureFiles:
    """The folder ``PATH.pictures`` beside the recording ``PATH``.

    Attributes
    ----------
    folder : Path
        Where the files are. Nothing outside it is read or written.
    """

    folder: Path

    @classmethod
    def beside(cls, recording: Path) -> PictureFiles:
        """Return the pictures of a recording; where that is a link, those beside what it points to."""
        target = Path(os.path.realpath(recording))
        return cls(target.with_name(f"{target.name}.pictures"))

    def read(self, made: Made) -> bytes:
        """Return the bytes of a picture.

        Raises
        ------
        ValueError
            With what it is, where it is not the picture that was recorded.
        """
        name = name_of(made)
        try:
            self._check_folder()
            data = content(self.folder / name)
        except OSError as error:
            raise ValueError(f"its picture {name} cannot be read ({error.strerror})") from None
        if sha256(data).hexdigest() != made.sha256 or not is_picture(made, data):
            raise ValueError(f"its picture {name} was changed since it was recorded")
        return data

    def _check_folder(self) -> None:
        if not stat.S_ISDIR(self.folder.lstat().st_mode):
            raise ValueError(f"the folder of its pictures, {self.folder.name}, is a link or no folder")

    def write(self, made: Made) -> None:
        """Write a picture, unless it is there.

        Raises
        ------
        OSError
            If it cannot be written.
        ValueError
            If the folder is none.
        """
        self.folder.mkdir(exist_ok=True)
        self._check_folder()
        with suppress(ValueError):
            self.read(made)
            return
        new = self.folder / f".vlm-record-{uuid4().hex}"
        try:
            new.write_bytes(made.data)
            new.replace(self.folder / name_of(made))
        finally:
            new.unlink(missing_ok=True)

    def tidy(self, wanted: Iterable[Made]) -> None:
        """Remove the pictures of an earlier recording, and the folder where nothing is left in it."""
        keep = set(map(name_of, wanted))
        with suppress(OSError, ValueError):
            self._check_folder()
            for path in list(self.folder.iterdir()):
                if OURS.fullmatch(path.name) and path.name not in keep:
                    path.unlink()
            if not keep:
                self.folder.rmdir()

    def obstacle(self) -> str:
        """Say why pictures cannot be written; an empty text where they can."""
        if not os.path.lexists(self.folder):
            return ""
        try:
            self._check_folder()
        except ValueError as error:
            return str(error)
        return "" if os.access(self.folder, os.W_OK | os.X_OK) else "the folder of its pictures is read-only"


def name_of(made: Made) -> str:
    """Return the name of a picture's file."""
    return f"{made.sha256}{SUFFIXES[made.media_type]}"


def content(path: Path) -> bytes:
    """Return the bytes of a regular file of bounded size.

    Raises
    ------
    OSError
        If it cannot be read.
    ValueError
        If it is a link, a device, or too large.
    """
    if path.is_symlink():
        raise ValueError(f"its picture {path.name} is a link")
    with os.fdopen(os.open(path, FLAGS), "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise ValueError(f"its picture {path.name} is no regular file")
        if status.st_size > MAX_PICTURE_BYTES:
            raise ValueError(f"its picture {path.name} has more than {MAX_PICTURE_BYTES} bytes")
        return file.read(MAX_PICTURE_BYTES + 1)
