"""What the observer sees in scenes of shapes."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from pytest_vlmperception.errors import CannotJudge
from pytest_vlmperception.models.chance import normal
from pytest_vlmperception.models.scene_questions import SceneQuestion, Wanted
from pytest_vlmperception.records import COLOURS, KINDS, Question

if TYPE_CHECKING:
    from pytest_vlmperception.pictures.scene_reading import SceneReading, Seen

__all__ = ["SCENE_JND", "SceneObserver"]

# One just-noticeable difference. Number: as a share of it, the Weber fraction of adults; Halberda and Feigenson (2008),
# Dev. Psychol. 44, 1457-1465, doi 10.1037/a0012682. Colour: CIELAB units; Mahy, Van Eycken and Oosterlinck (1994),
# Color Res. Appl. 19, 105-121. Place, as a share of the picture's side, and hidden area, of the shape's: conventions.
SCENE_JND: Mapping[str, float] = MappingProxyType({"number": 0.11, "colour": 2.3, "place": 0.02, "hidden": 0.02})

# Side, as a share of the picture's, below which a field is small: its colour is seen the worse the smaller it is.
SMALL_FIELD = 0.1

SIDES: Mapping[str, tuple[int, int]] = MappingProxyType({
    **dict.fromkeys(("left", "left of", "to the left", "to the left of"), (-1, 0)),
    **dict.fromkeys(("right", "right of", "to the right", "to the right of"), (1, 0)),
    **dict.fromkeys(("above", "over"), (0, -1)),
    **dict.fromkeys(("below", "under", "beneath"), (0, 1)),
})


class SceneObserver:
    """Reads scenes of flat shapes from pixels, and answers what is asked of them.

    Its percepts have normal noise of SD ``noise * JND``, drawn anew for each picture and repeat:

    - a number n is seen as ``n (1 + noise * 0.11 z)``;
    - a colour in CIELAB, each coordinate with an SD of 2.3 times noise; more, the smaller a shape is than a tenth of
      the picture. Colours are bound to shapes by place: the colour of a shape is that whose own percept of place is
      nearest to it, so that close neighbours exchange theirs;
    - a place, across and down, with an SD of 2 % of the picture's side;
    - the hidden share of a shape with an SD of 0.02: the one with less of it is in front.

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
        self._readings: dict[str, tuple[SceneReading, int]] = {}

    def answer(self, question: Question, asked: SceneQuestion) -> str:
        """Return the choice that is seen.

        Raises
        ------
        CannotJudge
            If the picture is no scene of shapes, or does not show what is asked about, or a choice is not known.
        """
        if len(question.pictures) != 1:
            raise CannotJudge(f"the observer looks at one scene at a time; it was shown {len(question.pictures)}")
        skills = {"count": self._count, "colour": self._colour, "position": self._position, "front": self._front}
        return skills[asked.skill](question, asked)

    def _count(self, question: Question, asked: SceneQuestion) -> str:
        """Return the choice nearest to the number of shapes."""
        numbers = {choice: number_of(choice) for choice in question.choices}
        reading, _ = self._read(question)
        n = sum(map(asked.what.is_met_by, reading.shapes))
        percept = n * (1 + self._deviation(question, "number"))
        return min(numbers, key=lambda choice: abs(numbers[choice] - percept))

    def _colour(self, question: Question, asked: SceneQuestion) -> str:
        """Return the label nearest to the colour that is bound to a shape."""
        named = {label: known(label, COLOURS, "colour") for label in question.choices}
        reading, side = self._read(question)
        target = centre(only(asked.what, reading))

        def away(index: int) -> float:
            across, down = centre(reading.seen[index])
            moved = (self._deviation(question, "place", axis, index) * side for axis in ("across", "down"))
            return math.dist((across + next(moved), down + next(moved)), target)

        bound = min(range(len(reading.seen)), key=away)
        tone = self._tone(question, reading.seen[bound], side)
        tones = palette()
        return min(named, key=lambda label: math.dist(tones[named[label]], tone))

    def _tone(self, question: Question, shape: Seen, side: int) -> tuple[float, ...]:
        """Return the percept of a shape's colour."""
        left, _, right, _ = shape.detection.box
        smaller = max(1.0, SMALL_FIELD * side / max(right - left, 1.0))
        return tuple(
            value + smaller * self._deviation(question, "colour", axis)
            for value, axis in zip(shape.tone, "Lab", strict=True)
        )

    def _position(self, question: Question, asked: SceneQuestion) -> str:
        """Return the label of the side on which a shape mainly lies, seen from another."""
        towards = {label: SIDES[known(label, SIDES, "side")] for label in question.choices}
        reading, side = self._read(question)
        ends = [centre(only(wanted, reading)) for wanted in (asked.what, asked.other)]
        across, down = (
            first
            - second
            + side * (self._deviation(question, "place", axis, 0) - self._deviation(question, "place", axis, 1))
            for axis, first, second in zip(("across", "down"), *ends, strict=True)
        )
        return max(towards, key=lambda label: towards[label][0] * across + towards[label][1] * down)

    def _front(self, question: Question, asked: SceneQuestion) -> str:
        """Return the label of the shape of which least is hidden."""
        kinds = {label: known(label, KINDS, "shape") for label in question.choices}
        reading, _ = self._read(question)
        hidden = {label: only(Wanted(kind), reading).hidden for label, kind in kinds.items()}
        if not any(hidden.values()):
            raise CannotJudge(f"the {' and the '.join(kinds.values())} do not overlap: none is in front")
        return min(hidden, key=lambda label: hidden[label] + self._deviation(question, "hidden", label))

    def _read(self, question: Question) -> tuple[SceneReading, int]:
        """Return what the one picture of a question shows, and its longer side in pixels."""
        picture = question.pictures[0]
        if picture.sha256 not in self._readings:
            # Imported late: whoever only names an observer needs no numpy.
            from pytest_vlmperception.pictures import codec
            from pytest_vlmperception.pictures.scene_reading import read_scene

            pixels = codec.decode(picture.bytes, picture.name)
            self._readings[picture.sha256] = read_scene(pixels), max(pixels.shape[:2])
        return self._readings[picture.sha256]

    def _deviation(self, question: Question, jnd: str, *parts: str | int) -> float:
        """Return the error of one percept, in the unit of its just-noticeable difference."""
        if not self._noise:
            return 0.0
        words = [self._seed, question.pictures[0].sha256, jnd, *parts, question.repeat]
        return self._noise * SCENE_JND[jnd] * normal(hashlib.sha256(json.dumps(words).encode()).digest()[:8])


def only(wanted: Wanted, reading: SceneReading) -> Seen:
    """Return the shape that is meant, the most certain one where several are."""
    found = [shape for shape in reading.seen if wanted.is_met_by(shape.detection)]
    if not found:
        raise CannotJudge(f"the observer sees no {wanted} in the picture")
    return max(found, key=lambda shape: shape.detection.score)


def centre(shape: Seen) -> tuple[float, float]:
    """Return the middle of a shape in pixels."""
    left, top, right, bottom = shape.detection.box
    return (left + right) / 2, (top + bottom) / 2


def known(label: str, names: Sequence[str] | Mapping[str, object], what: str) -> str:
    """Return the name that a label spells."""
    word = " ".join(label.lower().split()).removeprefix("the ")
    if word not in names:
        raise CannotJudge(f"the observer knows no {what} {label!r}; it knows {', '.join(names)}")
    return word


def number_of(choice: str) -> float:
    """Return the number that a choice is."""
    try:
        return float(choice)
    except ValueError:
        raise CannotJudge(f"the observer counts in numbers; {choice!r} is none") from None


def palette() -> Mapping[str, Sequence[float]]:
    """Return CIELAB of the colours by name."""
    # Imported late, for the same reason.
    import numpy as np

    from pytest_vlmperception.pictures import lab_from_rgb
    from pytest_vlmperception.pictures.scenes import SRGB

    tones = lab_from_rgb(np.array(list(SRGB.values()), dtype=np.uint8)).tolist()
    return dict(zip(SRGB, tones, strict=True))
