"""Scenes with edits that can be done in them, chosen at random."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType

from pytest_vlmperception.errors import PromptError, StimulusError
from pytest_vlmperception.pictures.prompted import Box, box_of, edited, lies, parse_instruction
from pytest_vlmperception.pictures.scenes import Lottery, place
from pytest_vlmperception.records import COLOURS, KINDS, RELATIONS, Edit, Lettering, Picture, Scene, Shape

__all__ = ["IN_CHAINS", "chain", "singles"]

# What a chain of edits is made of: each can be told from the others, and holds while others are done.
IN_CHAINS = ("add", "recolour", "remove", "replace", "write")

SIDE_PX, SHAPES = 384, 4
SIZES_PX = (46.0, 66.0)

# From the edges, so that a crop of a few per cent hides nothing; between shapes; and around what a mask covers.
MARGIN_PX, GAP_PX, AROUND_PX = 12, 20, 12

# What lies so far along a relation, for what it lies across it, is as good as there.
CLOSE = 0.4

# Draws of a scene, and of an edit in a scene, before it is given up.
SCENES, EDITS = 100, 20

WORDS = ("CAFE", "EXIT", "HELLO", "HOTEL", "OPEN", "PARK", "SALE", "STOP", "TAXI", "2026")
SIDES: Mapping[str, str] = MappingProxyType({
    **{relation: relation for relation in RELATIONS},
    "left of": "to the left of",
    "right of": "to the right of",
})


@dataclass(frozen=True)
class Step:
    """An edit, and the boxes that its mask covers."""

    edit: Edit
    boxes: tuple[Box, ...]


def singles(actions: Sequence[str], seed: int, number: int) -> dict[str, Edit]:
    """Return one edit of each action, all of one scene.

    Raises
    ------
    StimulusError
        If no scene is found in which all can be done.
    """
    for attempt in range(SCENES):
        source = scattered(Lottery("edits", seed, number, attempt))
        lotteries = {action: Lottery("edits", seed, number, attempt, action) for action in actions}
        steps = {action: step(source, action, lottery, ()) for action, lottery in lotteries.items()}
        found = {action: each.edit for action, each in steps.items() if each is not None}
        if len(found) == len(actions):
            return found
    raise no_scene(actions)


def chain(actions: Sequence[str], rounds: int, seed: int, number: int) -> tuple[Edit, ...]:
    """Return edits of which each follows on the one before, of different actions as far as there are so many.

    Raises
    ------
    StimulusError
        If no scene is found in which they can be done.
    """
    for attempt in range(SCENES):
        lottery = Lottery("edits", seed, number, rounds, attempt)
        scene, steps = scattered(lottery), list[Step]()
        for action in cycled(actions, rounds, lottery):
            taken = [box for each in steps for box in each.boxes]
            found = step(scene, action, lottery, taken)
            if found is None:
                break
            steps.append(found)
            scene = found.edit.target
        else:
            return tuple(each.edit for each in steps)
    raise no_scene(actions)


def cycled(actions: Sequence[str], rounds: int, lottery: Lottery) -> list[str]:
    """Return so many actions in random order, none twice before all were there."""
    order: list[str] = []
    while len(order) < rounds:
        order += lottery.sample(actions, len(actions))
    return order[:rounds]


def no_scene(actions: Sequence[str]) -> StimulusError:
    """Say that the edits do not fit into one scene."""
    return StimulusError(f"no scene of {SHAPES} shapes has room for the edits {', '.join(actions)}; ask for fewer")


def scattered(lottery: Lottery) -> Scene:
    """Return a scene of different shapes in different colours."""
    looks = list(zip(lottery.sample(KINDS, SHAPES), lottery.sample(COLOURS, SHAPES), strict=True))
    inner = SIDE_PX - 2 * MARGIN_PX
    shapes = place(looks, lottery, sizes=SIZES_PX, gap=GAP_PX, width=inner, height=inner)
    moved = (replace(shape, x=shape.x + MARGIN_PX, y=shape.y + MARGIN_PX) for shape in shapes)
    return Scene(tuple(moved), width=SIDE_PX, height=SIDE_PX)


def step(source: Scene, action: str, lottery: Lottery, taken: Sequence[Box]) -> Step | None:
    """Return an edit whose mask covers nothing else, and no box that is taken; None if none was found."""
    for _ in range(EDITS):
        text = INSTRUCTIONS[action](source, lottery)
        try:
            target = edited(source, parse_instruction(text))
        except PromptError:
            continue
        boxes = tuple(around(box_of(thing)) for thing in things(source) ^ things(target))
        others = [*taken, *(box_of(thing) for thing in things(source) & things(target))]
        if not any(overlap(box, other) for box in boxes for other in others):
            return Step(Edit(text, source, target, mask_of(boxes, text)), boxes)
    return None


def things(scene: Scene) -> frozenset[Shape | Lettering]:
    """Return all that a scene shows."""
    return frozenset([*scene.shapes, *scene.texts])


def around(box: Box) -> Box:
    """Return a box with some room around it, inside the picture."""
    left, top = (max(0.0, edge - AROUND_PX) for edge in box[:2])
    right, bottom = (min(float(SIDE_PX), edge + AROUND_PX) for edge in box[2:])
    return left, top, right, bottom


def overlap(box: Box, other: Box) -> bool:
    """Return whether two boxes share any area."""
    return all(box[axis] < other[axis + 2] and other[axis] < box[axis + 2] for axis in (0, 1))


def mask_of(boxes: Iterable[Box], text: str) -> Picture | None:
    """Return the picture of a mask that lets some boxes through, None if there are none."""
    areas = tuple(boxes)
    return Picture(f"mask for {text!r} {areas}", partial(encoded_mask, areas)) if areas else None


def encoded_mask(boxes: Sequence[Box]) -> tuple[str, bytes]:
    """Return the media type and the bytes of a mask."""
    # Loads numpy, which a set that is only listed does not need.
    import numpy as np

    from pytest_vlmperception.pictures import encode_mask

    mask = np.zeros((SIDE_PX, SIDE_PX), dtype=np.bool_)
    for left, top, right, bottom in boxes:
        mask[round(top) : round(bottom), round(left) : round(right)] = True
    return "image/png", encode_mask(mask)


def with_article(words: str) -> str:
    """Return words with ``a`` or ``an`` before them."""
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"


def unused(all_: Sequence[str], used: Iterable[str], lottery: Lottery) -> str:
    """Return one of several words that is not used."""
    taken = set(used)
    return lottery.choice([word for word in all_ if word not in taken])


def one_of(scene: Scene, lottery: Lottery) -> Shape:
    """Return a shape of a scene."""
    return lottery.choice(scene.shapes)


def new_colour(scene: Scene, lottery: Lottery) -> str:
    """Return a colour that a scene does not show."""
    return unused(COLOURS, (thing.colour for thing in things(scene)), lottery)


def new_kind(scene: Scene, lottery: Lottery) -> str:
    """Return a kind of shape that a scene does not show."""
    return unused(KINDS, (shape.kind for shape in scene.shapes), lottery)


def add(scene: Scene, lottery: Lottery) -> str:
    """Return an instruction to add a shape."""
    return f"add {with_article(f'{new_colour(scene, lottery)} {new_kind(scene, lottery)}')}"


def move(scene: Scene, lottery: Lottery) -> str:
    """Return an instruction to move a shape."""
    first, second = lottery.sample(scene.shapes, 2)
    sides = [each for each in RELATIONS if not lies((first.x, first.y), each, (second.x, second.y), CLOSE)]
    return f"move the {first.kind} {SIDES[lottery.choice(sides)]} the {second.kind}"


def recolour(scene: Scene, lottery: Lottery) -> str:
    """Return an instruction to give a shape another colour."""
    return f"make the {one_of(scene, lottery).kind} {new_colour(scene, lottery)}"


def remove(scene: Scene, lottery: Lottery) -> str:
    """Return an instruction to remove a shape."""
    return f"remove the {one_of(scene, lottery).kind}"


def exchange(scene: Scene, lottery: Lottery) -> str:
    """Return an instruction to turn a shape into another."""
    return f"turn the {one_of(scene, lottery).kind} into {with_article(new_kind(scene, lottery))}"


def write(scene: Scene, lottery: Lottery) -> str:
    """Return an instruction to write a word."""
    word = unused(WORDS, (text.text for text in scene.texts), lottery)
    return f'write "{word}" in {new_colour(scene, lottery)}'


INSTRUCTIONS: Mapping[str, Callable[[Scene, Lottery], str]] = MappingProxyType({
    "add": add,
    "blur": lambda scene, lottery: "blur the picture",
    "move": move,
    "nothing": lambda scene, lottery: "do not change anything",
    "recolour": recolour,
    "remove": remove,
    "replace": exchange,
    "write": write,
})
