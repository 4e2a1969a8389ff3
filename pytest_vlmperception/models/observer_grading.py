"""What the observer answers to the questions of a rubric about scenes of flat shapes and letters."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pytest_vlmperception.errors import CannotJudge
from pytest_vlmperception.models.chance import normal
from pytest_vlmperception.models.observer_faces import decoded
from pytest_vlmperception.records import COLOURS, KINDS, Detection, Hint, Picture, Question

if TYPE_CHECKING:
    from pytest_vlmperception.pictures.scene_reading import SceneReading

__all__ = ["SceneGrader", "holds", "relations"]

Box = tuple[float, float, float, float]

# GenEval's rule: how far an offset is shortened, in sums of the two objects' sizes, and how much of its length has to
# point the way (Ghosh, Hajishirzi and Schmidt 2023, arXiv 2310.11513).
SHORTENED, POINTING = 0.1, 0.5

COUNTS: Mapping[str, Callable[[int, int], bool]] = {
    "count": lambda found, wanted: found == wanted,
    "at_least": lambda found, wanted: found >= wanted,
    "fewer_than": lambda found, wanted: found < wanted,
}
KNOWN = "class with count, at_least or fewer_than, class with relation and of, and text"


class SceneGrader:
    """Decides yes/no questions by their checks, on what it finds in the picture.

    With noise its percept of an answer is ``e + noise * z``, e = 1 for yes and -1 for no (one just-noticeable difference
    from the criterion on either side, a convention), and z standard normal, drawn anew for each picture, question and
    repeat; it answers yes where that is above 0. So a share Phi(-1 / noise) of its answers is wrong.

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
            If a question has no check that it can decide, or there is no picture.
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
            raise CannotJudge(f"question {asked['question']!r} has no check; the observer decides by {KNOWN}")
        evidence = 1.0 if holds(asked["check"], self._scene(picture)) else -1.0
        if not self._noise:
            return evidence > 0.0
        parts = [self._seed, picture.sha256, asked, repeat]
        digest = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).digest()
        return evidence + self._noise * normal(digest[:8]) > 0.0

    def _scene(self, picture: Picture) -> SceneReading:
        """Return what a picture shows, looked for once for each content."""
        from pytest_vlmperception.pictures.scene_reading import read_scene  # late: it loads numpy

        if picture.sha256 not in self._scenes:
            self._scenes[picture.sha256] = read_scene(decoded(picture))
        return self._scenes[picture.sha256]


def holds(check: Mapping[str, Any], scene: SceneReading) -> bool:
    """Tell whether a check holds of what was found in a picture.

    Raises
    ------
    CannotJudge
        If it asks for something else than shapes and letters can answer.
    """
    match dict(check):
        case {"text": str() as text, **rest} if not set(rest) - {"colour"}:
            lines = [line for line in scene.texts if line.text == text.upper()]
            return any(line.colour == coloured(rest, "colour") or not rest for line in lines)
        case {"class": str() as kind, "relation": str() as relation, "of": str() as other, **rest} if not set(rest) - {
            "colour",
            "of_colour",
        }:
            ours = seen(scene.shapes, kind, coloured(rest, "colour"))
            theirs = seen(scene.shapes, other, coloured(rest, "of_colour"))
            return all_related(ours, theirs, relation)
        case {"class": str() as kind, **rest}:
            return counted(len(seen(scene.shapes, kind, coloured(rest, "colour"))), rest)
    raise CannotJudge(f"the observer cannot decide the check {dict(check)!r}; it decides by {KNOWN}")


def coloured(rest: Mapping[str, Any], key: str) -> str:
    """Return a colour that a check asks for; empty where it asks for none."""
    colour = rest.get(key, "")
    if colour and colour not in COLOURS:
        raise CannotJudge(f"the observer does not know the colour {colour!r}; it knows {', '.join(COLOURS)}")
    return str(colour)


def seen(shapes: Sequence[Detection], kind: str, colour: str) -> list[Detection]:
    """Return the shapes of a kind, and of a colour if one is given."""
    if kind not in KINDS:
        raise CannotJudge(f"the observer does not know the class {kind!r}; it knows {', '.join(KINDS)}")
    return [shape for shape in shapes if shape.kind == kind and colour in ("", shape.colour)]


def counted(found: int, rest: Mapping[str, Any]) -> bool:
    """Tell whether a number of shapes is the one that a check asks for."""
    asked = {name: value for name, value in rest.items() if name != "colour"}
    match list(asked.items()):
        case [(name, int() as wanted)] if name in COUNTS:
            return COUNTS[name](found, wanted)
    raise CannotJudge(f"the observer cannot decide {asked!r} of a class; it decides by {KNOWN}")


def all_related(ours: Sequence[Detection], theirs: Sequence[Detection], relation: str) -> bool:
    """Tell whether each of some shapes lies as it should, as seen from each of the others; no where there are none."""
    pairs = [(our, their) for our in ours for their in theirs if our is not their]
    return bool(pairs) and all(relation in relations(our.box, their.box) for our, their in pairs)


def relations(box: Box, other: Box) -> frozenset[str]:
    """Return where a box lies, as seen from another, by GenEval's rule; on a diagonal there may be two.

    The offset of the centres is shortened by a tenth of the sums of widths and heights; a relation holds where what is
    left in its direction is more than half as long as the offset was.

    Examples
    --------
    >>> sorted(relations((0, 0, 10, 10), (50, 5, 60, 15)))
    ['left of']
    """
    offset = (box[0] + box[2] - other[0] - other[2]) / 2, (box[1] + box[3] - other[1] - other[3]) / 2
    sizes = box[2] - box[0] + other[2] - other[0], box[3] - box[1] + other[3] - other[1]
    length = math.hypot(*offset)
    if length == 0.0:
        return frozenset()
    x, y = (
        math.copysign(max(abs(way) - SHORTENED * size, 0.0), way) / length
        for way, size in zip(offset, sizes, strict=True)
    )
    ways = {"left of": -x, "right of": x, "above": -y, "below": y}
    return frozenset(name for name, way in ways.items() if way > POINTING)
