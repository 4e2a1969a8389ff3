"""What stays the same about a face, whatever it expresses: the shape of head and features, lines and tones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

__all__ = ["IDENTITIES", "Hair", "Look", "Tone"]

Tone = tuple[int, int, int]
Hair = Literal["none", "short", "curls"]

WHITE: Tone = (255, 255, 255)
PAPER: Tone = (244, 244, 240)


@dataclass(frozen=True)
class Look:
    """One identity. Lengths are in units of the distance between the pupils.

    Attributes
    ----------
    half_width, half_height : float
        Of the head.
    squareness : float
        Exponent of the outline |x/a|^n + |y/b|^n = 1: 2 is an ellipse, more is squarer.
    taper : float
        By what share the chin is narrower than the forehead.
    hair : {"none", "short", "curls"}
        On top of the head.
    ears : bool
        Whether they are drawn.
    line : float
        Width of a line.
    brow : float
        Width of a brow, in lines.
    brow_height, mouth_width, nose_length : float
        Factors of the distances of brows, lip corners and nose tip.
    skin, ink, background : tuple of int
        8-bit sRGB.
    """

    half_width: float = 1.3
    half_height: float = 1.65
    squareness: float = 2.2
    taper: float = 0.15
    hair: Hair = "none"
    ears: bool = False
    line: float = 0.045
    brow: float = 1.8
    brow_height: float = 1.0
    mouth_width: float = 1.0
    nose_length: float = 1.0
    skin: Tone = WHITE
    ink: Tone = (25, 25, 25)
    background: Tone = WHITE


IDENTITIES: Mapping[str, Look] = MappingProxyType({
    "ada": Look(hair="short", skin=(255, 224, 196), ink=(45, 30, 25), background=PAPER),
    "bela": Look(half_width=1.5, half_height=1.6, squareness=2.0, taper=0.05, brow=1.5, line=0.04, mouth_width=1.04),
    "chidi": Look(
        half_width=1.32,
        squareness=3.0,
        taper=0.06,
        hair="curls",
        ears=True,
        line=0.05,
        brow_height=1.04,
        skin=(141, 92, 58),
        ink=(28, 16, 12),
        background=(226, 232, 238),
    ),
    "dana": Look(
        half_width=1.2,
        half_height=1.75,
        squareness=2.3,
        taper=0.22,
        line=0.035,
        brow=2.0,
        brow_height=0.97,
        mouth_width=0.96,
        nose_length=1.06,
        skin=(236, 188, 150),
        ink=(60, 30, 40),
    ),
    "emre": Look(half_width=1.36, taper=0.3, hair="short", ears=True, brow=2.0, skin=(198, 144, 98)),
    "fumi": Look(
        half_width=1.4,
        half_height=1.6,
        hair="curls",
        line=0.04,
        nose_length=0.92,
        skin=(250, 236, 214),
        ink=(30, 34, 70),
        background=(214, 226, 214),
    ),
})
"""Looks by name."""
