"""Manifests of prompt sets: TOML files that name files of prompts, or data sets that have them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from pytest_vlmperception.errors import StimulusError
from pytest_vlmperception.records import Prompt
from pytest_vlmperception.stimuli.datasets import FORMATS
from pytest_vlmperception.stimuli.datasets.prompt_formats import PromptFormat
from pytest_vlmperception.stimuli.entries import Entry
from pytest_vlmperception.stimuli.manifests import RIGHTS, Manifest, top_of

__all__ = ["prompt_data_named", "read_prompt_manifest"]


def read_prompt_manifest(manifest: Manifest, data: Mapping[str, Path]) -> list[Prompt]:
    """Return the prompts of a manifest, with those of `data`, the data sets by name.

    Raises
    ------
    MissingData
        If the manifest asks for a data set that `data` does not have.
    StimulusError
        If the manifest, or one of its files, cannot be used, or two prompts have one name.
    """
    top = top_of(manifest, {*FORMATS, *RIGHTS})
    places: dict[str, str] = {}
    prompts = []
    for reader, entry in tables(top):
        for where, prompt in reader.prompts(entry, top, data, manifest.within):
            if prompt.name in places:
                found = f"prompt {prompt.name!r} is in {places[prompt.name]}, too"
                raise StimulusError(f"{where}: {found}; number them differently, or make two sets of them")
            places[prompt.name] = where
            prompts.append(prompt)
    if not prompts:
        raise StimulusError(f"{top.where}: there are no prompts; add [[{']] or [['.join(FORMATS)}]]")
    return prompts


def prompt_data_named(manifest: Manifest) -> set[str]:
    """Return the names of the data sets that a manifest asks for."""
    top = top_of(manifest, {*FORMATS, *RIGHTS})
    return {name for reader, entry in tables(top) if (name := reader.data_name(entry)) is not None}


def tables(top: Entry) -> Iterator[tuple[PromptFormat, Entry]]:
    """Yield every table of a manifest with what reads it."""
    for name, reader in FORMATS.items():
        for entry in top.entries(name):
            yield reader, entry
