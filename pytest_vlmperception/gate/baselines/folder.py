"""The folder of baselines: one file each, replaced whole, never by accident."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from pathlib import Path

from pytest_vlmperception.errors import BaselineError, UsageError, choices_hint
from pytest_vlmperception.gate.baselines.baseline import Baseline, Earlier
from pytest_vlmperception.gate.baselines.names import check_name, is_name
from pytest_vlmperception.gate.baselines.text import MAX_BYTES, digest_of, from_bytes, to_bytes
from pytest_vlmperception.records.files import named, obstacle, replaced

__all__ = ["baseline_names", "check_baseline_writable", "read_baseline", "write_baseline"]

SUFFIX = ".json"


def baseline_names(folder: Path) -> tuple[str, ...]:
    """Return the names of the baselines in a folder, sorted; none where there is no folder."""
    try:
        files = [path for path in folder.iterdir() if path.suffix == SUFFIX and is_name(path.stem)]
    except (OSError, ValueError):
        return ()
    return tuple(sorted(path.stem for path in files))


def read_baseline(folder: Path, name: str) -> Baseline:
    """Read a baseline; everything is checked, nothing is written.

    Parameters
    ----------
    folder : Path
        Where the baselines are.
    name : str
        Which.

    Raises
    ------
    BaselineError
        If it is not there, or is not as `write_baseline` wrote it.
    """
    check_name(name)
    path = path_of(folder, name)
    try:
        baseline = from_bytes(data_of(path))
        if baseline.name != name:
            raise UsageError(f"it is the baseline {baseline.name!r} under another name")
    except (FileNotFoundError, NotADirectoryError):
        raise missing(folder, name) from None
    except BaselineError as error:
        raise BaselineError(f"baseline {named(path)} is refused: {error}") from None
    except (OSError, ValueError) as error:
        remedy = f"restore it from version control, or delete it and write it anew with --vlm-save {name}"
        raise BaselineError(f"baseline {named(path)} is refused: {words(error)}; {remedy}") from None
    return baseline


def data_of(path: Path) -> bytes:
    """Return the bytes of a file that is no link, pipe or device, which could lead out, block or never end."""
    status = path.lstat()
    if not stat.S_ISREG(status.st_mode):
        raise UsageError("it is no regular file")
    if status.st_size > MAX_BYTES:
        raise UsageError(f"it has {status.st_size:,} bytes; at most {MAX_BYTES:,} are read")
    with path.open("rb") as file:
        return file.read(MAX_BYTES)


def write_baseline(folder: Path, baseline: Baseline, *, bless: bool) -> Path:
    """Write a baseline, in place of an older one only if that is asked for.

    The file is replaced at once when all is written: whatever fails before, the old file stays.

    Parameters
    ----------
    folder : Path
        Where the baselines are; made where it is missing.
    baseline : Baseline
        What to write. Its history is not looked at where it replaces another: that one's goes on.
    bless : bool
        Whether it replaces the one of its name, for its `reason`; its history then keeps what that one was.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    BaselineError
        As `check_baseline_writable` does, or if it cannot be written.
    """
    check_baseline_writable(folder, baseline.name, bless, baseline.reason)
    if bless:
        old = read_baseline(folder, baseline.name)
        baseline = replace(baseline, history=(*old.history, earlier(old)))
    path = path_of(folder, baseline.name)
    data = readable(baseline)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with replaced(path) as file:
            file.write(data)
    except (OSError, ValueError) as error:
        raise unwritable(path, words(error)) from None
    return path


def check_baseline_writable(folder: Path, name: str, bless: bool, reason: str = "") -> None:
    """Refuse what `write_baseline` could not write; to be called before anything is paid.

    Parameters
    ----------
    folder, name : Path, str
        Where the baselines are, and the new one's name.
    bless : bool
        Whether it is to replace the one that is there.
    reason : str
        Why, in words; needed with `bless` only.

    Raises
    ------
    BaselineError
        If the name is none for a file, there is such a baseline already and `bless` is not given, or there is none,
        an unreadable one or no `reason` and it is given, or if nothing can be written there.
    """
    check_name(name)
    path = path_of(folder, name)
    if bless:
        check_replaceable(folder, name, reason)
    elif os.path.lexists(path):
        remedy = f'replace it with --vlm-bless {name} --vlm-reason "...", or save under another name'
        raise BaselineError(f"there is a baseline {name!r} in {named(folder)} already; {remedy}")
    try:
        problem = hindrance(Path(os.path.realpath(path)))
    except (OSError, ValueError) as error:
        problem = words(error)
    if problem:
        raise unwritable(path, problem)


def check_replaceable(folder: Path, name: str, reason: str) -> None:
    """Raise unless there is a baseline whose history can be kept, and a reason to replace it."""
    if not reason.strip():
        remedy = 'give one with --vlm-reason "...": it is kept in the history'
        raise BaselineError(f"baseline {name!r} is not replaced without a reason; {remedy}")
    read_baseline(folder, name)


def hindrance(path: Path) -> str:
    """Say why a file cannot be written even if the folders that are missing are made; empty where it can."""
    made = path
    while not made.parent.exists():
        made = made.parent
    return obstacle(made)


def readable(baseline: Baseline) -> bytes:
    """Return the file of a baseline, after reading it back: what is written can be compared with."""
    try:
        data = to_bytes(baseline)
        if len(data) > MAX_BYTES:
            raise UsageError(f"it has {len(data):,} bytes; at most {MAX_BYTES:,} are read: use fewer replicates")
        from_bytes(data)
    except (ValueError, TypeError) as error:
        raise BaselineError(f"baseline {baseline.name!r} cannot be written: {error}") from None
    return data


def earlier(old: Baseline) -> Earlier:
    """Return what the history keeps of a baseline."""
    values = tuple((*found.key, found.estimate.value) for found in old.measurements)
    return Earlier(old.written, old.commit, old.reason, old.model, old.returned, digest_of(old), values)


def missing(folder: Path, name: str) -> BaselineError:
    """Return the error for a baseline that is not there."""
    remedy = f"write one with --vlm-save {name} on the version that you trust"
    hint = choices_hint(name, baseline_names(folder)).replace("known:", "there are:")
    return BaselineError(f"there is no baseline {name!r} in {named(folder)}; {remedy}; {hint}")


def unwritable(path: Path, problem: str) -> BaselineError:
    """Return the error for a baseline that cannot be written."""
    remedy = "mend that, then run again: stored answers are not paid for twice"
    return BaselineError(f"baseline {named(path)} cannot be written: {problem}; {remedy}")


def path_of(folder: Path, name: str) -> Path:
    """Return the file of a baseline."""
    return folder / f"{name}{SUFFIX}"


def words(error: Exception) -> str:
    """Return the reason of an exception on one line."""
    return " ".join(str(getattr(error, "strerror", None) or error).split())
