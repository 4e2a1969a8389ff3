"""The table ``[dataset]`` of a manifest: which layouts there are, and what they give."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from pytest_vlmperception.errors import StimulusError, choices_hint
from pytest_vlmperception.records import Stimulus, Votes
from pytest_vlmperception.stimuli.datasets.affectnet import AFFECTNET
from pytest_vlmperception.stimuli.datasets.caer_s import CAER_S
from pytest_vlmperception.stimuli.datasets.csiq import CSIQ
from pytest_vlmperception.stimuli.datasets.geneval_images import GENEVAL_IMAGES
from pytest_vlmperception.stimuli.datasets.given import Given, Layout, data_name, path_given
from pytest_vlmperception.stimuli.datasets.kadid10k import KADID10K
from pytest_vlmperception.stimuli.datasets.listed import TABLE
from pytest_vlmperception.stimuli.datasets.raf_db import RAF_DB
from pytest_vlmperception.stimuli.datasets.reason_edit import REASON_EDIT
from pytest_vlmperception.stimuli.datasets.tid2013 import TID2013
from pytest_vlmperception.stimuli.datasets.voted import VOTES, votes_given
from pytest_vlmperception.stimuli.datasets.wise_images import WISE_IMAGES
from pytest_vlmperception.stimuli.entries import Entry
from pytest_vlmperception.stimuli.ids import check_unique

__all__ = ["LAYOUTS", "read_dataset", "read_dataset_votes"]

LAYOUTS: Mapping[str, Layout] = MappingProxyType({
    layout.name: layout
    for layout in (
        AFFECTNET,
        CAER_S,
        CSIQ,
        GENEVAL_IMAGES,
        KADID10K,
        RAF_DB,
        REASON_EDIT,
        TABLE,
        TID2013,
        VOTES,
        WISE_IMAGES,
    )
})
"""By name."""

Within = Callable[[str, str], Path]
"""Returns the path of a file in a manifest's suite, given as the manifest has it and where."""


def read_dataset(top: Entry, data: Mapping[str, Path], within: Within) -> list[Stimulus]:
    """Return the stimuli that a manifest chooses of its data set; no picture is read.

    Parameters
    ----------
    top : Entry
        The manifest.
    data : mapping of str to Path
        Where the user's data sets lie.
    within : callable
        Finds files of the suite.

    Raises
    ------
    MissingData
        If the user has not given the data set.
    StimulusError
        If the table ``[dataset]``, or the data set, cannot be used.
    """
    layout, given = asked(top, data, within)
    stimuli = check_unique(layout.read(given))
    if not stimuli:
        raise StimulusError(f"{given.entry.where}: nothing of the data set is chosen; choose more of it")
    return [owned(stimulus, layout) for stimulus in stimuli]


def read_dataset_votes(top: Entry, data: Mapping[str, Path], within: Within) -> Votes:
    """Return the votes that a manifest names, with the same parameters and errors as `read_dataset`."""
    layout, given = asked(top, data, within)
    if layout is not VOTES:
        raise StimulusError(f"{given.entry.where}: {layout.title} has no raw votes; expected layout = {VOTES.name!r}")
    return votes_given(given)


def asked(top: Entry, data: Mapping[str, Path], within: Within) -> tuple[Layout, Given]:
    """Return the layout that a manifest names, and what its reader takes."""
    entry = Entry(f"{top.where}, dataset", top.inner("dataset"))
    name = entry.text("layout")
    if name not in LAYOUTS:
        raise StimulusError(f"{entry.where}: layout {name!r} is not known; {choices_hint(name, LAYOUTS)}")
    layout = LAYOUTS[name]
    layout.check_keys(entry)
    return layout, Given(entry, path_given(layout, data_name(entry), entry, top, data), within, data)


def owned(stimulus: Stimulus, layout: Layout) -> Stimulus:
    """Return the stimulus with source and licence of the data set, unless it has its own."""
    return replace(stimulus, source=stimulus.source or layout.source, licence=stimulus.licence or layout.licence)
