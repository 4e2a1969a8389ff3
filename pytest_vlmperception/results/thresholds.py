"""Discrimination thresholds: the difference that is told apart three times out of four."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from pytest_vlmperception import analysis
from pytest_vlmperception.errors import UsageError
from pytest_vlmperception.records import Draw, Estimate, Stimulus
from pytest_vlmperception.tasks import Pair

__all__ = ["threshold_of"]

# Of one of two: half way between guessing and certainty.
GUESS, HALF_WAY = 0.5, 0.75

# Differences that agree to so many digits are one: 0.82 - 0.8 is not 0.8 - 0.78.
DIGITS = 9


@dataclass(frozen=True)
class Tally:
    """Right answers at one difference.

    Attributes
    ----------
    difference : float
        Above 0.
    right, trials : int
        Answers for the higher stimulus, and all answers.
    """

    difference: float
    right: int
    trials: int

    @property
    def enough(self) -> bool:
        """Whether three of four answers are right."""
        return self.right >= HALF_WAY * self.trials

    @property
    def sure(self) -> bool:
        """Whether so many are right that it is no chance."""
        return bool(analysis.wilson(self.right, self.trials).low >= HALF_WAY)


def threshold_of(
    choices: Iterable[tuple[Pair, Draw, float]],
    reference: Mapping[Stimulus, Any],
    *,
    lapse: float | Literal["free"],
    replicates: int,
    seed: int,
) -> Estimate:
    """Estimate the threshold from trials, each with 1 where the first of its pair was chosen, 0, or NaN.

    `Comparisons.threshold` says what it is.
    """
    tallies = tallies_of(choices, reference)
    fit = analysis.fit_psychometric(
        [math.log(each.difference) for each in tallies],
        [each.right for each in tallies],
        [each.trials for each in tallies],
        guess=GUESS,
        lapse=lapse,
        replicates=replicates,
        seed=seed,
    )
    found = exponential(replace(fit.threshold, name="threshold"))
    return at_most([each for each in tallies if each.trials], found) if found.reason else found


def tallies_of(choices: Iterable[tuple[Pair, Draw, float]], reference: Mapping[Stimulus, Any]) -> list[Tally]:
    """Count right answers by difference, the smallest first."""
    counts: dict[float, list[int]] = {}
    for (first, second), _, choice in choices:
        difference = number_of(reference, first) - number_of(reference, second)
        size = float(f"{abs(difference):.{DIGITS}g}")
        # A difference that is not known, or none, has no right answer.
        if size > 0.0:
            count = counts.setdefault(size, [0, 0])
            if not math.isnan(choice):
                count[0] += int(choice == float(difference > 0.0))
                count[1] += 1
    return [Tally(difference, *counts[difference]) for difference in sorted(counts)]


def number_of(reference: Mapping[Stimulus, Any], stimulus: Stimulus) -> float:
    """Return a reference value as a number."""
    try:
        return float(reference[stimulus])
    except (TypeError, ValueError):
        found = f"reference value {reference[stimulus]!r} of {stimulus.id!r}"
        raise UsageError(f"{found} is no number; a threshold needs numbers") from None


def exponential(logarithm: Estimate) -> Estimate:
    """Return an estimate in the unit whose logarithm was estimated."""
    drawn = logarithm.replicates
    return replace(
        logarithm,
        value=math.exp(logarithm.value),
        low=math.exp(logarithm.low),
        high=math.exp(logarithm.high),
        replicates=drawn and tuple(map(math.exp, drawn)),
        method=f"{logarithm.method}; of the logarithm of the difference",
        reason=logarithm.reason and f"{logarithm.reason} (levels are natural logarithms of the difference)",
    )


def at_most(tallies: Sequence[Tally], unfitted: Estimate) -> Estimate:
    """Return an upper bound of a threshold where no function fits; where there is none, what is unfitted."""
    above: list[Tally] = []
    for tally in reversed(tallies):
        if not tally.enough:
            break
        above.insert(0, tally)
    sure = [tally.difference for tally in above if tally.sure]
    if not sure:
        return unfitted
    return Estimate(
        value=above[0].difference,
        low=0.0,
        high=sure[0],
        n=unfitted.n,
        unit=unfitted.unit,
        name="threshold at most",
        method=f"smallest difference from which on 3 of 4 trials are right; no function fits: {unfitted.reason}",
    )
