"""The commit of a working tree, read from git's own files: no program is started, whatever their settings say."""

from __future__ import annotations

import re
from pathlib import Path

__all__ = ["commit_of"]

MAX_BYTES = 2**24
MAX_STEPS = 5
COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


def commit_of(rootdir: Path) -> str:
    """Return the commit that is checked out in a folder or above it; empty where that is not known.

    Changes that are not committed do not show. Never fails.

    Parameters
    ----------
    rootdir : Path
        A folder of the working tree.

    Returns
    -------
    str
        The commit's hexadecimal name.
    """
    try:
        git = git_folder(rootdir.resolve())
        return commit_in(git) if git else ""
    # RuntimeError: a loop of links, until Python 3.12.
    except (OSError, ValueError, RuntimeError):
        return ""


def git_folder(rootdir: Path) -> Path | None:
    """Return the folder in which git keeps HEAD: of a worktree or submodule the one that a file names."""
    for folder in (rootdir, *rootdir.parents):
        git = folder / ".git"
        if git.is_dir():
            return git
        if git.is_file():
            return folder / first_line(git).removeprefix("gitdir: ")
    return None


def commit_in(git: Path) -> str:
    """Return the commit that HEAD is, following names of branches."""
    shared = git / "commondir"
    homes = [git, git / first_line(shared)] if shared.is_file() else [git]
    found = first_line(git / "HEAD")
    for _ in range(MAX_STEPS):
        if not found.startswith("ref: refs/") or ".." in found:
            break
        found = target_of(found.removeprefix("ref: "), homes)
    return found if COMMIT.fullmatch(found) else ""


def target_of(name: str, homes: list[Path]) -> str:
    """Return what a reference is: a commit, another reference, or an empty text."""
    for home in homes:
        if (home / name).is_file():
            return first_line(home / name)
    packed = homes[-1] / "packed-refs"
    lines = content_of(packed).splitlines() if packed.is_file() else []
    return next((line.partition(" ")[0] for line in lines if line.partition(" ")[2] == name), "")


def first_line(file: Path) -> str:
    """Return the first line of a small file."""
    return content_of(file).partition("\n")[0].strip()


def content_of(file: Path) -> str:
    """Return the beginning of a text file."""
    if not file.is_file():
        return ""
    with file.open("rb") as stream:
        return stream.read(MAX_BYTES).decode()
