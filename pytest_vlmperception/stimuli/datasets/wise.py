"""WISE: 1,000 prompts that take knowledge of the world, with what a picture of each has to show.

Niu et al. (2025), WISE: a world knowledge-informed semantic evaluation for text-to-image generation.
:DOI:`10.48550/arXiv.2503.07265`
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from pytest_vlmperception.errors import StimulusError, choices_hint
from pytest_vlmperception.records import Prompt
from pytest_vlmperception.stimuli.datasets.folders import Folder
from pytest_vlmperception.stimuli.datasets.lacking import warn_of_lacking
from pytest_vlmperception.stimuli.datasets.prompt_formats import (
    PlacedPrompts,
    PromptFormat,
    chosen_prompts,
    prompt_text,
)
from pytest_vlmperception.stimuli.datasets.wise_editions import CATEGORIES, EDITIONS, Numbered, edition_of
from pytest_vlmperception.stimuli.entries import Entry
from pytest_vlmperception.stimuli.json_files import json_items

__all__ = ["WISE"]

STEMS = ("cultural_common_sense", "spatio-temporal_reasoning", "natural_science")
REWRITE = "_rewrite"

# Where the repository keeps them, and has kept them before.
HOMES = ((), ("data",), ("WISE_legacy", "data"), ("data_verified",))

KEYS = ("Prompt", "Explanation", "Category", "Subcategory", "prompt_id")

# As files have them, in lower case. One rewritten prompt is of ecology.
CATEGORY_NAMES = {
    "biology": "biology",
    "chemistry": "chemistry",
    "cultural knowledge": "culture",
    "ecology": "biology",
    "physical knowledge": "physics",
    "space": "space",
    "time": "time",
}

MAX_NUMBER = 1_000_000


def read(entry: Entry, path: Path) -> PlacedPrompts:
    """Yield the chosen prompts of a file, or of the three in a folder."""
    rewritten, stated = entry.flag("rewritten"), stated_edition(entry)
    files = files_in(Folder.open(path), entry.where, stated, rewritten) if path.is_dir() else [path]
    found = [each for file in files for each in prompts_in(file, rewritten)]
    edition = edition_of([number for number, _ in found], stated, entry.where)
    more = {"edition": edition} | ({"wording": "rewritten"} if rewritten else {})
    placed = ((number.where, replace(prompt, groups={**prompt.groups, **more})) for number, prompt in found)
    return chosen_prompts(entry, placed, "category", "categories", CATEGORIES)


def stated_edition(entry: Entry) -> str:
    """Return the edition that a table states; empty where it states none."""
    known = (*EDITIONS, "own")
    if "edition" in entry.table and entry.table["edition"] not in known:
        raise entry.wrong("edition", f"one of {', '.join(known)}")
    return entry.text("edition") if "edition" in entry.table else ""


def files_in(folder: Folder, where: str, stated: str, rewritten: bool) -> list[Path]:
    """Return the files of one edition, which a folder has itself or where the repository keeps them."""
    suffixes = {name: edition.suffix for name, edition in EDITIONS.items() if stated in {name, "own", ""}}
    suffixes = {"legacy": REWRITE} if rewritten else suffixes
    found = {
        (str(home.path), name): [home.file(file, where) for file in names_of(suffix) if home.has(file)]
        for home in homes_in(folder, where)
        for name, suffix in suffixes.items()
    }
    places = {place: files for place, files in found.items() if files}
    if not places:
        expected = f"{', '.join(names_of(next(iter(suffixes.values()))))}, or the folder of one edition"
        raise StimulusError(f"{where}: there are no prompts of WISE in {str(folder.path)!r}; expected {expected}")
    if len(places) > 1:
        listed = " and ".join(f"the {name} edition in {path!r}" for path, name in places)
        raise StimulusError(f"{where}: there is {listed}; give the folder of one of them, which are not comparable")
    (((_, name), files),) = places.items()
    there = {file.name.lower() for file in files}
    lacking = [file for file in names_of(suffixes[name]) if file.lower() not in there]
    warn_of_lacking(where, lacking, f"not in {str(folder.path)!r}")
    return files


def homes_in(folder: Folder, where: str) -> Iterator[Folder]:
    """Yield the folders that may have the files."""
    for names in HOMES:
        home: Folder | None = folder
        for name in names:
            home = home.folder(name, where) if home is not None and home.has(name) else None
        if home is not None:
            yield home


def names_of(suffix: str) -> list[str]:
    """Return the names of the three files of an edition."""
    return [f"{stem}{suffix}.json" for stem in STEMS]


def prompts_in(file: Path, rewritten: bool) -> Iterator[tuple[Numbered, Prompt]]:
    """Yield the prompts of one file."""
    if rewritten != file.stem.lower().endswith(REWRITE):
        raise StimulusError(wrong_wording(file.name, rewritten))
    named = edition_named(file.stem)
    for item in json_items(file, "list of prompts"):
        item.check_keys(KEYS)
        if item.text("Subcategory").endswith("-related") and not rewritten:
            raise StimulusError(wrong_wording(item.where, rewritten))
        category = category_of(item)
        number = number_of(item)
        yield Numbered(item.where, number, category, named), prompt_of(item, number, category)


def wrong_wording(where: str, rewritten: bool) -> str:
    """Say that prompts are rewritten and should not be, or the other way round."""
    if rewritten:
        return f"{where}: expected rewritten prompts, in a file such as natural_science_rewrite.json"
    found = "these prompts are rewritten: they name what has to be known"
    return f"{where}: {found}; give the others, or say rewritten = true"


def edition_named(stem: str) -> str:
    """Return the edition that a file's name tells; empty where it tells none."""
    names = {f"{each}{edition.suffix}": edition.name for each in STEMS for edition in EDITIONS.values()}
    return names.get(stem.lower().removesuffix(REWRITE), "")


def category_of(item: Entry) -> str:
    """Return the category of a prompt."""
    name = item.text("Category").lower()
    if name not in CATEGORY_NAMES:
        raise StimulusError(f"{item.where}: Category {name!r} is not known; {choices_hint(name, CATEGORY_NAMES)}")
    return CATEGORY_NAMES[name]


def number_of(item: Entry) -> int:
    """Return the number of a prompt, by which its picture is called."""
    if "prompt_id" not in item.table:
        raise item.wrong("prompt_id", "its number")
    return item.whole_number("prompt_id", 1, MAX_NUMBER, 1)


def prompt_of(item: Entry, number: int, category: str) -> Prompt:
    """Return a prompt; what a judge has to know of it are its reference values."""
    text = prompt_text(item, "Prompt")
    return Prompt(
        str(number),
        text,
        groups={"category": category, "subcategory": item.text("Subcategory")},
        reference={"prompt": text, "explanation": prompt_text(item, "Explanation")},
    )


WISE = PromptFormat(
    name="wise",
    title="WISE",
    source="https://github.com/PKU-YuanGroup/WISE",
    licence="not stated",
    keys=frozenset({"edition", "rewritten", "categories", "per_category", "seed"}),
    read=read,
)
