"""Files of prompts: how one is found, and what is chosen of it."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pytest_vlmperception.errors import StimulusError
from pytest_vlmperception.records import Prompt, counted
from pytest_vlmperception.records.stimulus import PLACEHOLDER
from pytest_vlmperception.stimuli.datasets.given import path_given
from pytest_vlmperception.stimuli.datasets.selection import chosen_texts, sampled, seed_of
from pytest_vlmperception.stimuli.entries import Entry

__all__ = ["PlacedPrompts", "PromptFormat", "chosen_prompts", "prompt_text"]

PlacedPrompts = Iterator[tuple[str, Prompt]]
"""Prompts, each with its place for messages."""

COMMON_KEYS = frozenset({"file", "data", "source", "licence"})

# Longest prompt or explanation, in characters: those that are published have some hundreds.
MAX_TEXT = 10_000
MAX_COUNT = 1_000_000


@dataclass(frozen=True)
class PromptFormat:
    """How the prompts of a benchmark are written down, and where people get them.

    Attributes
    ----------
    name : str
        As ``[[name]]`` of a manifest has it; also that of ``--vlm-data``, unless the manifest says another.
    title : str
        What people call it.
    source, licence : str
        Where it comes from, and on which terms.
    keys : frozenset of str
        Keys of its own in the manifest's table.
    read : callable
        Yields the chosen prompts of a file or folder.
    """

    name: str
    title: str
    source: str
    licence: str
    keys: frozenset[str]
    read: Callable[[Entry, Path], PlacedPrompts]

    def data_name(self, entry: Entry) -> str | None:
        """Return the NAME of ``--vlm-data NAME=PATH`` that a table asks for, None where it names a file."""
        return None if "file" in entry.table else entry.text("data", self.name)

    def prompts(
        self, entry: Entry, top: Entry, data: Mapping[str, Path], within: Callable[[str, str], Path]
    ) -> PlacedPrompts:
        """Yield the prompts that a table of a manifest chooses.

        Parameters
        ----------
        entry, top : Entry
            The table, and the manifest.
        data : mapping of str to Path
            Where the user's data sets lie.
        within : callable
            Finds files of the suite.

        Raises
        ------
        MissingData
            If the user has not given the data set.
        StimulusError
            If the table, or the prompts, cannot be used.
        """
        entry.check_keys(self.keys | COMMON_KEYS)
        if "file" in entry.table and "data" in entry.table:
            raise StimulusError(f"{entry.where}: expected either 'file' or 'data', one of the two")
        name = self.data_name(entry)
        path = within(entry.text("file"), entry.where) if name is None else path_given(self, name, entry, top, data)
        return self.read(entry, path)


def prompt_text(entry: Entry, key: str) -> str:
    """Return a text that can be sent word by word.

    Raises
    ------
    StimulusError
        If it is none, is too long, or has a placeholder, which somebody would have to fill, or what is no character.
    """
    text = entry.text(key)
    if len(text) > MAX_TEXT:
        raise entry.wrong(key, f"at most {MAX_TEXT:,} characters")
    if any(unicodedata.category(character) in {"Cc", "Cs"} and character not in "\n\t" for character in text):
        raise entry.wrong(key, "a text without control characters and halves of characters")
    if PLACEHOLDER.search(text):
        raise entry.wrong(key, "a text without placeholders such as {name}")
    return text


def chosen_prompts(
    entry: Entry, placed: Iterable[tuple[str, Prompt]], group: str, plural: str, known: Sequence[str]
) -> PlacedPrompts:
    """Yield the prompts that a table chooses, in the order of their file, each with its place.

    Parameters
    ----------
    entry : Entry
        The table. Its key `plural` lists values of the group; ``per_GROUP`` and ``seed`` ask for a sample of each.
    placed : iterable of (str, Prompt)
        All there are.
    group : str
        A key of `Prompt.groups`.
    plural : str
        What several values of it are called.
    known : sequence of str
        All values there may be.

    Raises
    ------
    StimulusError
        If there is too little of a value.
    """
    listed = list(placed)
    wanted = {value: [each for _, each in listed if each.groups[group] == value] for value in known}
    stated = chosen_texts(entry, plural, known)
    count = entry.whole_number(f"per_{group}", 1, MAX_COUNT, 1) if f"per_{group}" in entry.table else None
    seed = seed_of(entry)
    names: set[str] = set()
    for value in stated:
        members = wanted[value]
        # What nobody asked for by name may be missing in a file of one's own.
        if len(members) < (count or 1) and (members or plural in entry.table):
            found = f"{group} {value!r} has {counted(len(members), 'prompt')}"
            raise StimulusError(f"{entry.where}: {found}; expected at least {count or 1}: complete it, or choose less")
        chosen = members if count is None else sampled(members, count, seed, str, str)
        names.update(each.name for each in chosen)
    return ((where, prompt) for where, prompt in listed if prompt.name in names)
