"""GenEval: 553 prompts in six tasks, with what a picture of each has to show.

Ghosh, Hajishirzi & Schmidt (2023), GenEval: an object-focused framework for evaluating text-to-image
alignment. NeurIPS 36. :DOI:`10.48550/arXiv.2310.11513`
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pytest_vlmperception.errors import StimulusError, choices_hint
from pytest_vlmperception.records import COLOURS, RELATIONS, Prompt
from pytest_vlmperception.stimuli.datasets.folders import Folder
from pytest_vlmperception.stimuli.datasets.prompt_formats import (
    PlacedPrompts,
    PromptFormat,
    chosen_prompts,
    prompt_text,
)
from pytest_vlmperception.stimuli.entries import Entry
from pytest_vlmperception.stimuli.json_files import json_lines

__all__ = ["CHOICES", "GENEVAL", "TASKS", "chosen_tasks", "prompt_of"]

METADATA = "evaluation_metadata.jsonl"

TASKS = ("single_object", "two_object", "counting", "colors", "position", "color_attr")
KEYS = ("tag", "include", "exclude", "prompt")
CHOICES = frozenset({"tasks", "per_task", "seed"})

# More objects of one class than anybody counts.
MAX_COUNT = 1000


def read(entry: Entry, path: Path) -> PlacedPrompts:
    """Yield the chosen prompts of a metadata file, or of the folder that has it, itself or in ``prompts``."""
    if path.is_dir():
        path = Folder.open(path).home_of(METADATA, ["prompts"], entry.where).file(METADATA, entry.where)
    return chosen_tasks(entry, placed(path))


def placed(path: Path) -> PlacedPrompts:
    """Yield the prompts of a metadata file. A line is called by its number from zero, as GenEval calls its folders."""
    for number, line in json_lines(path, "metadata"):
        yield line.where, prompt_of(line, f"{number - 1:05}")


def chosen_tasks(entry: Entry, prompts: PlacedPrompts) -> PlacedPrompts:
    """Yield the prompts of the tasks that a table chooses."""
    return chosen_prompts(entry, prompts, "task", "tasks", TASKS)


def prompt_of(line: Entry, name: str) -> Prompt:
    """Return the prompt of one line of metadata.

    Its reference values are those of the line.

    Raises
    ------
    StimulusError
        If the line is none of GenEval's.
    """
    line.check_keys(KEYS)
    task = line.text("tag")
    if task not in TASKS:
        raise StimulusError(f"{line.where}: tag {task!r} is not known; {choices_hint(task, TASKS)}")
    for place, clause in enumerate(clauses(line, "include")):
        check_included(clause, place)
    for clause in clauses(line, "exclude") if "exclude" in line.table else ():
        check_counted(clause, ("class", "count"))
    text = prompt_text(line, "prompt")
    return Prompt(name, text, groups={"task": task}, reference=line.table)


def clauses(line: Entry, key: str) -> Iterator[Entry]:
    """Yield the clauses of one kind."""
    listed: Any = line.table.get(key)
    if not isinstance(listed, list) or not listed or not all(isinstance(clause, dict) for clause in listed):
        raise line.wrong(key, 'a list such as [{"class": "bench", "count": 1}]')
    for number, clause in enumerate(listed):
        yield Entry(f"{line.where}: {key}[{number}]", clause)


def check_included(clause: Entry, place: int) -> None:
    """Refuse a clause of what has to be there that is none."""
    check_counted(clause, ("class", "count", "color", "position"))
    if "color" in clause.table and clause.table["color"] not in COLOURS:
        raise clause.wrong("color", f"one of {', '.join(COLOURS)}")
    if "position" in clause.table and not is_position(clause.table["position"], place):
        raise clause.wrong("position", f"[relation, number of an earlier clause], one of {', '.join(RELATIONS)}")


def is_position(value: Any, place: int) -> bool:
    """Return whether a value is a relation and the number of a clause before the one at `place`."""
    if not isinstance(value, list) or len(value) != 2 or type(value[1]) is not int:
        return False
    return value[0] in RELATIONS and 0 <= value[1] < place


def check_counted(clause: Entry, keys: tuple[str, ...]) -> None:
    """Refuse a clause without a class and how many of it."""
    clause.check_keys(keys)
    clause.text("class")
    if "count" not in clause.table:
        raise clause.wrong("count", "how many")
    clause.whole_number("count", 1, MAX_COUNT, 1)


GENEVAL = PromptFormat(
    name="geneval",
    title="GenEval",
    source="https://github.com/djghosh13/geneval",
    licence="MIT",
    keys=CHOICES,
    read=read,
)
