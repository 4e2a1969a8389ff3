"""Prompts that ask for a picture of shapes, in the manner of GenEval's."""

from __future__ import annotations

import re

from pytest_vlmperception.errors import PromptError
from pytest_vlmperception.pictures.prompted.wanted import Item, SceneSpec, Words
from pytest_vlmperception.pictures.prompted.words import (
    PICTURE,
    PLACES,
    alternatives,
    place_of,
    read_item,
    read_words,
    simplified,
)

__all__ = ["MAX_SHAPES", "parse_scene_prompt"]

MAX_SHAPES = 12
MAX_TEXTS = 2

HEAD = re.compile(rf"(?:please )?(?:(?:draw|paint|make|create|generate|show) )?(?:an? {PICTURE} (?:of|showing|with) )?")
TAIL = re.compile(r",? on an? (?:plain )?gr[ae]y background$")
PLACE = re.compile(rf" ({alternatives(PLACES)}) ")
# Not within quotes: an even number of them follows.
AND = re.compile(r'(?:, and |, | and | with )(?=(?:[^"]*"[^"]*")*[^"]*$)')


def parse_scene_prompt(prompt: str) -> SceneSpec:
    """Return what a prompt asks a picture to show.

    It is read as a whole, or not at all: ``a picture of`` and then shapes, ``a red circle and two blue squares``, one
    shape and its place, ``a star left of a ring``, or words, ``the word "STOP" in red``,
    joined by commas and ``and``. A number and a colour may stand before each shape.

    Parameters
    ----------
    prompt : str
        In English, upper or lower case; only what is quoted is read as it is.

    Returns
    -------
    SceneSpec
        Its objects, their places and its texts.

    Raises
    ------
    PromptError
        If it asks for anything else; the message says what can be drawn.
    """
    text = simplified(prompt)
    body = TAIL.sub("", HEAD.sub("", text, count=1))
    place = PLACE.search(body) if '"' not in body else None
    spec = placed(body, place, text) if place else listed(AND.split(body), text)
    count = sum(item.count for item in spec.items)
    if count > MAX_SHAPES or len(spec.texts) > MAX_TEXTS:
        found = f"{count} shapes and {len(spec.texts)} texts"
        raise PromptError(f"{text!r} asks for {found}; expected at most {MAX_SHAPES} and {MAX_TEXTS}")
    return spec


def placed(body: str, place: re.Match[str], whole: str) -> SceneSpec:
    """Return what ``a star left of a ring`` asks for."""
    sides = body[: place.start()].removesuffix(" is"), body[place.end() :]
    if any(AND.search(side) or PLACE.search(side) for side in sides):
        raise PromptError(f"{whole!r}: expected one shape on either side of {place[1]!r}, and nothing else")
    first, second = (read_item(side, whole) for side in sides)
    if max(first.count, second.count) > 1:
        raise PromptError(f"{whole!r}: expected one shape on either side of {place[1]!r}, not several")
    check_apart([first, second], whole)
    return SceneSpec((first, second), place_of(place[1]))


def listed(parts: list[str], whole: str) -> SceneSpec:
    """Return what shapes and texts in a row ask for."""
    items: list[Item] = []
    texts: list[Words] = []
    for part in parts:
        words = read_words(part, whole)
        if words is None:
            items.append(read_item(part, whole))
        else:
            texts.append(words)
    check_apart(items, whole)
    return SceneSpec(tuple(items), "", tuple(texts))


def check_apart(items: list[Item], whole: str) -> None:
    """Refuse two items of which one shape could be both."""
    for number, item in enumerate(items):
        for other in items[:number]:
            if item.kind == other.kind and (item.colour == other.colour or not (item.colour and other.colour)):
                raise PromptError(
                    f"{whole!r} asks twice for a {item.kind}; write it once, with a number or two colours"
                )
