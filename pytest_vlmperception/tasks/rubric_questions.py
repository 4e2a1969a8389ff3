"""Questions of a rubric: answered with yes or no, or on a scale."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pytest_vlmperception.errors import PromptError

__all__ = ["MAX_CHARACTERS", "RubricQuestion", "wrong_among"]

# A scale finer than percent tells nothing.
MAX_POINTS = 101

MAX_CHARACTERS = 20_000

ID = re.compile(r"[a-z][a-z0-9_]{0,63}")


@dataclass(frozen=True)
class RubricQuestion:
    """One question about a picture, answered with yes or no, or on a scale.

    Attributes
    ----------
    id : str
        Lower-case letters, digits and ``_``: the answer's key.
    text : str
        The question, with ``{placeholders}``.
    points : tuple of (int, int) or None
        The ends of a scale of whole numbers, the best last; None for yes or no.
    weight : float
        What it counts in a weighted score.
    skill : str
        What it tests, e.g. ``counting``.
    parents : tuple of str
        Ids of earlier yes/no questions: where one is answered no, so is this one, and it is not judged.
    check : mapping
        What decides it, for the built-in observer, which reads no words; see the documentation of rubrics.
    """

    id: str
    text: str
    points: tuple[int, int] | None = None
    weight: float = 1.0
    skill: str = ""
    parents: tuple[str, ...] = ()
    check: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        for wrong in wrong_in(self):
            raise PromptError(f"question {self.id!r}: {wrong}")
        object.__setattr__(self, "parents", tuple(self.parents))
        if self.points is not None:
            object.__setattr__(self, "points", tuple(self.points))

    @property
    def values(self) -> tuple[bool | int, ...]:
        """The answers that can be given, the best last."""
        return (False, True) if self.points is None else tuple(range(self.points[0], self.points[1] + 1))

    def share(self, answer: float) -> float:
        """Return an answer, or a mean of answers, on a scale from 0 to 1."""
        low, high = self.points or (0, 1)
        return (float(answer) - low) / (high - low)


def wrong_in(question: RubricQuestion) -> Iterator[str]:
    """Yield what is wrong with a question by itself, and what was expected."""
    if not isinstance(question.id, str) or not ID.fullmatch(question.id):
        yield "expected an id of lower-case letters, digits and _, such as 'count_1'"
    if not isinstance(question.text, str) or not 0 < len(question.text.strip()) <= MAX_CHARACTERS:
        yield f"expected a text of 1 to {MAX_CHARACTERS} characters"
    if question.points is not None and not is_scale(question.points):
        yield f"points={question.points!r}; expected the ends of a scale of at most {MAX_POINTS} points, such as (0, 2)"
    if not is_positive(question.weight):
        yield f"weight={question.weight!r}; expected a number above 0"
    if isinstance(question.parents, str) or not all(isinstance(parent, str) for parent in question.parents):
        yield f"parents={question.parents!r}; expected the ids of other questions, such as ('object_1',)"
    if not isinstance(question.check, Mapping):
        yield f"check={question.check!r}; expected a mapping such as {{'class': 'circle', 'count': 3}}"


def is_scale(points: Any) -> bool:
    """Tell whether two whole numbers are the ends of a scale."""
    if not isinstance(points, tuple | list) or len(points) != 2 or not all(type(point) is int for point in points):
        return False
    return bool(0 < points[1] - points[0] < MAX_POINTS)


def is_positive(weight: object) -> bool:
    """Tell whether a weight is a finite number above 0."""
    return isinstance(weight, int | float) and not isinstance(weight, bool) and 0 < weight < math.inf


def wrong_among(questions: Iterable[RubricQuestion]) -> Iterator[str]:
    """Yield ids that stand there twice, and parents that are no earlier yes/no questions."""
    earlier: dict[str, RubricQuestion] = {}
    for question in questions:
        if question.id in earlier:
            yield f"two questions have the id {question.id!r}; give each its own"
        for parent in question.parents:
            if parent not in earlier or earlier[parent].points is not None:
                expected = "expected the id of an earlier question that is answered yes or no"
                yield f"question {question.id!r} has the parent {parent!r}; {expected}"
        earlier[question.id] = question
