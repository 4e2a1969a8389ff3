"""What a manifest says of a data set, and where the data lie."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from pytest_vlmperception.errors import MissingData, StimulusError
from pytest_vlmperception.records import Stimulus
from pytest_vlmperception.stimuli.datasets.folders import Folder
from pytest_vlmperception.stimuli.entries import Entry
from pytest_vlmperception.stimuli.paths import resolved

__all__ = ["Given", "Layout", "Obtainable", "Placed", "data_name", "path_given"]

RIGHTS = ("source", "licence")

Placed = Iterator[tuple[str, Stimulus]]
"""Stimuli, each with its place for messages."""


@dataclass(frozen=True)
class Given:
    """The data set that a manifest asks for, found on this machine.

    Attributes
    ----------
    entry : Entry
        The manifest's table ``[dataset]``.
    path : Path
        Resolved: the file or folder that the user gave.
    within : callable
        Returns the path of a file of the manifest's suite, given as the manifest has it and where.
    data : mapping of str to Path
        Where the user's data sets lie, for what belongs to this one.
    """

    entry: Entry
    path: Path
    within: Callable[[str, str], Path]
    data: Mapping[str, Path] = field(default_factory=dict)

    def folder(self) -> Folder:
        """Return the data set's folder.

        Raises
        ------
        StimulusError
            If the path is none.
        """
        if not self.path.is_dir():
            found = f"{str(self.path)!r} is no folder"
            raise StimulusError(f"{self.entry.where}: {found}; expected that of the unpacked data set")
        return Folder.open(self.path)


class Obtainable(Protocol):
    """What people get somewhere."""

    @property
    def title(self) -> str:
        """What people call it."""

    @property
    def source(self) -> str:
        """Where it is."""

    @property
    def licence(self) -> str:
        """On which terms."""


@dataclass(frozen=True)
class Layout:
    """How a data set lies on disk, and where people get it.

    Attributes
    ----------
    name : str
        As ``layout = "..."`` of a manifest has it.
    title : str
        What people call it.
    source, licence : str
        Where it comes from, and on which terms.
    keys : frozenset of str
        Keys of its own in the table ``[dataset]``.
    read : callable
        Yields the chosen stimuli.
    """

    name: str
    title: str
    source: str
    licence: str
    keys: frozenset[str]
    read: Callable[[Given], Placed]

    def check_keys(self, entry: Entry) -> None:
        """Refuse keys that nobody reads."""
        entry.check_keys(self.keys | {"layout", "data", *RIGHTS})


def data_name(entry: Entry) -> str:
    """Return the NAME of ``--vlm-data NAME=PATH`` that a table asks for: that of its layout, unless it says another."""
    return entry.text("data", entry.text("layout"))


def path_given(what: Obtainable, name: str, entry: Entry, top: Entry, data: Mapping[str, Path]) -> Path:
    """Return where the data that the user knows by a name lie.

    Raises
    ------
    MissingData
        If the user gave no path for them: where to get them, on which terms, and what to give.
    StimulusError
        If the path cannot be used.
    """
    if name in data:
        return resolved(data[name], entry.where)
    # The table speaks before the manifest, and the manifest before what is known of the data.
    source, licence = (entry.text(key, top.text(key, getattr(what, key))) for key in RIGHTS)
    terms = f" (terms: {licence})" if licence else ""
    remedy = f"get it from {source}{terms}, then " if source else ""
    raise MissingData(f"{entry.where}: {what.title} is not on this machine; {remedy}give --vlm-data {name}=PATH")
