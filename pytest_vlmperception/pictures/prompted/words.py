"""The English that pictures of shapes are asked for in: numbers, colours, shapes, places."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from pytest_vlmperception.errors import PromptError
from pytest_vlmperception.pictures.prompted.wanted import Item, Words
from pytest_vlmperception.records import COLOURS, KINDS

__all__ = [
    "COLOUR",
    "MAX_COUNT",
    "NOUNS",
    "PICTURE",
    "PLACES",
    "QUOTED",
    "alternatives",
    "place_of",
    "read_item",
    "read_words",
    "simplified",
]

MAX_CHARACTERS = 300
MAX_COUNT = 8
MAX_TEXT = 16

NUMBERS: Mapping[str, int] = MappingProxyType({
    "a": 1,
    "an": 1,
    **{word: number for number, word in enumerate(["one", "two", "three", "four", "five", "six", "seven", "eight"], 1)},
    **{str(number): number for number in range(1, MAX_COUNT + 1)},
})

# Singular and plural of every shape.
NOUNS: Mapping[str, str] = MappingProxyType({
    **{kind: kind for kind in KINDS},
    **{f"{kind}{'es' if kind.endswith('s') else 's'}": kind for kind in KINDS},
})

PLACES: Mapping[str, str] = MappingProxyType({
    **{f"{at}{side} of": f"{side} of" for at in ("", "to the ", "on the ") for side in ("left", "right")},
    **dict.fromkeys(("above", "over"), "above"),
    **dict.fromkeys(("below", "beneath", "under", "underneath"), "below"),
})


def alternatives(words: Iterable[str]) -> str:
    """Return a pattern of any of `words`, the longest first."""
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


COLOUR = alternatives([*COLOURS, "gray", "grey"])
PICTURE = "(?:picture|photo|photograph|image|drawing|painting)"
QUOTED = r'"([^"]*)"'

ITEM = re.compile(rf"(?:({alternatives(NUMBERS)}) )?(?:({COLOUR})(?: colou?red)? )?({alternatives(NOUNS)})")
WORDS = re.compile(rf"(?:(?:the|an?) )?(?:(?:word|words|text|letters) )?{QUOTED}(?: in ({COLOUR})(?: letters)?)?")
TEXT = re.compile(r"[A-Z0-9]+(?: [A-Z0-9]+)*")
OTHER_QUOTES = re.compile("[\u201c\u201d\u201e\u00ab\u00bb]|(?<!\\w)['\u2018]|['\u2019](?!\\w)")
OUTSIDE_QUOTES = re.compile(r'"[^"]*"|[^"]+|"')

CAN_DRAW = (
    f"the painter draws up to {MAX_COUNT} each of {', '.join(sorted(KINDS))} "
    f"in {', '.join(COLOURS)}, one left of, right of, above or below another, and words in capitals"
)


def simplified(text: str) -> str:
    """Return a request in lower case but for what is quoted, with single blanks and straight quotes.

    Raises
    ------
    PromptError
        If it is empty or longer than any that can be drawn.
    """
    if len(text) > MAX_CHARACTERS:
        raise PromptError(f"a request of {len(text)} characters; expected at most {MAX_CHARACTERS}: {CAN_DRAW}")
    straight = " ".join(OTHER_QUOTES.sub('"', text).replace("\u2019", "'").split())
    parts = (part if part.startswith('"') else part.lower() for part in OUTSIDE_QUOTES.findall(straight))
    plain = "".join(parts).strip(" .!")
    if not plain:
        raise PromptError(f"an empty request; {CAN_DRAW}")
    return plain


def read_item(text: str, whole: str) -> Item:
    """Return what ``three blue triangles`` asks for; `whole` is the request for messages."""
    found = ITEM.fullmatch(text)
    if found is None:
        raise PromptError(f"{whole!r} asks for {text!r}; {CAN_DRAW}")
    number, colour, noun = found.groups(default="")
    count = NUMBERS.get(number, 1)
    if (noun in KINDS) != (count == 1):
        raise PromptError(f"{whole!r}: {text!r} is neither one shape nor a number of them; write 'a {NOUNS[noun]}'")
    return Item(NOUNS[noun], read_colour(colour, whole), count)


def read_words(text: str, whole: str) -> Words | None:
    """Return what ``the word "STOP" in red`` asks for, None where it is no text."""
    found = WORDS.fullmatch(text)
    if found is None:
        return None
    letters, colour = found.groups(default="")
    if not TEXT.fullmatch(letters) or len(letters) > MAX_TEXT:
        expected = f"1 to {MAX_TEXT} capitals A-Z, digits and single blanks"
        raise PromptError(f"{whole!r}: the painter cannot write {letters!r}; expected {expected}")
    return Words(letters, read_colour(colour, whole))


def read_colour(colour: str, whole: str) -> str:
    """Return a colour that shapes can have: not that of the background."""
    if colour in ("gray", "grey"):
        raise PromptError(f"{whole!r}: grey is the background; {CAN_DRAW}")
    return colour


def place_of(words: str) -> str:
    """Return the relation that some words of a place name."""
    return PLACES[words]
