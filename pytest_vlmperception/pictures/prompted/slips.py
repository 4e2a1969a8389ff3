"""Instructions misunderstood: edits that are wrong in one known respect."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from pytest_vlmperception.pictures.prompted.instructions import Instruction
from pytest_vlmperception.pictures.prompted.mistakes import misspelt
from pytest_vlmperception.pictures.prompted.wanted import Item, Words
from pytest_vlmperception.pictures.scenes import Lottery
from pytest_vlmperception.records import COLOURS, KINDS, Scene

__all__ = ["NOTHING", "misspelling", "misunderstood"]

NOTHING = Instruction("nothing")
"""The edit that leaves a picture as it is."""


def misunderstood(instruction: Instruction, scene: Scene, lottery: Lottery) -> Instruction:
    """Return another edit than the one that was asked for.

    Nothing is done, or it is done to another shape, or another kind of shape is added, or a text is misspelt. Asked to
    change nothing, a shape changes its colour.

    Parameters
    ----------
    instruction : Instruction
        What is asked for.
    scene : Scene
        What the picture shows.
    lottery : Lottery
        Chooses among these.
    """
    if instruction.action == "nothing":
        return unasked(scene, lottery)
    if instruction.action == "write":
        return misspelling(instruction, scene, lottery)
    if instruction.action == "blur" or lottery.below(2):
        return NOTHING
    if instruction.action == "add" and instruction.item is not None:
        kinds = [kind for kind in KINDS if kind != instruction.item.kind]
        return replace(instruction, item=replace(instruction.item, kind=lottery.choice(kinds)))
    others = [look for look in looks(scene) if not is_meant(look, instruction)]
    return replace(instruction, target=lottery.choice(others)) if others else NOTHING


def misspelling(instruction: Instruction, scene: Scene, lottery: Lottery) -> Instruction:
    """Return an instruction to write with the words misspelt; any other as it is."""
    words = instruction.words
    return replace(instruction, words=Words(misspelt(words.text, lottery), words.colour)) if words else instruction


def unasked(scene: Scene, lottery: Lottery) -> Instruction:
    """Return an edit that nobody asked for."""
    seen = looks(scene)
    if not seen:
        return Instruction("add", item=Item(lottery.choice(KINDS)))
    target = lottery.choice(seen)
    return Instruction(
        "recolour", target=target, colour=lottery.choice([each for each in COLOURS if each != target.colour])
    )


def looks(scene: Scene) -> list[Item]:
    """Return the looks of which there is one shape."""
    counts = Counter(Item(shape.kind, shape.colour) for shape in scene.shapes)
    return [look for look, count in counts.items() if count == 1]


def is_meant(look: Item, instruction: Instruction) -> bool:
    """Return whether an instruction names a shape of this look."""
    named = [item for item in (instruction.target, instruction.anchor) if item is not None]
    return any(look.kind == item.kind and item.colour in ("", look.colour) for item in named)
