"""A face drawn: an expression on a head."""

from __future__ import annotations

import numpy as np

from pytest_vlmperception.pictures.faces.action_units import Expression
from pytest_vlmperception.pictures.faces.head import CENTRE, head
from pytest_vlmperception.pictures.faces.looks import Look
from pytest_vlmperception.pictures.faces.lower import lower_face
from pytest_vlmperception.pictures.faces.marks import painted
from pytest_vlmperception.pictures.faces.upper import upper_face
from pytest_vlmperception.pictures.pixels import Pixels

__all__ = ["draw_face"]

# Distances between the pupils that a picture's side holds: the longest head with a dropped jaw, and a margin.
UNITS = 4.1


def draw_face(expression: Expression, look: Look, side_px: int, *, mirrored: bool = False) -> Pixels:
    """Return the picture of a face as 8-bit sRGB, shape (side_px, side_px, 3).

    The same arguments give the same pixels.

    Parameters
    ----------
    expression : Expression
        The strengths of its action units.
    look : Look
        Everything else about it.
    side_px : int
        Width and height.
    mirrored : bool
        Whether left and right change places.
    """
    marks = [*head(look, expression), *upper_face(look, expression), *lower_face(look, expression)]
    pixels = painted(marks, side_px, UNITS, CENTRE, look.background)
    return np.ascontiguousarray(pixels[:, ::-1]) if mirrored else pixels
