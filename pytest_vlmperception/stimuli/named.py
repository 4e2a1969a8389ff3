"""Sets and votes of a suite, by name."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pytest_vlmperception.errors import MissingData, StimulusError, choices_hint
from pytest_vlmperception.stimuli.manifests import (
    Manifest,
    data_named,
    find_manifest,
    read_manifest,
    read_manifest_votes,
)
from pytest_vlmperception.stimuli.sets import StimulusSet

if TYPE_CHECKING:
    from pytest_vlmperception.records import Votes

__all__ = ["load_named", "load_named_votes"]

T = TypeVar("T")

FOLDER = "stimuli"


def load_named(name: str, folders: Sequence[Path], data: Mapping[str, Path]) -> StimulusSet:
    """Load ``stimuli/NAME.toml`` of the first folder that has it.

    Parameters
    ----------
    name : str
        The manifest's stem.
    folders : sequence of Path
        The folder of the test file, then those above it.
    data : mapping of str to Path
        Where the user's data sets lie.

    Raises
    ------
    MissingData
        If the manifest asks for a data set that the user has not given.
    StimulusError
        If no folder has the set, or the manifest cannot be used.
    """
    return StimulusSet(loaded(read_manifest, name, folders, data), name)


def load_named_votes(name: str, folders: Sequence[Path], data: Mapping[str, Path]) -> Votes:
    """Load the votes that ``stimuli/NAME.toml`` names; parameters and errors as for `load_named`."""
    return loaded(read_manifest_votes, name, folders, data)


def loaded(
    read: Callable[[Manifest, Mapping[str, Path]], T], name: str, folders: Sequence[Path], data: Mapping[str, Path]
) -> T:
    """Return what a reader makes of the manifest of that name."""
    manifests = manifests_in(folders)
    if name not in manifests:
        where = f"{folders[0] / FOLDER} or a stimuli/ folder above it"
        raise StimulusError(f"there is no stimulus set {name!r} in {where}; {choices_hint(str(name), manifests)}")
    manifest = manifest_at(manifests[name])
    try:
        return read(manifest, data)
    except MissingData as missing:
        raise misspelt(data_named(manifest) or "", data, manifests) or missing from None


def manifests_in(folders: Sequence[Path]) -> dict[str, Path]:
    """Return the paths of all manifests by name, where the first folder that has a name wins."""
    return {path.stem: path for folder in reversed(folders) for path in (folder / FOLDER).glob("*.toml")}


def manifest_at(path: Path) -> Manifest:
    """Return the manifest in a suite's folder ``stimuli``: the suite is the folder around that."""
    return find_manifest(f"{FOLDER}/{path.name}", path.parent)


def misspelt(wanted: str, data: Mapping[str, Path], manifests: Mapping[str, Path]) -> StimulusError | None:
    """Say which name was given that nobody asks for and that looks like the one that is missing, if any was."""
    from pytest_vlmperception.stimuli.datasets import LAYOUTS

    near = [name for name in difflib.get_close_matches(wanted, data) if name not in LAYOUTS]
    asked = {data_named(manifest_at(path)) for path in manifests.values()} if near else set()
    for name in near:
        if name not in asked:
            given = f"--vlm-data {name}={data[name]}"
            return StimulusError(f"{given}: no manifest asks for {name!r}; did you mean {wanted!r}?")
    return None
