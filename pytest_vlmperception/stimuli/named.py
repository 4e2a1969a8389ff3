"""Sets of stimuli and prompts of a suite, and votes, by name."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
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
from pytest_vlmperception.stimuli.prompt_manifests import prompt_data_named, read_prompt_manifest
from pytest_vlmperception.stimuli.prompt_sets import PromptSet
from pytest_vlmperception.stimuli.sets import StimulusSet

if TYPE_CHECKING:
    from pytest_vlmperception.records import Votes

__all__ = ["load_named", "load_named_prompts", "load_named_votes"]

T = TypeVar("T")


@dataclass(frozen=True)
class Kind:
    """One kind of manifest: the folder where a suite has them, what they list, and which data sets one asks for."""

    folder: str
    noun: str
    asked: Callable[[Manifest], set[str]]


STIMULI = Kind("stimuli", "stimulus set", data_named)
PROMPT_SETS = Kind("prompt_sets", "prompt set", prompt_data_named)


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


def load_named_prompts(name: str, folders: Sequence[Path], data: Mapping[str, Path]) -> PromptSet:
    """Load ``prompt_sets/NAME.toml`` of the first folder that has it; parameters and errors as for `load_named`."""
    return PromptSet(loaded(read_prompt_manifest, name, folders, data, PROMPT_SETS), name)


def loaded(
    read: Callable[[Manifest, Mapping[str, Path]], T],
    name: str,
    folders: Sequence[Path],
    data: Mapping[str, Path],
    kind: Kind = STIMULI,
) -> T:
    """Return what a reader makes of the manifest of that name."""
    manifests = manifests_in(folders, kind)
    if name not in manifests:
        where = f"{folders[0] / kind.folder} or a {kind.folder}/ folder above it"
        raise StimulusError(f"there is no {kind.noun} {name!r} in {where}; {choices_hint(str(name), manifests)}")
    manifest = manifest_at(manifests[name], kind)
    try:
        return read(manifest, data)
    except MissingData as missing:
        raise misspelt(kind.asked(manifest) - set(data), data, folders) or missing from None


def manifests_in(folders: Sequence[Path], kind: Kind) -> dict[str, Path]:
    """Return the paths of all manifests by name, where the first folder that has a name wins."""
    return {path.stem: path for folder in reversed(folders) for path in (folder / kind.folder).glob("*.toml")}


def manifest_at(path: Path, kind: Kind) -> Manifest:
    """Return the manifest in a suite's folder of that kind: the suite is the folder around that."""
    return find_manifest(f"{kind.folder}/{path.name}", path.parent)


def misspelt(wanted: Iterable[str], data: Mapping[str, Path], folders: Sequence[Path]) -> StimulusError | None:
    """Say which name was given that nobody asks for and that looks like one that is missing, if any was."""
    from pytest_vlmperception.stimuli.datasets import FORMATS, LAYOUTS

    for missing in sorted(wanted):
        near = [name for name in difflib.get_close_matches(missing, data) if name not in {*LAYOUTS, *FORMATS}]
        asked = asked_by_any(folders) if near else set()
        for name in near:
            if name not in asked:
                given = f"--vlm-data {name}={data[name]}"
                return StimulusError(f"{given}: no manifest asks for {name!r}; did you mean {missing!r}?")
    return None


def asked_by_any(folders: Sequence[Path]) -> set[str]:
    """Return the names of the data sets that any manifest asks for."""
    return {
        name
        for kind in (STIMULI, PROMPT_SETS)
        for path in manifests_in(folders, kind).values()
        for name in kind.asked(manifest_at(path, kind))
    }
