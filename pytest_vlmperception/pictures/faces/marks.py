"""Lines and areas in face units, and their pixels."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from pytest_vlmperception.pictures.faces.looks import Tone
from pytest_vlmperception.pictures.pixels import Pixels

__all__ = ["Mark", "Point", "arc", "between", "disc", "painted", "stroke"]

Point = tuple[float, float]
"""To the right and down from the middle between the pupils, in units of the distance between them."""

# Drawn this many times larger and averaged: 16 levels along every edge, and more with its slope.
SUPERSAMPLING = 4

# Points of a curve; at four times 1024 pixels a face's outline bends by less than a pixel between two.
STEPS = 48


@dataclass(frozen=True)
class Mark:
    """A line, or a filled area.

    Attributes
    ----------
    points : tuple of (float, float)
        Along the line, or around the area.
    tone : tuple of int
        8-bit sRGB.
    width : float
        Of the line; 0 for an area.
    """

    points: tuple[Point, ...]
    tone: Tone
    width: float = 0.0


def stroke(points: Iterable[Point], tone: Tone, width: float) -> Mark:
    """Return a line through points."""
    return Mark(tuple(points), tone, width)


def arc(first: Point, middle: Point, last: Point) -> list[Point]:
    """Return the parabola from one point through a second, half way, to a third."""
    return [
        (
            between(first[0], middle[0], last[0], step / STEPS),
            between(first[1], middle[1], last[1], step / STEPS),
        )
        for step in range(STEPS + 1)
    ]


def between(first: float, middle: float, last: float, t: float) -> float:
    """Return the parabola that is `first` at t = 0, `middle` at 0.5 and `last` at 1."""
    return first * (1 - t) * (1 - 2 * t) + middle * 4 * t * (1 - t) + last * t * (2 * t - 1)


def disc(centre: Point, radius: float) -> list[Point]:
    """Return a circle."""
    turns = (2 * math.pi * step / STEPS for step in range(STEPS))
    return [(centre[0] + radius * math.cos(turn), centre[1] + radius * math.sin(turn)) for turn in turns]


def painted(marks: Sequence[Mark], side_px: int, units: float, centre: Point, background: Tone) -> Pixels:
    """Return marks painted one over the other, antialiased.

    Parameters
    ----------
    marks : sequence of Mark
        From the bottom to the top.
    side_px : int
        Side of the square picture.
    units : float
        Face units that the side holds.
    centre : tuple of float
        The point in the middle of the picture.
    background : tuple of int
        8-bit sRGB.
    """
    side = side_px * SUPERSAMPLING
    scale = side / units
    canvas = Image.new("RGB", (side, side), background)
    draw = ImageDraw.Draw(canvas)

    def placed(points: Iterable[Point]) -> list[Point]:
        return [((x - centre[0]) * scale + side / 2, (y - centre[1]) * scale + side / 2) for x, y in points]

    for mark in marks:
        paint(draw, placed(mark.points), mark.tone, mark.width * scale)
    return np.asarray(canvas.reduce(SUPERSAMPLING))


def paint(draw: ImageDraw.ImageDraw, points: Sequence[Point], tone: Tone, width_px: float) -> None:
    """Paint one mark; a line has round ends and joints."""
    if not width_px:
        draw.polygon(points, fill=tone)
        return
    draw.line(points, fill=tone, width=max(1, round(width_px)))
    for x, y in points:
        draw.circle((x, y), width_px / 2, fill=tone)
