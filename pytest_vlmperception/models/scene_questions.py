"""What a prompt's front matter asks of a scene of shapes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from pytest_vlmperception.errors import CannotJudge
from pytest_vlmperception.records import COLOURS, KINDS, Detection, Hint

__all__ = ["SceneQuestion", "Wanted", "scene_question"]

Skill = Literal["count", "colour", "position", "front"]

# ``count of circles``, ``number of red shapes``; ``colour of the star``; ``position of the star to the ring``;
# ``in front`` with the shapes as labels.
FORMS: tuple[tuple[Skill, re.Pattern[str]], ...] = (
    ("count", re.compile(r"(?:count|number) of (?P<what>[a-z ]+)")),
    ("colour", re.compile(r"colou?r of (?P<what>[a-z ]+)")),
    ("position", re.compile(r"(?:position|place) of (?P<what>[a-z ]+?) (?:relative )?to (?P<other>[a-z ]+)")),
    ("front", re.compile(r"(?:in )?front")),
)
VERBS = {"count": ("rate", "classify"), "colour": ("classify",), "position": ("classify",), "front": ("classify",)}

NOUN = re.compile(rf"(?:the )?(?:(?P<colour>{'|'.join(COLOURS)}) )?(?P<kind>{'|'.join(KINDS)}|shape)(?:e?s)?")


@dataclass(frozen=True)
class Wanted:
    """Which shapes are meant.

    Attributes
    ----------
    kind, colour : str
        Empty for any.
    """

    kind: str = ""
    colour: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, (self.colour, self.kind or "shape")))

    def is_met_by(self, shape: Detection) -> bool:
        """Return whether a shape is one of these."""
        return self.kind in ("", shape.kind) and self.colour in ("", shape.colour)


@dataclass(frozen=True)
class SceneQuestion:
    """What is asked of a scene.

    Attributes
    ----------
    skill : {"count", "colour", "position", "front"}
        What about.
    what, other : Wanted
        The shapes it is about, and for a position those it is seen from.
    """

    skill: Skill
    what: Wanted = Wanted()
    other: Wanted = Wanted()


def scene_question(hint: Hint) -> SceneQuestion | None:
    """Return what front matter asks of a scene; None where it asks for something else.

    Raises
    ------
    CannotJudge
        If it asks of a scene, but for a shape that is not known, or by a verb that does not fit.
    """
    attribute = " ".join(re.sub(r"[-_]", " ", hint.attribute.lower()).split())
    for skill, form in FORMS:
        match = form.fullmatch(attribute)
        if match is not None:
            if hint.verb not in VERBS[skill]:
                allowed = " or ".join(VERBS[skill])
                raise CannotJudge(f"the observer answers {hint.attribute!r} when asked to {allowed}, not {hint.verb}")
            nouns = [wanted(noun) for noun in match.groupdict().values()]
            return SceneQuestion(skill, *nouns)
    return None


def wanted(noun: str) -> Wanted:
    """Return the shapes that a noun means."""
    match = NOUN.fullmatch(noun)
    if match is None:
        raise CannotJudge(f"the observer knows no {noun!r}; it knows {', '.join(KINDS)}, each with or without a colour")
    kind = match["kind"]
    return Wanted("" if kind == "shape" else kind, match["colour"] or "")
