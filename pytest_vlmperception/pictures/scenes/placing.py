"""Where shapes lie so that none touches another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pytest_vlmperception.errors import StimulusError
from pytest_vlmperception.pictures.scenes.lotteries import Lottery
from pytest_vlmperception.records import Shape

__all__ = ["place"]

# Layouts that are begun, and places that are tried for one shape, before there is no room.
LAYOUTS, TRIES = 50, 200


def place(
    looks: Sequence[tuple[str, str]],
    lottery: Lottery,
    *,
    sizes: tuple[float, float] = (40.0, 90.0),
    gap: float = 8.0,
    width: int = 512,
    height: int = 512,
    beside: Sequence[Shape] = (),
) -> tuple[Shape, ...]:
    """Return shapes at random places whose squares lie apart.

    Parameters
    ----------
    looks : sequence of (str, str)
        Kind and colour of each.
    lottery : Lottery
        What is random.
    sizes : tuple of float
        Smallest and largest side in pixels; each size between is as likely.
    gap : float
        Least distance in pixels between two squares, to the side or up and down, and from the edges.
    width, height : int
        Of the picture in pixels.
    beside : sequence of Shape
        What is there already, and is not returned.

    Raises
    ------
    StimulusError
        If there is no room for all of them.
    """
    for _ in range(LAYOUTS):
        shapes = [Shape(kind, colour, 0.0, 0.0, round(lottery.uniform(*sizes), 1)) for kind, colour in looks]
        placed = layout(shapes, lottery, gap, (width, height), beside)
        if len(placed) == len(shapes):
            return tuple(placed[number] for number in range(len(shapes)))
    raise StimulusError(
        f"{len(looks)} shapes of {sizes[0]:g} to {sizes[1]:g} pixels find no room in {width} x {height}; "
        "give fewer or smaller ones, or a larger picture"
    )


def layout(
    shapes: Sequence[Shape], lottery: Lottery, gap: float, picture: tuple[int, int], beside: Sequence[Shape]
) -> dict[int, Shape]:
    """Return the shapes that found a place, by their numbers; it ends with the first that finds none."""
    placed: dict[int, Shape] = {}
    # Large ones first: they find room less easily.
    for number in sorted(range(len(shapes)), key=lambda number: -shapes[number].size):
        found = free_place(shapes[number], [*beside, *placed.values()], lottery, gap, picture)
        if found is None:
            break
        placed[number] = found
    return placed


def free_place(
    shape: Shape, others: Sequence[Shape], lottery: Lottery, gap: float, picture: tuple[int, int]
) -> Shape | None:
    """Return the shape at a place where it touches no other, None where none is found."""
    margin = shape.size / 2 + gap
    if 2 * margin > min(picture):
        return None
    for _ in range(TRIES):
        x, y = (round(lottery.uniform(margin, side - margin), 1) for side in picture)
        if all(max(abs(x - each.x), abs(y - each.y)) >= (shape.size + each.size) / 2 + gap for each in others):
            return replace(shape, x=x, y=y)
    return None
