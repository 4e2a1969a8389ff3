"""How difficult a picture may be before answers go wrong."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Literal, TypeVar

from pytest_vlmperception import analysis
from pytest_vlmperception.errors import UsageError
from pytest_vlmperception.records import Answer, Estimate, Stimulus
from pytest_vlmperception.results.answers import Answers
from pytest_vlmperception.results.references import Reference, reference_values

__all__ = ["difficulty_threshold"]

A = TypeVar("A", bound=Answer)


@dataclass(frozen=True)
class Level:
    """Answers at one level of difficulty.

    Attributes
    ----------
    difficulty : float
        The level.
    right, answered : int
        Right answers, and all answers.
    """

    difficulty: float
    right: int
    answered: int

    def reaches(self, share: float) -> bool:
        """Return whether a share of the answers is right."""
        return self.right >= share * self.answered


def difficulty_threshold(
    answers: Answers[Stimulus, A],
    correct: Callable[[Stimulus, A], bool],
    *,
    guess: float,
    level: Reference = "level",
    lapse: float | Literal["free"] = 0.02,
    replicates: int = 400,
    seed: int = 0,
) -> Estimate:
    """Estimate the level of difficulty at which answers are half way between guessing and certainty.

    A psychometric function is fitted to the shares of correct answers, which fall as the level rises; see
    `analysis.fit_psychometric`. Where none fits because every level, or every one up to some level, is solved, the
    estimate is that level: the threshold is only known not to be lower. Its interval goes from the hardest level whose
    answers, together with those of the harder ones that are solved, are right too often for chance, to the first level
    that is not solved, or to infinity.

    Parameters
    ----------
    answers : Answers
        By stimulus.
    correct : callable
        Takes stimulus and answer, and returns whether the answer is right.
    guess : float
        Share of right answers by guessing: 1 / k for k labels.
    level : str, mapping or callable
        The difficulty of each stimulus: a key of `Stimulus.reference`, a mapping, or a function of the stimulus.
    lapse : float or "free"
        Share of wrong answers where it is easy.
    replicates, seed : int
        Of the parametric bootstrap.

    Returns
    -------
    Estimate
        In units of the levels. NaN with a reason where not even the easiest level is solved, or too few answers can be
        used.

    Raises
    ------
    UsageError
        If a level is no number, or there are too few for a fit.
    """
    levels = levels_of(answers, correct, level)
    fit = analysis.fit_psychometric(
        [-each.difficulty for each in levels],
        [each.right for each in levels],
        [each.answered for each in levels],
        guess=guess,
        lapse=lapse,
        replicates=replicates,
        seed=seed,
    )
    found = replace(negated(fit.threshold), name="difficulty threshold")
    if found.reason:
        found = solved_up_to(levels, (1 + guess) / 2, found)
    return answers.shortfall().mark(found)


def levels_of(answers: Answers[Stimulus, A], correct: Callable[[Stimulus, A], bool], level: Reference) -> list[Level]:
    """Count right answers by level, the easiest first; answers that cannot be used are none."""
    counts: dict[float, list[int]] = {}
    for stimulus, value in zip(answers, reference_values(level, answers), strict=True):
        count = counts.setdefault(difficulty_of(stimulus, value), [0, 0])
        answer = answers[stimulus]
        if answer.status == "answered":
            count[0] += bool(correct(stimulus, answer))
            count[1] += 1
    return [Level(difficulty, *counts[difficulty]) for difficulty in sorted(counts)]


def difficulty_of(stimulus: Stimulus, value: object) -> float:
    """Return a level as a number."""
    number = float(value) if isinstance(value, int | float) else math.nan
    if not math.isfinite(number):
        raise UsageError(
            f"the level {value!r} of {stimulus.id!r} is no number; expected one that rises with difficulty"
        )
    return number


def negated(estimate: Estimate) -> Estimate:
    """Return an estimate of the negative of what was estimated."""
    drawn = estimate.replicates
    return replace(
        estimate,
        value=-estimate.value,
        low=-estimate.high,
        high=-estimate.low,
        replicates=drawn and tuple(-each for each in drawn),
    )


def solved_up_to(levels: Sequence[Level], half_way: float, unfitted: Estimate) -> Estimate:
    """Return the hardest level up to which all are solved, where no function fits; what is unfitted where none is."""
    asked = [each for each in levels if each.answered]
    solved = list(takewhile(lambda each: each.reaches(half_way), asked))
    # Success falls with the level: that of the harder ones, too, is a lower bound.
    sure = [each for place, each in enumerate(solved) if surely(solved[place:], half_way)]
    if not sure:
        return unfitted
    return Estimate(
        value=solved[-1].difficulty,
        low=sure[-1].difficulty,
        high=asked[len(solved)].difficulty if len(solved) < len(asked) else math.inf,
        n=unfitted.n,
        unit=unfitted.unit,
        name="difficulty threshold at least",
        method=f"hardest level up to which {half_way:.0%} are right; no function fits: {unfitted.reason}",
    )


def surely(levels: Sequence[Level], share: float) -> bool:
    """Return whether so many answers of some levels are right that it is no chance."""
    right, answered = sum(each.right for each in levels), sum(each.answered for each in levels)
    return bool(analysis.wilson(right, answered).low >= share)
