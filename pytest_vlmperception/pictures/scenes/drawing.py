"""A scene drawn, antialiased, and the same to the last bit on every machine."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from pytest_vlmperception.errors import StimulusError, choices_hint
from pytest_vlmperception.pictures.pixels import Pixels
from pytest_vlmperception.pictures.scenes.letters import FINE, HEIGHT, strokes
from pytest_vlmperception.pictures.scenes.outlines import covers
from pytest_vlmperception.pictures.scenes.palette import BACKGROUND_SRGB, SRGB, Tone
from pytest_vlmperception.records import Lettering, Scene, Shape

__all__ = ["draw_scene"]

Points = npt.NDArray[np.float64]
Inside = Callable[[Points, Points], npt.NDArray[np.bool_]]

# Points along each side of a pixel: 16 levels along every edge.
SAMPLES = 4

MAX_SIDE_PX = 4096


def draw_scene(scene: Scene) -> Pixels:
    """Return the picture of a scene as 8-bit sRGB, shape (height, width, 3).

    The same scene gives the same pixels. What lies outside the picture is cut off.

    Raises
    ------
    StimulusError
        If a shape, a colour, a character, or the size is none that can be drawn.
    """
    for side in (scene.width, scene.height):
        if not 1 <= side <= MAX_SIDE_PX:
            raise StimulusError(f"a scene of {scene.width} x {scene.height} pixels; expected 1 to {MAX_SIDE_PX} each")
    canvas = np.empty((scene.height, scene.width, 3))
    canvas[:] = named(scene.background, BACKGROUND_SRGB, "background")
    for shape in scene.shapes:
        paint_shape(canvas, shape)
    for lettering in scene.texts:
        paint_text(canvas, lettering)
    return (canvas + 0.5).astype(np.uint8)


def named(name: str, tones: Mapping[str, Tone], what: str) -> Tone:
    """Return the tone of a name."""
    if name not in tones:
        raise StimulusError(f"there is no {what} {name!r}; {choices_hint(name, tones)}")
    return tones[name]


def paint_shape(canvas: Points, shape: Shape) -> None:
    """Paint one shape over what is there."""
    half = shape.size / 2

    def inside(x: Points, y: Points) -> npt.NDArray[np.bool_]:
        return covers(shape.kind, (x - shape.x) / half, (y - shape.y) / half)

    paint(canvas, (shape.x, shape.y), (half, half), named(shape.colour, SRGB, "colour"), inside)


def paint_text(canvas: Points, lettering: Lettering) -> None:
    """Paint one line of text over what is there."""
    # With a margin, in which there is nothing.
    line = np.pad(strokes(lettering.text), 1)
    part = lettering.size / HEIGHT / FINE
    half = ((line.shape[1] - 2) * part / 2, lettering.size / 2)
    left, top = lettering.x - half[0] - part, lettering.y - half[1] - part

    def inside(x: Points, y: Points) -> npt.NDArray[np.bool_]:
        columns = np.clip(np.floor((x - left) / part), 0, line.shape[1] - 1).astype(np.intp)
        rows = np.clip(np.floor((y - top) / part), 0, line.shape[0] - 1).astype(np.intp)
        return np.asarray(line[rows, columns])

    paint(canvas, (lettering.x, lettering.y), half, named(lettering.colour, SRGB, "colour"), inside)


def paint(canvas: Points, centre: tuple[float, float], half: tuple[float, float], tone: Tone, inside: Inside) -> None:
    """Mix a tone into the pixels of a box, each by the share of its points that are inside."""
    if not (all(map(math.isfinite, centre)) and min(half) > 0 and max(half) <= MAX_SIDE_PX):
        raise StimulusError(f"a size of {2 * half[1]:g} at {centre}; expected numbers, and a size above 0")
    columns, rows = (
        pixels_of(middle, reach, side) for middle, reach, side in zip(centre, half, canvas.shape[1::-1], strict=True)
    )
    if columns.stop <= columns.start or rows.stop <= rows.start:
        return
    hits = inside(points_in(columns)[None, :], points_in(rows)[:, None])
    blocks = hits.reshape(rows.stop - rows.start, SAMPLES, columns.stop - columns.start, SAMPLES)
    cover = blocks.mean(axis=(1, 3))[..., None]
    canvas[rows, columns] = cover * np.array(tone) + (1.0 - cover) * canvas[rows, columns]


def pixels_of(middle: float, reach: float, side: int) -> slice:
    """Return the pixels along one side of the picture that a box touches."""
    return slice(max(0, math.floor(middle - reach)), max(0, min(side, math.ceil(middle + reach))))


def points_in(pixels: slice) -> Points:
    """Return the points along one side of some pixels, in the middle of equal parts."""
    steps = np.arange(pixels.start * SAMPLES, pixels.stop * SAMPLES, dtype=np.float64)
    return (steps + 0.5) / SAMPLES
