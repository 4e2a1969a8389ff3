"""Answers in a fixed form: what may stand around one, and how allowed ones are named in messages."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

__all__ = ["bare", "folded", "one_of"]

# What may stand around an answer without changing it: Markdown, quotes, brackets, a colon.
WRAPPING = " \t\r\n*_`'\"()[]:\u201c\u201d\u2018\u2019\u201e\u00ab\u00bb\u300c\u300d\u300e\u300f"

# Behind an answer a full stop ends the sentence; before one, as in .5, it belongs to it.
STOPS = ".\u3002"

# Answers that a message spells out before it counts them.
NAMED = 8


def bare(text: str) -> str:
    """Return an answer in NFKC, without what may stand around it.

    >>> bare("**Ａ**.")
    'A'
    """
    return unicodedata.normalize("NFKC", text).lstrip(WRAPPING).rstrip(WRAPPING + STOPS)


def folded(text: str) -> str:
    """Return a label as labels are compared: bare, in folded case, with single blanks.

    >>> folded("**Very  Happy**.")
    'very happy'
    """
    # Folding may take apart what NFKC has composed.
    return " ".join(unicodedata.normalize("NFKC", bare(text).casefold()).split())


def one_of(choices: Sequence[str]) -> str:
    """Name the answers allowed in a line.

    >>> one_of(["A", "B"])
    'A or B'
    """
    if len(choices) <= NAMED:
        return " or ".join(choices)
    return f"one of {len(choices)} answers: {choices[0]}, {choices[1]} ... {choices[-1]}"
