"""Three coefficients of correlation, for many weighted samples at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import permutations

import numpy as np

from pytest_vlmperception.analysis.checks import FloatArray
from pytest_vlmperception.analysis.ranks import weighted_ranks
from pytest_vlmperception.analysis.resampling import ratio

__all__ = ["EXACT_UP_TO", "KENDALL", "LEAST", "PEARSON", "SPEARMAN", "Coefficient", "exact_p", "rank_correlation"]

# 8! = 40320 orders take some milliseconds; 9! would take ten times the time and memory.
EXACT_UP_TO = 8

# Two points correlate perfectly, whatever they are.
LEAST = 3

# Multiplications of a product of matrices that numpy's libraries do in one thread. More of them, for a moment
# each, wait for each other where others use the cores too.
SINGLE = 2**18

# A spread below this share of the values themselves is rounding, not variation.
ROUNDING = 1e-13


@dataclass(frozen=True)
class Coefficient:
    """A coefficient of correlation.

    Attributes
    ----------
    name, symbol : str
        E.g. ``Spearman rho`` and ``rho``.
    relates : str
        What of the values it relates; a constant has none.
    rows : callable
        From values x and y, each of shape (rows, m) or (1, m), and weights, shape (rows, m): how often each
        point is in the sample of that row (0: not at all; the value is then any finite number). Returns shape
        (rows,), NaN where the sample does not vary.
    swap : callable
        By how much two neighbours that change places move the coefficient of m points in perfect order, from m.
    """

    name: str
    symbol: str
    relates: str
    rows: Callable[[FloatArray, FloatArray, FloatArray], FloatArray]
    swap: Callable[[int], float]

    def of_rows(self, x: FloatArray, y: FloatArray, weights: FloatArray) -> FloatArray:
        """Return the coefficient of each row; NaN also below `LEAST` points."""
        enough = weights.sum(axis=1) >= LEAST
        return np.where(enough, self.rows(x, y, weights), np.nan)

    def of(self, x: FloatArray, y: FloatArray) -> float:
        """Return the coefficient of one sample, shape (m,)."""
        return float(self.of_rows(x[None], y[None], np.ones((1, len(x))))[0])


def exact_p(coefficient: Coefficient, x: FloatArray, y: FloatArray) -> float:
    """Return the exact one-sided p of a positive correlation: the share of orders of y with at least the one seen.

    Parameters
    ----------
    coefficient : Coefficient
        Which one.
    x, y : ndarray of float, shape (n,)
        At most `EXACT_UP_TO` points, as all n! orders are counted.
    """
    orders = y[np.array(list(permutations(range(len(y)))))]
    each = coefficient.of_rows(x[None], orders, np.ones_like(orders))
    # The order as given comes first. Orders of one coefficient may differ by rounding.
    return float(np.mean(each >= each[0] - ROUNDING))


def spearman_rows(x: FloatArray, y: FloatArray, weights: FloatArray) -> FloatArray:
    """Return Spearman's rho: Pearson's correlation of average ranks.

    Average ranks are halves and their mean is a half, so that sums of products are exact in binary: rho
    of 0.8 is the number 0.8.
    """
    return product_moment(weighted_ranks(x, weights), weighted_ranks(y, weights), weights)


def pearson_rows(x: FloatArray, y: FloatArray, weights: FloatArray) -> FloatArray:
    """Return Pearson's product-moment correlation."""
    return product_moment(unit_sized(x, weights), unit_sized(y, weights), weights)


def unit_sized(values: FloatArray, weights: FloatArray) -> FloatArray:
    """Divide by the largest magnitude in each sample, so that squares stay in range."""
    largest = np.abs(np.where(weights > 0.0, values, 0.0)).max(axis=1, initial=0.0, keepdims=True)
    return np.where(weights > 0.0, values, 0.0) / np.where(largest > 0.0, largest, 1.0)


def product_moment(x: FloatArray, y: FloatArray, weights: FloatArray) -> FloatArray:
    """Return the weighted correlation of each row."""
    a, b = centred(x, weights), centred(y, weights)
    squares = [(weights * part * part).sum(axis=1) for part in (a, b)]
    return ratio((weights * a * b).sum(axis=1), np.sqrt(squares[0] * squares[1]))


def centred(values: FloatArray, weights: FloatArray) -> FloatArray:
    """Subtract the mean of each row; exactly 0 where the row varies by rounding only."""
    total = weights.sum(axis=1)
    rest = values - ratio((weights * values).sum(axis=1), total)[:, None]
    size, spread = (np.sqrt((weights * part * part).sum(axis=1, keepdims=True)) for part in (values, rest))
    return np.where(spread > ROUNDING * size, rest, 0.0)


def kendall_rows(x: FloatArray, y: FloatArray, weights: FloatArray) -> FloatArray:
    """Return Kendall's tau-b: agreements less disagreements in sign, over the pairs that x, and y, tell apart."""
    agreement, apart_x, apart_y = np.zeros((3, len(weights)))
    points = weights.shape[1]
    columns = max(1, SINGLE // max(1, points * len(weights)))
    for start in range(0, points, columns):
        part = slice(start, start + columns)
        a, b = (np.sign(values[:, :, None] - values[:, None, part]) for values in (x, y))
        for form, signs in ((agreement, a * b), (apart_x, a * a), (apart_y, b * b)):
            form += (weighted_sums(weights, signs) * weights[:, part]).sum(axis=1)
    return ratio(agreement, np.sqrt(apart_x * apart_y))


def weighted_sums(weights: FloatArray, matrices: FloatArray) -> FloatArray:
    """Multiply each row of weights with its matrix, or all with the only one."""
    if len(matrices) == 1:
        return np.asarray(weights @ matrices[0])
    return np.asarray((weights[:, None, :] @ matrices)[:, 0, :])


SPEARMAN = Coefficient("Spearman rho", "rho", "rank order", spearman_rows, lambda m: 12.0 / (m * (m * m - 1)))
KENDALL = Coefficient("Kendall tau-b", "tau", "rank order", kendall_rows, lambda m: 4.0 / (m * (m - 1)))
PEARSON = Coefficient("Pearson r", "r", "variation", pearson_rows, lambda m: 0.0)


def rank_correlation(x: FloatArray, y: FloatArray) -> float:
    """Return Spearman's rho of one sample; NaN below 3 points or where one is constant."""
    return SPEARMAN.of(x, y)
