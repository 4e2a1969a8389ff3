"""Where there is room in a scene."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from pytest_vlmperception.pictures.prompted.layout import text_width
from pytest_vlmperception.records import Lettering, Scene, Shape

__all__ = ["Box", "box_of", "boxes_of", "centre_of", "free_centre", "inner_box", "lies"]

Box = tuple[float, float, float, float]
"""Left, top, right and bottom in pixels."""

# Between two places that are tried; and how far things have to be apart, in pixels.
STEP_PX = 8
GAP_PX = 6

# What is put anywhere keeps this distance from the edges, as a share of width and height.
MARGIN = 0.08

# Something is put where the offset along a relation is so many times as large as that across it: beyond doubt.
CLEARLY = 2.0


def box_of(thing: Shape | Lettering) -> Box:
    """Return the box around a shape or a line of text."""
    width = thing.size if isinstance(thing, Shape) else text_width(thing.text, thing.size)
    return (thing.x - width / 2, thing.y - thing.size / 2, thing.x + width / 2, thing.y + thing.size / 2)


def boxes_of(scene: Scene) -> list[Box]:
    """Return the boxes around all that a scene shows."""
    return [*map(box_of, scene.shapes), *map(box_of, scene.texts)]


def inner_box(scene: Scene) -> Box:
    """Return the part of a picture in which new things are put."""
    right, down = MARGIN * scene.width, MARGIN * scene.height
    return right, down, scene.width - right, scene.height - down


def centre_of(box: Box) -> tuple[float, float]:
    """Return the middle of a box."""
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def lies(centre: tuple[float, float], relation: str, anchor: tuple[float, float], clearly: float = CLEARLY) -> bool:
    """Return whether a place lies left of, right of, above or below another, by so many times as it lies otherwise."""
    right, down = centre[0] - anchor[0], centre[1] - anchor[1]
    along, across = {
        "left of": (-right, down),
        "right of": (right, down),
        "above": (-down, right),
        "below": (down, right),
    }[relation]
    return along > clearly * abs(across)


def free_centre(
    size: tuple[float, float],
    within: Box,
    taken: Iterable[Box],
    allowed: Callable[[tuple[float, float]], bool] = lambda centre: True,
) -> tuple[float, float] | None:
    """Return the middle of the place that is farthest from what is there; None if there is no room.

    Parameters
    ----------
    size : tuple of float
        Width and height of what looks for a place, in pixels.
    within : Box
        What it may not leave.
    taken : iterable of Box
        What it may not touch.
    allowed : callable
        Which places, by their middles, come into question.
    """
    boxes = list(taken)
    free = [(clearance(centre, size, boxes), centre) for centre in centres(size, within) if allowed(centre)]
    widest, centre = max(free, default=(0.0, (0.0, 0.0)), key=lambda place: place[0])
    return centre if widest >= GAP_PX else None


def centres(size: tuple[float, float], within: Box) -> Iterator[tuple[float, float]]:
    """Yield the places at which a box of that size lies within another."""
    middle = centre_of(within)
    reach = [(within[axis + 2] - within[axis] - size[axis]) / 2 for axis in (0, 1)]
    if min(reach) < 0:
        return
    across, down = (int(each / STEP_PX) for each in reach)
    for row in range(-down, down + 1):
        for column in range(-across, across + 1):
            yield middle[0] + STEP_PX * column, middle[1] + STEP_PX * row


def clearance(centre: tuple[float, float], size: tuple[float, float], taken: Iterable[Box]) -> float:
    """Return how far a box lies from the nearest other, to the side or up and down; below 0 where they overlap."""
    return min((gap(centre, size, box) for box in taken), default=float("inf"))


def gap(centre: tuple[float, float], size: tuple[float, float], box: Box) -> float:
    """Return how far two boxes lie apart."""
    apart = (
        max(box[axis] - centre[axis] - size[axis] / 2, centre[axis] - size[axis] / 2 - box[axis + 2]) for axis in (0, 1)
    )
    return max(apart)
