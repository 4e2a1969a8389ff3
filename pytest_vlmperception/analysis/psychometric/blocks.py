"""Answers by stimulus level, checked and brought to one scale."""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Real
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pytest_vlmperception.analysis.checks import FloatArray, check_choice, check_lengths, numbers_of
from pytest_vlmperception.analysis.psychometric.likelihood import Box, Trials
from pytest_vlmperception.analysis.psychometric.sigmoids import SIGMOIDS
from pytest_vlmperception.errors import UsageError

__all__ = ["LAPSE_LIMIT", "Blocks", "Lapse"]

Lapse = float | Literal["free"]

# Who fails in over a quarter of the easiest trials is not doing the task.
LAPSE_LIMIT = 0.25

# Thresholds are sought up to one range beyond the levels, widths from a tenth of the smallest gap to ten ranges.
MARGIN, NARROWEST, WIDEST = 1.0, 0.1, 10.0

# Levels closer than this share of their range are not told apart.
CLOSE = 1e-3


@dataclass(frozen=True, eq=False)
class Blocks:
    """Successes by level.

    Attributes
    ----------
    origin, span : float
        The lowest level with trials, and how far above it the highest is: levels in `trials` are 0 and 1 there.
    trials : Trials
        Distinct levels that have trials, ascending, with the model.
    successes : ndarray of float, shape (1, levels)
        How many of them succeeded.
    box : Box
        Where parameters are sought.
    given : int
        Distinct levels given, with trials or without.
    needed : int
        Least number of levels: one more than parameters are fitted.
    """

    origin: float
    span: float
    trials: Trials
    successes: FloatArray
    box: Box
    given: int
    needed: int

    @classmethod
    def of(
        cls, levels: ArrayLike, successes: ArrayLike, trials: ArrayLike, guess: float, lapse: Lapse, shape: str
    ) -> Blocks:
        """Check the arguments of `fit_psychometric`, and gather them."""
        check_choice("shape", shape, SIGMOIDS)
        x, k, n = numbers_of("levels", levels), numbers_of("successes", successes), numbers_of("trials", trials)
        check_lengths(levels=x, successes=k, trials=n)
        check_levels(x)
        check_counts(k, n)
        check_guess(guess)
        check_lapse(lapse, guess)
        needed = 4 if lapse == "free" else 3
        given = len(set(x.tolist()))
        if given < needed:
            free = " with a free lapse rate" if lapse == "free" else ""
            raise UsageError(f"a psychometric fit{free} needs at least {needed} levels: got {given}; add levels")
        asked, owner = np.unique(x[n > 0], return_inverse=True)
        totals, hits = (summed(values[n > 0], owner, len(asked)) for values in (n, k))
        origin, span = (float(asked[0]), float(asked[-1] - asked[0])) if len(asked) > 1 else (0.0, 1.0)
        scaled = Trials((asked - origin) / span, totals, float(guess), SIGMOIDS[shape])
        return cls(origin, span, scaled, hits[None], box_of(scaled.levels, guess, lapse), given, needed)


def summed(values: FloatArray, owner: NDArray[np.intp], n: int) -> FloatArray:
    """Add up what belongs to one level, shape (n,)."""
    return np.bincount(owner, weights=values, minlength=n).astype(np.float64)


def box_of(levels: FloatArray, guess: float, lapse: Lapse) -> Box:
    """Return where the parameters of a fit to scaled levels are sought."""
    gap = max(float(np.diff(levels).min(initial=1.0)), CLOSE)
    rates = (0.0, min(LAPSE_LIMIT, (1.0 - guess) / 2.0)) if lapse == "free" else (float(lapse), float(lapse))
    low = np.array([-MARGIN, math.log(NARROWEST * gap), rates[0]])
    return Box(low, np.array([1.0 + MARGIN, math.log(WIDEST), rates[1]]))


def check_levels(levels: FloatArray) -> None:
    """Raise unless every level is known."""
    unknown = np.flatnonzero(np.isnan(levels))
    if unknown.size:
        raise UsageError(f"levels[{unknown[0]}] = nan; expected the level of the stimulus, a finite number")


def check_counts(successes: FloatArray, trials: FloatArray) -> None:
    """Raise unless both are whole numbers, and no more succeeded than were tried."""
    whole = (successes == np.floor(successes)) & (trials == np.floor(trials))
    wrong = np.flatnonzero(~(whole & (successes >= 0.0) & (successes <= trials)))
    if wrong.size:
        i = wrong[0]
        given = f"successes[{i}] = {successes[i]:g} of trials[{i}] = {trials[i]:g}"
        raise UsageError(f"{given}; expected whole numbers with 0 <= successes <= trials")


def check_guess(guess: object) -> None:
    """Raise unless `guess` is a proportion."""
    if isinstance(guess, bool) or not isinstance(guess, Real) or not 0.0 <= float(guess) < 1.0:
        raise UsageError(f"guess={guess!r}; expected a proportion from 0 to below 1, such as 0.5 for one of two")


def check_lapse(lapse: object, guess: float) -> None:
    """Raise unless `lapse` is free, or a proportion that leaves room above `guess`."""
    if lapse == "free":
        return
    if isinstance(lapse, bool) or not isinstance(lapse, Real) or not 0.0 <= float(lapse) < 1.0 - guess:
        raise UsageError(f"lapse={lapse!r}; expected 'free', or a proportion from 0 to below 1 - guess = {1 - guess:g}")
