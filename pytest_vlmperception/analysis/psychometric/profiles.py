"""Intervals from the profile likelihood."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from pytest_vlmperception.analysis.checks import FloatArray
from pytest_vlmperception.analysis.psychometric.climbing import Fits, climb, grid, maximise, start, widths
from pytest_vlmperception.analysis.psychometric.likelihood import Box, Trials

__all__ = ["Profile", "critical_value"]

# Each round looks at so many points on either side; four rounds leave 9**-4 of the bracket, before interpolation.
POINTS, ROUNDS = 8, 4


@dataclass(frozen=True, eq=False)
class Profile:
    """The likelihood ratio as a function of one parameter, the others chosen for each value of it.

    Attributes
    ----------
    trials : Trials
        The model.
    successes : ndarray of float, shape (1, levels)
        The answers.
    box : Box
        Bounds of the parameters.
    fit : Fits
        One row: the maximum.
    column : int
        Which parameter.
    """

    trials: Trials
    successes: FloatArray
    box: Box
    fit: Fits
    column: int

    def ratio(self, values: FloatArray) -> FloatArray:
        """Return 2 ln(L max / L with the parameter at each value), shape (values,)."""
        boxes = [self.box.fixed(self.column, value) for value in values]
        grids = [grid(self.trials.levels, box, widths(box)) for box in boxes]
        starts = np.concatenate([start(self.trials, self.successes, points) for points in grids])
        found = climb(self.trials, self.successes, starts, self.box.fixed_by_row(self.column, values))
        return np.maximum(2.0 * (self.fit.log_likelihood - found.log_likelihood), 0.0)

    def interval(self, critical: float) -> tuple[float, float]:
        """Return where the ratio reaches the critical value on either side; a bound of the box where it does not."""
        top = float(self.fit.parameters[0, self.column])
        edges = np.array([self.box.low[self.column], self.box.high[self.column]])
        ends = zip(edges.tolist(), self.ratio(edges).tolist(), strict=True)
        sides = [Side(critical, (top, 0.0), end) for end in ends]
        for _ in range(ROUNDS):
            values = [side.values() for side in sides]
            ratios = np.split(self.ratio(np.concatenate(values)), 2)
            sides = [side.narrowed(*seen) for side, *seen in zip(sides, values, ratios, strict=True)]
        low, high = (side.end() for side in sides)
        return low, high


@dataclass(frozen=True)
class Side:
    """A bracket of the value at which the ratio reaches the critical one.

    Attributes
    ----------
    critical : float
        The critical ratio.
    inner, outer : tuple of (float, float)
        Parameter and ratio: nearest to the maximum, and beyond the critical ratio or at the edge.
    """

    critical: float
    inner: tuple[float, float]
    outer: tuple[float, float]

    def values(self) -> FloatArray:
        """Return where to look next."""
        return np.linspace(self.inner[0], self.outer[0], POINTS + 2)[1:-1]

    def narrowed(self, values: FloatArray, ratios: FloatArray) -> Side:
        """Return the bracket around the first value beyond."""
        seen = [self.inner, *zip(values.tolist(), ratios.tolist(), strict=True), self.outer]
        beyond = next((i for i, (_, ratio) in enumerate(seen) if ratio > self.critical), None)
        return self if beyond is None else Side(self.critical, seen[beyond - 1], seen[beyond])

    def end(self) -> float:
        """Return the value, or the edge that is within."""
        if self.outer[1] <= self.critical:
            return float(self.outer[0])
        # The root of the ratio is nearly straight.
        root, left, right = map(math.sqrt, (self.critical, self.inner[1], self.outer[1]))
        return float(self.inner[0] + (self.outer[0] - self.inner[0]) * (root - left) / (right - left))


def critical_value(
    trials: Trials, drawn: FloatArray, fits: Fits, box: Box, column: int, truth: float, level: float
) -> float:
    """Return the likelihood ratio that an interval of one parameter goes up to.

    It is the quantile of chi-square, which holds for many trials, or that of replicates drawn with the
    parameter at `truth`, whichever is larger.

    Parameters
    ----------
    trials : Trials
        The model.
    drawn : ndarray of float, shape (replicates, levels)
        Answers drawn from the fit; none, for the chi-square alone.
    fits : Fits
        Their fits.
    box : Box
        Bounds of the parameters.
    column : int
        Which parameter.
    truth : float
        Its value in the fit that they were drawn from.
    level : float
        Nominal coverage.
    """
    chi_square = NormalDist().inv_cdf((1.0 + level) / 2.0) ** 2
    if not len(drawn):
        return chi_square
    held = maximise(trials, drawn, box.fixed(column, truth))
    ratios = 2.0 * (fits.log_likelihood - held.log_likelihood)
    return max(chi_square, float(np.quantile(ratios, level)))
