"""What a face shows, how it moves away from rest, and which emotion that speaks for."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_vlmperception.pictures.face_reading import FaceGeometry

__all__ = ["EMOTIONS", "SIGN_JND", "Signs", "emotion_scores", "signs_of"]

EMOTIONS = ("anger", "contempt", "disgust", "fear", "happiness", "neutral", "sadness", "surprise")

# One just-noticeable difference of a sign: an interval of the five-letter scale of intensity of the Facial Action
# Coding System (Ekman, Friesen and Hager 2002), the finest step that its trained coders score. A convention.
SIGN_JND = 0.2

# A face at rest, in distances between the eyes: rounded means over pictures of neutral schematic faces. What divides a
# difference from rest in `signs_of` is how far that length goes in the strongest movements of such faces.
REST: Mapping[str, float] = MappingProxyType({
    "brow_gap": 0.54,
    "brow_inner": 0.45,
    "brow_outer": 0.43,
    "lower_lid": 0.11,
    "mouth_width": 0.80,
    "upper_lid": 0.11,
})

# An emotion is seen from this score on; below it a face is neutral.
SEEN_FROM = 0.2


@dataclass(frozen=True)
class Signs:
    """How far each part of a face is moved: 0 at rest, about 1 at its strongest. Left and right are the picture's.

    Attributes
    ----------
    inner_brows, outer_brows : float
        Raised; below 0 lowered.
    frown : float
        Brows drawn together.
    upper_lids, lower_lids : float
        Raised.
    closing : float
        Of the eyes: 1 where no opening is left.
    cheeks, nose, upper_lip, chin : float
        Raised cheeks, wrinkled nose, raised upper lip, raised chin.
    left_corner, right_corner : float
        Of the mouth, up; below 0 down.
    stretch : float
        Mouth wider than at rest; below 0 narrower.
    opening : float
        Of the mouth.
    left_dimple, right_dimple : float
        Tightened corners of the mouth.
    """

    inner_brows: float
    outer_brows: float
    frown: float
    upper_lids: float
    lower_lids: float
    closing: float
    cheeks: float
    nose: float
    upper_lip: float
    chin: float
    left_corner: float
    right_corner: float
    stretch: float
    opening: float
    left_dimple: float
    right_dimple: float

    @property
    def smile(self) -> float:
        """Both corners of the mouth up: the lower of the two, not below 0."""
        return max(0.0, min(self.left_corner, self.right_corner))

    @property
    def droop(self) -> float:
        """Both corners of the mouth down: the higher of the two, not below 0."""
        return max(0.0, -max(self.left_corner, self.right_corner))

    @property
    def lopsided(self) -> float:
        """One corner of the mouth up or tightened more than the other; small differences are none."""
        corners = abs(max(0.0, self.left_corner) - max(0.0, self.right_corner))
        dimples = abs(self.left_dimple - self.right_dimple)
        return max(0.0, (corners + dimples) / 2 - 0.05)

    @property
    def valence(self) -> float:
        """How pleasant the face looks, from -1 to 1: P - N.

        P is the smile; N joins frown, wrinkled nose, raised upper lip, drooping, stretched (without a smile), narrow
        and lopsided mouth as ``1 - prod(1 - w s)``. That the smile counts for and the frown against pleasure follows
        Larsen, Norris and Cacioppo (2003), Psychophysiology 40, 776-785, :DOI:`10.1111/1469-8986.00078`; the weights
        are conventions.
        """
        unpleasant = (
            (0.5, self.frown),
            (0.5, self.nose),
            (0.4, self.upper_lip),
            (0.5, self.droop),
            (0.4, self.stretch - self.smile),
            (0.4, -self.stretch),
            (0.6, self.lopsided),
        )
        return unit(self.smile) - (1.0 - math.prod(1.0 - weight * unit(sign) for weight, sign in unpleasant))

    def changed(self, change: Callable[[str], float]) -> Signs:
        """Return the signs with ``change(name)`` added to each."""
        return Signs(**{name: value + change(name) for name, value in asdict(self).items()})


def signs_of(face: FaceGeometry) -> Signs:
    """Return what a face of this geometry shows."""
    lids = face.upper_lid + face.lower_lid
    return Signs(
        inner_brows=(face.brow_inner - REST["brow_inner"]) / 0.22,
        outer_brows=(face.brow_outer - REST["brow_outer"]) / 0.20,
        frown=((REST["brow_gap"] - face.brow_gap) / 0.16 + face.frown / 0.22) / 2,
        upper_lids=(face.upper_lid - REST["upper_lid"]) / 0.13,
        lower_lids=(REST["lower_lid"] - face.lower_lid) / 0.06,
        closing=1 - lids / (REST["upper_lid"] + REST["lower_lid"]),
        cheeks=(face.cheek_lines / 0.48 + face.eye_wrinkles / 0.30) / 2,
        nose=face.nose_wrinkles / 0.46,
        upper_lip=face.folds / 0.30,
        chin=face.chin / 0.36,
        left_corner=face.corner_left / 0.23,
        right_corner=face.corner_right / 0.23,
        stretch=(face.mouth_width - REST["mouth_width"]) / 0.30,
        opening=face.opening / 0.26,
        left_dimple=face.dimple_left / 0.24,
        right_dimple=face.dimple_right / 0.24,
    )


def emotion_scores(signs: Signs) -> Mapping[str, float]:
    """Return how much the signs speak for each of `EMOTIONS`, 0 to about 1.

    Which sign speaks for which emotion follows the prototypes of EMFACS, and the pairs that one region tells apart:
    surprise from fear by the frown and the stretched mouth, anger from disgust by nose and upper lip, happiness from
    contempt by the second corner of the mouth. The weights are conventions. `neutral` is what the strongest other
    emotion has to exceed.
    """
    raised = unit((signs.inner_brows + signs.outer_brows) / 2)
    frown, wide, open_ = unit(signs.frown), unit(signs.upper_lids), unit(signs.opening)
    oblique, lowered = unit(signs.inner_brows - signs.outer_brows), unit(-signs.inner_brows)
    disgust = 0.6 * unit(signs.nose) + 0.4 * unit(signs.upper_lip)
    stretched = unit(signs.stretch - signs.smile)
    scores = {
        "anger": 0.4 * lowered + 0.3 * frown + 0.15 * unit(signs.lower_lids) + 0.3 * unit(-signs.stretch) - disgust,
        "contempt": signs.lopsided - 0.5 * frown,
        "disgust": disgust + 0.1 * unit(signs.chin),
        "fear": 0.3 * min(raised, frown) + 0.3 * frown + 0.2 * wide + 0.2 * open_ + 0.3 * stretched - oblique - lowered,
        "happiness": signs.smile + 0.2 * unit(signs.cheeks) - signs.lopsided,
        "sadness": 0.6 * signs.droop + 0.5 * oblique + 0.1 * frown - disgust,
        "surprise": 0.5 * raised + 0.3 * wide + 0.3 * open_ - frown - 0.5 * stretched - signs.smile,
    }
    return {**{emotion: unit(score) for emotion, score in scores.items()}, "neutral": SEEN_FROM}


def unit(value: float) -> float:
    """Return a value cut to 0 and 1."""
    return min(1.0, max(0.0, value))
