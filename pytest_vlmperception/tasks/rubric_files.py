"""Rubric files: TOML, confined to their suite."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

from pytest_vlmperception.errors import PromptError, StimulusError
from pytest_vlmperception.stimuli.entries import Entry
from pytest_vlmperception.stimuli.paths import file_within, read_text, resolved
from pytest_vlmperception.tasks.rubric_questions import RubricQuestion

__all__ = ["SHIPPED", "read_rubric", "shipped_file"]

WHAT = "rubric"
FOLDER = Path(__file__).parent / "rubrics"
SHIPPED = ("editing", "wise", "wise_verified")
TOP_KEYS = ("name", "instructions", "combine", "pictures", "questions")
QUESTION_KEYS = ("id", "text", "points", "weight", "skill", "parents", "check")


def read_rubric(
    path: str | os.PathLike[str], beside: str | os.PathLike[str] | None = None
) -> tuple[str, dict[str, Any]]:
    """Return the name of a rubric file, and the fields of the rubric in it.

    Raises
    ------
    PromptError
        If the file cannot be read, lies outside its suite, or a field or question is none.
    """
    try:
        found = found_at(os.fspath(path), beside)
        return found.name, fields_of(Entry(found.name, parsed(found)), found.stem)
    except StimulusError as error:
        raise PromptError(str(error)) from None


def shipped_file(name: str) -> Path:
    """Return where a rubric of this package is."""
    return FOLDER / f"{name}.toml"


def found_at(name: str, beside: str | os.PathLike[str] | None) -> Path:
    """Return where a rubric file is, within its suite."""
    if beside is None:
        path = resolved(Path(name), WHAT)
        return file_within(path.parent, path.parent, path.name, WHAT)
    suite = resolved(Path(beside).parent, "beside")
    return file_within(suite, suite, name, WHAT)


def parsed(path: Path) -> dict[str, Any]:
    """Return what a TOML file holds."""
    text = read_text(path, WHAT)
    try:
        return tomllib.loads(text)
    # Not only TOMLDecodeError: numbers and dates raise ValueError, deep nesting RecursionError.
    except (ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise StimulusError(f"rubric {str(path)!r} is not valid TOML: {reason}; correct it") from None


def fields_of(top: Entry, stem: str) -> dict[str, Any]:
    """Return the fields of the rubric that a file holds."""
    top.check_keys(TOP_KEYS)
    return {
        "name": top.text("name", stem),
        "instructions": top.text("instructions", "").strip(),
        "questions": tuple(question_of(entry) for entry in top.entries("questions")),
        "combine": top.text("combine", "all"),
        "pictures": top.whole_number("pictures", 1, 2, 1),
    }


def question_of(entry: Entry) -> RubricQuestion:
    """Return the question of one ``[[questions]]`` table."""
    entry.check_keys(QUESTION_KEYS)
    try:
        return RubricQuestion(
            id=entry.text("id"),
            text=entry.text("text").strip(),
            points=entry.table.get("points"),
            weight=entry.number("weight", 0.0, 1e6, 1.0),
            skill=entry.text("skill", ""),
            parents=tuple(entry.texts("parents", [])),
            check=entry.inner("check"),
        )
    except PromptError as error:
        raise PromptError(f"{entry.where}: {error}") from None
