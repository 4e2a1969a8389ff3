"""Files that are written as a whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from pytest_vlmperception.errors import UsageError

__all__ = ["Target", "named", "obstacle", "replaced"]


def obstacle(path: Path) -> str:
    """Say why a file cannot be written; an empty text where it can."""
    if not path.parent.is_dir():
        return f"there is no folder {named(path.parent)}{', but a file' if path.parent.exists() else ''}"
    if path.exists() and not path.is_file():
        return "it is no regular file"
    if not os.access(path.parent, os.W_OK | os.X_OK) or (path.exists() and not os.access(path, os.W_OK)):
        return "it is read-only"
    return ""


@contextmanager
def replaced(path: Path) -> Iterator[BinaryIO]:
    """Yield a new file that takes the place of `path` when all went well; whatever fails, the old file stays.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    # A link stays a link: what it points to is replaced.
    target = Path(os.path.realpath(path))
    new = target.with_name(f".vlm-new-{uuid4().hex}")
    try:
        with new.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            shutil.copymode(target, new)
        new.replace(target)
    finally:
        with suppress(OSError):
            new.unlink(missing_ok=True)


def named(path: Path) -> str:
    """Return a path fit for one line of a terminal."""
    text = str(path)
    return text if text.isprintable() else ascii(text)


@dataclass(frozen=True)
class Target:
    """A file to be written.

    Attributes
    ----------
    path : Path
        Where. Its folder must exist.
    what : str
        What it is to the user, such as ``recording``.
    option : str
        The option that named it.
    """

    path: Path
    what: str
    option: str

    def check(self) -> None:
        """Refuse a path that cannot be written to; to be called before anything is paid.

        Raises
        ------
        UsageError
            If it is a folder or device, read-only, or in a folder that is not there.
        """
        try:
            problem = obstacle(Path(os.path.realpath(self.path)))
        except (OSError, ValueError) as error:
            problem = getattr(error, "strerror", "") or str(error)
        if problem:
            raise self.unwritable(problem)

    @contextmanager
    def replaced(self) -> Iterator[BinaryIO]:
        """Yield a new file that takes the place of the old one when all went well.

        Raises
        ------
        UsageError
            If it cannot be written.
        """
        try:
            with replaced(self.path) as file:
                yield file
        except OSError as error:
            raise self.unwritable(error.strerror or str(error)) from None

    def unwritable(self, problem: str) -> UsageError:
        """Return the error for a file that cannot be written."""
        remedy = f"give a file in a writable folder to {self.option}"
        return UsageError(f"{self.what} {named(self.path)} cannot be written: {problem}; {remedy}")
