"""Scenes of flat shapes, whose content is known exactly, and what was found in a picture."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["BACKGROUNDS", "COLOURS", "KINDS", "Detection", "Lettering", "Scene", "Shape"]

# The ten colour names of GenEval (Ghosh, Hajishirzi and Schmidt 2023, arXiv 2310.11513).
COLOURS = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "black", "white")

# Shapes that can be told apart from their outline alone.
KINDS = ("circle", "square", "triangle", "diamond", "star", "cross", "ring", "heart")

# Plain, and none of the colours that a shape can have.
BACKGROUNDS = ("grey",)


@dataclass(frozen=True)
class Shape:
    """One shape of a scene.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    colour : str
        One of `COLOURS`.
    x, y : float
        Centre of the bounding box in pixels from the upper left corner.
    size : float
        Side of the square around it, in pixels.
    """

    kind: str
    colour: str
    x: float
    y: float
    size: float


@dataclass(frozen=True)
class Lettering:
    """One line of text of a scene, in characters of 5 x 7 cells.

    Attributes
    ----------
    text : str
        Capitals, digits and blanks.
    colour : str
        One of `COLOURS`.
    x, y : float
        Centre in pixels.
    size : float
        Height of a capital in pixels.
    """

    text: str
    colour: str
    x: float
    y: float
    size: float


@dataclass(frozen=True)
class Scene:
    """Shapes and texts on a plain background; what comes later lies in front.

    Attributes
    ----------
    shapes : tuple of Shape
        Back to front.
    texts : tuple of Lettering
        In front of all shapes.
    background : str
        One of `BACKGROUNDS`.
    width, height : int
        In pixels.
    """

    shapes: tuple[Shape, ...] = ()
    texts: tuple[Lettering, ...] = ()
    background: str = "grey"
    width: int = 512
    height: int = 512


@dataclass(frozen=True)
class Detection:
    """One object found in a picture.

    Attributes
    ----------
    kind : str
        Its class, e.g. ``circle``.
    box : tuple of float
        Left, top, right and bottom in pixels.
    colour : str
        The nearest colour name; empty where it was not looked for.
    score : float
        Confidence from 0 to 1.
    """

    kind: str
    box: tuple[float, float, float, float]
    colour: str = ""
    score: float = 1.0
