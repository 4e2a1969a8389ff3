"""Shares of yes over independent units."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from pytest_vlmperception.analysis.bounded import UnitShares, bounded_interval
from pytest_vlmperception.analysis.checks import (
    FloatArray,
    check_fraction,
    check_lengths,
    labels_of,
    numbered,
    numbers_of,
    outcomes_of,
)
from pytest_vlmperception.analysis.proportion import wilson
from pytest_vlmperception.analysis.resampling import Design, bootstrap_means, mean_of, unit_means
from pytest_vlmperception.analysis.validity import shortfall
from pytest_vlmperception.errors import UsageError
from pytest_vlmperception.records import Estimate

__all__ = ["mean_share", "share"]


def mean_share(
    values: ArrayLike,
    *,
    groups: Iterable[Any] | None = None,
    unit: str | None = None,
    name: str = "share",
    replicates: int = 2000,
    seed: int = 0,
) -> Estimate:
    r"""Estimate the mean of shares, each from 0 to 1, over independent units.

    The values of one group are averaged first. The interval of the mean over groups is that of `bounded_interval`.

    Parameters
    ----------
    values : array_like of float, shape (n,)
        From 0 to 1; NaN where there is none: left out and counted in `Estimate.missing`.
    groups : iterable of n labels, optional
        The independent unit, e.g. scene, of each value; default, each value is its own.
    unit : str, optional
        What one unit is called; default ``group`` or ``value``.
    name : str
        What the number is called.
    replicates, seed : int
        Of the bootstrap, from which paired comparisons of two shares are made; see `Design`.

    Returns
    -------
    Estimate
        In [0, 1]; `units` = the mean of each unit, the lowest first. NaN with a reason where no unit has a value.

    Raises
    ------
    UsageError
        If there is no value at all, or one is not from 0 to 1.

    Examples
    --------
    >>> print(mean_share([1.0, 0.5, 0.0, 0.5]))
    share 0.5 [0.104, 0.896]
    """
    shares = numbers_of("values", values)
    strange = np.flatnonzero((shares < 0.0) | (shares > 1.0))
    if not len(shares) or strange.size:
        what = f"values[{strange[0]}] = {shares[strange[0]]:g}" if strange.size else "there are no values"
        raise UsageError(f"{what}; expected numbers from 0 to 1, or NaN")
    labels = labels_of("groups", groups) if groups is not None else numbered(len(shares))
    check_lengths(values=shares, groups=labels)
    design = Design.of(labels, replicates=replicates, seed=seed)
    what = unit or ("group" if groups is not None else "value")
    means = UnitShares(design, design.positions(labels), what, 0.0)
    return means.estimate(shares, ~np.isnan(shares), 1, name=name, what="shares", empty=f"no {what} has a value")


def share(
    outcomes: ArrayLike,
    *,
    units: Iterable[Any] | None = None,
    groups: Iterable[Any] | None = None,
    unit: str | None = None,
    name: str = "share",
    min_valid: float = 0.9,
    replicates: int = 2000,
    seed: int = 0,
) -> Estimate:
    r"""Estimate the share of yes over independent units.

    Outcomes of one unit (repeats) are averaged first, then units of one group; n is the number of what is
    independent (groups, else units), so that asking the same picture again does not look like more evidence.
    Where each of them is all yes or all no the interval is Wilson's with that n; where they have shares
    between, which vary less, it is that of `bounded_interval`.

    Parameters
    ----------
    outcomes : array_like of float, shape (n,)
        1 for yes, 0 for no, NaN for no answer: left out and counted in `Estimate.missing`.
    units : iterable of n labels, optional
        The stimulus of each outcome; default, each outcome is a unit of its own.
    groups : iterable of n labels, optional
        The independent group, e.g. the source picture, of each outcome.
    unit : str, optional
        What one of the independent units is called; default ``group`` or ``stimulus``.
    name : str
        What the number is called.
    min_valid : float
        Least share, 0-1, of outcomes and of units that must have a value; below it the estimate has a
        `reason` and decides nothing.
    replicates, seed : int
        Of the bootstrap, from which paired comparisons of two shares are made.

    Returns
    -------
    Estimate
        Share in [0, 1]; `units` = the share of each independent unit, the lowest first.

    Examples
    --------
    >>> print(share([1, 1, 0, 1], units=["a", "a", "b", "c"]))
    share 0.667 [0.208, 0.939]
    >>> print(share([1, 1, 0, 1], units=["a", "a", "a", "c"]))
    share 0.833 [0.0209, 0.999]
    """
    check_fraction("min_valid", min_valid, closed=True)
    values = outcomes_of("outcomes", outcomes)
    if not len(values):
        raise UsageError("a share needs at least one outcome: got none; give 1, 0 or NaN per outcome")
    stimuli = labels_of("units", units) if units is not None else numbered(len(values))
    clusters = labels_of("groups", groups) if groups is not None else stimuli
    check_lengths(outcomes=values, units=stimuli, groups=clusters)
    design = Design.of(clusters, replicates=replicates, seed=seed)
    shares = cluster_shares(values, stimuli, clusters, design)
    what = unit or ("group" if groups is not None else "stimulus")
    return estimate_of(values, shares, design, what, name, min_valid)


def cluster_shares(
    values: FloatArray, stimuli: tuple[str, ...], clusters: tuple[str, ...], design: Design
) -> FloatArray:
    """Average outcomes within stimuli, then stimuli within clusters: shape (design.n,), NaN for none."""
    # One stimulus id may occur in several groups: there it is another picture.
    pairs = sorted(set(zip(clusters, stimuli, strict=True)))
    place = {pair: index for index, pair in enumerate(pairs)}
    owner = np.array([place[pair] for pair in zip(clusters, stimuli, strict=True)], dtype=np.intp)
    by_stimulus = unit_means(values, owner, len(pairs))
    return unit_means(by_stimulus, design.positions([cluster for cluster, _ in pairs]), design.n)


def estimate_of(
    values: FloatArray, shares: FloatArray, design: Design, unit: str, name: str, min_valid: float
) -> Estimate:
    """Put value, interval, worst units and reasons together."""
    boot = bootstrap_means(shares, design)
    given = shares[~np.isnan(shares)]
    found = wilson(math.fsum(given), len(given), name=name, unit=unit)
    between = bool(((given > 0.0) & (given < 1.0)).any())
    low, high = bounded_interval(shares) if between else (found.low, found.high)
    valid = int((~np.isnan(values)).sum())
    named = [pair for pair in zip(design.units, shares.tolist(), strict=True) if not math.isnan(pair[1])]
    return Estimate(
        value=mean_of(shares),
        low=low,
        high=high,
        n=found.n,
        unit=unit,
        method=f"mean share by {unit}; {found.method}{' with the effective number of trials' if between else ''}",
        name=name,
        replicates=tuple(boot.replicates.tolist()),
        design=design.key,
        units=tuple(sorted(named, key=lambda pair: pair[1])),
        missing=len(values) - valid,
        reason=found.reason or shortfall(valid, len(values), boot.n, design.n, unit, min_valid),
    )
