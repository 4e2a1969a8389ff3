"""Why a question was not found: what differs from the nearest one that is there."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from reprlib import Repr
from typing import Any

__all__ = ["nearest_difference"]

Parts = Mapping[str, Any]

MAX_CHARACTERS = 600
# Of two prompts' beginnings and ends that many characters are compared.
ENDS = 1000
# In this order parts are named, and the others after them.
ORDER = ("provider", "model", "base_url", "parameters", "prompt", "choices", "pictures", "repeat", "task", "adapter")
WORDS = {"adapter": "adapter version"}

SHA256 = re.compile("[0-9a-f]{64}")


class Absent:
    """Stands for a part that is not there; equal to nothing that is."""

    def __repr__(self) -> str:
        return "none"


ABSENT = Absent()


def nearest_difference(parts: Parts, candidates: Iterable[Parts]) -> str:
    """Say in one line which parts of a key differ from the nearest of other keys.

    Nearest is the one with most equal parts; of those, one with the same prompt and pictures; then
    one with more equal parameters and pictures, then one whose prompt begins and ends alike.

    Parameters
    ----------
    parts : mapping
        The readable parts of the key asked for.
    candidates : iterable of mapping
        Those of the keys that are there, in any order. They may hold anything.

    Returns
    -------
    str
        Printable, at most 600 characters.
    """
    stored = list(candidates)
    if not stored:
        return "there is nothing to compare it with: the store or recording is empty"
    found = "; ".join(differences(parts, nearest(parts, stored)))
    text = f"the nearest of {len(stored)} stored differs in {found}" if found else "one with the same parts is stored"
    return limited(text, MAX_CHARACTERS)


def nearest(asked: Parts, stored: Sequence[Parts]) -> Sequence[Parts]:
    """Return the nearest; several where they differ from each other in the repeat only."""
    prompt = text_of(asked)
    likeness: dict[str, int] = {}

    def unlike(other: Parts) -> int:
        text = text_of(other)
        if text not in likeness:
            ends = first_difference(prompt[:ENDS], text[:ENDS]), first_difference(prompt[:-ENDS:-1], text[:-ENDS:-1])
            likeness[text] = -sum(ends)
        return likeness[text]

    measures: tuple[Callable[[Parts], Any], ...] = (
        lambda other: unequal(asked, other),
        lambda other: -equal_details(asked, other),
        unlike,
        # Whichever order they came in, the same one is named.
        text_of,
        lambda other: [picture for picture in members(other) if isinstance(picture, str)],
        lambda other: BOUNDED.repr({name: value for name, value in other.items() if name != "repeat"}),
    )
    for measure in measures:
        values = [measure(other) for other in stored]
        least = min(values)
        stored = [other for other, value in zip(stored, values, strict=True) if value == least]
    return stored


def unequal(asked: Parts, other: Parts) -> tuple[int, int]:
    """Return how many parts differ, and how many of these are prompt and pictures."""
    differ = [name for name, value in asked.items() if other.get(name, ABSENT) != value]
    more = sum(name not in asked for name in other)
    return len(differ) + more, ("prompt" in differ) + ("pictures" in differ)


def equal_details(asked: Parts, other: Parts) -> int:
    """Return how many single parameters and pictures are equal."""
    ours, theirs = parameters(asked), parameters(other)
    same = sum(bool(theirs.get(name, ABSENT) == value) for name, value in ours.items())
    return same + sum(bool(one == two) for one, two in zip(members(asked), members(other), strict=False))


def text_of(parts: Parts) -> str:
    """Return the prompt; empty where it is no text."""
    prompt = parts.get("prompt")
    return prompt if isinstance(prompt, str) else ""


def members(parts: Parts) -> list[Any]:
    """Return the pictures; none where it is no list."""
    pictures = parts.get("pictures")
    return pictures if isinstance(pictures, list) else []


def parameters(parts: Parts) -> dict[str, Any]:
    """Return the parameters; none where it is no mapping."""
    named = parts.get("parameters")
    return named if isinstance(named, dict) else {}


def differences(asked: Parts, near: Sequence[Parts]) -> Iterator[str]:
    """Yield each part that differs, in words."""
    stored = near[0]
    for name in (*ORDER, *sorted({*asked, *stored}.difference(ORDER))):
        one, two = asked.get(name, ABSENT), stored.get(name, ABSENT)
        if same(one, two):
            continue
        if name == "parameters" and isinstance(one, dict) and isinstance(two, dict):
            yield from parameter_differences(one, two)
        elif name == "pictures" and isinstance(one, list) and isinstance(two, list):
            yield from picture_differences(one, two)
        elif name == "prompt" and isinstance(one, str) and isinstance(two, str):
            yield prompt_difference(one, two)
        elif name == "repeat":
            yield f"repeat: asked {shown(one)}, stored {repeats(near)}"
        else:
            yield difference(WORDS.get(name, name), one, two)


def same(one: object, two: object) -> bool:
    """Tell whether two parts are the same in a key: there 1, 1.0 and true are three things."""
    if one is ABSENT or two is ABSENT:
        return one is two
    return one == two and json.dumps(one, sort_keys=True) == json.dumps(two, sort_keys=True)


def difference(what: str, asked: object, stored: object) -> str:
    """Say what was asked and what is stored."""
    return f"{printable(what)}: asked {shown(asked)}, stored {shown(stored)}"


def parameter_differences(asked: dict[str, Any], stored: dict[str, Any]) -> Iterator[str]:
    """Yield the parameters that differ."""
    for name in sorted(set(asked) | set(stored)):
        one, two = asked.get(name, ABSENT), stored.get(name, ABSENT)
        if not same(one, two):
            yield difference(f"parameter {name}", one, two)


def picture_differences(asked: list[Any], stored: list[Any]) -> Iterator[str]:
    """Yield the pictures that differ, by their places."""
    if len(asked) != len(stored):
        yield f"pictures: asked {len(asked)}, stored {len(stored)}"
    elif sorted(map(shown, asked)) == sorted(map(shown, stored)):
        yield "pictures: the same ones in another order"
    else:
        for place, (one, two) in enumerate(zip(asked, stored, strict=True), 1):
            if not same(one, two):
                yield f"picture {place}: asked {digest(one)}, stored {digest(two)}"


def digest(picture: object) -> str:
    """Return the first digits of a picture's SHA-256."""
    if isinstance(picture, str) and SHA256.fullmatch(picture):
        return f"{picture[:8]}…"
    return shown(picture)


def prompt_difference(asked: str, stored: str) -> str:
    """Say where two prompts part."""
    place = first_difference(asked, stored)
    excerpts = f"{excerpt(asked, place)} / {excerpt(stored, place)}"
    where = f"(first difference at character {place + 1}: {excerpts})"
    return f"prompt: asked {shown(asked)} {where}, stored {shown(stored)}"


def first_difference(one: str, two: str) -> int:
    """Return how many characters two texts begin with in common, by bisection."""
    low, high = 0, min(len(one), len(two))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == two[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def excerpt(text: str, place: int) -> str:
    """Return what stands around a place in a text."""
    start, end = max(0, place - 10), place + 20
    return repr(f"{'…' if start else ''}{text[start:end]}{'…' if end < len(text) else ''}")


def repeats(near: Sequence[Parts]) -> str:
    """List the repeats that are there."""
    found = [parts.get("repeat", ABSENT) for parts in near]
    numbers = sorted({value for value in found if isinstance(value, int)})
    if not numbers:
        return shown(found[0])
    if len(numbers) > 3:
        return f"{len(numbers)} from {shown(numbers[0])} to {shown(numbers[-1])}"
    *first, last = map(shown, numbers)
    return f"{', '.join(first)} and {last}" if first else last


class Bounded(Repr):
    """Values of any depth and size in a line of bounded length, dictionaries sorted."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.maxstring = self.maxlong = self.maxother = size
        self.maxlist = self.maxdict = 16
        self.maxlevel = 4
        self.fillvalue = "…"


BOUNDED = Bounded(80)


def shown(value: object) -> str:
    """Return a value fit for one line of a terminal."""
    return printable(BOUNDED.repr(value))


def printable(text: str) -> str:
    """Return text with whatever a terminal would act upon escaped, and not too long."""
    return limited("".join(c if c.isprintable() else ascii(c)[1:-1] for c in text[:121]), 120)


def limited(text: str, size: int) -> str:
    """Return text of at most `size` characters."""
    return text if len(text) <= size else f"{text[: size - 1]}…"
