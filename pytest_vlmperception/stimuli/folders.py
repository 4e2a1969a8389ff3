"""Folders of pictures."""

from __future__ import annotations

import os
import stat
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import NoReturn

from pytest_vlmperception.errors import StimulusError, StimulusWarning
from pytest_vlmperception.pictures import SUFFIXES
from pytest_vlmperception.records import Stimulus
from pytest_vlmperception.stimuli.files import file_picture
from pytest_vlmperception.stimuli.ids import check_id, check_unique, safe_id
from pytest_vlmperception.stimuli.paths import file_within, resolved

__all__ = ["read_folder"]

EXPECTED = ", ".join(sorted(SUFFIXES))

# What lies beside pictures and is none: texts, tables, annotations, and what Windows adds.
COMPANIONS = frozenset({
    ".csv",
    ".db",
    ".ini",
    ".json",
    ".jsonl",
    ".md",
    ".npy",
    ".py",
    ".pyc",
    ".rst",
    ".toml",
    ".tsv",
    ".txt",
    ".xlsx",
    ".xml",
    ".yaml",
    ".yml",
})

DOCUMENTS = frozenset({"copying", "licence", "license", "notice", "readme"})

# Files that a warning names.
NAMED = 5

# From the warning over `read_folder` and `StimulusSet.from_folder` to whoever called that.
STACKLEVEL = 3


def read_folder(folder: Path) -> list[Stimulus]:
    """Return a stimulus for every picture file in a folder and those below it, sorted by path.

    Files and folders whose name starts with a dot are left out. No picture is read.

    Warns
    -----
    StimulusWarning
        If there are files that are neither pictures of a known format nor known to be none, such as
        ``.heic``.

    Raises
    ------
    StimulusError
        If there is no such folder, or no picture in it, two files have one id, or a symbolic link
        leads out of the folder.
    """
    root = resolved(folder, "folder")
    if not root.is_dir():
        raise StimulusError(f"there is no folder {str(folder)!r}; give one with pictures")
    found = sorted(files_below(root))
    files = [file for file in found if file.suffix.lower() in SUFFIXES]
    left = [file for file in found if file.suffix.lower() not in SUFFIXES and not is_companion(file)]
    if not files:
        raise StimulusError(f"folder {str(folder)!r} has no picture; expected files that end in {EXPECTED}")
    if left:
        warnings.warn(left_out(folder, left), StimulusWarning, stacklevel=STACKLEVEL)
    return check_unique((f"{folder.name}: {str(file)!r}", stimulus_of(root, file)) for file in files)


def is_companion(file: PurePosixPath) -> bool:
    """Tell whether a file beside pictures is known to be none."""
    return file.suffix.lower() in COMPANIONS or file.name.lower() in DOCUMENTS


def left_out(folder: Path, files: Sequence[PurePosixPath]) -> str:
    """Say which files are no stimuli, though they may have been meant to be."""
    named = ", ".join(repr(str(file)) for file in files[:NAMED])
    more = f" and {len(files) - NAMED} more" if len(files) > NAMED else ""
    remedy = f"convert them to a format of {EXPECTED}, or move them away"
    return f"folder {str(folder)!r}: left out {named}{more}; {remedy}"


def files_below(root: Path) -> Iterator[PurePosixPath]:
    """Yield every visible file, relative to `root`; linked folders are checked but not entered."""
    for parent, folders, files in os.walk(root, onerror=unreadable):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in folders:
            check_inside(root, Path(parent, name))
        below = PurePosixPath(Path(parent).relative_to(root).as_posix())
        yield from (below / name for name in files if not name.startswith("."))


def unreadable(error: OSError) -> NoReturn:
    """Raise for a folder that cannot be listed, which `os.walk` would leave out."""
    raise StimulusError(f"folder {error.filename!r} cannot be read ({error.strerror}); check its rights") from None


def check_inside(root: Path, folder: Path) -> None:
    """Refuse a linked folder that leads out."""
    if not resolved(folder, root.name).is_relative_to(root):
        raise StimulusError(
            f"{root.name}: link {folder.name!r} leads out of {str(root)!r}; copy what is needed into it"
        )


def is_plain(path: Path) -> bool:
    """Tell whether something is a file, and neither a link to one nor gone since it was listed."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def stimulus_of(root: Path, file: PurePosixPath) -> Stimulus:
    """Return the stimulus of one file, given relative to the folder."""
    where = f"{root.name}: {str(file)!r}"
    path = root / file
    if not is_plain(path):
        path = file_within(root, root, str(file), where)
    groups = {"folder": file.parent.name} if file.parent.name else {}
    return Stimulus(check_id(safe_id(str(file.with_suffix(""))), where), file_picture(path), groups=groups)
