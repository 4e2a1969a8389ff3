"""Schematic faces, drawn from action units: what an observer sees of them it has to read from the pixels."""

from pytest_vlmperception.pictures.faces.action_units import (
    ACTION_UNITS,
    INTENSITIES,
    ONE_SIDED,
    Expression,
    parse_units,
)
from pytest_vlmperception.pictures.faces.drawing import draw_face
from pytest_vlmperception.pictures.faces.looks import IDENTITIES, Look
from pytest_vlmperception.pictures.faces.prototypes import PROTOTYPES, polarity, valence

__all__ = [
    "ACTION_UNITS",
    "IDENTITIES",
    "INTENSITIES",
    "ONE_SIDED",
    "PROTOTYPES",
    "Expression",
    "Look",
    "draw_face",
    "parse_units",
    "polarity",
    "valence",
]
