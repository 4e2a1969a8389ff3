"""Where the shapes and words that a prompt asks for lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pytest_vlmperception.pictures.prompted.wanted import SceneSpec, Words
from pytest_vlmperception.pictures.scenes import Lottery, place
from pytest_vlmperception.records import COLOURS, Lettering, Scene, Shape

__all__ = ["SIDE_PX", "laid_out", "lettering_px", "text_width"]

SIDE_PX = 384
"""Width and height of a picture that is painted."""

# Smallest and largest side of the squares around shapes, as shares of the picture's: as large as so many find room
# with some to spare.
SIZES = ((4, (0.12, 0.21)), (8, (0.1, 0.165)), (16, (0.07, 0.11)))
ONE_OF_TWO = (0.12, 0.175)

# Two shapes of which one lies beside the other are this share of the side away from the middle, and from the line
# that they would be level on: so near that only one relation is meant, so far that it is beyond doubt.
BESIDE, LEVEL = 0.08, 0.5

# A line of text, as shares of the side: height of a capital at most, width at most, and from line to line.
CAPITAL, LINE, LINE_STEP = 0.11, 0.8, 0.16

# Cells of the letters: 7 high, 6 from one to the next. A capital of whole cells has sharp edges.
CELLS, STEP = 7, 6


def laid_out(spec: SceneSpec, lottery: Lottery) -> Scene:
    """Return a scene that shows what is wanted, and nothing else.

    Parameters
    ----------
    spec : SceneSpec
        What is wanted. Where it leaves a colour open, one is drawn.
    lottery : Lottery
        Decides on places, sizes and open colours.

    Returns
    -------
    Scene
        `SIDE_PX` wide and high; no two shapes or lines touch.
    """
    band = round(SIDE_PX * LINE_STEP * len(spec.texts))
    looks = looks_of(spec, lottery)
    shapes = beside(looks, spec.relation, lottery) if spec.relation else scattered(looks, SIDE_PX - band, lottery)
    texts = lines(spec.texts, lottery, alone=not shapes)
    return Scene(shapes, texts, width=SIDE_PX, height=SIDE_PX)


def looks_of(spec: SceneSpec, lottery: Lottery) -> list[tuple[str, str]]:
    """Return kind and colour of every shape. Shapes of one item have one colour, items without a colour differ."""
    left = [colour for colour in COLOURS if colour not in {item.colour for item in spec.items}]
    drawn = iter(lottery.sample(left, len(left)))
    colours = [item.colour or next(drawn, COLOURS[0]) for item in spec.items]
    return [(item.kind, colour) for item, colour in zip(spec.items, colours, strict=True) for _ in range(item.count)]


def scattered(looks: Sequence[tuple[str, str]], height: int, lottery: Lottery) -> tuple[Shape, ...]:
    """Return shapes anywhere in the upper part of the picture."""
    if not looks:
        return ()
    sizes = next(sizes for most, sizes in SIZES if len(looks) <= most)
    return place(looks, lottery, sizes=in_pixels(sizes), width=SIDE_PX, height=height)


def in_pixels(shares: tuple[float, float]) -> tuple[float, float]:
    """Return lengths in pixels that are given as shares of the side."""
    return SIDE_PX * shares[0], SIDE_PX * shares[1]


def beside(looks: Sequence[tuple[str, str]], relation: str, lottery: Lottery) -> tuple[Shape, ...]:
    """Return two shapes of which the first lies left of, right of, above or below the second."""
    along, across = round(SIDE_PX * (0.5 - BESIDE)), round(SIDE_PX * LEVEL)
    far, level = SIDE_PX - along, (SIDE_PX - across) // 2
    starts = (0, far) if relation in ("left of", "above") else (far, 0)
    horizontal = relation in ("left of", "right of")
    width, height = (along, across) if horizontal else (across, along)
    shapes = []
    for look, start in zip(looks, starts, strict=True):
        (shape,) = place([look], lottery, sizes=in_pixels(ONE_OF_TWO), width=width, height=height)
        left, top = (start, level) if horizontal else (level, start)
        shapes.append(replace(shape, x=shape.x + left, y=shape.y + top))
    return tuple(shapes)


def lines(texts: Sequence[Words], lottery: Lottery, *, alone: bool) -> tuple[Lettering, ...]:
    """Return lines of text from the lower edge up, or about the middle where there is nothing else."""
    rise = round(lottery.uniform(0.0, 0.35) * SIDE_PX) if alone else 0
    step = SIDE_PX * LINE_STEP
    return tuple(
        Lettering(
            words.text,
            words.colour or lottery.choice(COLOURS),
            SIDE_PX / 2,
            SIDE_PX - rise - round(step * (len(texts) - number - 0.5)),
            lettering_px(words.text, SIDE_PX * LINE),
        )
        for number, words in enumerate(texts)
    )


def lettering_px(text: str, width_px: float) -> float:
    """Return the height of capitals with which a text is at most so wide, and at most as high as any is."""
    size = min(CAPITAL * SIDE_PX, width_px * CELLS / (STEP * len(text) - 1))
    return float(max(CELLS, CELLS * int(size / CELLS)))


def text_width(text: str, size: float) -> float:
    """Return the width in pixels of a text whose capitals are `size` high."""
    return size / CELLS * (STEP * len(text) - 1)
