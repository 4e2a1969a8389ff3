"""The estimates that one fit of a psychometric function gives."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.random import Philox

from pytest_vlmperception.analysis.checks import FloatArray
from pytest_vlmperception.analysis.psychometric.blocks import Blocks
from pytest_vlmperception.analysis.psychometric.climbing import Fits, maximise
from pytest_vlmperception.analysis.psychometric.likelihood import LAPSE, THRESHOLD, WIDTH, Trials
from pytest_vlmperception.analysis.psychometric.profiles import Profile, critical_value
from pytest_vlmperception.records import Estimate

__all__ = ["Fitted", "draw", "percentiles"]

LEVEL = 0.95


@dataclass(frozen=True, eq=False)
class Fitted:
    """A fit, and answers drawn from it.

    Attributes
    ----------
    blocks : Blocks
        The answers.
    fit : Fits
        One row.
    drawn : ndarray of float, shape (replicates, levels)
        Answers of the parametric bootstrap.
    method : str
        How the fit was made.
    """

    blocks: Blocks
    fit: Fits
    drawn: FloatArray
    method: str

    @classmethod
    def of(cls, blocks: Blocks, fit: Fits, *, replicates: int, seed: int, method: str) -> Fitted:
        """Draw the replicates of a fit."""
        drawn = draw(blocks.trials, blocks.trials.proportions(fit.parameters)[0], replicates, seed)
        return cls(blocks, fit, drawn, method)

    def threshold(self) -> Estimate:
        """Return the level half way between the asymptotes."""
        return self.estimate("threshold", THRESHOLD, lambda x: self.blocks.origin + self.blocks.span * x)

    def width(self) -> Estimate:
        """Return the distance from F = 0.05 to F = 0.95."""
        return self.estimate("width", WIDTH, lambda x: self.blocks.span * np.exp(x))

    def slope(self) -> Estimate:
        """Return dF/dx at the threshold, which falls as the width rises."""
        steepness = self.blocks.trials.sigmoid.steepness / self.blocks.span
        return self.estimate("slope", WIDTH, lambda x: steepness * np.exp(-x))

    def lapse(self) -> Estimate:
        """Return the lapse rate, fitted or given."""
        low, high = (float(bound[LAPSE]) for bound in (self.blocks.box.low, self.blocks.box.high))
        if low == high:
            return Estimate(low, low, high, self.n, unit="trial", method="given", name="lapse")
        return self.estimate("lapse", LAPSE, lambda x: x)

    def deviance(self) -> Estimate:
        """Return the goodness of fit."""
        trials = self.blocks.trials
        value = float(trials.deviance(self.fit.parameters, self.blocks.successes)[0])
        drawn = trials.deviance(self.replicates.parameters, self.drawn)
        return Estimate(
            value,
            n=len(trials.levels),
            unit="level",
            method=f"{self.method}; p: share of {len(drawn)} parametric replicates with at least this deviance",
            name="deviance",
            replicates=tuple(drawn.tolist()) if len(drawn) else None,
            p=(1 + int((drawn >= value).sum())) / (1 + len(drawn)) if len(drawn) else None,
        )

    @property
    def n(self) -> int:
        """Number of trials."""
        return int(self.blocks.trials.counts.sum())

    @cached_property
    def replicates(self) -> Fits:
        """Fits to the answers drawn."""
        if not len(self.drawn):
            return Fits(np.empty((0, 3)), np.empty(0), np.empty(0, dtype=np.bool_))
        return maximise(self.blocks.trials, self.drawn, self.blocks.box)

    def estimate(self, name: str, column: int, shown: Callable[[FloatArray], FloatArray]) -> Estimate:
        """Return one parameter, `shown` as the monotone function of it that is of interest."""
        bounds = shown(np.array(self.intervals[column]))
        drawn = shown(self.replicates.parameters[:, column]).tolist()
        return Estimate(
            value=float(shown(self.fit.parameters[:, column])[0]),
            low=float(bounds.min()),
            high=float(bounds.max()),
            n=self.n,
            unit="trial",
            method=f"{self.method}; profile likelihood interval, {len(drawn)} parametric replicates",
            name=name,
            replicates=tuple(drawn) if drawn else None,
        )

    @cached_property
    def intervals(self) -> dict[int, tuple[float, float]]:
        """Intervals of the parameters that are fitted."""
        free = np.flatnonzero(self.blocks.box.low < self.blocks.box.high).tolist()
        return {column: self.interval(column) for column in free}

    def interval(self, column: int) -> tuple[float, float]:
        """Return the interval of one parameter; infinite where only the limit of the search ends it."""
        blocks = self.blocks
        value = float(self.fit.parameters[0, column])
        critical = critical_value(blocks.trials, self.drawn, self.replicates, blocks.box, column, value, LEVEL)
        low, high = Profile(blocks.trials, blocks.successes, blocks.box, self.fit, column).interval(critical)
        if column == LAPSE:
            return low, high
        unbounded_low, unbounded_high = low <= blocks.box.low[column], high >= blocks.box.high[column]
        return -math.inf if unbounded_low else low, math.inf if unbounded_high else high


def draw(trials: Trials, proportions: FloatArray, replicates: int, seed: int) -> FloatArray:
    """Draw numbers of successes, shape (replicates, levels), the same for every version of numpy."""
    from scipy.special import bdtr  # a third of a second, and only replicates need it

    bits = Philox(key=seed).random_raw(replicates * len(proportions))
    uniform = ((bits >> np.uint64(11)) * 2.0**-53).reshape(replicates, len(proportions))
    columns = []
    for column, count, p in zip(uniform.T, trials.counts, proportions, strict=True):
        reach = 10.0 * math.sqrt(count * p * (1.0 - p)) + 20.0
        numbers = np.arange(max(0.0, math.floor(count * p - reach)), min(count, math.ceil(count * p + reach)) + 1.0)
        columns.append(numbers[np.searchsorted(bdtr(numbers, int(count), p)[:-1], column, side="right")])
    return np.stack(columns, axis=1)


def percentiles(replicates: FloatArray) -> tuple[float, float]:
    """Return the percentile interval of replicates, which may be infinite; NaN for too few."""
    if len(replicates) * (1.0 - LEVEL) < 2.0 - 1e-9:
        return math.nan, math.nan
    low, high = np.quantile(replicates, [(1.0 - LEVEL) / 2.0, (1.0 + LEVEL) / 2.0], method="inverted_cdf")
    return float(low), float(high)
