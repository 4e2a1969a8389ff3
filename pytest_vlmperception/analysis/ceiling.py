"""How well any model could agree with people who do not agree with each other."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.random import Philox
from numpy.typing import ArrayLike, NDArray

from pytest_vlmperception.analysis.checks import FloatArray, check_fraction, check_whole
from pytest_vlmperception.analysis.coefficients import LEAST
from pytest_vlmperception.analysis.draws import estimated, resampled
from pytest_vlmperception.analysis.grids import grid_of, labels_or_own
from pytest_vlmperception.analysis.resampling import Design, ratio
from pytest_vlmperception.analysis.validity import shortfall
from pytest_vlmperception.errors import UsageError
from pytest_vlmperception.records import Estimate

__all__ = ["NoiseCeiling", "noise_ceiling"]

# Of a sum of squares: what is left of it when equal numbers were subtracted.
CANCELLED = 1e-12


@dataclass(frozen=True)
class NoiseCeiling:
    """Agreement of observers with each other, as Pearson correlations over items.

    Attributes
    ----------
    split_half : Estimate
        Reliability of the mean of all observers: of the means of two random halves, stepped up to the whole
        by the formula of Spearman and Brown. A model that knew what people see would correlate with
        their mean to the square root of it.
    leave_one_out : Estimate
        One observer with the mean of the others; mean over observers. What a model reaches that is as
        good as another observer, where it is compared with single observers in the same way.
    """

    split_half: Estimate
    leave_one_out: Estimate


def noise_ceiling(
    votes: ArrayLike,
    *,
    groups: Iterable[Any] | None = None,
    splits: int = 100,
    unit: str | None = None,
    min_valid: float = 0.9,
    replicates: int = 2000,
    seed: int = 0,
) -> NoiseCeiling:
    r"""Estimate how far observers agree with each other: the ceiling for who is held against them.

    With r the mean over splits of the correlation of two half means, *split half* is :math:`2 r / (1 + r)` [1]_
    [2]_ where r > 0, else r itself. *Leave one out* is the lower bound of the noise ceiling of representational
    similarity analysis [3]_, with Pearson's correlation.

    Parameters
    ----------
    votes : array_like of float, shape (n_observers, n_items)
        A rating of each stimulus, or 1 and 0 for the first and second stimulus of each pair; NaN where an observer
        gave none. An observer who saw few items weighs as much as the others in `leave_one_out`.
    groups : iterable of n_items labels, optional
        The independent unit, e.g. the scene, of each item, resampled as a whole; default, each item is its
        own.
    splits : int
        Number of random splits into halves; all of them where there are no more. With an odd number of
        observers one half has one more.
    unit : str, optional
        What one unit is called; default ``group``, or ``item`` without groups.
    min_valid : float
        Least share, 0-1, of items, and of units, that need votes of two observers; below it the estimates have a
        `reason` and decide nothing.
    replicates, seed : int
        Of the bootstrap over units; see `Design`. The seed also picks the splits.

    Returns
    -------
    NoiseCeiling
        NaN with a reason where votes do not vary over items.

    Raises
    ------
    UsageError
        If there are fewer than 2 observers or 3 items.

    References
    ----------
    .. [1] Spearman, C. (1910). Correlation calculated from faulty data. British Journal of Psychology 3, 271-295.
       :DOI:`10.1111/j.2044-8295.1910.tb00206.x`
    .. [2] Brown, W. (1910). Some experimental results in the correlation of mental abilities. British Journal
       of Psychology 3, 296-322. :DOI:`10.1111/j.2044-8295.1910.tb00207.x`
    .. [3] Nili, H. et al. (2014). A toolbox for representational similarity analysis. PLoS Computational
       Biology 10, e1003553. :DOI:`10.1371/journal.pcbi.1003553`

    Examples
    --------
    >>> found = noise_ceiling([[1, 2, 3, 4], [2, 1, 3, 4]])
    >>> round(found.split_half.value, 3), found.leave_one_out.value  # 2 * 0.8 / 1.8
    (0.889, 0.8)
    """
    check_fraction("min_valid", min_valid, closed=True)
    check_whole("splits", splits, least=1)
    grid = grid_of("votes", votes, ("n_observers", "n_items"))
    if len(grid) < 2 or grid.shape[1] < LEAST:
        raise UsageError(f"votes has shape {grid.shape}; a noise ceiling needs 2 observers (rows) and {LEAST} items")
    labels = labels_or_own(grid.shape[1], groups, "items")
    design = Design.of(labels, replicates=replicates, seed=seed)
    halves = halves_of(len(grid), splits, seed)
    items = Items(grid, design.positions(labels), design, unit or ("item" if groups is None else "group"), min_valid)
    halved = items.correlations(means_of(grid, halves), means_of(grid, ~halves))
    alone = items.correlations(grid, means_of(grid, ~np.eye(len(grid), dtype=bool)))
    splitting = f"Spearman-Brown, {len(halves)} split(s)"
    return NoiseCeiling(
        split_half=items.estimate(stepped_up(halved), "split-half reliability", splitting),
        leave_one_out=items.estimate(alone, "leave-one-out correlation", "mean over observers"),
    )


def halves_of(n: int, splits: int, seed: int) -> NDArray[np.bool_]:
    """Return which observers are in the first half of each split, shape (splits, n)."""
    half = n // 2
    # With an even number each split comes twice; the first observer tells the two apart.
    distinct = math.comb(n, half) // (1 if n % 2 else 2)
    if distinct <= splits:
        members = [chosen for chosen in combinations(range(n), half) if n % 2 or 0 in chosen]
    else:
        keys = Philox(key=seed).jumped().random_raw(splits * n).reshape(splits, n)
        members = np.argsort(keys, axis=1)[:, :half].tolist()
    halves = np.zeros((len(members), n), dtype=bool)
    halves[np.arange(len(members))[:, None], members] = True
    return halves


def means_of(grid: FloatArray, chosen: NDArray[np.bool_]) -> FloatArray:
    """Return the mean vote of the observers chosen in each row, shape (rows, n_items); NaN where none voted."""
    known = ~np.isnan(grid)
    times = chosen.astype(np.float64)
    return ratio(times @ np.where(known, grid, 0.0), times @ known)


def stepped_up(correlations: FloatArray) -> FloatArray:
    """Return what the correlation would be at twice the length; a negative one as it is."""
    return np.where(correlations > 0.0, 2.0 * correlations / (1.0 + np.abs(correlations)), correlations)


@dataclass(frozen=True, eq=False)
class Items:
    """Votes with their place in the design.

    Attributes
    ----------
    grid : ndarray of float, shape (n_observers, n_items)
        NaN where there is none.
    owner : ndarray of int, shape (n_items,)
        Position in the design of each item's unit.
    design : Design
        The units that are resampled.
    unit : str
        What one unit is called.
    min_valid : float
        Least share of items and of units that must be usable.
    """

    grid: FloatArray
    owner: NDArray[np.intp]
    design: Design
    unit: str
    min_valid: float

    def correlations(self, a: FloatArray, b: FloatArray) -> FloatArray:
        """Return the mean over rows of the correlations of a and b, each of shape (rows, n_items).

        Returns
        -------
        ndarray of float, shape (1 + replicates,)
            Of the sample and each replicate; rows without a correlation are left out.
        """
        known = self.grid[~np.isnan(self.grid)]
        if not len(known):
            return np.full(1 + self.design.replicates, math.nan)
        middle, size = known.mean(), np.abs(known).max() or 1.0
        products = products_of((a - middle) / size, (b - middle) / size)
        by_unit = np.zeros((self.design.n, *products.shape[1:]))
        np.add.at(by_unit, self.owner, products)
        return resampled(
            lambda drawn: mean_correlation(np.tensordot(drawn, by_unit, axes=1)), self.design, width=by_unit[0].size
        )

    def estimate(self, correlations: FloatArray, name: str, method: str) -> Estimate:
        """Put value, interval and reasons together."""
        usable = (~np.isnan(self.grid)).sum(axis=0) >= 2
        used, given = int(usable.sum()), self.grid.shape[1]
        n = len(np.unique(self.owner[usable]))
        lack = "votes do not vary over items" if used >= LEAST else f"{used} of {given} items have two votes"
        short = shortfall(used, given, n, self.design.n, self.unit, self.min_valid)
        return estimated(
            correlations,
            self.design,
            n=n,
            name=name,
            unit=self.unit,
            method=f"Pearson r over items; {method}",
            missing=int(np.isnan(self.grid).sum()),
            bounds=(-1.0, 1.0),
            reason=lack if math.isnan(correlations[0]) else short,
        )


def products_of(a: FloatArray, b: FloatArray) -> FloatArray:
    """Return 1, a, b, a^2, b^2 and a b of each item and row, shape (n_items, rows, 6); 0 where a or b is missing."""
    both = ~(np.isnan(a) | np.isnan(b))
    one, other = np.where(both, a, 0.0), np.where(both, b, 0.0)
    return np.stack([both.astype(np.float64), one, other, one**2, other**2, one * other], axis=2).transpose(1, 0, 2)


def mean_correlation(sums: FloatArray) -> FloatArray:
    """Return the mean correlation of each sample from its sums of products, shape (samples, rows, 6)."""
    n, a, b, aa, bb, ab = np.moveaxis(sums, 2, 0)
    scale = np.where(n >= LEAST, np.sqrt(spread_of(n, a, aa) * spread_of(n, b, bb)), 0.0)
    each = np.clip(ratio(n * ab - a * b, scale), -1.0, 1.0)
    return ratio(np.nansum(each, axis=1), (~np.isnan(each)).sum(axis=1).astype(np.float64))


def spread_of(n: FloatArray, total: FloatArray, squares: FloatArray) -> FloatArray:
    """Return n^2 times the variance; 0 where it is rounding."""
    spread = n * squares - total**2
    return np.where(spread > CANCELLED * n * squares, spread, 0.0)
