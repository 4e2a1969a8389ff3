"""What the observer answers to the questions of a rubric about scenes of flat shapes and letters."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pytest_vlmperception.errors import CannotJudge
from pytest_vlmperception.models.chance import normal
from pytest_vlmperception.models.observer_faces import decoded
from pytest_vlmperception.pictures.checks import DECIDABLE, holds
from pytest_vlmperception.records import Hint, Picture, Question

if TYPE_CHECKING:
    from pytest_vlmperception.pictures.scene_reading import SceneReading

__all__ = ["SceneGrader"]


class SceneGrader:
    """Decides yes/no questions by their checks, on what it finds in the picture.

    With noise its percept of an answer is ``e + noise * z``, e = 1 for yes and -1 for no (one just-noticeable
    difference from the criterion on either side, a convention), and z standard normal, drawn anew for each picture,
    question and repeat; it answers yes where that is above 0. So a share Phi(-1 / noise) of its answers is wrong.

    Parameters
    ----------
    noise : float
        Standard deviation of a percept in just-noticeable differences.
    seed : int
        Of the noise.
    """

    def __init__(self, noise: float, seed: int) -> None:
        self._noise, self._seed = noise, seed
        # Of pictures by content: written by many threads, but always with the same value.
        self._scenes: dict[str, SceneReading] = {}

    def answer(self, question: Question, task: Hint) -> str:
        """Return the answers as the JSON that a rubric asks for. Of an edit, the picture after it is looked at.

        Raises
        ------
        CannotJudge
            If a question has no check that it can decide, or the picture is no scene of shapes.
        """
        checks = [json.loads(check) for check in task.checks]
        if not checks or not question.pictures:
            what = "no picture" if checks else "a rubric without checks"
            raise CannotJudge(f"the observer grades pictures by checks that it can measure; it was given {what}")
        picture = question.pictures[-1]
        answers = {each["question"]: self._percept(picture, each, question.repeat) for each in checks}
        return json.dumps({name: "yes" if answer else "no" for name, answer in answers.items()})

    def _percept(self, picture: Picture, asked: Mapping[str, Any], repeat: int) -> bool:
        """Return the answer to one question."""
        if not asked["check"]:
            raise CannotJudge(f"question {asked['question']!r} has no check; the observer decides by {DECIDABLE}")
        scene = self._scene(picture)
        evidence = 1.0 if holds(asked["check"], scene.shapes, scene.texts) else -1.0
        if not self._noise:
            return evidence > 0.0
        parts = [self._seed, picture.sha256, asked, repeat]
        digest = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).digest()
        return evidence + self._noise * normal(digest[:8]) > 0.0

    def _scene(self, picture: Picture) -> SceneReading:
        """Return what a picture shows, looked for once for each content."""
        if picture.sha256 not in self._scenes:
            self._scenes[picture.sha256] = scene_in(picture)
        return self._scenes[picture.sha256]


def scene_in(picture: Picture) -> SceneReading:
    """Return what a picture of flat shapes shows."""
    # Imported late: whoever only names an observer needs no numpy.
    from pytest_vlmperception.pictures.scene_reading import read_scene

    return read_scene(decoded(picture))
