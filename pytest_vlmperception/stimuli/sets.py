"""Sets of stimuli."""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from pathlib import Path
from types import MappingProxyType
from typing import Any, overload

from pytest_vlmperception.errors import StimulusError, choices_hint
from pytest_vlmperception.records import Stimulus
from pytest_vlmperception.stimuli.folders import read_folder
from pytest_vlmperception.stimuli.ids import check_unique
from pytest_vlmperception.stimuli.tables import DEFAULT_GROUPS, read_table

__all__ = ["StimulusSet"]

StrPath = str | os.PathLike[str]

# Ids that a message names before it counts the rest.
NAMED = 8


@dataclass(frozen=True, repr=False)
class StimulusSet(Sequence[Stimulus]):
    """Stimuli in a fixed order, found by position or by id.

    Parameters
    ----------
    stimuli : iterable of Stimulus
        Their ids have to be unique. Kept as a tuple.
    name : str
        What messages call the set.

    Raises
    ------
    StimulusError
        If two stimuli have one id.
    """

    stimuli: tuple[Stimulus, ...]
    name: str = "stimuli"

    def __init__(self, stimuli: Iterable[Stimulus], name: str = "stimuli") -> None:
        numbered = ((f"{name}, stimulus {number}", stimulus) for number, stimulus in enumerate(stimuli, 1))
        object.__setattr__(self, "stimuli", tuple(check_unique(numbered)))
        object.__setattr__(self, "name", name)

    @classmethod
    def load(
        cls, manifest: StrPath, beside: StrPath | None = None, *, data: Mapping[str, StrPath] | None = None
    ) -> StimulusSet:
        """Return the set that a TOML manifest lists.

        Files are looked for, but no picture is read before its bytes are needed.

        Parameters
        ----------
        manifest : path
            Relative to the folder of `beside`, else to the current folder.
        beside : path, optional
            A file, usually ``__file__``. Its folder is the suite, which the manifest and its files
            cannot lead out of; without it the suite is the manifest's own folder.
        data : mapping of str to path, optional
            Where the data sets lie that manifests name, as ``--vlm-data NAME=PATH`` says it.

        Raises
        ------
        MissingData
            If the manifest asks for a data set that `data` does not have.
        StimulusError
            If the manifest, or one of its entries, cannot be used.
        """
        # A dozen modules: a manifest can name whatever there is to be drawn.
        from pytest_vlmperception.stimuli.manifests import find_manifest, read_manifest

        found = find_manifest(manifest, beside)
        paths = {name: Path(path) for name, path in (data or {}).items()}
        return cls(read_manifest(found, paths), name=found.path.stem)

    @classmethod
    def from_folder(cls, path: StrPath) -> StimulusSet:
        """Return the set of all picture files in a folder and those below it, sorted by path.

        The id is the path within the folder without suffix, with ``-`` for ``/``; the group
        ``folder`` of a nested file is the name of the folder that it lies in.

        Warns
        -----
        StimulusWarning
            If files are left out that may have been meant as pictures, such as ``.heic``.

        Raises
        ------
        StimulusError
            If there is no picture, two files have one id, or a link leads out of the folder.
        """
        folder = Path(path)
        return cls(read_folder(folder), name=folder.name or "stimuli")

    @classmethod
    def from_table(cls, csv: StrPath, *, groups: Sequence[str] = DEFAULT_GROUPS) -> StimulusSet:
        """Return the set that a CSV table lists, one row each.

        Parameters
        ----------
        csv : path
            UTF-8, with a header. Column ``file`` is a path relative to the table's folder, which it
            cannot lead out of; ``id``, ``source`` and ``licence`` are optional.
        groups : sequence of str
            The columns that are groups. All others hold reference values: floats where all cells
            are finite numbers, else texts. An empty cell is no value.

        Raises
        ------
        StimulusError
            If the table, or one of its rows, cannot be used.
        """
        table = Path(csv)
        columns = (groups,) if isinstance(groups, str) else tuple(groups)
        return cls(read_table(table, columns), name=table.stem)

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """The ids, in order."""
        return tuple(stimulus.id for stimulus in self.stimuli)

    @cached_property
    def _by_id(self) -> Mapping[str, Stimulus]:
        return MappingProxyType({stimulus.id: stimulus for stimulus in self.stimuli})

    def __repr__(self) -> str:
        return f"<StimulusSet {self.name!r} of {len(self)}>"

    def __len__(self) -> int:
        return len(self.stimuli)

    def __iter__(self) -> Iterator[Stimulus]:
        return iter(self.stimuli)

    def __contains__(self, item: object) -> bool:
        if isinstance(item, Stimulus):
            return self._by_id.get(item.id) == item
        return isinstance(item, str) and item in self._by_id

    @overload
    def __getitem__(self, key: int | str) -> Stimulus: ...

    @overload
    def __getitem__(self, key: slice) -> StimulusSet: ...

    def __getitem__(self, key: int | str | slice) -> Stimulus | StimulusSet:
        if isinstance(key, slice):
            return StimulusSet(self.stimuli[key], self.name)
        if isinstance(key, str):
            return self._of_id(key)
        return self.stimuli[key]

    def _of_id(self, id_: str) -> Stimulus:
        if id_ not in self._by_id:
            near = difflib.get_close_matches(id_, self.ids, n=3)
            hint = f"did you mean {' or '.join(map(repr, near))}?" if near else f"it has: {named(self.stimuli)}"
            raise StimulusError(f"set {self.name!r} has no stimulus {id_!r}; {hint}")
        return self._by_id[id_]

    def select(self, which: Callable[[Stimulus], bool] | Iterable[str]) -> StimulusSet:
        """Return the stimuli for which a function is true, or those with the given ids.

        Parameters
        ----------
        which : callable or iterable of str
            ``lambda s: s.groups["scene"] == "coffee"``, which keeps the set's order, or ids, which
            give the new order.

        Raises
        ------
        StimulusError
            If an id is not known, or nothing is selected.
        """
        if callable(which):
            chosen = [stimulus for stimulus in self.stimuli if which(stimulus)]
        else:
            chosen = [self._of_id(id_) for id_ in ([which] if isinstance(which, str) else which)]
        if not chosen:
            raise StimulusError(f"nothing of set {self.name!r} is selected; it has: {named(self.stimuli)}")
        return StimulusSet(chosen, self.name)

    def pairs(self, within: str | None = "scene") -> list[tuple[Stimulus, Stimulus]]:
        """Return every unordered pair of stimuli of one group, in the set's order.

        Parameters
        ----------
        within : str or None
            Name of the grouping: a pair has the same value of it. None pairs all with all.

        Raises
        ------
        StimulusError
            If no stimulus, or not every stimulus, has this group, or no group has two stimuli.
        """
        groups = [list(self.stimuli)] if within is None else self._grouped(within)
        pairs = [pair for group in groups for pair in combinations(group, 2)]
        if not pairs:
            place = "" if within is None else f" within {within!r}"
            raise StimulusError(f"set {self.name!r} has no pair{place}; expected two stimuli that belong together")
        return pairs

    def _grouped(self, within: str) -> list[list[Stimulus]]:
        self._check_known(within, "group", {name for stimulus in self.stimuli for name in stimulus.groups})
        self._check_complete(within, "group", [each for each in self.stimuli if within not in each.groups])
        members: dict[str, list[Stimulus]] = {}
        for stimulus in self.stimuli:
            members.setdefault(stimulus.groups[within], []).append(stimulus)
        return list(members.values())

    def reference(self, attribute: str) -> Mapping[Stimulus, Any]:
        """Return the reference value of every stimulus, in the set's order.

        Parameters
        ----------
        attribute : str
            E.g. ``contrast``.

        Raises
        ------
        StimulusError
            If no stimulus, or not every stimulus, has a value of it.
        """
        self._check_known(attribute, "reference", {name for each in self.stimuli for name in each.reference})
        self._check_complete(attribute, "reference", [each for each in self.stimuli if attribute not in each.reference])
        return MappingProxyType({stimulus: stimulus.reference[attribute] for stimulus in self.stimuli})

    def _check_known(self, name: str, kind: str, known: set[str]) -> None:
        if name not in known:
            raise StimulusError(f"set {self.name!r} has no {kind} {name!r}; {choices_hint(str(name), known)}")

    def _check_complete(self, name: str, kind: str, lacking: Sequence[Stimulus]) -> None:
        if lacking:
            remedy = "add it, or leave them out by select()"
            raise StimulusError(f"set {self.name!r}: no {kind} {name!r} for {named(lacking)}; {remedy}")


def named(stimuli: Sequence[Stimulus]) -> str:
    """Return the ids of the first few stimuli, and how many there are beyond."""
    listed = ", ".join(stimulus.id for stimulus in stimuli[:NAMED]) or "none"
    return f"{listed} and {len(stimuli) - NAMED} more" if len(stimuli) > NAMED else listed
