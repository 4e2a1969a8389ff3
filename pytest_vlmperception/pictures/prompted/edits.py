"""Scenes changed as an instruction says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from statistics import median
from types import MappingProxyType

from pytest_vlmperception.errors import PromptError
from pytest_vlmperception.pictures.prompted.instructions import Instruction
from pytest_vlmperception.pictures.prompted.layout import lettering_px, text_width
from pytest_vlmperception.pictures.prompted.rooms import Box, boxes_of, free_centre, inner_box, lies
from pytest_vlmperception.pictures.prompted.wanted import Item
from pytest_vlmperception.records import COLOURS, Lettering, Scene, Shape

__all__ = ["edited"]

# Side of a shape where there is no other to go by, as a share of the picture's; and how much smaller it is made, at
# most, to find room.
USUAL = 0.16
SHRINKS = (1.0, 0.8, 0.6)

# A line of text takes this share of the width that there is.
LINE = 0.9


def edited(scene: Scene, instruction: Instruction, within: Box | None = None) -> Scene:
    """Return what a scene becomes by an instruction. Blurring changes no scene, only its picture.

    Parameters
    ----------
    scene : Scene
        Before.
    instruction : Instruction
        What is to be done.
    within : Box, optional
        Where it is to be done: new things are put there, and of two shapes that are meant the one that is there.

    Raises
    ------
    PromptError
        If no shape, or more than one, is as the instruction says, or there is no room.
    """
    change = CHANGES.get(instruction.action)
    return change(scene, instruction, within) if change else scene


def recoloured(scene: Scene, instruction: Instruction, within: Box | None) -> Scene:
    """Return it with a shape in another colour."""
    number = found(scene, instruction.target, within)
    return with_shape(scene, number, replace(scene.shapes[number], colour=instruction.colour))


def removed(scene: Scene, instruction: Instruction, within: Box | None) -> Scene:
    """Return it without a shape."""
    number = found(scene, instruction.target, within)
    return replace(scene, shapes=(*scene.shapes[:number], *scene.shapes[number + 1 :]))


def exchanged(scene: Scene, instruction: Instruction, within: Box | None) -> Scene:
    """Return it with a shape of another kind in the place of one."""
    number, item = found(scene, instruction.target, within), named(instruction.item)
    shape = scene.shapes[number]
    return with_shape(scene, number, replace(shape, kind=item.kind, colour=item.colour or shape.colour))


def moved(scene: Scene, instruction: Instruction, within: Box | None) -> Scene:
    """Return it with a shape beside another."""
    # What the mask covers is where the shape is and where it may go: it does not tell shapes apart.
    number = found(scene, instruction.target, None)
    others = removed(scene, instruction, None)
    return with_shape(scene, number, put(scene.shapes[number], others, instruction, within))


def added(scene: Scene, instruction: Instruction, within: Box | None) -> Scene:
    """Return it with one more shape."""
    item = named(instruction.item)
    unused = (colour for colour in COLOURS if colour not in {shape.colour for shape in scene.shapes})
    side = USUAL * min(scene.width, scene.height)
    size = median([shape.size for shape in scene.shapes] or [side])
    shape = Shape(item.kind, item.colour or next(unused, COLOURS[0]), 0.0, 0.0, size)
    return replace(scene, shapes=(*scene.shapes, put(shape, scene, instruction, within)))


def written(scene: Scene, instruction: Instruction, within: Box | None) -> Scene:
    """Return it with one more line of text."""
    words = instruction.words
    if words is None:
        raise PromptError("an instruction to write says not what; expected words")
    room = within or inner_box(scene)
    for shrink in SHRINKS:
        size = lettering_px(words.text, shrink * LINE * (room[2] - room[0]))
        centre = free_centre((text_width(words.text, size), size), room, boxes_of(scene))
        if centre is not None:
            line = Lettering(words.text, words.colour or "black", *centre, size)
            return replace(scene, texts=(*scene.texts, line))
    raise no_room(words.text)


def put(shape: Shape, others: Scene, instruction: Instruction, within: Box | None) -> Shape:
    """Return a shape where there is room for it, in the place that an instruction says."""
    room = within or inner_box(others)
    anchor = others.shapes[found(others, instruction.anchor, None)] if instruction.anchor else None

    def allowed(centre: tuple[float, float]) -> bool:
        return anchor is None or lies(centre, instruction.relation, (anchor.x, anchor.y))

    for shrink in SHRINKS:
        size = shrink * shape.size
        centre = free_centre((size, size), room, boxes_of(others), allowed)
        if centre is not None:
            return replace(shape, x=centre[0], y=centre[1], size=size)
    raise no_room(f"{shape.colour} {shape.kind}")


def found(scene: Scene, item: Item | None, within: Box | None) -> int:
    """Return the number of the one shape that an item names."""
    wanted = named(item)
    numbers = [number for number, shape in enumerate(scene.shapes) if is_one(shape, wanted)]
    inside = [number for number in numbers if within and is_inside(scene.shapes[number], within)]
    meant = inside or numbers
    if len(meant) == 1:
        return meant[0]
    shown = ", ".join(f"{shape.colour} {shape.kind}" for shape in scene.shapes) or "no shape"
    count = f"{len(meant)} shapes are" if meant else "nothing is"
    raise PromptError(f"{count} 'the {wanted}' in the picture, which shows {shown}; name one of them")


def named(item: Item | None) -> Item:
    """Return what an instruction names."""
    if item is None:
        raise PromptError("an instruction names no shape; expected one")
    return item


def is_one(shape: Shape, item: Item) -> bool:
    """Return whether a shape is of the look that an item names."""
    return shape.kind == item.kind and item.colour in ("", shape.colour)


def is_inside(shape: Shape, box: Box) -> bool:
    """Return whether the middle of a shape is in a box."""
    return box[0] <= shape.x <= box[2] and box[1] <= shape.y <= box[3]


def with_shape(scene: Scene, number: int, shape: Shape) -> Scene:
    """Return a scene with another shape in the place of one."""
    return replace(scene, shapes=(*scene.shapes[:number], shape, *scene.shapes[number + 1 :]))


def no_room(what: str) -> PromptError:
    """Say that something does not fit."""
    return PromptError(f"there is no room for {what!r} in the picture; ask for less, or mask a larger free place")


CHANGES: Mapping[str, Callable[[Scene, Instruction, Box | None], Scene]] = MappingProxyType({
    "recolour": recoloured,
    "remove": removed,
    "replace": exchanged,
    "move": moved,
    "add": added,
    "write": written,
})
