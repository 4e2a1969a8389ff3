"""Manifests: TOML files that list stimuli."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_vlmperception.errors import StimulusError
from pytest_vlmperception.pictures import decode, read_file
from pytest_vlmperception.records import Picture, Stimulus
from pytest_vlmperception.stimuli.entries import Entry
from pytest_vlmperception.stimuli.faces import faces
from pytest_vlmperception.stimuli.files import file_picture
from pytest_vlmperception.stimuli.ids import check_id, check_unique
from pytest_vlmperception.stimuli.paths import file_within, read_text, resolved
from pytest_vlmperception.stimuli.photographs import photograph_named
from pytest_vlmperception.stimuli.scenes import scenes

if TYPE_CHECKING:
    from pytest_vlmperception.pictures import Pixels
    from pytest_vlmperception.records import Votes
    from pytest_vlmperception.stimuli.renderings import Factors

__all__ = ["data_named", "find_manifest", "read_manifest", "read_manifest_votes"]

RIGHTS = {"source", "licence"}
SERIES_KEYS = {"contrast", "chroma", "longest_side_px"}
TOP_KEYS = {"dataset", "edits", "faces", "scenes", "stimuli", "renderings", "series"} | RIGHTS
STIMULUS_KEYS = {"id", "file", "photograph", "groups", "reference"} | RIGHTS
RENDERINGS_KEYS = {"scene", "photograph", "file"} | SERIES_KEYS | RIGHTS

DEFAULT_LONGEST_SIDE_PX = 320
MIN_SIDE_PX, MAX_SIDE_PX = 16, 4096


@dataclass(frozen=True)
class Manifest:
    """A manifest file and the suite that it cannot reach out of.

    Attributes
    ----------
    path : Path
        Resolved.
    suite : Path
        Resolved; the folder that holds every file of the manifest.
    """

    path: Path
    suite: Path

    def file(self, entry: Entry) -> Path:
        """Return the path of an entry's ``file``, checked to be there and inside the suite."""
        return self.within(entry.text("file"), entry.where)

    def within(self, file: str, where: str) -> Path:
        """Return the path of a file, checked to be there and inside the suite."""
        return file_within(self.suite, self.path.parent, file, where)


def find_manifest(manifest: str | os.PathLike[str], beside: str | os.PathLike[str] | None) -> Manifest:
    """Return where a manifest is, and its suite.

    Raises
    ------
    StimulusError
        If there is no such file, or it is outside the suite.
    """
    name = os.fspath(manifest)
    if beside is None:
        path = resolved(Path(name), "manifest")
        return Manifest(path, path.parent)
    suite = resolved(Path(beside).parent, "beside")
    return Manifest(file_within(suite, suite, name, "manifest"), suite)


def read_manifest(manifest: Manifest, data: Mapping[str, Path]) -> list[Stimulus]:
    """Return the stimuli of a manifest, with those of `data`, the data sets by name; no picture is read.

    Raises
    ------
    MissingData
        If the manifest asks for a data set that `data` does not have.
    StimulusError
        If the manifest, or one of its entries, cannot be used.
    """
    top = top_of(manifest)
    stimuli = check_unique(found_in(manifest, top, data))
    if not stimuli:
        raise StimulusError(f"{top.where}: there are no stimuli; add [[stimuli]], [[renderings]] or [dataset]")
    return stimuli


def read_manifest_votes(manifest: Manifest, data: Mapping[str, Path]) -> Votes:
    """Return the votes of a manifest; raises as `read_manifest` does."""
    from pytest_vlmperception.stimuli.datasets import read_dataset_votes

    top = top_of(manifest)
    if "dataset" not in top.table:
        raise StimulusError(f"{top.where}: there are no votes; add [dataset] with layout = 'votes'")
    return read_dataset_votes(top, data, manifest.within)


def data_named(manifest: Manifest) -> str | None:
    """Return the name of the data set that a manifest asks for, None where it asks for none."""
    from pytest_vlmperception.stimuli.datasets import data_name

    table = top_of(manifest).inner("dataset")
    return data_name(Entry(manifest.path.name, table)) if table else None


def top_of(manifest: Manifest) -> Entry:
    """Return the manifest's outermost table, its keys checked."""
    top = Entry(manifest.path.name, parsed(manifest.path))
    top.check_keys(TOP_KEYS)
    return top


def parsed(path: Path) -> Mapping[str, object]:
    """Return what a TOML file holds."""
    text = read_text(path, "manifest")
    try:
        return tomllib.loads(text)
    # Not only TOMLDecodeError: numbers and dates raise ValueError, deep nesting RecursionError.
    except (ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise StimulusError(f"manifest {str(path)!r} is not valid TOML: {reason}; correct it") from None


def found_in(manifest: Manifest, top: Entry, data: Mapping[str, Path]) -> Iterator[tuple[str, Stimulus]]:
    """Yield every stimulus with its place."""
    series = Entry(f"{top.where}, series", top.inner("series"))
    series.check_keys(SERIES_KEYS)
    for entry in top.entries("stimuli"):
        yield entry.where, with_rights(single(manifest, entry), entry, top)
    for entry in top.entries("renderings"):
        for stimulus in renderings(manifest, entry, series):
            yield entry.where, with_rights(stimulus, entry, top)
    for entry in top.entries("faces"):
        for stimulus in faces(entry):
            yield entry.where, with_rights(stimulus, entry, top)
    for entry in top.entries("scenes"):
        for stimulus in scenes(entry):
            yield entry.where, with_rights(stimulus, entry, top)
    for entry in top.entries("edits"):
        # A grammar, which other sets do not need.
        from pytest_vlmperception.stimuli.edits import edits

        for stimulus in edits(entry):
            yield entry.where, with_rights(stimulus, entry, top)
    if "dataset" in top.table:
        # A dozen readers, which other sets do not need.
        from pytest_vlmperception.stimuli.datasets import read_dataset

        entry = Entry(f"{top.where}, dataset", top.inner("dataset"))
        for stimulus in read_dataset(top, data, manifest.within):
            yield entry.where, with_rights(stimulus, entry, top)


def single(manifest: Manifest, entry: Entry) -> Stimulus:
    """Return the stimulus of one ``[[stimuli]]`` table."""
    entry.check_keys(STIMULUS_KEYS)
    check_one_picture(entry)
    stimulus = photographed(entry) if "photograph" in entry.table else filed(manifest, entry)
    return replace(stimulus, groups=entry.labels("groups"), reference=entry.values("reference"))


def filed(manifest: Manifest, entry: Entry) -> Stimulus:
    """Return the stimulus of a picture file."""
    path = manifest.file(entry)
    return Stimulus(check_id(entry.text("id", Path(entry.text("file")).stem), entry.where), file_picture(path))


def photographed(entry: Entry) -> Stimulus:
    """Return the stimulus of a photograph that a package brings along."""
    photograph = photograph_named(entry.text("photograph"), entry.where)
    return Stimulus(
        check_id(entry.text("id", photograph.name), entry.where),
        Picture(str(photograph), photograph.encoded),
        source=photograph.source,
        licence=photograph.licence,
    )


def check_one_picture(entry: Entry) -> None:
    """Refuse a table with no picture, or with two."""
    if ("photograph" in entry.table) == ("file" in entry.table):
        raise StimulusError(f"{entry.where}: expected either 'photograph' or 'file', one of the two")


def renderings(manifest: Manifest, entry: Entry, series: Entry) -> list[Stimulus]:
    """Return the stimuli of one ``[[renderings]]`` table."""
    # Loads numpy, which a set of files does not need.
    from pytest_vlmperception.stimuli.renderings import rendered

    entry.check_keys(RENDERINGS_KEYS)
    scene = check_id(entry.text("scene"), entry.where)
    name, pixels, source, licence = photograph_of(manifest, entry)
    settings = Entry(entry.where, {**series.table, **entry.table})
    side = settings.whole_number("longest_side_px", MIN_SIDE_PX, MAX_SIDE_PX, DEFAULT_LONGEST_SIDE_PX)
    stimuli = rendered(scene, name, pixels, factors_of(settings), side)
    return [replace(stimulus, source=source, licence=licence) for stimulus in stimuli]


def photograph_of(manifest: Manifest, entry: Entry) -> tuple[str, Callable[[], Pixels], str, str]:
    """Return the photograph's name, its pixels when called, its source and licence where known."""
    check_one_picture(entry)
    if "photograph" in entry.table:
        photograph = photograph_named(entry.text("photograph"), entry.where)
        return str(photograph), photograph.pixels, photograph.source, photograph.licence
    path = manifest.file(entry)
    return str(path), lambda: decode(read_file(path), str(path)), "", ""


def factors_of(settings: Entry) -> list[Factors]:
    """Return the factors of a series, one rendering each."""
    from pytest_vlmperception.stimuli.renderings import Factors

    contrast, chroma = settings.factors("contrast"), settings.factors("chroma")
    if len(contrast) != len(chroma):
        found = f"{len(contrast)} values of contrast and {len(chroma)} of chroma"
        raise StimulusError(f"{settings.where}: {found}; expected as many of one as of the other")
    return [Factors(*pair) for pair in zip(contrast, chroma, strict=True)]


def with_rights(stimulus: Stimulus, entry: Entry, top: Entry) -> Stimulus:
    """Return the stimulus with source and licence: the entry's, else the manifest's, else its own."""
    source = entry.text("source", top.text("source", stimulus.source))
    licence = entry.text("licence", top.text("licence", stimulus.licence))
    return replace(stimulus, source=source, licence=licence)
