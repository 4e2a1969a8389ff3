"""What image generators do that nobody asked for, one thing at a time."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TypeVar

import numpy as np
from PIL import Image

from pytest_vlmperception.pictures.colour import lab_from_rgb, rgb_from_lab, to_8bit
from pytest_vlmperception.pictures.pixels import Pixels
from pytest_vlmperception.records import Lettering, Scene, Shape

__all__ = ["cropped", "sharpened", "swung", "warmed"]

Thing = TypeVar("Thing", Shape, Lettering)

# In units of CIELAB b*: three to four times the difference that can just be seen.
CAST = 8.0

# What is cut off at the left and at the top, as a share of width and height.
CUT = 0.06

# How far everything is turned about its middle: at 150 pixels from there it is 8 pixels off.
SWING_DEGREES = 3.0

# Standard deviation in pixels, and strength, of an unsharp mask.
SHARP_PX, SHARP = 2.0, 1.0


def warmed(pixels: Pixels) -> Pixels:
    """Return a picture with a warm colour cast: b* is higher everywhere."""
    lab = lab_from_rgb(pixels)
    lab[..., 2] += CAST
    return to_8bit(rgb_from_lab(lab))


def cropped(pixels: Pixels) -> Pixels:
    """Return a picture without its left and upper edge, scaled up to its old size."""
    height, width = pixels.shape[:2]
    box = (CUT * width, CUT * height, width, height)
    return np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.BICUBIC, box=box))


def sharpened(pixels: Pixels) -> Pixels:
    """Return a picture with more detail than it had."""
    from scipy import ndimage

    values = pixels.astype(np.float64)
    soft = ndimage.gaussian_filter(values, (SHARP_PX, SHARP_PX, 0), mode="nearest")
    sharp: Pixels = np.clip(values + SHARP * (values - soft) + 0.5, 0, 255).astype(np.uint8)
    return sharp


def swung(scene: Scene) -> Scene:
    """Return a scene in which everything lies a little elsewhere, turned about the middle of it all.

    A rotation is no crop: nothing comes nearer, and the whole does not move. Where there is one thing only, that moves.
    """
    things: list[Shape | Lettering] = [*scene.shapes, *scene.texts]
    if not things:
        return scene
    centre = (sum(thing.x for thing in things) / len(things), sum(thing.y for thing in things) / len(things))
    if len(things) == 1:
        centre = (scene.width / 2, scene.height * 0.8)
    shapes = tuple(turned(shape, centre) for shape in scene.shapes)
    return replace(scene, shapes=shapes, texts=tuple(turned(text, centre) for text in scene.texts))


def turned(thing: Thing, centre: tuple[float, float]) -> Thing:
    """Return a thing at the place where a rotation about a centre takes it; itself it stays upright."""
    cosine, sine = math.cos(math.radians(SWING_DEGREES)), math.sin(math.radians(SWING_DEGREES))
    right, down = thing.x - centre[0], thing.y - centre[1]
    return replace(thing, x=centre[0] + cosine * right - sine * down, y=centre[1] + sine * right + cosine * down)
