"""The three correlations that there are over groups."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from pytest_vlmperception.analysis.checks import FloatArray
from pytest_vlmperception.analysis.coefficients import LEAST
from pytest_vlmperception.analysis.draws import resampled
from pytest_vlmperception.analysis.points import Points
from pytest_vlmperception.analysis.resampling import Bootstrap, bootstrap_means, mean_of, ratio

__all__ = ["ESTIMANDS", "Correlation", "Estimand", "pooled"]

# Of every coefficient.
RANGE = (-1.0, 1.0)

Estimand = Literal["mean_of_groups", "pooled", "of_means"]


@dataclass(frozen=True, eq=False)
class Correlation:
    """What one estimand came to.

    Attributes
    ----------
    value : float
        The coefficient, or NaN.
    boot : Bootstrap
        Its replicates.
    used : int
        Number of data behind it.
    left_out : tuple of str
        Units without a value, each with the reason.
    step : float
        Smallest change that another outcome in every unit would make.
    """

    value: float
    boot: Bootstrap
    used: int
    left_out: tuple[str, ...]
    step: float


def mean_of_groups(points: Points) -> Correlation:
    """Average the coefficient over groups."""
    sizes, missing = [len(data) for data in points.members], np.isnan(points.by_unit)
    left_out = [
        f"{name} ({f'{size} valid' if size < LEAST else 'constant'})"
        for name, size, gone in zip(points.design.units, sizes, missing, strict=True)
        if gone
    ]
    used = int(np.dot(sizes, ~missing))
    boot = bootstrap_means(points.by_unit, points.design, bounds=RANGE)
    steps = [points.coefficient.swap(size) for size, gone in zip(sizes, missing, strict=True) if not gone]
    return Correlation(boot.value, boot, used, tuple(left_out), mean_of(np.array(steps)))


def pooled(points: Points) -> Correlation:
    """Correlate all points at once; whole units are resampled."""
    x, y, owner = points.x[points.valid], points.y[points.valid], points.owner[points.valid]

    def of_pooled(counts: FloatArray) -> FloatArray:
        return points.coefficient.of_rows(x[None], y[None], counts[:, owner])

    return whole_units(points, of_pooled, len(x), step=points.design.n * points.coefficient.swap(max(len(x), LEAST)))


def of_means(points: Points) -> Correlation:
    """Correlate the means of items across groups."""
    counts = points.cell_sums(np.ones_like(points.x))
    seen = (counts > 0.0).astype(np.float64)
    cells = [np.where(seen > 0.0, ratio(points.cell_sums(values), counts), 0.0) for values in (points.x, points.y)]

    def correlation_of_means(drawn: FloatArray) -> FloatArray:
        times = drawn @ seen
        a, b = (rankable(np.where(times > 0.0, ratio(drawn @ cell, times), 0.0)) for cell in cells)
        return points.coefficient.of_rows(a, b, (times > 0.0).astype(np.float64))

    return whole_units(points, correlation_of_means, seen.shape[1], step=points.coefficient.swap(seen.shape[1]))


def rankable(means: FloatArray) -> FloatArray:
    """Round means relative to the largest of their row, so that those that differ by rounding errors only tie."""
    largest = np.abs(means).max(axis=1, initial=0.0, keepdims=True)
    return np.asarray(np.round(means / np.where(largest > 0.0, largest, 1.0), 12))


def whole_units(
    points: Points, statistic: Callable[[FloatArray], FloatArray], width: int, *, step: float
) -> Correlation:
    """Compute a statistic of drawn units for the sample and for every replicate."""
    left_out = [
        f"{name} (0 valid)" for name, data in zip(points.design.units, points.members, strict=True) if not len(data)
    ]
    used = int(points.valid.sum())
    statistics = np.full(1 + points.design.replicates, math.nan)
    # Drawing two points again and again would correlate perfectly.
    if used >= LEAST:
        statistics = resampled(statistic, points.design, width=width)
    if math.isnan(statistics[0]):
        statistics = np.full_like(statistics, math.nan)
    value = float(statistics[0])
    n = points.design.n - len(left_out)
    boot = Bootstrap.of(statistics[1:], points.design, n, value, bounds=RANGE)
    return Correlation(value, boot, used, tuple(left_out), step)


ESTIMANDS: dict[str, Callable[[Points], Correlation]] = {
    "mean_of_groups": mean_of_groups,
    "pooled": pooled,
    "of_means": of_means,
}
