"""Pictures that are wrong in one known respect."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import combinations
from types import MappingProxyType

from pytest_vlmperception.pictures.prompted.wanted import MIRRORED, Item, SceneSpec, Words
from pytest_vlmperception.pictures.prompted.words import MAX_COUNT
from pytest_vlmperception.pictures.scenes import Lottery
from pytest_vlmperception.records import COLOURS, KINDS

__all__ = ["SKILLS", "misspelt", "mistaken", "skill_of"]

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def skill_of(spec: SceneSpec) -> str:
    """Return what a prompt tests most of all, one of `SKILLS`."""
    colours = {item.colour for item in spec.items} - {""}
    if spec.texts:
        return "text"
    if spec.relation:
        return "position"
    if any(item.count > 1 for item in spec.items):
        return "counting"
    if len(colours) > 1:
        return "attribute binding"
    return "colour" if colours else "object"


def mistaken(spec: SceneSpec, lottery: Lottery) -> SceneSpec:
    """Return a scene that is wrong in one respect, the one that its prompt tests most of all.

    ============================ ====================================================================================
    `skill_of` the prompt        what is wrong
    ============================ ====================================================================================
    object                       one kind of shape is missing where there are several, or is another kind
    colour                       a shape has a colour that is not asked for
    counting                     there is one shape too many, or one too few
    position                     two shapes have changed places
    attribute binding            two shapes have exchanged their colours; of one kind, one has a colour not asked for
    text                         one letter is another, or two neighbours have changed places
    ============================ ====================================================================================

    Every one of them is wrong by GenEval's rules for the task of that name.

    Parameters
    ----------
    spec : SceneSpec
        What is asked for.
    lottery : Lottery
        Chooses among the mistakes of a kind.
    """
    return MISTAKES[skill_of(spec)](spec, lottery)


def wrong_object(spec: SceneSpec, lottery: Lottery) -> SceneSpec:
    """Return it with a kind of shape missing, or exchanged for another."""
    number = lottery.below(len(spec.items))
    kinds = [kind for kind in KINDS if kind not in {item.kind for item in spec.items}]
    if not kinds or (len(spec.items) > 1 and lottery.below(2)):
        return replace(spec, items=spec.items[:number] + spec.items[number + 1 :])
    return with_item(spec, number, replace(spec.items[number], kind=lottery.choice(kinds)))


def wrong_colour(spec: SceneSpec, lottery: Lottery) -> SceneSpec:
    """Return it with a colour exchanged for one that is not asked for."""
    number = lottery.choice([number for number, item in enumerate(spec.items) if item.colour])
    others = [colour for colour in COLOURS if colour != spec.items[number].colour]
    unasked = [colour for colour in others if colour not in {item.colour for item in spec.items}]
    return with_item(spec, number, replace(spec.items[number], colour=lottery.choice(unasked or others)))


def wrong_count(spec: SceneSpec, lottery: Lottery) -> SceneSpec:
    """Return it with one shape too many or too few."""
    number = lottery.choice([number for number, item in enumerate(spec.items) if item.count > 1])
    item = spec.items[number]
    step = -1 if item.count == MAX_COUNT or lottery.below(2) else 1
    return with_item(spec, number, replace(item, count=item.count + step))


def wrong_place(spec: SceneSpec, lottery: Lottery) -> SceneSpec:
    """Return it with the two shapes in each other's place."""
    return replace(spec, relation=MIRRORED[spec.relation])


def wrong_binding(spec: SceneSpec, lottery: Lottery) -> SceneSpec:
    """Return it with the colours of two shapes exchanged."""
    coloured = [number for number, item in enumerate(spec.items) if item.colour]
    pairs = [pair for pair in combinations(coloured, 2) if differ(*(spec.items[number] for number in pair))]
    if not pairs:
        return wrong_colour(spec, lottery)
    one, other = lottery.choice(pairs)
    first, second = spec.items[one], spec.items[other]
    swapped = with_item(spec, one, replace(first, colour=second.colour))
    return with_item(swapped, other, replace(second, colour=first.colour))


def differ(first: Item, second: Item) -> bool:
    """Return whether two items are shapes of two kinds in two colours."""
    return first.kind != second.kind and first.colour != second.colour


def wrong_text(spec: SceneSpec, lottery: Lottery) -> SceneSpec:
    """Return it with one text misspelt."""
    number = lottery.below(len(spec.texts))
    words = spec.texts[number]
    wrong = Words(misspelt(words.text, lottery), words.colour)
    return replace(spec, texts=(*spec.texts[:number], wrong, *spec.texts[number + 1 :]))


def misspelt(text: str, lottery: Lottery) -> str:
    """Return a text with two neighbours exchanged that differ, or with another letter."""
    neighbours = ((place, text[place : place + 2]) for place in range(len(text) - 1))
    swaps = [place for place, pair in neighbours if pair[0] != pair[1] and " " not in pair]
    if swaps and lottery.below(2):
        place = lottery.choice(swaps)
        return text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    place = lottery.choice([place for place, letter in enumerate(text) if letter != " "])
    return text[:place] + lottery.choice([letter for letter in LETTERS if letter != text[place]]) + text[place + 1 :]


def with_item(spec: SceneSpec, number: int, item: Item) -> SceneSpec:
    """Return it with another item in the place of one."""
    return replace(spec, items=(*spec.items[:number], item, *spec.items[number + 1 :]))


MISTAKES: Mapping[str, Callable[[SceneSpec, Lottery], SceneSpec]] = MappingProxyType({
    "object": wrong_object,
    "colour": wrong_colour,
    "counting": wrong_count,
    "position": wrong_place,
    "attribute binding": wrong_binding,
    "text": wrong_text,
})

SKILLS = tuple(MISTAKES)
