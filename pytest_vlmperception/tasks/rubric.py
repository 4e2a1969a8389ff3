"""Rubrics: what a judge is asked of a picture, and how its answers make one grade."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

from pytest_vlmperception.errors import PromptError, choices_hint
from pytest_vlmperception.tasks.rubric_files import SHIPPED, read_rubric, shipped_file
from pytest_vlmperception.tasks.rubric_questions import MAX_CHARACTERS, RubricQuestion, wrong_among

__all__ = ["Combine", "Rubric"]

Combine = Literal["all", "weighted", "lowest"]

# More than one call can hold; the longest published checklists have 30.
MAX_QUESTIONS = 100


@dataclass(frozen=True)
class Rubric:
    """Questions that one call asks a judge about one picture, or about a picture before and after an edit.

    Attributes
    ----------
    name : str
        What messages call it.
    instructions : str
        What the judge is told before the questions, with ``{placeholders}``.
    questions : tuple of RubricQuestion
        In the order asked.
    combine : {"all", "weighted", "lowest"}
        Whether a picture passes where all yes/no questions hold, or its score is the weighted mean of the answers, or
        the lowest of them, each on a scale from 0 to 1.
    pictures : {1, 2}
        How many pictures the judge is shown: 2 are one before an edit and one after it.
    """

    name: str
    instructions: str
    questions: tuple[RubricQuestion, ...]
    combine: Combine = "all"
    pictures: int = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "questions", tuple(self.questions))
        for wrong in wrong_about(self):
            raise PromptError(f"rubric {self.name!r}: {wrong}")

    def __str__(self) -> str:
        return self.name

    @classmethod
    def load(cls, path: str | os.PathLike[str], beside: str | os.PathLike[str] | None = None) -> Rubric:
        """Return the rubric in a TOML file.

        Parameters
        ----------
        path : path
            Relative to the folder of `beside`, else to the current folder.
        beside : path, optional
            A file, usually ``__file__``. Its folder is the suite, which the rubric must lie in; without it the suite is
            the rubric's own folder.

        Raises
        ------
        PromptError
            If the file cannot be read, lies outside its suite, or holds no rubric.
        """
        where, fields = read_rubric(path, beside)
        try:
            return cls(**fields)
        except PromptError as error:
            raise PromptError(f"{where}: {error}") from None

    @classmethod
    def shipped(cls, name: str) -> Rubric:
        """Return a rubric of this package: ``wise``, ``wise_verified`` or ``editing``.

        Raises
        ------
        PromptError
            If there is none of that name.
        """
        if name not in SHIPPED:
            raise PromptError(f"there is no rubric {name!r} in the package; {choices_hint(str(name), SHIPPED)}")
        return cls.load(shipped_file(name))

    @property
    def checks(self) -> tuple[str, ...]:
        """What decides each question, as canonical JSON; empty where no question has a check."""
        if not any(question.check for question in self.questions):
            return ()
        pairs = ({"check": dict(question.check), "question": question.id} for question in self.questions)
        return tuple(json.dumps(pair, sort_keys=True, separators=(",", ":")) for pair in pairs)


def wrong_about(rubric: Rubric) -> Iterator[str]:
    """Yield what is wrong with a rubric whose questions are sound, and what was expected."""
    if not isinstance(rubric.instructions, str) or len(rubric.instructions) > MAX_CHARACTERS:
        yield f"expected instructions of at most {MAX_CHARACTERS} characters"
    if not 1 <= len(rubric.questions) <= MAX_QUESTIONS:
        yield f"it has {len(rubric.questions)} questions; expected 1 to {MAX_QUESTIONS}"
    if rubric.combine not in get_args(Combine):
        yield f"combine={rubric.combine!r}; {choices_hint(str(rubric.combine), get_args(Combine))}"
    if rubric.pictures not in (1, 2):
        yield f"pictures={rubric.pictures!r}; expected 1, or 2 for a picture before and after an edit"
    yield from wrong_among(rubric.questions)
    scaled = next((question.id for question in rubric.questions if question.points is not None), None)
    if rubric.combine == "all" and scaled is not None:
        yield f"all its questions have to hold, but {scaled!r} has points; set combine to 'weighted' or 'lowest'"
