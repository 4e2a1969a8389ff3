"""Instructions to change a picture of shapes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from pytest_vlmperception.errors import PromptError
from pytest_vlmperception.pictures.prompted.wanted import Item, Words
from pytest_vlmperception.pictures.prompted.words import (
    COLOUR,
    PICTURE,
    PLACES,
    alternatives,
    place_of,
    read_colour,
    read_item,
    read_words,
    simplified,
)

__all__ = ["ACTIONS", "Instruction", "parse_instruction"]

ACTIONS = ("recolour", "remove", "replace", "move", "add", "write", "blur", "nothing")


@dataclass(frozen=True)
class Instruction:
    """One change of a picture.

    Attributes
    ----------
    action : str
        One of `ACTIONS`.
    target : Item or None
        What is recoloured, removed, replaced or moved: the one shape of this look. None for the others.
    item : Item or None
        What is added, or put in the place of the target. It keeps the target's colour where it has none.
    colour : str
        What the target becomes when it is recoloured.
    relation : str
        Where the item is added, or the target moved to, as seen from the anchor; empty for anywhere.
    anchor : Item or None
        What the relation is to.
    words : Words or None
        What is written.
    """

    action: str
    target: Item | None = None
    item: Item | None = None
    colour: str = ""
    relation: str = ""
    anchor: Item | None = None
    words: Words | None = None


THE = "(?:the |that |this )"
WHOLE = rf"(?:(?:the|this|whole|entire) )*{PICTURE}"

EXAMPLES = (
    "expected one of: make the circle red; remove the star; turn the square into a triangle; move the ring left of the "
    'heart; add a blue square; write "HELLO" in red; blur the picture; change nothing'
)

# "Change the circle to red. Do not change anything else." asks for no more than its first sentence.
POLITE = re.compile(r"^(?:please|now|and|then),? ")
REST = re.compile(
    r"(?:[.,;] ?|,? and |,? but )(?:please )?"
    r"(?:(?:do not|don't) (?:change|touch|alter) (?:anything|any thing) else|change nothing else"
    r"|(?:keep|leave) (?:everything|all|the rest)(?: else)?(?: of the \w+)?(?: as it is| the same| unchanged)?)$"
)


def recolour(found: re.Match[str], whole: str) -> Instruction:
    """Return ``make the circle red``."""
    colour = read_colour(found["colour"], whole)
    return Instruction("recolour", target=the_one(found["target"], whole), colour=colour)


def remove(found: re.Match[str], whole: str) -> Instruction:
    """Return ``remove the star``."""
    return Instruction("remove", target=the_one(found["target"], whole))


def exchange(found: re.Match[str], whole: str) -> Instruction:
    """Return ``turn the square into a triangle``."""
    return Instruction("replace", target=the_one(found["target"], whole), item=the_one(found["item"], whole))


def move(found: re.Match[str], whole: str) -> Instruction:
    """Return ``move the ring left of the heart``."""
    target, anchor = the_one(found["target"], whole), the_one(found["anchor"], whole)
    return Instruction("move", target=target, relation=place_of(found["place"]), anchor=anchor)


def add(found: re.Match[str], whole: str) -> Instruction:
    """Return ``add a blue square``."""
    item = the_one(found["item"], whole)
    if found["place"] is None:
        return Instruction("add", item=item)
    return Instruction("add", item=item, relation=place_of(found["place"]), anchor=the_one(found["anchor"], whole))


def write(found: re.Match[str], whole: str) -> Instruction:
    """Return ``write "HELLO" in red``."""
    words = read_words(found["words"], whole)
    if words is None:
        raise PromptError(f"{whole!r} says not what to write; {EXAMPLES}")
    return Instruction("write", words=words)


def blur(found: re.Match[str], whole: str) -> Instruction:
    """Return ``blur the picture``."""
    return Instruction("blur")


def nothing(found: re.Match[str], whole: str) -> Instruction:
    """Return ``change nothing``."""
    return Instruction("nothing")


TARGET = f"{THE}(?P<target>[a-z ]+?)"
ANCHORED = f"(?P<place>{alternatives(PLACES)}) {THE}(?P<anchor>[a-z ]+)"

# The first that fits a request as a whole decides.
PATTERNS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], str], Instruction]], ...] = (
    (re.compile(r"(?:change|do|edit) nothing|(?:do not|don't) (?:change|edit) anything(?: at all)?"), nothing),
    (re.compile(f"(?:keep|leave) {WHOLE}(?: exactly)? (?:as it is|the same|unchanged)"), nothing),
    (re.compile(f"blur {WHOLE}|make {WHOLE} (?:blurred|blurry|out of focus)"), blur),
    (re.compile(r'(?:write|add) (?P<words>[^"]*"[^"]*".*)'), write),
    (re.compile(f"(?:turn|change) {TARGET} into (?P<item>an? [a-z ]+)"), exchange),
    (re.compile(f"replace {TARGET} (?:with|by) (?P<item>an? [a-z ]+)"), exchange),
    (re.compile(f"change the colou?r of {TARGET} to (?P<colour>{COLOUR})"), recolour),
    (re.compile(f"(?:make|paint|colou?r|turn|change) {TARGET} (?:to )?(?P<colour>{COLOUR})"), recolour),
    (re.compile(f"let {TARGET} be (?P<colour>{COLOUR})"), recolour),
    (re.compile(f"(?:remove|delete|erase) {TARGET}"), remove),
    (re.compile(f"move {TARGET} {ANCHORED}"), move),
    (re.compile(f"(?:add|draw) (?P<item>(?:an?|one) [a-z ]+?)(?: {ANCHORED})?"), add),
)


def parse_instruction(text: str) -> Instruction:
    """Return which change of a picture a text asks for.

    It is read as a whole, or not at all, such as ``make the circle red``, ``turn the square into a
    triangle`` or ``blur the picture``; *do not change anything else* may follow.

    Raises
    ------
    PromptError
        If it asks for anything else; the message says what can be done.
    """
    whole = simplified(text)
    request = REST.sub("", POLITE.sub("", whole)).rstrip(" .,;")
    for pattern, read in PATTERNS:
        found = pattern.fullmatch(request)
        if found is not None:
            return read(found, whole)
    raise PromptError(f"{whole!r} is no edit that the painter knows; {EXAMPLES}")


def the_one(text: str, whole: str) -> Item:
    """Return a single shape that a request names."""
    item = read_item(text, whole)
    if item.count > 1:
        raise PromptError(f"{whole!r}: one shape at a time; {EXAMPLES}")
    return item
