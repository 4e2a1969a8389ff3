"""Two-alternative forced choice: which of two pictures has more of an attribute."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from pytest_vlmperception.errors import UsageError
from pytest_vlmperception.records import Draw, Prompt, Question, Reply, Stimulus
from pytest_vlmperception.tasks.trials import Trial, as_prompt, check_repeats, draw_of, hint_of
from pytest_vlmperception.tasks.wording import bare

__all__ = ["CHOICES", "Orders", "Pair", "as_pairs", "compare_trials", "parse_choice", "read_choice"]

Pair = tuple[Stimulus, Stimulus]
Orders = Literal["both", "given"]

CHOICES = ("A", "B")
INSTRUCTION = "The first picture is A, the second picture is B. Answer with one letter only: A or B."


def as_pairs(pairs: Iterable[Pair]) -> tuple[Pair, ...]:
    """Return pairs of two different stimuli, each pair once.

    Raises
    ------
    UsageError
        If there are none, one is no pair, or one is given twice.
    """
    if not isinstance(pairs, Iterable):
        raise UsageError(f"compare() got {pairs!r}; expected pairs of stimuli")
    checked = tuple(as_pair(pair) for pair in pairs)
    if not checked:
        raise UsageError("compare() got no pairs; give pairs of stimuli, such as stimuli.pairs(within='scene')")
    seen: set[frozenset[Stimulus]] = set()
    named: dict[str, Stimulus] = {}
    for first, second in checked:
        for stimulus in (first, second):
            if named.setdefault(stimulus.id, stimulus) != stimulus:
                raise UsageError(f"compare() got two stimuli with the id {stimulus}; give them ids that differ")
        if (pair := frozenset((first, second))) in seen:
            raise UsageError(f"compare() got the pair {first} / {second} twice; use repeats= to ask again")
        seen.add(pair)
    return checked


def as_pair(pair: Any) -> Pair:
    """Return one pair of two different stimuli."""
    match pair:
        case (Stimulus() as first, Stimulus() as second) if first != second:
            return (first, second)
    raise UsageError(f"compare() got {pair!r} as a pair; expected two different stimuli")


def compare_trials(pair: Pair, prompt: Prompt | str, repeats: int, orders: Orders) -> tuple[Trial, ...]:
    """Return the trials of one pair: each repeat in each presentation order."""
    if orders not in ("both", "given"):
        raise UsageError(f"orders={orders!r}; expected 'both' or 'given'")
    asked = as_prompt(prompt, INSTRUCTION)
    hint = hint_of("compare", asked, CHOICES)
    pictures = (pair[0].picture, pair[1].picture)
    shown = {"given": pictures, "reversed": pictures[::-1]}
    used = ("given", "reversed") if orders == "both" else ("given",)
    return tuple(
        Trial(Question(asked.text, shown[order], CHOICES, repeat, hint), order)
        for repeat in range(check_repeats(repeats))
        for order in used
    )


def read_choice(trial: Trial, reply: Reply) -> Draw:
    """Read a reply as a choice between the stimuli of the pair *as given*.

    The draw's value is A for the pair's first stimulus, whichever order it was shown in.
    """
    swap = {"A": "B", "B": "A"} if trial.order == "reversed" else {"A": "A", "B": "B"}

    def parse(text: str) -> str | None:
        letter = parse_choice(text)
        return None if letter is None else swap[letter]

    return draw_of(trial, reply, parse)


def parse_choice(text: str) -> str | None:
    """Return the letter if the text is nothing but one of the allowed letters, else None.

    >>> parse_choice("**B**."), parse_choice("B, because it is brighter")
    ('B', None)
    """
    letter = bare(text).upper()
    return letter if letter in CHOICES else None
