"""Texts made plain: one form of each character, no markup; cut into sentences."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Sentence", "plain", "sentences"]

# Both patterns look ahead by a bounded distance, so that a text of opening brackets costs no more than another.
TAG = re.compile(r"</?[A-Za-z!][^<>]{0,200}>")
LINK = re.compile(r"\]\([^()\s]{0,200}\)")
MARKUP = str.maketrans({"*": None, "`": None, "_": " ", "#": None, "|": ",", "[": " ", "]": " ", "{": " ", "}": " "})
QUOTES = str.maketrans("\u2018\u2019\u02bc\u2032\u201c\u201d", "''''\"\"")
BULLET = re.compile(r"^[\s>•‣◦・·*\u2013\u2014+→-]*(?:\(?\d{1,3}[.):]\s+)?[\s•・*-]*")


def plain(text: str) -> str:
    """Return a text in compatibility form without invisible characters, emoji and tags; lines are kept."""
    folded = unicodedata.normalize("NFKC", text.translate(QUOTES))
    return LINK.sub("]", TAG.sub(" ", folded.translate(Kept())))


class Kept(dict[int, str]):
    """What becomes of each character: nothing of one that cannot be seen, a blank of a symbol, itself of any other."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        category = unicodedata.category(character)
        if category in ("Cf", "Mn", "Me", "Cs", "Co", "Cn"):
            kept = ""
        elif category in ("Cc", "So", "Zs", "Zl", "Zp"):
            kept = character if character in "\n\t" else " "
        else:
            kept = character
        self[code] = kept
        return kept


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence.

    Attributes
    ----------
    text : str
        Without markup.
    heading : str
        The heading or label that it stands under; empty where there is none.
    titled : bool
        Whether it is a heading itself.
    """

    text: str
    heading: str = ""
    titled: bool = False


# A point ends a sentence only before a blank, so that "0.8" and "e.g.," hold together.
END = re.compile(r"(?<=[.!?;])(?=[\s\"')])|(?<=[。!?])")
LABEL = re.compile(r"^([^:.。,、]{1,60}):\s*")
MAX_LABEL_WORDS = 6


def sentences(text: str) -> Iterator[Sentence]:
    """Cut a plain text into sentences; a label such as "Eyes:" is the heading of what follows it."""
    heading = ""
    for line in text.split("\n"):
        body = BULLET.sub("", line.translate(MARKUP)).strip()
        if not body:
            continue
        label = LABEL.match(body)
        if line.lstrip().startswith("#") or (label and label.end() == len(body)):
            heading = body
            yield Sentence(body, titled=True)
        else:
            yield from line_sentences(body, heading, label[1] if label and is_label(label[1]) else "")


def is_label(words: str) -> bool:
    """Tell whether what stands before a colon is short enough for a label."""
    return len(words.split()) <= MAX_LABEL_WORDS


def line_sentences(body: str, heading: str, label: str) -> Iterator[Sentence]:
    """Cut one line; its label is the heading of its sentences."""
    for part in END.split(body):
        if part.strip():
            yield Sentence(part.strip(), label or heading)
