"""Reason-Edit: photographs to edit, with an instruction, a mask of the place, and what it should look like then.

Huang et al. (2024), SmartEdit: exploring complex instruction-based image editing with multimodal large language
models. CVPR 2024. :DOI:`10.1109/CVPR52733.2024.00799`
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from pytest_vlmperception.errors import StimulusError
from pytest_vlmperception.records import Stimulus
from pytest_vlmperception.stimuli.datasets.folders import Folder
from pytest_vlmperception.stimuli.datasets.given import Given, Layout, Placed
from pytest_vlmperception.stimuli.datasets.lacking import warn_of_lacking
from pytest_vlmperception.stimuli.datasets.selection import chosen_texts
from pytest_vlmperception.stimuli.entries import Entry
from pytest_vlmperception.stimuli.files import file_picture
from pytest_vlmperception.stimuli.ids import check_id
from pytest_vlmperception.stimuli.rows import text_lines

__all__ = ["REASON_EDIT"]

MASK = "_mask.jpg"
MARK = "CLIP:"

# Folders between the one that was given and those of the types.
MAX_DEPTH = 3


@dataclass(frozen=True)
class EditType:
    """One type of edits: what its folder's name ends in, and its file of instructions."""

    name: str
    part: str
    endings: tuple[str, ...]
    texts: str


TYPES = {
    each.name: each
    for each in (
        EditType("left-right", "understanding", ("1-left-right",), "Left_Right_text.txt"),
        EditType("relative-size", "understanding", ("2-relative-size",), "Size_text.txt"),
        EditType("mirror", "understanding", ("3-mirror",), "Mirror_text.txt"),
        EditType("color", "understanding", ("4-color",), "Color_text.txt"),
        EditType("multiple-objects", "understanding", ("5-multiple-objects",), "MultipleObjects_text.txt"),
        # The scripts that generate and those that score name it differently.
        EditType("reasoning", "reasoning", ("6-reasoning", "reasoning-231115"), "Reason_test.txt"),
    )
}


def read(given: Given) -> Placed:
    """Yield the photographs of the chosen types."""
    entry = given.entry
    homes = homes_in(given.folder(), entry.where)
    wanted = chosen_texts(entry, "types", list(TYPES))
    lacking = [name for name in wanted if name not in homes]
    if not homes or (lacking and "types" in entry.table):
        found = f"there is no folder whose name ends in '{TYPES[lacking[0]].endings[0]}' in {str(given.path)!r}"
        raise StimulusError(f"{entry.where}: {found}; give the folder of the unpacked benchmark")
    warn_of_lacking(entry.where, lacking, f"no folders of these types are in {str(given.path)!r}")
    for name in wanted:
        if name in homes:
            yield from edits_in(homes[name], TYPES[name], entry)


def homes_in(folder: Folder, where: str) -> dict[str, Folder]:
    """Return the folder of each type that is there."""
    homes: dict[str, Folder] = {}
    for name, found in folders_below(folder, where, MAX_DEPTH):
        kind = type_of(name)
        if kind is None:
            continue
        if kind in homes:
            both = f"{str(homes[kind].path)!r} and {str(found.path)!r} are both of {kind}"
            raise StimulusError(f"{where}: {both}; remove one of them")
        homes[kind] = found
    return homes


def folders_below(folder: Folder, where: str, depth: int) -> Iterator[tuple[str, Folder]]:
    """Yield a folder and those in it, to a depth, with their names; links are followed to folders of a type only."""
    yield folder.path.name, folder
    for name in sorted(folder.folders) if depth else ():
        if name not in folder.links or type_of(name):
            yield from folders_below(folder.folder(name, where), where, depth - 1)


def type_of(folder: str) -> str | None:
    """Return the type that a folder's name stands for, None where it stands for none."""
    return next((kind.name for kind in TYPES.values() if folder.lower().endswith(kind.endings)), None)


def edits_in(home: Folder, kind: EditType, entry: Entry) -> Iterator[tuple[str, Stimulus]]:
    """Yield the photographs of one type: line i is of the i-th of them by name."""
    pictures = [name for name in home.pictures if name.lower().endswith(".png")]
    masks = [name for name in home.pictures if name.lower().endswith(MASK)]
    texts = list(instructions_in(home, kind, entry.where))
    if not len(pictures) == len(masks) == len(texts) > 0:
        found = f"{len(pictures)} pictures, {len(masks)} masks and {len(texts)} lines of {kind.texts}"
        raise StimulusError(f"{entry.where}: {str(home.path)!r} has {found}; expected as many of each")
    for name, mask, (where, instruction, target) in zip(pictures, paired(pictures, masks), texts, strict=True):
        reference = {
            "instruction": instruction,
            "target": target,
            "mask": file_picture(home.file(mask, where)),
        }
        id_ = check_id(f"{kind.name}-{PurePosixPath(name).stem}", where)
        picture = file_picture(home.file(name, where))
        yield where, Stimulus(id_, picture, {"type": kind.name, "part": kind.part}, reference)


def paired(pictures: list[str], masks: list[str]) -> list[str]:
    """Return the mask of each picture: that of its name where all have one, else the one at its place by name.

    By name alone ``10_mask.jpg`` comes before ``1_mask.jpg``, but ``1.png`` before ``10.png``.
    """
    of_name = {mask[: -len(MASK)].lower(): mask for mask in masks}
    stems = [PurePosixPath(name).stem.lower() for name in pictures]
    return [of_name[stem] for stem in stems] if set(stems) == set(of_name) else masks


def instructions_in(home: Folder, kind: EditType, where: str) -> Iterator[tuple[str, str, str]]:
    """Yield place, instruction and target of each line; lines after the last may be blank."""
    path = home.file(kind.texts, where)
    blank = 0
    for number, line in enumerate(text_lines(path, "list of instructions"), 1):
        place = f"{home.path.name}/{path.name}, line {blank or number}"
        instruction, *targets = (part.strip() for part in line.split(MARK))
        if not line.strip():
            blank = blank or number
        elif blank or len(targets) != 1 or not instruction or not targets[0]:
            shown = repr("" if blank else line.strip()[:80])
            raise StimulusError(f"{place}: {shown}; expected 'INSTRUCTION CLIP: WHAT IS SEEN THEN'")
        else:
            yield place, instruction, targets[0]


REASON_EDIT = Layout(
    name="reason_edit",
    title="Reason-Edit",
    source="https://github.com/TencentARC/SmartEdit (its benchmark on Google Drive)",
    licence="not stated",
    keys=frozenset({"types"}),
    read=read,
)
