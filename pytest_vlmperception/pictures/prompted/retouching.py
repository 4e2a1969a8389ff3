"""Pixels of an edited picture: only those of what is edited differ."""

from __future__ import annotations

import numpy as np

from pytest_vlmperception.pictures.masks import Mask
from pytest_vlmperception.pictures.pixels import Pixels
from pytest_vlmperception.pictures.prompted.rooms import Box
from pytest_vlmperception.pictures.scene_reading import read_scene
from pytest_vlmperception.pictures.scenes import BACKGROUND_SRGB, draw_scene
from pytest_vlmperception.records import Detection, Scene, Shape

__all__ = ["blurred", "drawn_over", "mask_box", "retouched", "scene_in"]

# What is erased is erased so far around as a shape that was read from pixels may lie beside its true place.
AROUND_PX = 3

# Standard deviation of the Gaussian that blurs, as a share of the shorter side.
BLUR = 0.01


def scene_in(pixels: Pixels) -> Scene:
    """Return the scene that a picture of shapes shows, read from its pixels.

    Raises
    ------
    CannotJudge
        If it shows none.
    """
    seen = read_scene(pixels)
    height, width = pixels.shape[:2]
    return Scene(tuple(map(shape_of, seen.shapes)), seen.texts, width=width, height=height)


def shape_of(detection: Detection) -> Shape:
    """Return the shape that was detected."""
    left, top, right, bottom = detection.box
    size = max(right - left, bottom - top)
    return Shape(detection.kind, detection.colour, (left + right) / 2, (top + bottom) / 2, size)


def mask_box(mask: Mask) -> Box | None:
    """Return the box around what a mask lets through, None where that is nothing."""
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    if not rows.size:
        return None
    return float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)


def drawn_over(pixels: Pixels, scene: Scene) -> Pixels:
    """Return the picture of a scene with the background of another picture: the middle colour along its edges."""
    drawn = draw_scene(scene)
    edges = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    drawn[is_background(drawn, scene)] = np.median(edges, axis=0).astype(np.uint8)
    return drawn


def retouched(pixels: Pixels, before: Scene, after: Scene, mask: Mask | None = None) -> Pixels:
    """Return a picture in which a scene has become another; every pixel that both share is kept.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (height, width, 3)
        The picture.
    before, after : Scene
        What it shows, and what it is to show.
    mask : ndarray of bool, shape (height, width), optional
        Where it may be changed.
    """
    from scipy import ndimage

    old, new = draw_scene(before), draw_scene(after)
    changed = (old != new).any(axis=-1)
    erased = changed & ~is_background(old, before)
    touched = changed | ndimage.binary_dilation(erased, iterations=AROUND_PX)
    if mask is not None:
        touched &= mask
    return np.where(touched[..., None], drawn_over(pixels, after), pixels)


def is_background(drawn: Pixels, scene: Scene) -> Mask:
    """Return where the drawing of a scene shows nothing but its background."""
    mask: Mask = (drawn == np.array(BACKGROUND_SRGB[scene.background])).all(axis=-1)
    return mask


def blurred(pixels: Pixels, mask: Mask | None = None) -> Pixels:
    """Return a picture blurred by a Gaussian, within a mask if there is one."""
    from scipy import ndimage

    sigma = BLUR * min(pixels.shape[:2])
    soft = ndimage.gaussian_filter(pixels.astype(np.float64), (sigma, sigma, 0), mode="nearest")
    rounded = (soft + 0.5).astype(np.uint8)
    return rounded if mask is None else np.where(mask[..., None], rounded, pixels)
