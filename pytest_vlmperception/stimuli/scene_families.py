"""Families of scenes: each asks for one skill, on six levels of rising difficulty.

Lengths are in pixels of a picture of `FRAME` by `FRAME`. What is asked for is the same in every scene of a family, so
that one prompt fits all of them:

- ``count``: how many circles there are;
- ``colour``: which colour the only star has;
- ``position``: where the only star is, seen from the only ring: left, right, above or below;
- ``binding``: which colour the only square has among close neighbours;
- ``overlap``: which lies in front, the circle or the square.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from pytest_vlmperception.pictures.scenes import Lottery, place
from pytest_vlmperception.records import COLOURS, KINDS, Scene, Shape

__all__ = ["FAMILIES", "FRAME", "LEVELS", "Posed"]

FRAME = 512
LEVELS = 6

# Pairs of colours by their distance in CIELAB: from 96 up, and 52 or less.
FAR = (("red", "white"), ("blue", "yellow"), ("black", "yellow"), ("green", "pink"), ("purple", "yellow"))
NEAR = (("blue", "purple"), ("red", "orange"), ("orange", "yellow"), ("brown", "black"), ("pink", "white"))

# Towards each side, to the right and down.
SIDES = MappingProxyType({"left": (-1, 0), "right": (1, 0), "above": (0, -1), "below": (0, 1)})


@dataclass(frozen=True)
class Posed:
    """A scene, and what is known of it.

    Attributes
    ----------
    scene : Scene
        `FRAME` pixels wide and high.
    answer : str or int
        The right answer to the family's question.
    reference : mapping of str to float
        What makes it difficult, by name.
    """

    scene: Scene
    answer: str | int
    reference: Mapping[str, float]


@dataclass(frozen=True)
class Crowd:
    """How many shapes, how large, how close.

    Attributes
    ----------
    targets : tuple of int
        Least and largest number of what is asked for.
    others : int
        Number of other shapes.
    sizes : tuple of float
        Smallest and largest side.
    gap : float
        Least distance between two.
    """

    targets: tuple[int, int]
    others: int
    sizes: tuple[float, float]
    gap: float


COUNT = (
    Crowd((1, 3), 0, (64, 90), 24),
    Crowd((2, 4), 2, (52, 76), 16),
    Crowd((3, 6), 4, (44, 64), 12),
    Crowd((4, 8), 6, (36, 52), 8),
    Crowd((5, 9), 8, (28, 42), 6),
    Crowd((6, 10), 10, (22, 34), 4),
)

# Side of the star, and number of other shapes.
COLOUR = ((90, 1), (64, 3), (46, 5), (34, 8), (26, 11), (20, 14))

# Degrees between the direction and the diagonal, distance of the two, their side, and number of other shapes.
POSITION = ((42, 240, 64, 0), (32, 220, 60, 0), (22, 200, 56, 1), (14, 180, 52, 2), (8, 160, 48, 3), (4, 140, 44, 4))

# Number of shapes, their side, and the gap between neighbours.
BINDING = ((2, 64, 120), (3, 60, 80), (4, 56, 48), (5, 52, 28), (7, 48, 16), (8, 44, 10))

# How deep one reaches into the other, as a share of its side.
OVERLAP = (0.5, 0.34, 0.22, 0.14, 0.09, 0.06)


def count(level: int, lottery: Lottery) -> Posed:
    """Return circles among other shapes: more of both, smaller and closer on each level."""
    crowd = COUNT[level - 1]
    n = crowd.targets[0] + lottery.below(crowd.targets[1] - crowd.targets[0] + 1)
    others = [lottery.choice(other_kinds("circle")) for _ in range(crowd.others)]
    looks = [(kind, lottery.choice(COLOURS)) for kind in ["circle"] * n + others]
    shapes = place(looks, lottery, sizes=crowd.sizes, gap=crowd.gap, width=FRAME, height=FRAME)
    return Posed(Scene(shapes), n, {"shapes": n + crowd.others, "gap_px": crowd.gap})


def colour(level: int, lottery: Lottery) -> Posed:
    """Return a star among other shapes of other colours: smaller, and among more of them on each level."""
    size, others = COLOUR[level - 1]
    answer, *rest = lottery.sample(COLOURS, len(COLOURS))
    (star,) = place([("star", answer)], lottery, sizes=(size, size), width=FRAME, height=FRAME)
    looks = [(lottery.choice(other_kinds("star")), lottery.choice(rest)) for _ in range(others)]
    shapes = place(looks, lottery, sizes=(36, 60), width=FRAME, height=FRAME, beside=[star])
    return Posed(Scene((star, *shapes)), answer, {"size_px": size, "shapes": 1 + others})


def position(level: int, lottery: Lottery) -> Posed:
    """Return a star beside a ring: nearer to the diagonal, closer, and among more other shapes on each level."""
    margin, distance, size, others = POSITION[level - 1]
    answer = lottery.choice(list(SIDES))
    across, down = turned(SIDES[answer], (45 - margin) * lottery.choice([-1, 1]))
    middle = [FRAME / 2 + lottery.uniform(-40, 40) for _ in range(2)]
    hues = lottery.sample(COLOURS, 2)
    star, ring = (
        at(kind, hue, middle[0] + sign * across * distance / 2, middle[1] + sign * down * distance / 2, size)
        for kind, hue, sign in zip(("star", "ring"), hues, (1, -1), strict=True)
    )
    looks = [(lottery.choice(other_kinds("star", "ring")), lottery.choice(COLOURS)) for _ in range(others)]
    shapes = place(looks, lottery, sizes=(36, 60), width=FRAME, height=FRAME, beside=[star, ring])
    return Posed(Scene((star, ring, *shapes)), answer, {"margin_deg": margin, "shapes": 2 + others})


def binding(level: int, lottery: Lottery) -> Posed:
    """Return a square among shapes of other colours: more of them, and closer on each level."""
    n, size, gap = BINDING[level - 1]
    kinds = ["square", *lottery.sample(other_kinds("square"), n - 1)]
    hues = lottery.sample(COLOURS, n)
    side, pitch = math.ceil(math.sqrt(n)), size + gap
    room = FRAME - (side - 1) * pitch - size - 16
    left, top = (8 + size / 2 + lottery.uniform(0, room) for _ in range(2))
    # Of a grid, the places nearest to one corner, so that none lies alone.
    places = sorted(
        ((row, column) for row in range(side) for column in range(side)), key=lambda spot: (max(spot), spot)
    )[:n]
    shapes = tuple(
        at(kind, hue, left + column * pitch, top + row * pitch, size)
        for kind, hue, (row, column) in zip(kinds, hues, lottery.sample(places, n), strict=True)
    )
    return Posed(Scene(shapes), hues[0], {"shapes": n, "gap_px": gap})


def overlap(level: int, lottery: Lottery) -> Posed:
    """Return a circle and a square: one reaches less far into the other on each level, from 4 on in similar colours."""
    depth = OVERLAP[level - 1]
    size = lottery.uniform(110, 150)
    across, down = turned(SIDES[lottery.choice(list(SIDES))], lottery.uniform(-15, 15))
    # Along the longer component, so that the squares around both overlap by the depth.
    distance = size * (1 - depth) / max(abs(across), abs(down))
    front, back = lottery.sample(("circle", "square"), 2)
    hues = lottery.sample(lottery.choice(FAR if level < 4 else NEAR), 2)
    x, y = (FRAME / 2 + lottery.uniform(-60, 60) for _ in range(2))
    behind = at(back, hues[0], x - across * distance / 2, y - down * distance / 2, size)
    before = at(front, hues[1], x + across * distance / 2, y + down * distance / 2, size)
    return Posed(Scene((behind, before)), front, {"depth": depth})


def at(kind: str, hue: str, x: float, y: float, size: float) -> Shape:
    """Return a shape whose place is rounded: sines differ between machines in their last digits."""
    return Shape(kind, hue, round(x, 1), round(y, 1), round(size, 1))


def other_kinds(*kinds: str) -> Sequence[str]:
    """Return all shapes but these."""
    return [kind for kind in KINDS if kind not in kinds]


def turned(direction: tuple[int, int], degrees: float) -> tuple[float, float]:
    """Return a direction turned by an angle."""
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return direction[0] * cosine - direction[1] * sine, direction[0] * sine + direction[1] * cosine


FAMILIES: Mapping[str, Callable[[int, Lottery], Posed]] = MappingProxyType({
    "binding": binding,
    "colour": colour,
    "count": count,
    "overlap": overlap,
    "position": position,
})
"""What makes a scene of each family, from its level and what is random."""
