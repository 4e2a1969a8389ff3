"""Folders of a data set: listed once, names found whatever their letter case, nothing outside reached."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pytest_vlmperception.errors import StimulusError
from pytest_vlmperception.pictures import SUFFIXES
from pytest_vlmperception.stimuli.paths import reason_of, resolved

__all__ = ["Folder"]


@dataclass(frozen=True)
class Folder:
    """A folder and what it has, hidden names apart.

    Copies of one data set differ in the letter case of their names, and whole data sets are listed: so a name
    costs no look at the disk, unless it is a link.

    Attributes
    ----------
    root : Path
        Resolved; the folder of the data set, which nothing leads out of.
    path : Path
        Resolved; in it.
    names : mapping of str to tuple of str
        The names that are there by their lower-case form.
    files, folders, links : frozenset of str
        Which of them are what. A link is a file or folder, too.
    """

    root: Path
    path: Path
    names: Mapping[str, tuple[str, ...]]
    files: frozenset[str]
    folders: frozenset[str]
    links: frozenset[str]

    @classmethod
    def open(cls, path: Path, root: Path | None = None) -> Folder:
        """List a folder, whose path is resolved.

        Raises
        ------
        StimulusError
            If it cannot be read.
        """
        try:
            with os.scandir(path) as found:
                entries = [entry for entry in found if not entry.name.startswith(".")]
                folders = frozenset(entry.name for entry in entries if entry.is_dir())
                files = frozenset(entry.name for entry in entries if entry.is_file())
        except OSError as error:
            raise StimulusError(f"folder {str(path)!r} cannot be read ({reason_of(error)}); check the path") from None
        links = frozenset(entry.name for entry in entries if entry.is_symlink())
        names: dict[str, tuple[str, ...]] = {}
        for name in sorted(files | folders):
            names[name.lower()] = (*names.get(name.lower(), ()), name)
        return cls(root or path, path, names, files, folders, links)

    @property
    def pictures(self) -> list[str]:
        """Names of the picture files, in an order that does not depend on the disk's."""
        return sorted(name for name in self.files if PurePosixPath(name).suffix.lower() in SUFFIXES)

    def has(self, name: str) -> bool:
        """Tell whether there is a file or folder of that name."""
        return name.lower() in self.names

    def file(self, name: str, where: str) -> Path:
        """Return the path of a file.

        Raises
        ------
        StimulusError
            If there is no file of that name, there are several, or it is a link out of the data set.
        """
        return self._inside(self._actual(name, self.files, "file", where), where)

    def folder(self, name: str, where: str) -> Folder:
        """Return a folder in this one; raises as `file` does. A name such as ``Image/aligned`` goes further down."""
        first, _, rest = name.partition("/")
        path = self._inside(self._actual(first, self.folders, "folder", where), where)
        below = Folder.open(path, self.root)
        return below.folder(rest, where) if rest else below

    def nested_file(self, name: str, where: str) -> Path:
        """Return the path of a file given as a relative path; raises as `file` does.

        Folders on the way are not listed, so letter case counts.
        """
        parts = PurePosixPath(name.replace("\\", "/"))
        path = self.path.joinpath(*parts.parts)
        real = resolved(path, where)
        if not real.is_relative_to(self.root):
            raise leads_out(where, name, self.root)
        if not real.is_file():
            raise StimulusError(f"{where}: there is no file {name!r} in {str(self.path)!r}; complete the data set")
        return real

    def home_of(self, needed: str, names: Iterable[str], where: str) -> Folder:
        """Return the folder that has `needed`: this one, or the first of `names` in it.

        Raises
        ------
        StimulusError
            If none has.
        """
        inner = (self.folder(name, where) for name in names if self._is_folder(name))
        for folder in (self, *inner):
            if folder.has(needed):
                return folder
        raise StimulusError(
            f"{where}: there is no {needed!r} in {str(self.path)!r}; give the folder of the unpacked data set"
        )

    def _is_folder(self, name: str) -> bool:
        return not self.folders.isdisjoint(self.names.get(name.lower(), ()))

    def _actual(self, name: str, among: frozenset[str], kind: str, where: str) -> str:
        """Return the name as it is on disk."""
        found = [actual for actual in self.names.get(name.lower(), ()) if actual in among]
        if name in found:
            return name
        if not found:
            raise StimulusError(f"{where}: there is no {kind} {name!r} in {str(self.path)!r}; complete the data set")
        if len(found) > 1:
            raise StimulusError(f"{where}: {name!r} may be {' or '.join(map(repr, found))}; remove all but one")
        return found[0]

    def _inside(self, name: str, where: str) -> Path:
        path = self.path / name
        if name not in self.links:
            return path
        real = resolved(path, where)
        if not real.is_relative_to(self.root):
            raise leads_out(where, name, self.root)
        return real


def leads_out(where: str, name: str, root: Path) -> StimulusError:
    """Say that a file is not of the data set."""
    return StimulusError(f"{where}: {name!r} leads out of the data set in {str(root)!r}; copy it there")
