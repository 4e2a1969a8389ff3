"""The built-in model observer: it answers from pixels, with published measures."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import NormalDist
from types import MappingProxyType
from typing import Any

from pytest_vlmperception.errors import CallError, CannotJudge, ModelError, PictureError
from pytest_vlmperception.models.base import Identity, ModelSpec, resolve_parameters
from pytest_vlmperception.models.chance import normal
from pytest_vlmperception.models.converters import number, whole
from pytest_vlmperception.models.observer_faces import FaceObserver, valence_of
from pytest_vlmperception.models.observer_grading import SceneGrader
from pytest_vlmperception.models.observer_reading import Asked, asked
from pytest_vlmperception.models.observer_scenes import SceneObserver
from pytest_vlmperception.models.scene_questions import scene_question
from pytest_vlmperception.records import Picture, Question, Reply, Usage

__all__ = ["JND", "NORMS", "WEIGHTS", "Observer"]

# Raise when an answer to the same pictures changes: stored answers are then asked anew.
ADAPTER = 3
PARAMETERS: Mapping[str, Callable[[str], Any]] = {"noise": number(0.0), "seed": whole()}


@dataclass(frozen=True)
class Norm:
    """Mean and standard deviation of a measure over photographs."""

    mean: float
    sd: float

    def z(self, value: float) -> float:
        """Return `value` in standard deviations from the mean."""
        return (value - self.mean) / self.sd


# Rounded from the four colour photographs of everyday scenes that scikit-image ships
# (astronaut, chelsea, coffee, rocket): contrast 19.8 and 8.4, colorfulness 56.5 and 21.2.
# Preference as if the two were independent: (0.6^2 + 0.4^2)^0.5 = 0.72.
# Valence over schematic faces: it goes from -1 to 1, two standard deviations either way; a convention.
NORMS: Mapping[str, Norm] = MappingProxyType({
    "colorfulness": Norm(56.0, 21.0),
    "contrast": Norm(20.0, 8.0),
    "preference": Norm(0.0, 0.72),
    "valence": Norm(0.0, 0.5),
})

# Preference as a linear combination of the two measures.
WEIGHTS: Mapping[str, float] = MappingProxyType({"colorfulness": 0.6, "contrast": 0.4})

# Pictures that each verb takes at a time, and what that is called.
SHOWN: Mapping[str, int] = MappingProxyType({"compare": 2, "rate": 1})
DOES: Mapping[str, str] = MappingProxyType({"compare": "compares two pictures", "rate": "rates one picture"})

# One just-noticeable difference of each measure, in its own unit.
# Contrast: 2.3 CIELAB units, Mahy, Van Eycken and Oosterlinck (1994), Color Res. Appl. 19, 105-121.
# They measured colour differences, not spreads of L*, so already this is a convention. The others
# are the same share of a standard deviation over photographs, for want of measurements:
# 2.3 / 8 = 0.29; times 21 it is 6.0 for colorfulness, and preference is in these units; of valence it is 0.15.
JND: Mapping[str, float] = MappingProxyType({
    "colorfulness": 6.0,
    "contrast": 2.3,
    "preference": 0.29,
    "valence": 0.15,
})


class Observer:
    """A model observer of contrast, colorfulness and preference, of schematic faces, and of scenes of shapes.

    For the pictures i it has a percept ``p_i = m_i + noise * JND * z_i``, m the measure and z
    independent standard normal (Thurstone's case V), and answers A where the first percept is
    larger, B where the second is. On a scale of k points it gives a picture number 1 + floor(k Phi(z)),
    z the percept in standard deviations from the mean over photographs: each point is as likely as any other.
    `preference` is 0.6 z(colorfulness) + 0.4 z(contrast). Schematic faces it describes and classifies
    (`FaceObserver`), and compares and rates by `valence`. Scenes of shapes it counts, and classifies by colour, place
    and what lies in front (`SceneObserver`), and grades by the checks of a rubric (`SceneGrader`). What it cannot judge
    it refuses. It sees pixels and the prompt's front matter, never names or references.

    Parameters
    ----------
    spec : ModelSpec
        Its name taken apart. Parameters: ``noise``, the standard deviation of a percept in
        just-noticeable differences (0), and ``seed`` (0).

    Raises
    ------
    ModelError
        If a parameter is unknown or wrong, or a model is named.
    """

    def __init__(self, spec: ModelSpec) -> None:
        self._settings = {"noise": 0.0, "seed": 0, **resolve_parameters(spec, PARAMETERS)}
        if spec.model:
            raise ModelError(f"model {spec.name!r}: there is one observer; write observer, or observer?noise=0.5")
        self._spec = spec
        self._faces = FaceObserver(self._settings["noise"], self._settings["seed"])
        self._scenes = SceneObserver(self._settings["noise"], self._settings["seed"])
        self._grader = SceneGrader(self._settings["noise"], self._settings["seed"])
        # Of pictures by content: written by many threads, but always with the same value.
        self._measured: dict[tuple[str, str], float] = {}

    @property
    def identity(self) -> Identity:
        """What goes into the key of an answer."""
        return Identity("observer", self._spec.model, dict(self._settings), adapter=ADAPTER, sees_task=True)

    def ask(self, question: Question) -> Reply:
        """Answer a comparison with A or B, a rating with a point, a face in words, a rubric in JSON, or refuse.

        Raises
        ------
        CallError
            If a picture cannot be decoded.
        """
        started = time.perf_counter()
        try:
            text, refused = self._answer(question), False
        except CannotJudge as why:
            text, refused = str(why), True
        except PictureError as error:
            raise CallError(f"{self._spec.name}: {error}", "request", sent=False) from None
        latency = time.perf_counter() - started
        return Reply(
            "refused" if refused else "answered",
            text,
            model=self._spec.provider,
            finish_reason="refused" if refused else "stop",
            usage=Usage(input_tokens=0, output_tokens=0),
            latency_s=latency,
        )

    def _answer(self, question: Question) -> str:
        """Return the answer to a question, by its verb."""
        task = question.task
        scene = scene_question(task) if task is not None else None
        if scene is not None:
            return self._scenes.answer(question, scene)
        if task is not None and task.verb in ("describe", "classify"):
            return self._faces.answer(question, task)
        if task is not None and task.verb == "grade":
            return self._grader.answer(question, task)
        if task is None or task.verb not in SHOWN:
            verb = task.verb if task else "answer"
            raise CannotJudge(f"the observer compares, rates, describes, classifies and grades; it was asked to {verb}")
        if len(question.pictures) != SHOWN[task.verb]:
            raise CannotJudge(f"the observer {DOES[task.verb]}; it was shown {len(question.pictures)}")
        what = asked(task, question.prompt)
        return self._compare(question, what) if task.verb == "compare" else self._rate(question, what)

    def _compare(self, question: Question, what: Asked) -> str:
        """Return the letter of the picture with more, or less, of what is asked."""
        first, second = (self._measure(what.attribute, picture) for picture in question.pictures)
        chance = draw(self._settings["seed"], question, what.attribute)
        spread = self._settings["noise"] * JND[what.attribute]
        difference = what.sign * (first + spread * chance.first - second - spread * chance.second)
        if difference == 0.0:
            return "A" if chance.coin else "B"
        return "A" if difference > 0.0 else "B"

    def _rate(self, question: Question, what: Asked) -> str:
        """Return the point of the scale that the picture has among photographs."""
        measured = self._measure(what.attribute, question.pictures[0])
        chance = draw(self._settings["seed"], question, what.attribute)
        percept = measured + self._settings["noise"] * JND[what.attribute] * chance.first
        below = NormalDist().cdf(what.sign * NORMS[what.attribute].z(percept))
        points = question.choices
        return points[min(int(len(points) * below), len(points) - 1)]

    def _measure(self, attribute: str, picture: Picture) -> float:
        """Return a measure of a picture, computed once for each content."""
        key = (picture.sha256, attribute)
        if key not in self._measured:
            self._measured[key] = measure(attribute, picture)
        return self._measured[key]


def measure(attribute: str, picture: Picture) -> float:
    """Return `attribute` of a picture, in its own unit."""
    # Imported late: whoever only names an observer needs no numpy.
    from pytest_vlmperception.pictures import codec, measures

    pixels = codec.decode(picture.bytes, picture.name)
    functions = {"colorfulness": measures.colorfulness, "contrast": measures.rms_contrast}
    if attribute in functions:
        return functions[attribute](pixels)
    if attribute == "valence":
        return valence_of(pixels)
    return sum(weight * NORMS[name].z(functions[name](pixels)) for name, weight in WEIGHTS.items())


@dataclass(frozen=True)
class Chance:
    """What is random in one answer: a standard normal number for each picture, and a fair coin."""

    first: float
    second: float
    coin: bool


def draw(seed: int, question: Question, attribute: str) -> Chance:
    """Return the chance of an answer: the same for the same seed, pictures, attribute and repeat.

    The direction is not in it: asked for more and for less, an observer has the same percepts.
    """
    parts = [seed, [picture.sha256 for picture in question.pictures], attribute, question.repeat]
    digest = hashlib.sha256(json.dumps(parts).encode()).digest()
    return Chance(normal(digest[:8]), normal(digest[8:16]), bool(digest[16] & 1))
