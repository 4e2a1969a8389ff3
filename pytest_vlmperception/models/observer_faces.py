"""What the observer sees in schematic faces, and says of them."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from pytest_vlmperception.errors import CannotJudge
from pytest_vlmperception.models.chance import normal
from pytest_vlmperception.models.face_signs import EMOTIONS, SIGN_JND, Signs, emotion_scores, signs_of
from pytest_vlmperception.models.face_words import describe_signs
from pytest_vlmperception.records import Hint, Picture, Question

if TYPE_CHECKING:
    from pytest_vlmperception.pictures import Pixels

__all__ = ["FaceObserver", "valence_of"]

EXPRESSION = frozenset({"emotion", "expression", "facial emotion", "facial expression"})
NAMES_EXPRESSION = re.compile(r"\b(?:facial expressions?|emotions?)\b", re.IGNORECASE)

# How labels spell the emotions.
LABELS: Mapping[str, str] = MappingProxyType({
    **dict.fromkeys(("anger", "angry"), "anger"),
    **dict.fromkeys(("contempt", "contemptuous"), "contempt"),
    **dict.fromkeys(("disgust", "disgusted"), "disgust"),
    **dict.fromkeys(("afraid", "fear", "fearful"), "fear"),
    **dict.fromkeys(("happiness", "happy", "joy", "joyful"), "happiness"),
    **dict.fromkeys(("neutral", "no emotion", "none"), "neutral"),
    **dict.fromkeys(("sad", "sadness"), "sadness"),
    **dict.fromkeys(("surprise", "surprised"), "surprise"),
})


class FaceObserver:
    """Reads schematic faces from pixels, and puts what it sees into words.

    It finds head, brows, eyes, nose and mouth by their places and symmetry, and measures how far each is moved from a
    face at rest. Its percept of such a sign is ``s + noise * JND * z`` with z standard normal, drawn anew for each
    picture and repeat, and a JND of 0.2: an interval of the five-letter intensity scale of FACS.

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
        self._signs: dict[str, Signs] = {}

    def answer(self, question: Question, task: Hint) -> str:
        """Return what is seen of a face in sentences, or the label that fits its expression best.

        Raises
        ------
        CannotJudge
            If something else than its expression is asked, a label is no emotion, or the picture is no schematic face.
        """
        check_asked(task.attribute, question.prompt)
        named = {label: emotion_of(label) for label in task.labels} if task.verb == "classify" else {}
        signs = self._percept(question)
        scores = emotion_scores(signs)
        if named:
            return max(named, key=lambda label: scores[named[label]])
        emotion = max(scores, key=scores.__getitem__)
        return describe_signs(signs, emotion, scores[emotion])

    def _percept(self, question: Question) -> Signs:
        """Return what is seen of the one picture of a question."""
        if len(question.pictures) != 1:
            raise CannotJudge(f"the observer looks at one face at a time; it was shown {len(question.pictures)}")
        picture = question.pictures[0]
        if picture.sha256 not in self._signs:
            self._signs[picture.sha256] = read_signs(decoded(picture))
        if not self._noise:
            return self._signs[picture.sha256]

        def deviation(sign: str) -> float:
            parts = [self._seed, picture.sha256, sign, question.repeat]
            return self._noise * SIGN_JND * normal(hashlib.sha256(json.dumps(parts).encode()).digest()[:8])

        return self._signs[picture.sha256].changed(deviation)


def decoded(picture: Picture) -> Pixels:
    """Return the pixels of a picture."""
    # Imported late: whoever only names an observer needs no numpy.
    from pytest_vlmperception.pictures import codec

    return codec.decode(picture.bytes, picture.name)


def read_signs(pixels: Pixels) -> Signs:
    """Return the signs of the schematic face in a picture."""
    # Imported late, for the same reason.
    from pytest_vlmperception.pictures.face_reading import read_face

    return signs_of(read_face(pixels))


def valence_of(pixels: Pixels) -> float:
    """Return how pleasant the schematic face in a picture looks, from -1 to 1.

    Raises
    ------
    CannotJudge
        If there is none.
    """
    return read_signs(pixels).valence


def check_asked(attribute: str, prompt: str) -> None:
    """Refuse questions that are not about an expression."""
    if attribute:
        word = " ".join(re.sub(r"[-_]", " ", attribute.lower()).split())
        if word not in EXPRESSION:
            raise CannotJudge(f"the observer describes expressions; it was asked to describe {attribute!r}")
    elif not NAMES_EXPRESSION.search(prompt):
        raise CannotJudge("the prompt names no expression or emotion; the observer describes nothing else")


def emotion_of(label: str) -> str:
    """Return the emotion that a label spells."""
    word = " ".join(label.lower().split())
    if word not in LABELS:
        raise CannotJudge(f"the observer does not know the label {label!r}; it knows {', '.join(EMOTIONS)}")
    return LABELS[word]
