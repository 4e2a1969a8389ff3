"""The editions of WISE, which are never mixed: other prompts, other numbers, another way of scoring.

The legacy edition (March 2025) is graded 0 to 2 on three scales, the verified edition (April 2026) right or wrong.
About 200 prompts differ, and science begins at 641 instead of 701, so that one number stands for two prompts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from pytest_vlmperception.errors import StimulusError

__all__ = ["CATEGORIES", "EDITIONS", "WISE_WEIGHTS", "Edition", "Numbered", "edition_of"]

CATEGORIES = ("culture", "time", "space", "biology", "physics", "chemistry")


@dataclass(frozen=True)
class Edition:
    """One edition.

    Attributes
    ----------
    name : str
        ``legacy`` or ``verified``.
    suffix : str
        What its files' names end in.
    numbers : mapping of str to range
        The numbers of the prompts of each category.
    weights : mapping of str to float
        What each category counts in the overall score.
    """

    name: str
    suffix: str
    numbers: Mapping[str, range]
    weights: Mapping[str, float]


def by_category(values: Iterable[float]) -> Mapping[str, float]:
    """Return values by category."""
    return MappingProxyType(dict(zip(CATEGORIES, values, strict=True)))


def numbers(*last: int) -> Mapping[str, range]:
    """Return the numbers of each category, given the last of each."""
    starts = (1, *(number + 1 for number in last))
    spans = (range(start, end + 1) for start, end in zip(starts, last, strict=False))
    return MappingProxyType(dict(zip(CATEGORIES, spans, strict=True)))


EDITIONS: Mapping[str, Edition] = MappingProxyType({
    "legacy": Edition(
        "legacy", "", numbers(400, 567, 700, 800, 900, 1000), by_category((0.4, 0.167, 0.133, 0.1, 0.1, 0.1))
    ),
    "verified": Edition(
        "verified", "_verified", numbers(400, 520, 640, 760, 880, 1000), by_category((0.4, *[0.12] * 5))
    ),
})

WISE_WEIGHTS: Mapping[str, Mapping[str, float]] = MappingProxyType({
    **{name: edition.weights for name, edition in EDITIONS.items()},
    "own": by_category([1 / 6] * 6),
})
"""What each category counts in the overall score, by edition: its share of the 1,000 prompts. Of prompts of one's own
all categories count alike."""


@dataclass(frozen=True)
class Numbered:
    """One prompt: its place for messages, its number and category, and the edition that its file's name tells."""

    where: str
    number: int
    category: str
    named: str

    def fits(self, edition: Edition) -> bool:
        """Return whether the edition has a prompt of this number in this category."""
        return self.number in edition.numbers[self.category]


def edition_of(prompts: Sequence[Numbered], stated: str, where: str) -> str:
    """Return the edition that prompts are of: ``legacy``, ``verified``, or ``own`` where their numbers are of neither.

    Parameters
    ----------
    prompts : sequence of Numbered
        All that were read, before any is chosen.
    stated : str
        What the manifest says; empty where it says nothing.
    where : str
        The manifest's table, for messages.

    Raises
    ------
    StimulusError
        If they are of two editions, of another than stated, or cannot be told.
    """
    if stated == "own":
        return stated
    claimed = {prompt.named for prompt in prompts} | {stated}
    names = sorted(claimed - {""})
    if len(names) > 1:
        found = f"the {' and the '.join(names)} edition of WISE are not comparable"
        raise StimulusError(f"{where}: {found}; give the files of one of them")
    fitting = [name for name, edition in EDITIONS.items() if all(each.fits(edition) for each in prompts)]
    if not stated and is_foreign(prompts):
        return "own"
    if not names and len(fitting) > 1:
        found = "the numbers of the prompts are of both editions of WISE"
        raise StimulusError(f"{where}: {found}; say edition = 'legacy' or 'verified', or 'own'")
    expected = names or fitting or [max(EDITIONS, key=lambda name: sum(each.fits(EDITIONS[name]) for each in prompts))]
    if expected[0] not in fitting:
        raise misfit(prompts, EDITIONS[expected[0]])
    return expected[0]


def is_foreign(prompts: Sequence[Numbered]) -> bool:
    """Return whether no prompt has a number of either edition. Those of culture tell nothing: they are low ones."""
    telling = [prompt for prompt in prompts if prompt.category != "culture"]
    return bool(telling) and not any(each.fits(edition) for each in telling for edition in EDITIONS.values())


def misfit(prompts: Sequence[Numbered], edition: Edition) -> StimulusError:
    """Say which prompt an edition does not have."""
    odd = next(prompt for prompt in prompts if not prompt.fits(edition))
    span = edition.numbers[odd.category]
    return StimulusError(
        f"{odd.where}: prompt_id = {odd.number} of {odd.category}; the {edition.name} edition of WISE has {span[0]} to "
        f"{span[-1]} there, and editions are not mixed"
    )
