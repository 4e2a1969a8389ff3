"""Files of a suite: found without leaving it, read without blocking."""

from __future__ import annotations

import stat
from pathlib import Path, PurePosixPath, PureWindowsPath

from pytest_vlmperception.errors import StimulusError

__all__ = ["MAX_TEXT_BYTES", "check_readable", "file_within", "read_text", "reason_of", "resolved"]

MAX_TEXT_BYTES = 16 * 2**20
"""Largest manifest or table that is read."""


def resolved(path: Path, where: str) -> Path:
    """Return the absolute path with every symbolic link followed, there or not.

    Raises
    ------
    StimulusError
        If the links form a loop, or no file system can have such a path.
    """
    try:
        real = path.resolve()
        # A name that is too long is only noticed by asking for the file.
        real.is_file()
    # RuntimeError: a loop of links, until Python 3.12. ValueError: a null character.
    except (OSError, RuntimeError, ValueError) as error:
        raise StimulusError(f"{where}: {str(path)!r} is no usable path ({reason_of(error)}); give another") from None
    return real


def file_within(suite: Path, folder: Path, file: str, where: str) -> Path:
    """Return the resolved path of `file`, given relative to `folder`, inside `suite`.

    Parameters
    ----------
    suite, folder : Path
        Resolved; the outermost folder allowed, and the one that `file` is relative to.
    file : str
        As a manifest or table gives it.
    where : str
        Its place, for messages.

    Raises
    ------
    StimulusError
        If it is absolute, leads out of the suite, directly or over a symbolic link, or is no file.
    """
    if PurePosixPath(file).is_absolute() or PureWindowsPath(file).anchor:
        raise StimulusError(f"{where}: {file!r} is an absolute path; give it relative to {str(folder)!r}")
    path = resolved(folder / file, where)
    if not path.is_relative_to(suite):
        raise StimulusError(f"{where}: {file!r} leads out of its suite {str(suite)!r}; copy what is needed into it")
    if not path.is_file():
        raise StimulusError(f"{where}: there is no file {file!r} in {str(folder)!r}; correct the path or add the file")
    return path


def read_text(path: Path, what: str) -> str:
    """Return the text of a UTF-8 file, with or without byte order mark.

    Raises
    ------
    StimulusError
        If there is no such regular file, it is too large, cannot be read or is not UTF-8. The
        message calls it `what`.
    """
    try:
        check_readable(path, what)
        data = path.read_bytes()
    except OSError as error:
        raise StimulusError(f"{what} {str(path)!r} cannot be read ({reason_of(error)}); check the path") from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise StimulusError(f"{what} {str(path)!r}, line {line}: this is not UTF-8; save the file as UTF-8") from None


def check_readable(path: Path, what: str, max_bytes: int = MAX_TEXT_BYTES) -> None:
    """Refuse what could block or never end, and files over the limit."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise StimulusError(f"{what} {str(path)!r} is no regular file; expected the file itself")
    if status.st_size > max_bytes:
        found = f"has {status.st_size:,} bytes"
        raise StimulusError(f"{what} {str(path)!r} {found}; at most {max_bytes:,} are read: split it")


def reason_of(error: Exception) -> str:
    """Return the reason of an exception on one line."""
    return " ".join(str(getattr(error, "strerror", None) or error).split())
