"""The likelihood of psychometric functions, for many sets of answers at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pytest_vlmperception.analysis.checks import FloatArray
from pytest_vlmperception.analysis.psychometric.sigmoids import Sigmoid

__all__ = ["LAPSE", "THRESHOLD", "WIDTH", "Box", "Trials"]

# Columns of a parameter array.
THRESHOLD, WIDTH, LAPSE = 0, 1, 2

# Keeps logarithms finite where the sigmoid is 0 or 1 to the last bit.
LEAST = 1e-12


@dataclass(frozen=True, eq=False)
class Box:
    """Bounds of the parameters.

    Attributes
    ----------
    low, high : ndarray of float, shape (3,) or (rows, 3)
        Of threshold, ln width and lapse rate; equal where a parameter is fixed.
    """

    low: FloatArray
    high: FloatArray

    def fixed(self, column: int, value: float) -> Box:
        """Return the box with one parameter fixed."""
        low, high = self.low.copy(), self.high.copy()
        low[..., column] = high[..., column] = value
        return Box(low, high)

    def fixed_by_row(self, column: int, values: FloatArray) -> Box:
        """Return a box a row, with one parameter fixed at that row's value."""
        low, high = (np.tile(bound, (len(values), 1)) for bound in (self.low, self.high))
        low[:, column] = high[:, column] = values
        return Box(low, high)

    def rows(self, chosen: NDArray[np.intp]) -> Box:
        """Return the box of some of the rows."""
        return self if self.low.ndim == 1 else Box(self.low[chosen], self.high[chosen])


@dataclass(frozen=True, eq=False)
class Trials:
    """What was asked, and the model of the answers.

    The proportion of success at level x is guess + (1 - guess - lapse) F(c (x - threshold) / width), with c
    such that F rises from 0.05 to 0.95 over one width. Parameter arrays have shape (rows, 3) and
    columns threshold, ln width, lapse; answers have shape (rows, levels) or (1, levels).

    Attributes
    ----------
    levels : ndarray of float, shape (levels,)
        Scaled so that the lowest is 0 and the highest 1.
    counts : ndarray of float, shape (levels,)
        Trials at each level, above 0.
    guess : float
        Proportion of success far below the threshold.
    sigmoid : Sigmoid
        F.
    """

    levels: FloatArray
    counts: FloatArray
    guess: float
    sigmoid: Sigmoid

    @cached_property
    def scale(self) -> float:
        """The c of the model."""
        return self.sigmoid.width

    def coarse(self, successes: FloatArray, most: int) -> tuple[Trials, FloatArray]:
        """Add up neighbouring levels until there are `most`; return them with the answers to them."""
        if len(self.levels) <= most:
            return self, successes
        first = np.linspace(0, len(self.levels), most, endpoint=False).astype(int)
        counts = np.add.reduceat(self.counts, first)
        means = np.add.reduceat(self.counts * self.levels, first) / counts
        return Trials(means, counts, self.guess, self.sigmoid), np.add.reduceat(successes, first, axis=1)

    def positions(self, parameters: FloatArray) -> FloatArray:
        """Return the argument of F, shape (rows, levels)."""
        threshold, width, _ = (column[:, None] for column in parameters.T)
        return np.asarray(self.scale * np.exp(-width) * (self.levels - threshold), dtype=np.float64)

    def proportions(self, parameters: FloatArray) -> FloatArray:
        """Return the proportion of success, shape (rows, levels)."""
        span = 1.0 - self.guess - parameters[:, LAPSE, None]
        return np.clip(self.guess + span * self.sigmoid(self.positions(parameters)), LEAST, 1.0 - LEAST)

    def log_likelihood(self, parameters: FloatArray, successes: FloatArray) -> FloatArray:
        """Return ln L without its constant, shape (rows,)."""
        p = self.proportions(parameters)
        return np.asarray((successes * np.log(p) + (self.counts - successes) * np.log1p(-p)).sum(axis=1))

    def log_likelihoods(self, parameters: FloatArray, successes: FloatArray) -> FloatArray:
        """Return ln L of every parameter row for every row of answers, shape (rows, rows of answers)."""
        p = self.proportions(parameters)
        return np.asarray(np.log(p) @ successes.T + np.log1p(-p) @ (self.counts - successes).T)

    def deviance(self, parameters: FloatArray, successes: FloatArray) -> FloatArray:
        """Return twice the ln likelihood that a model of one proportion a level has more, shape (rows,)."""
        seen = np.clip(successes / self.counts, LEAST, 1.0 - LEAST)
        best = (successes * np.log(seen) + (self.counts - successes) * np.log1p(-seen)).sum(axis=1)
        return np.asarray(np.maximum(2.0 * (best - self.log_likelihood(parameters, successes)), 0.0))

    def derivatives(self, parameters: FloatArray, successes: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return gradient (rows, 3), expected information (rows, 3) and negative Hessian (rows, 3, 3) of ln L."""
        z = self.positions(parameters)
        p, f = self.proportions(parameters), self.sigmoid(z)
        first, second = self.sigmoid.derivatives(z)
        span = 1.0 - self.guess - parameters[:, LAPSE, None]
        pace = self.scale * np.exp(-parameters[:, WIDTH, None]) + np.zeros_like(z)
        slopes = np.stack([-span * first * pace, -span * first * z, -f], axis=2)
        bends = np.zeros((*z.shape, 3, 3))
        bends[..., 0, 0] = span * second * pace**2
        bends[..., 1, 1] = span * (second * z + first) * z
        bends[..., 0, 1] = bends[..., 1, 0] = span * (second * z + first) * pace
        bends[..., 0, 2] = bends[..., 2, 0] = first * pace
        bends[..., 1, 2] = bends[..., 2, 1] = first * z
        score = (successes - self.counts * p) / (p * (1.0 - p))
        weight = successes / p**2 + (self.counts - successes) / (1.0 - p) ** 2
        gradient = np.einsum("rl,rlp->rp", score, slopes)
        information = np.einsum("rl,rlp->rp", self.counts / (p * (1.0 - p)), slopes**2)
        curved = np.einsum("rl,rlp,rlq->rpq", weight, slopes, slopes) - np.einsum("rl,rlpq->rpq", score, bends)
        return gradient, information, curved
