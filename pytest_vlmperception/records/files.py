"""Files that are replaced whole, and their names in messages."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

__all__ = ["named", "obstacle", "replaced"]


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
