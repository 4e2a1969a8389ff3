"""What identifies the questions of one call of a verb, whoever is asked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from pytest_vlmperception.errors import PictureError
from pytest_vlmperception.records import Batch, Picture
from pytest_vlmperception.tasks import Trial

__all__ = ["batch_of"]

# Characters of a plain string that name it, and of its hash where it is longer.
NAMED, HASHED = 40, 6


def batch_of(items: Sequence[Sequence[Trial]]) -> Batch:
    """Return the batch that the trials of items are.

    Parameters
    ----------
    items : sequence of sequences of Trial
        The trials of each item, in order.
    """
    questions = [trial.question for trials in items for trial in trials]
    first = questions[0]
    texts = list(dict.fromkeys(question.prompt for question in questions))
    asked = [question for question in questions if question.repeat == 0]
    shown = [[[sha256_of(picture) for picture in question.pictures], question.choices] for question in asked]
    return Batch(
        verb=first.task.verb if first.task else "",
        prompt=(first.task.prompt if first.task else "") or name_of(first.prompt),
        prompt_sha256=digest(texts),
        stimuli_sha256=digest(shown),
        items=len(items),
        repeats=1 + max(question.repeat for question in questions),
    )


def name_of(text: str) -> str:
    """Return what a plain string is called: many begin alike."""
    words = " ".join(text.split())
    return words if len(words) <= NAMED else f"{words[:NAMED]}... {digest(text)[:HASHED]}"


def sha256_of(picture: Picture) -> str:
    """Return the hash of a picture; that of none where it cannot be read, which its answers tell."""
    try:
        return picture.sha256
    except PictureError:
        return ""


def digest(content: object) -> str:
    """Return the hexadecimal SHA-256 of content that is JSON."""
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()
