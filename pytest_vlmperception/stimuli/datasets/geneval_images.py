"""Pictures that somebody made of GenEval's prompts, as its own scripts lay them out.

``00000/metadata.jsonl`` is the line of the prompt, ``00000/samples/0000.png`` and so on are its pictures.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pytest_vlmperception.errors import StimulusError
from pytest_vlmperception.records import Prompt, Stimulus
from pytest_vlmperception.stimuli.datasets.folders import Folder
from pytest_vlmperception.stimuli.datasets.geneval import CHOICES, GENEVAL, chosen_tasks, prompt_of
from pytest_vlmperception.stimuli.datasets.given import Given, Layout, Placed
from pytest_vlmperception.stimuli.datasets.lacking import warn_of_lacking
from pytest_vlmperception.stimuli.datasets.prompt_formats import PlacedPrompts
from pytest_vlmperception.stimuli.files import file_picture
from pytest_vlmperception.stimuli.json_files import json_object

__all__ = ["GENEVAL_IMAGES"]

PROMPT = re.compile(r"[0-9]+")
PICTURE = re.compile(r"([0-9]+)\.png")


def read(given: Given) -> Placed:
    """Yield the pictures of the chosen prompts."""
    folder = given.folder()
    empty = []
    for where, prompt in chosen_tasks(given.entry, prompts_in(folder, given.entry.where)):
        pictures = list(pictures_of(folder, prompt, where))
        empty += [] if pictures else [prompt.name]
        yield from pictures
    warn_of_lacking(given.entry.where, empty, "there is no picture of these prompts")


def prompts_in(folder: Folder, where: str) -> PlacedPrompts:
    """Yield the prompts whose pictures a folder has."""
    names = sorted(filter(PROMPT.fullmatch, folder.folders))
    if not names:
        found = f"there is no folder such as '00000' in {str(folder.path)!r}"
        raise StimulusError(f"{where}: {found}; give the folder that holds those of the prompts")
    for name in names:
        metadata = folder.folder(name, where).file("metadata.jsonl", f"{where}: {name}")
        line = json_object(metadata, f"{name}/{metadata.name}")
        yield line.where, prompt_of(line, name)


def pictures_of(folder: Folder, prompt: Prompt, where: str) -> Iterator[tuple[str, Stimulus]]:
    """Yield the pictures of one prompt: those named by digits only."""
    home = folder.folder(prompt.name, where)
    if not home.has("samples"):
        return
    samples = home.folder("samples", where)
    for match in filter(None, map(PICTURE.fullmatch, samples.pictures)):
        picture = file_picture(samples.file(match[0], where))
        groups = {**prompt.groups, "prompt": prompt.name}
        yield where, Stimulus(f"{prompt.name}-{match[1]}", picture, groups, prompt.reference)


GENEVAL_IMAGES = Layout(
    name="geneval_images",
    title="the pictures of GenEval's prompts",
    source=f"a generator, by the scripts of {GENEVAL.source}",
    licence="",
    keys=CHOICES,
    read=read,
)
