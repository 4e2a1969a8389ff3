"""Pictures that somebody made of WISE's prompts: ``1.png``, ``2.png`` and so on, in one folder."""

from __future__ import annotations

from pytest_vlmperception.errors import StimulusError
from pytest_vlmperception.records import Prompt, Stimulus
from pytest_vlmperception.stimuli.datasets.folders import Folder
from pytest_vlmperception.stimuli.datasets.given import Given, Layout, Placed
from pytest_vlmperception.stimuli.datasets.lacking import warn_of_lacking
from pytest_vlmperception.stimuli.datasets.wise import WISE
from pytest_vlmperception.stimuli.entries import Entry
from pytest_vlmperception.stimuli.files import file_picture

__all__ = ["WISE_IMAGES"]


def read(given: Given) -> Placed:
    """Yield the pictures of the prompts that the manifest's key ``prompts`` chooses."""
    folder, where = given.folder(), given.entry.where
    entry = Entry(f"{where}, prompts", given.entry.inner("prompts"))
    prompts = list(WISE.prompts(entry, entry, given.data, given.within))
    lacking = [prompt.name for _, prompt in prompts if not folder.has(picture_name(prompt))]
    if len(lacking) == len(prompts):
        found = f"there is no picture such as '{picture_name(prompts[0][1])}' in {str(folder.path)!r}"
        raise StimulusError(f"{where}: {found}; give the folder of those that were made of the prompts")
    warn_of_lacking(where, lacking, "there is no picture of these prompts")
    for place, prompt in prompts:
        if folder.has(picture_name(prompt)):
            yield place, stimulus_of(folder, prompt, where)


def picture_name(prompt: Prompt) -> str:
    """Return what the picture of a prompt is called."""
    return f"{prompt.name}.png"


def stimulus_of(folder: Folder, prompt: Prompt, where: str) -> Stimulus:
    """Return the picture of one prompt."""
    return Stimulus(
        id=prompt.name,
        picture=file_picture(folder.file(picture_name(prompt), where)),
        groups={**prompt.groups, "prompt": prompt.name},
        reference=prompt.reference,
    )


WISE_IMAGES = Layout(
    name="wise_images",
    title="the pictures of WISE's prompts",
    source="a generator, one NUMBER.png for each prompt",
    licence="",
    keys=frozenset({"prompts"}),
    read=read,
)
