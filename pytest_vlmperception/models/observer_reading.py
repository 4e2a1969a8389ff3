"""What a question asks of the observer: which attribute, and whether more or less of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pytest_vlmperception.errors import CannotJudge
from pytest_vlmperception.records import Hint

__all__ = ["ATTRIBUTES", "Asked", "asked"]

ATTRIBUTES = ("colorfulness", "contrast", "preference", "valence")

# British spelling is made American before a word is looked up.
SPELLINGS: Mapping[str, str] = MappingProxyType({
    **{name: name for name in ATTRIBUTES},
    "colorful": "colorfulness",
    "perceived colorfulness": "colorfulness",
    "perceived contrast": "contrast",
    "prefer": "preference",
    "preferred": "preference",
    "rms contrast": "contrast",
})
DIRECTIONS: Mapping[str, str] = MappingProxyType({"": "more", "more": "more", "less": "less"})

TERMS: Mapping[str, re.Pattern[str]] = MappingProxyType({
    "colorfulness": re.compile(r"\bcolorful\w*"),
    "contrast": re.compile(r"\bcontrast(?:s|y|ed)?\b"),
    "preference": re.compile(r"\bprefer\w*"),
    "valence": re.compile(r"\bvalence\b"),
})
# What a prompt may also name: then the attribute found may be the one that it tells to leave aside.
OTHERS = re.compile(
    r"\b(?:apart|besides?|blurr?\w*|bright\w*|clear\w*|dark\w*|detail\w*|despite|except|hue\w*|ignor\w*|light\w*|natural\w*"
    r"|nois\w*|quality|realis\w*|regardless|saturat\w*|sharp\w*|textur\w*|without)\b"
)
MORE = re.compile(r"\b(?:more|most|higher|highest|greater|greatest|stronger|strongest|better)\b")
# "At least" says nothing of a direction.
LESS = re.compile(r"(?<!\bat )\b(?:less|least|fewer|lower|lowest|weaker|weakest|worse)\b")


@dataclass(frozen=True)
class Asked:
    """What is asked: an attribute, and 1 for more of it or -1 for less.

    Attributes
    ----------
    attribute : str
        One of `ATTRIBUTES`.
    sign : {1, -1}
        The direction.
    """

    attribute: str
    sign: int


def asked(hint: Hint, prompt: str) -> Asked:
    """Return what is asked, from the front matter, or for a plain prompt from its words.

    Raises
    ------
    CannotJudge
        If that is not one attribute that the observer has a measure for, in one direction.
    """
    if hint.attribute:
        return Asked(known_attribute(hint.attribute), sign_of(hint.direction))
    text = american(prompt)
    attribute = only_term(text)
    return Asked(attribute, sign_of(hint.direction or direction_in(text)))


def known_attribute(name: str) -> str:
    """Return the attribute that `name` spells."""
    word = " ".join(re.sub(r"[-_]", " ", american(name)).split())
    if word not in SPELLINGS:
        raise CannotJudge(f"the observer cannot judge {name!r}; it judges {', '.join(ATTRIBUTES)}")
    return SPELLINGS[word]


def sign_of(direction: str) -> int:
    """Return 1 for more and -1 for less."""
    word = direction.strip().lower()
    if word not in DIRECTIONS:
        raise CannotJudge(f"the observer does not know the direction {direction!r}; it knows more and less")
    return 1 if DIRECTIONS[word] == "more" else -1


def only_term(text: str) -> str:
    """Return the one attribute that a prompt names."""
    found = [attribute for attribute, term in TERMS.items() if term.search(text)]
    other = OTHERS.search(text)
    if len(found) == 1 and other is None:
        return found[0]
    if len(found) == 1 and other is not None:
        remedy = "say attribute in the front matter of a prompt file"
        raise CannotJudge(f"the prompt names {found[0]}, but also {other[0]!r}; {remedy}")
    says = f"names {' and '.join(found)}" if found else "names no attribute"
    raise CannotJudge(f"the prompt {says}; the observer judges one of {', '.join(ATTRIBUTES)}")


def direction_in(text: str) -> str:
    """Return the direction of a plain prompt: more, unless it says less."""
    if not LESS.search(text):
        return "more"
    if MORE.search(text):
        raise CannotJudge("the prompt may ask for more or for less; say direction in its front matter")
    return "less"


def american(text: str) -> str:
    """Return `text` in lower case and American spelling."""
    return text.lower().replace("colour", "color")
