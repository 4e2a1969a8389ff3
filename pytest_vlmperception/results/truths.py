"""What is known to be right or wrong of pictures, beside what a judge answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pytest_vlmperception.errors import CannotJudge, UsageError, choices_hint
from pytest_vlmperception.pictures.checks import holds
from pytest_vlmperception.records import Detection, Scene, Shape
from pytest_vlmperception.results.grade import held
from pytest_vlmperception.tasks import Rubric

__all__ = ["truths_of"]


def truths_of(value: Any, rubric: Rubric, picture: str) -> bool | Mapping[str, bool]:
    """Return whether a picture is right, or which answers to the questions of its rubric are.

    Parameters
    ----------
    value : bool, mapping of str to bool, or Scene
        Of a scene, the checks of the questions decide. The answer below a question that is no is no.
    rubric : Rubric
        Of yes/no questions.
    picture : str
        What messages call it.

    Raises
    ------
    UsageError
        If it says of no or of other questions whether they hold.
    """
    if isinstance(value, bool):
        return value
    if isinstance(value, Scene):
        value = checked(value, rubric, picture)
    ids = [question.id for question in rubric.questions]
    if not isinstance(value, Mapping) or not all(isinstance(each, bool) for each in value.values()):
        expected = "True or False, a mapping from question to True or False, or a Scene"
        raise UsageError(f"the truth of {picture!r} is {value!r}; expected {expected}")
    strange = next((name for name in [*ids, *value] if name not in value or name not in ids), None)
    if strange is not None:
        raise UsageError(f"the truth of {picture!r} and its rubric differ in {strange!r}; {choices_hint(strange, ids)}")
    return {name: bool(answer) for name, answer in held(rubric, value).items()}


def checked(scene: Scene, rubric: Rubric, picture: str) -> dict[str, bool]:
    """Return which questions hold of a scene, by their checks."""
    shapes = [detection_of(shape) for shape in scene.shapes]
    try:
        return {question.id: holds(question.check, shapes, scene.texts) for question in rubric.questions}
    except CannotJudge as error:
        raise UsageError(f"the truth of {picture!r} cannot be told from its scene: {error}") from None


def detection_of(shape: Shape) -> Detection:
    """Return a shape as if it had been found."""
    half = shape.size / 2
    return Detection(shape.kind, (shape.x - half, shape.y - half, shape.x + half, shape.y + half), shape.colour)
