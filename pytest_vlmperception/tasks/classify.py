"""One label of several: what a picture shows, by the suite's own words."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import Any

from pytest_vlmperception.errors import UsageError
from pytest_vlmperception.records import Draw, Prompt, Question, Reply, Stimulus
from pytest_vlmperception.tasks.trials import Trial, as_prompt, check_repeats, draw_of, hint_of
from pytest_vlmperception.tasks.wording import folded

__all__ = ["as_labels", "classify_trials", "find_label", "labelled", "read_label"]

# Control characters, lone surrogates, line and paragraph separators.
LINE_BREAKING = frozenset({"Cc", "Cs", "Zl", "Zp"})

INSTRUCTION = "Answer with one of these labels only, and nothing else:"


def as_labels(labels: Any, prompt: Prompt | str, *, name: str = "labels") -> tuple[str, ...]:
    """Return the labels given, else those of the prompt's front matter.

    Raises
    ------
    UsageError
        If there are fewer than two, or two that an answer could not be told apart by.
    """
    if labels is None:
        labels = prompt.labels if isinstance(prompt, Prompt) else ()
        if not labels:
            raise UsageError(f"no {name} are given; give {name}=[...], or labels: [...] in the prompt's front matter")
    if isinstance(labels, str) or not isinstance(labels, Sequence):
        raise UsageError(f"{name}={labels!r}; expected a list of texts in a fixed order, such as ['happy', 'sad']")
    checked = tuple(check_label(label, name) for label in labels)
    if len(checked) < 2:
        raise UsageError(f"{name}={list(checked)}; expected at least two")
    word, count = Counter(map(folded, checked)).most_common(1)[0]
    if count > 1:
        alike = " and ".join(repr(label) for label in checked if folded(label) == word)
        raise UsageError(f"{name}: {alike} are one answer, as case and punctuation do not count; give distinct texts")
    return checked


def check_label(label: Any, name: str) -> str:
    """Return one label if it can stand in a line of its own and be an answer."""
    usable = isinstance(label, str) and LINE_BREAKING.isdisjoint(map(unicodedata.category, label))
    if not usable or not folded(label):
        raise UsageError(f"{name}: {label!r} cannot be an answer; expected a text of one line, with a letter or digit")
    return str(label).strip()


def labelled(instruction: str, labels: Sequence[str]) -> str:
    """Return how to answer with one of the labels; each in a line, as a label may hold commas."""
    return "\n".join([instruction, *labels])


def classify_trials(
    stimulus: Stimulus, prompt: Prompt | str, labels: tuple[str, ...], repeats: int
) -> tuple[Trial, ...]:
    """Return the trials of one stimulus."""
    asked = as_prompt(prompt, labelled(INSTRUCTION, labels))
    hint = hint_of("classify", asked, labels)
    return tuple(
        Trial(Question(asked.text, stimulus.shown, labels, repeat, hint)) for repeat in range(check_repeats(repeats))
    )


def read_label(trial: Trial, reply: Reply) -> Draw:
    """Read a reply as one label, spelt as the suite does."""
    return draw_of(trial, reply, lambda text: find_label(text, trial.question.choices))


def find_label(text: str, labels: Sequence[str]) -> str | None:
    """Return the label that the text is and nothing else; None where it is none, or more than one.

    >>> find_label("**Happy**.", ["happy", "sad"]), find_label("happy or sad", ["happy", "sad"])
    ('happy', None)
    """
    word = folded(text)
    return next((label for label in labels if folded(label) == word), None)
