"""Whether an edit of a picture of shapes did what it was told to."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TypeVar

from pytest_vlmperception.pictures.editing.framing import Framing, framing_of
from pytest_vlmperception.pictures.editing.keeping import at_size
from pytest_vlmperception.pictures.editing.tones import sharpness_ratio
from pytest_vlmperception.pictures.masks import Mask, decode_mask
from pytest_vlmperception.pictures.pixels import Pixels
from pytest_vlmperception.pictures.prompted import Instruction, Item, lies, parse_instruction, scene_in
from pytest_vlmperception.records import Edit, Lettering, Scene, Shape

__all__ = ["BLURRED", "edit_succeeded"]

Thing = TypeVar("Thing", Shape, Lettering)

BLURRED = 0.3
"""A picture with at most this share of its source's sharpness is blurred."""

# How many times as far along a relation as across it: within 45 degrees.
ROUGHLY = 1.0


def edit_succeeded(edit: Edit, before: Pixels, after: Pixels) -> bool:
    """Return whether a picture shows what an edit was to make of it.

    Shapes and words are detected anew. Those inside the mask, or in the whole picture where there is none, have to be
    those of the edit's target: as many of every kind and colour, wherever they lie, and in the relation that the
    instruction names. A crop is undone first. Whether a picture was blurred is told by its sharpness, if it can still
    be recognised. What happened outside the mask is another question: see `compare_edit`.

    Parameters
    ----------
    edit : Edit
        What was to be done.
    before, after : ndarray of uint8, shape (height, width, 3)
        The source and its edited version, sRGB, of any size.

    Raises
    ------
    CannotJudge
        If the edited picture is no scene of shapes on a plain background.
    PromptError
        If the instruction is none of those that are known.
    PictureError
        If the mask has other proportions than the source.
    """
    instruction = parse_instruction(edit.instruction)
    before = at_size(before, (edit.source.height, edit.source.width))
    if instruction.action == "blur":
        return sharpness_ratio(before, after) <= BLURRED and framing_of(before, after).kept > 0.0
    mask = None if edit.mask is None else decode_mask(edit.mask.bytes, edit.mask.name, before)
    seen = unframed(scene_in(after), framing_of(before, after, mask), edit.source)
    return shown(seen, mask) == shown(edit.target, mask) and is_in_place(instruction, seen)


def unframed(scene: Scene, framing: Framing, source: Scene) -> Scene:
    """Return a scene with everything where it was before the picture was cropped or scaled."""

    def back(thing: Thing) -> Thing:
        x, y = framing.undone(thing.x / scene.width, thing.y / scene.height)
        return replace(thing, x=x * source.width, y=y * source.height)

    return replace(source, shapes=tuple(map(back, scene.shapes)), texts=tuple(map(back, scene.texts)))


def shown(scene: Scene, mask: Mask | None) -> Counter[tuple[str, str]]:
    """Return how many shapes of every kind and colour, and which words, a scene shows inside a mask."""
    shapes = ((shape.kind, shape.colour) for shape in scene.shapes if is_inside(shape.x, shape.y, mask))
    texts = ((text.text, text.colour) for text in scene.texts if is_inside(text.x, text.y, mask))
    return Counter([*shapes, *texts])


def is_inside(x: float, y: float, mask: Mask | None) -> bool:
    """Return whether a place is inside a mask."""
    if mask is None:
        return True
    row, column = int(y), int(x)
    return 0 <= row < mask.shape[0] and 0 <= column < mask.shape[1] and bool(mask[row, column])


def is_in_place(instruction: Instruction, scene: Scene) -> bool:
    """Return whether what was moved or added lies where it was to; anything else is in place."""
    if instruction.anchor is None:
        return True
    things = alike(scene, instruction.item or instruction.target)
    anchors = alike(scene, instruction.anchor)
    return any(
        lies((thing.x, thing.y), instruction.relation, (anchor.x, anchor.y), ROUGHLY)
        for thing in things
        for anchor in anchors
    )


def alike(scene: Scene, item: Item | None) -> list[Shape]:
    """Return the shapes of a look."""
    return [shape for shape in scene.shapes if item and shape.kind == item.kind and item.colour in ("", shape.colour)]
