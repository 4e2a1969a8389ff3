"""Statistics of the sample and of all replicates at once, from how often each unit is drawn."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from pytest_vlmperception.analysis.checks import FloatArray
from pytest_vlmperception.analysis.intervals import UNBOUNDED
from pytest_vlmperception.analysis.resampling import Bootstrap, Design
from pytest_vlmperception.records import Estimate

__all__ = ["draw_counts", "estimated", "resampled"]

# Numbers that are worked on at a time: arrays of this size stay in the processor's cache.
CACHED = 20_000


def draw_counts(design: Design) -> FloatArray:
    """Count how often each replicate draws each unit.

    Returns
    -------
    ndarray of float, shape (replicates, n)
        Each row sums to n.
    """
    shape = (design.replicates, design.n)
    cells = design.indices + design.n * np.arange(design.replicates)[:, None]
    return np.bincount(cells.ravel(), minlength=shape[0] * shape[1]).reshape(shape).astype(np.float64)


def resampled(statistic: Callable[[FloatArray], FloatArray], design: Design, *, width: int) -> FloatArray:
    """Compute a statistic for the sample and for every replicate, by one formula.

    Parameters
    ----------
    statistic : callable
        From counts, shape (rows, design.n), to numbers, shape (rows, ...): how often each unit is in
        each row's sample. NaN where a row leaves the statistic undefined.
    design : Design
        What is drawn.
    width : int
        Numbers that `statistic` holds at a time for each row; bounds the memory it takes.

    Returns
    -------
    ndarray of float, shape (1 + replicates, ...)
        The sample, with each unit once, comes first.
    """
    counts = np.concatenate([np.ones((1, design.n)), draw_counts(design)])
    rows = max(1, CACHED // width)
    return np.concatenate([statistic(counts[start : start + rows]) for start in range(0, len(counts), rows)])


def estimated(
    statistics: FloatArray,
    design: Design,
    *,
    n: int,
    name: str,
    unit: str,
    method: str,
    missing: int = 0,
    reason: str = "",
    bounds: tuple[float, float] = UNBOUNDED,
    step: float = 0.0,
) -> Estimate:
    """Put one statistic of `resampled` together with its interval.

    Parameters
    ----------
    statistics : ndarray of float, shape (1 + replicates,)
        The sample first.
    design : Design
        What was drawn.
    n : int
        Number of units that have data.
    name, unit, method, missing, reason :
        Of the `Estimate`; the bootstrap is added to `method`.
    bounds : tuple of (float, float)
        Range of the statistic.
    step : float
        Smallest change that another outcome in every unit would make; see `Bootstrap.interval`.
    """
    value = float(statistics[0])
    # Where the sample decides nothing its resamples do not either, whatever they come to.
    replicates = np.full(design.replicates, math.nan) if math.isnan(value) else statistics[1:]
    boot = Bootstrap.of(replicates, design, n, value, bounds=bounds)
    low, high = boot.interval(step=step)
    return Estimate(
        value=value,
        low=low,
        high=high,
        n=n,
        unit=unit,
        method=f"{method}; {boot.describe(unit)}",
        name=name,
        replicates=tuple(boot.replicates.tolist()),
        design=design.key,
        missing=missing,
        reason=reason,
    )
