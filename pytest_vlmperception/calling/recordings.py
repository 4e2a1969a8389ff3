"""A run's replies in one file that can be read, compared and passed on.

JSON Lines: one reply a line, sorted by key. The same replies give the same file, and a changed reply is
one changed line. Pictures lie beside it in a folder, each in a file that is named by its hash.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from reprlib import repr as short
from typing import BinaryIO
from uuid import uuid4

from pytest_vlmperception.calling.lines import MAX_LINE_BYTES, from_line, to_line
from pytest_vlmperception.calling.picture_files import PictureFiles
from pytest_vlmperception.calling.rows import Row
from pytest_vlmperception.errors import StoreError, UsageError
from pytest_vlmperception.records import Made

__all__ = ["Recording", "check_writable", "write_recording"]


@dataclass(frozen=True, eq=False)
class Recording(Mapping[str, Row]):
    """Replies by key, as `write_recording` wrote them.

    Attributes
    ----------
    path : Path
        Where they were read.
    rows : mapping of str to Row
        The replies with the readable parts of their keys.
    """

    path: Path
    rows: Mapping[str, Row] = field(repr=False)

    @property
    def name(self) -> str:
        """The path, fit for one line of a terminal."""
        return named(self.path)

    def __getitem__(self, key: str) -> Row:
        return self.rows[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    @classmethod
    def read(cls, path: Path) -> Recording:
        """Read a recording; every line and every picture is checked, nothing is written.

        Raises
        ------
        UsageError
            If there is no such file, or a line, or one of its pictures, is not what `write_recording` wrote.
        """
        rows: dict[str, Row] = {}
        for number, line in enumerate(lines_of(path), 1):
            try:
                key, row = from_line(line)
                if key in rows:
                    raise ValueError("a second reply to a question")
                for made in row.reply.pictures:
                    PictureFiles.beside(path).read(made)
            except ValueError as error:
                remedy = "record again with --vlm-record, or restore the file"
                raise UsageError(f"recording {named(path)}, line {number} is refused: {error}; {remedy}") from None
            rows[key] = row.kept(partial(picture_of, path))
        return cls(path, rows)


def picture_of(path: Path, made: Made) -> bytes:
    """Return the bytes of a picture of a recording.

    Raises
    ------
    UsageError
        If it was changed since the recording was read.
    """
    try:
        return PictureFiles.beside(path).read(made)
    except ValueError as error:
        remedy = "record again with --vlm-record, or restore the file"
        raise UsageError(f"recording {named(path)} is refused: {error}; {remedy}") from None


def lines_of(path: Path) -> Iterator[bytes]:
    """Yield the lines of a file, each cut off where it is too long for a recording."""
    try:
        if not path.exists():
            remedy = "write it with --vlm-record, or give another path to --vlm-replay"
            raise UsageError(f"there is no recording {named(path)}; {remedy}")
        # A pipe or a device has no end, or is empty when a second process reads it.
        if not path.is_file():
            raise UsageError(f"recording {named(path)} is no regular file; give the path of a file to --vlm-replay")
        with path.open("rb") as file:
            while line := file.readline(MAX_LINE_BYTES + 1):
                yield line
    except OSError as error:
        remedy = "give a readable file to --vlm-replay"
        raise UsageError(f"recording {named(path)} cannot be read ({error.strerror}); {remedy}") from None


def write_recording(path: Path, rows: Iterable[tuple[str, Row]]) -> int:
    """Write replies, sorted by key, in place of what is at `path`.

    The file is replaced at once when all is written: whatever fails before, the old file stays. Pictures are written
    before that, and those of the old file removed after it.

    Parameters
    ----------
    path : Path
        The file. Its folder must exist.
    rows : iterable of (str, Row)
        Keys and rows, in any order.

    Returns
    -------
    int
        Number of replies written.

    Raises
    ------
    UsageError
        If the file cannot be written.
    StoreError
        If a row cannot be recorded, because its parts do not give its key, its reply is malformed or one of its
        pictures is lost.
    """
    check_writable(path)
    files = PictureFiles.beside(path)
    lines: dict[str, bytes] = {}
    pictures: set[Made] = set()
    for key, row in rows:
        line = recorded(key, row)
        if lines.setdefault(key, line) != line:
            raise unrecordable(key, "it has two replies")
        write_pictures(path, files, row)
        pictures.update(row.reply.pictures)
    with replaced(path) as file:
        file.writelines(line for _, line in sorted(lines.items()))
    files.tidy(pictures)
    return len(lines)


def write_pictures(path: Path, files: PictureFiles, row: Row) -> None:
    """Write the pictures of a row."""
    try:
        for made in row.reply.pictures:
            files.write(made)
    except (OSError, ValueError) as error:
        raise unwritable(path, getattr(error, "strerror", "") or str(error)) from None


def recorded(key: str, row: Row) -> bytes:
    """Return the line of a row, after reading it back: what is written can be replayed."""
    try:
        line = to_line(row)
        if from_line(line)[0] != key:
            raise ValueError("it is stored under a key that is not its own")
    except (ValueError, TypeError, RecursionError) as error:
        raise unrecordable(key, str(error)) from None
    return line


def unrecordable(key: str, what: str) -> StoreError:
    """Return the error for a row that no recording can hold."""
    remedy = "ask it anew with --vlm-cache=refresh, or give another folder with --vlm-cache-dir"
    return StoreError(f"the stored reply to question {short(key)} cannot be recorded: {what}; {remedy}")


def check_writable(path: Path) -> None:
    """Refuse a path that no recording can be written to; to be called before anything is paid.

    Raises
    ------
    UsageError
        If it is a folder or device, read-only, or in a folder that is not there.
    """
    try:
        problem = obstacle(Path(os.path.realpath(path)))
    except (OSError, ValueError) as error:
        problem = getattr(error, "strerror", "") or str(error)
    if problem:
        raise unwritable(path, problem)


def obstacle(path: Path) -> str:
    """Say why a file cannot be written; an empty text where it can."""
    if not path.parent.is_dir():
        return f"there is no folder {named(path.parent)}"
    if path.exists() and not path.is_file():
        return "it is no regular file"
    if not os.access(path.parent, os.W_OK | os.X_OK) or (path.exists() and not os.access(path, os.W_OK)):
        return "it is read-only"
    return PictureFiles.beside(path).obstacle()


def unwritable(path: Path, problem: str) -> UsageError:
    """Return the error for a recording that cannot be written."""
    remedy = "give a file in a writable folder to --vlm-record"
    return UsageError(f"recording {named(path)} cannot be written: {problem}; {remedy}")


@contextmanager
def replaced(path: Path) -> Iterator[BinaryIO]:
    """Yield a new file that takes the place of `path` when all went well."""
    # A link stays a link: what it points to is replaced.
    target = Path(os.path.realpath(path))
    new = target.with_name(f".vlm-record-{uuid4().hex}")
    try:
        with new.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            shutil.copymode(target, new)
        new.replace(target)
    except OSError as error:
        raise unwritable(path, error.strerror or str(error)) from None
    finally:
        with suppress(OSError):
            new.unlink(missing_ok=True)


def named(path: Path) -> str:
    """Return a path fit for one line of a terminal."""
    text = str(path)
    return text if text.isprintable() else ascii(text)
