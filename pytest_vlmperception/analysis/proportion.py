"""Shares with honest intervals, also at 0 and 1 and for few trials."""

from __future__ import annotations

import math
from collections.abc import Iterable
from numbers import Real
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from pytest_vlmperception.analysis.checks import (
    FloatArray,
    check_fraction,
    check_lengths,
    check_whole,
    labels_of,
    numbered,
    outcomes_of,
)
from pytest_vlmperception.analysis.resampling import Design, bootstrap_means, mean_of, unit_means
from pytest_vlmperception.analysis.validity import shortfall
from pytest_vlmperception.errors import UsageError
from pytest_vlmperception.records import Estimate

__all__ = ["share", "wilson"]


def wilson(k: float, n: int, *, level: float = 0.95, name: str = "share", unit: str = "trial") -> Estimate:
    r"""Estimate a proportion with Wilson's score interval.

    The bounds are :math:`(k + z^2/2 \mp z \sqrt{k (n - k) / n + z^2/4}) / (n + z^2)`, with z the normal
    quantile of (1 + level) / 2; without continuity correction.

    Parameters
    ----------
    k : float
        Successes, 0 <= k <= n. May be fractional: the sum of the shares of n units with
        repeats. Shares vary less than single yes/no trials, so that the interval is then on the wide side.
    n : int
        Independent units; 0 gives NaN with a reason.
    level : float
        Nominal coverage, between 0 and 1.
    name, unit : str
        What the number, and one of the n, is called.

    Returns
    -------
    Estimate
        k / n in [0, 1].

    References
    ----------
    .. [1] Wilson, E. B. (1927). Probable inference, the law of succession, and statistical
       inference. J. Am. Stat. Assoc. 22, 209-212. :DOI:`10.1080/01621459.1927.10502953`
    .. [2] Newcombe, R. G. (1998). Two-sided confidence intervals for the single proportion. Statistics in
       Medicine 17, 857-872. :DOI:`10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E`

    Examples
    --------
    >>> print(wilson(0, 20))
    share 0 [0, 0.161]
    """
    check_whole("n", n, least=0)
    check_fraction("level", level, closed=False)
    if isinstance(k, bool) or not isinstance(k, Real) or not 0.0 <= k <= n:
        raise UsageError(f"k={k!r}; expected a number of successes from 0 to n={n}")
    method = "Wilson score interval"
    if n == 0:
        return Estimate(math.nan, level=level, unit=unit, method=method, name=name, reason=f"no {unit} has a value")
    low, high = wilson_bounds(float(k), n, level)
    return Estimate(float(k / n), low, high, n, level=level, unit=unit, method=method, name=name)


def wilson_bounds(k: float, n: float, level: float) -> tuple[float, float]:
    """Return the bounds, exactly 0 and 1 where nothing and everything succeeded."""
    z = NormalDist().inv_cdf((1.0 + level) / 2.0)
    middle, spread = k + z * z / 2.0, z * math.sqrt(k * (n - k) / n + z * z / 4.0)
    low = 0.0 if k == 0 else (middle - spread) / (n + z * z)
    high = 1.0 if k == n else (middle + spread) / (n + z * z)
    # For k within rounding of an end the bound may come out beyond it.
    return max(low, 0.0), min(high, 1.0)


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

    Outcomes of one unit (repeats) are averaged first, then units of one group; the mean over
    what is independent (groups, else units) has Wilson's interval with that number as n, so that asking the
    same picture again does not look like more evidence.

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
    valid = int((~np.isnan(values)).sum())
    named = [pair for pair in zip(design.units, shares.tolist(), strict=True) if not math.isnan(pair[1])]
    return Estimate(
        value=mean_of(shares),
        low=found.low,
        high=found.high,
        n=found.n,
        unit=unit,
        method=f"mean share by {unit}; {found.method}",
        name=name,
        replicates=tuple(boot.replicates.tolist()),
        design=design.key,
        units=tuple(sorted(named, key=lambda pair: pair[1])),
        missing=len(values) - valid,
        reason=found.reason or shortfall(valid, len(values), boot.n, design.n, unit, min_valid),
    )
