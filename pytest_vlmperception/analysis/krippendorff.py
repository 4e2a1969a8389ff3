"""Agreement of several observers beyond chance, with missing ratings."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pytest_vlmperception.analysis.checks import FloatArray, check_choice, check_fraction
from pytest_vlmperception.analysis.draws import estimated, resampled
from pytest_vlmperception.analysis.grids import grid_of, labels_or_own
from pytest_vlmperception.analysis.resampling import Design, ratio
from pytest_vlmperception.analysis.validity import shortfall
from pytest_vlmperception.errors import UsageError
from pytest_vlmperception.records import Estimate

__all__ = ["MeasurementLevel", "krippendorff_alpha"]

MeasurementLevel = Literal["nominal", "ordinal", "interval", "ratio"]

# From counts of what is drawn, shape (rows, design.n), to alpha, shape (rows,).
Statistic = Callable[[FloatArray], FloatArray]


def krippendorff_alpha(
    ratings: ArrayLike,
    *,
    level: MeasurementLevel = "nominal",
    groups: Iterable[Any] | None = None,
    unit: str | None = None,
    min_valid: float = 0.9,
    replicates: int = 2000,
    seed: int = 0,
) -> Estimate:
    r"""Estimate how far observers agree beyond chance, by Krippendorff's alpha.

    :math:`\alpha = 1 - D_o / D_e` [1]_: the mean squared difference :math:`\delta^2` of two ratings of one unit, a unit
    with m ratings weighing m, over that of any two ratings. Units with fewer than two ratings are left out. For
    values c and k, :math:`\delta^2` is

    - ``nominal``: 1 if they differ;
    - ``ordinal``: the squared difference of their average ranks among all ratings;
    - ``interval``: :math:`(c - k)^2`;
    - ``ratio``: :math:`((c - k) / (c + k))^2`.

    Parameters
    ----------
    ratings : array_like of float, shape (n_observers, n_units)
        E.g. models, or repeats of one model, by stimuli; NaN where a rating is missing. Numbers
        stand for categories where the level is nominal.
    level : {"nominal", "ordinal", "interval", "ratio"}
        What differences between numbers mean.
    groups : iterable of n_units labels, optional
        The independent group, e.g. the scene, of each unit; default, each unit is its own.
    unit : str, optional
        What is independent; default ``group``, or ``unit`` without groups.
    min_valid : float
        Least share, 0-1, of units that must have two ratings; below it the estimate has a
        `reason` and decides nothing.
    replicates, seed : int
        Of the bootstrap over what is independent; see `Design`.

    Returns
    -------
    Estimate
        1 for full agreement, 0 for what chance gives, below 0 for less. NaN with a reason where no unit has
        two ratings, or where all ratings are equal. `missing` = ratings that pair with no other, given or not.

    Raises
    ------
    UsageError
        If there is one observer, or a rating below 0 with ``level="ratio"``.

    References
    ----------
    .. [1] Krippendorff, K. (2011). Computing Krippendorff's alpha-reliability. University of Pennsylvania,
       Departmental Papers (ASC). https://repository.upenn.edu/handle/20.500.14332/2089

    Examples
    --------
    >>> nan = float("nan")
    >>> round(krippendorff_alpha([[1, 1, 2, nan], [1, 2, 2, 2]]).value, 3)
    0.444
    """
    check_choice("level", level, get_args(MeasurementLevel))
    check_fraction("min_valid", min_valid, closed=True)
    grid = grid_of("ratings", ratings, ("n_observers", "n_units"))
    if len(grid) < 2:
        raise UsageError("ratings has one observer; agreement needs at least two rows, one per observer")
    if level == "ratio" and (grid < 0.0).any():
        raise UsageError(f"ratings has {np.nanmin(grid):g}; a ratio scale has no values below 0: use level='interval'")
    labels = labels_or_own(grid.shape[1], groups, "units")
    design = Design.of(labels, replicates=replicates, seed=seed)
    pairable = Pairable.of(grid, design.positions(labels))
    what = unit or ("unit" if groups is None else "group")
    return estimate_of(pairable, grid, design, level, what, min_valid)


@dataclass(frozen=True, eq=False)
class Pairable:
    """Ratings of the units that have at least two, unit by unit.

    Attributes
    ----------
    values : ndarray of float, shape (n_values,)
        Distinct ratings, ascending.
    number : ndarray of int, shape (n,)
        Position in `values` of each rating.
    first : ndarray of int, shape (n_units,)
        Where the ratings of each unit begin.
    size : ndarray of float, shape (n_units,)
        Number of ratings of each unit.
    owner : ndarray of int, shape (n_units,)
        Position in the design of each unit.
    """

    values: FloatArray
    number: NDArray[np.intp]
    first: NDArray[np.intp]
    size: FloatArray
    owner: NDArray[np.intp]

    @classmethod
    def of(cls, grid: FloatArray, owner: NDArray[np.intp]) -> Pairable:
        """Take the ratings that pair from all, shape (n_observers, n_units)."""
        known = ~np.isnan(grid)
        units = np.flatnonzero(known.sum(axis=0) >= 2)
        size = known[:, units].sum(axis=0)
        values, number = np.unique(grid[:, units].T[known[:, units].T], return_inverse=True)
        return cls(values, number, np.cumsum(size) - size, size.astype(np.float64), owner[units])

    @cached_property
    def by_value(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """The owner of each rating, ratings in ascending order, and where each value begins and the last ends."""
        order = np.argsort(self.number, kind="stable")
        owners = np.repeat(self.owner, self.size.astype(np.intp))
        return owners[order], np.searchsorted(self.number[order], np.arange(len(self.values) + 1))

    def counts(self, drawn: FloatArray) -> FloatArray:
        """Count each value in each row's sample, shape (rows, n_values); a value may have no rating."""
        owners, bounds = self.by_value
        before = np.zeros((len(drawn), len(owners) + 1))
        np.cumsum(drawn[:, owners], axis=1, out=before[:, 1:])
        return np.diff(before[:, bounds], axis=1)

    def alpha(self, within: FloatArray, between: FloatArray, drawn: FloatArray) -> FloatArray:
        """Return alpha from sums of squared differences over ordered pairs.

        Parameters
        ----------
        within : ndarray of float, shape (rows, n_units) or (1, n_units)
            Of the ratings of each unit.
        between : ndarray of float, shape (rows,)
            Of all ratings.
        drawn : ndarray of float, shape (rows, design.n)
            Counts of what is independent.
        """
        times = drawn[:, self.owner]
        total = (times * self.size).sum(axis=1)
        observed = (times * within / (self.size - 1.0)).sum(axis=1)
        return np.asarray(1.0 - ratio((total - 1.0) * observed, between))


def by_scores(pairable: Pairable, drawn: FloatArray, scores: FloatArray, counts: FloatArray) -> FloatArray:
    """Return alpha where differences are those of scores, shape (rows, n_values) or (1, n_values)."""
    each = scores[:, pairable.number]
    sums, squares = (np.add.reduceat(part, pairable.first, axis=1) for part in (each, each**2))
    within = 2.0 * (pairable.size * squares - sums**2)
    total = counts.sum(axis=1)
    between = 2.0 * (total * (counts * scores**2).sum(axis=1) - (counts * scores).sum(axis=1) ** 2)
    return pairable.alpha(within, between, drawn)


def by_metric(pairable: Pairable, metric: FloatArray) -> Statistic:
    """Return alpha where squared differences are given, shape (n_values, n_values)."""
    parts = np.split(pairable.number, pairable.first[1:])
    within = np.array([[metric[np.ix_(part, part)].sum() for part in parts]])

    def alpha(drawn: FloatArray) -> FloatArray:
        counts = pairable.counts(drawn)
        return pairable.alpha(within, ((counts @ metric) * counts).sum(axis=1), drawn)

    return alpha


def nominal(pairable: Pairable) -> Statistic:
    """Return alpha of categories."""
    return by_metric(pairable, 1.0 - np.eye(len(pairable.values)))


def ordinal(pairable: Pairable) -> Statistic:
    """Return alpha of ranks, which differ from sample to sample."""

    def alpha(drawn: FloatArray) -> FloatArray:
        counts = pairable.counts(drawn)
        return by_scores(pairable, drawn, np.cumsum(counts, axis=1) - counts / 2.0, counts)

    return alpha


def interval(pairable: Pairable) -> Statistic:
    """Return alpha of the values themselves."""
    # Moved and scaled to 0 ... 1, so that squares neither cancel nor overflow.
    shifted = pairable.values - pairable.values[0]
    scores = (shifted / shifted[-1])[None]
    return lambda drawn: by_scores(pairable, drawn, scores, pairable.counts(drawn))


def ratio_scale(pairable: Pairable) -> Statistic:
    """Return alpha of values with a zero."""
    values = pairable.values
    sums = values[:, None] + values[None, :]
    differences = np.abs(values[:, None] - values[None, :])
    return by_metric(pairable, np.where(differences > 0.0, ratio(differences, sums), 0.0) ** 2)


LEVELS: dict[str, Callable[[Pairable], Statistic]] = {
    "nominal": nominal,
    "ordinal": ordinal,
    "interval": interval,
    "ratio": ratio_scale,
}


def step_of(pairable: Pairable, level: MeasurementLevel, design: Design) -> float:
    """Return by how much alpha falls from full agreement where the first of all ratings takes a neighbouring value."""
    first = int(pairable.number[0])
    number = np.array([first + 1 if first == 0 else first - 1, *pairable.number[1:]])
    other = LEVELS[level](replace(pairable, number=number))
    return 1.0 - float(other(np.ones((1, design.n)))[0])


def estimate_of(
    pairable: Pairable, grid: FloatArray, design: Design, level: MeasurementLevel, unit: str, min_valid: float
) -> Estimate:
    """Put value, interval and reasons together."""
    used = len(pairable.size)
    alphas = np.full(1 + design.replicates, math.nan)
    if len(pairable.values) > 1:
        alphas = resampled(LEVELS[level](pairable), design, width=len(pairable.number))
    n = len(np.unique(pairable.owner))
    lack = "no unit has two ratings"
    if used:
        lack = f"all ratings are equal ({pairable.values[0]:g}): chance would agree as well"
    return estimated(
        alphas,
        design,
        n=n,
        name="Krippendorff's alpha",
        unit=unit,
        method=f"{level}, {len(grid)} observers",
        missing=int(grid.size - pairable.size.sum()),
        bounds=(-1.0, 1.0),
        step=n * step_of(pairable, level, design) if alphas[0] == 1.0 else 0.0,
        reason=lack if math.isnan(alphas[0]) else shortfall(used, grid.shape[1], n, design.n, unit, min_valid),
    )
