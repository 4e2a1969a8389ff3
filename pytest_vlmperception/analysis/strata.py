"""Means over strata, such as the tasks or categories of a benchmark, each of which weighs as given."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pytest_vlmperception.analysis.bounded import effective_trials
from pytest_vlmperception.analysis.checks import FloatArray, check_fraction, check_lengths, labels_of, numbers_of
from pytest_vlmperception.analysis.draws import resampled
from pytest_vlmperception.analysis.grids import labels_or_own
from pytest_vlmperception.analysis.proportion import wilson_bounds
from pytest_vlmperception.analysis.resampling import Design, mean_of, ratio, unit_means
from pytest_vlmperception.analysis.validity import shortfall
from pytest_vlmperception.errors import UsageError, choices_hint
from pytest_vlmperception.records import Estimate

__all__ = ["mean_of_strata"]


def mean_of_strata(
    values: ArrayLike,
    strata: Iterable[Any],
    *,
    weights: Mapping[str, float] | None = None,
    groups: Iterable[Any] | None = None,
    unit: str | None = None,
    name: str = "mean of strata",
    min_valid: float = 0.9,
    replicates: int = 2000,
    seed: int = 0,
) -> Estimate:
    r"""Estimate the weighted mean over strata of the mean of each, of numbers from 0 to 1.

    :math:`\theta = \sum_g w_g \bar{x}_g / \sum_g w_g`, with :math:`\bar{x}_g` the mean over the independent units of
    stratum g. Its interval is Wilson's with the effective number of yes/no answers [1]_
    :math:`m = \theta' (1 - \theta') / \sum w_g^2 x_g' (1 - x_g') / m_g` for weights that add up to 1, where
    :math:`m_g` is the number of units, or that of `bounded_interval` where they have numbers between 0 and 1, and a
    dash says that one yes and one no were added to each stratum: units that all agree say nothing of the variance.

    Parameters
    ----------
    values : array_like of float, shape (n,)
        From 0 to 1; NaN where there is none: left out and counted in `Estimate.missing`.
    strata : iterable of n labels
        E.g. the task of each value.
    weights : mapping of str to float, optional
        Of every stratum, above 0; default, all alike.
    groups : iterable of n labels, optional
        The independent unit, e.g. the prompt, of each value; each is in one stratum. Default, each value is its own.
    unit : str, optional
        What one unit is called; default ``group`` or ``value``.
    name : str
        What the number is called.
    min_valid : float
        Least share, 0-1, of values and of units that must be there.
    replicates, seed : int
        Of the bootstrap, from which paired comparisons are made.

    Returns
    -------
    Estimate
        In [0, 1]; `units` = the mean of each unit, the lowest first. NaN with a reason where a stratum has no value.

    Raises
    ------
    UsageError
        If there is no value, one is not from 0 to 1, a unit lies in two strata, or a weight is missing.

    References
    ----------
    .. [1] Franco, C., Little, R. J. A., Louis, T. A. and Slud, E. V. (2019). Comparative study of confidence
       intervals for proportions in complex sample surveys. Journal of Survey Statistics and Methodology 7,
       334-364. :DOI:`10.1093/jssam/smy019`

    Examples
    --------
    >>> mean_of_strata([1, 1, 0, 1], ["colour", "colour", "colour", "counting"]).value
    0.8333333333333333
    """
    check_fraction("min_valid", min_valid, closed=True)
    given = shares_of(values)
    labels, owners = labels_of("strata", strata), labels_or_own(len(given), groups, "values")
    check_lengths(values=given, strata=labels)
    design = Design.of(owners, replicates=replicates, seed=seed)
    by_unit = unit_means(given, design.positions(owners), design.n)
    names, member = strata_of(design, owners, labels)
    shares = weights_of(names, weights)
    means = resampled(lambda drawn: drawn_means(drawn, by_unit, member) @ shares, design, width=design.n)
    value, low, high = put_together([by_unit[of] for of in member], shares)
    lack = next((stratum for stratum, of in zip(names, member, strict=True) if np.isnan(by_unit[of]).all()), None)
    valid, n = int((~np.isnan(given)).sum()), int((~np.isnan(by_unit)).sum())
    called = unit or ("value" if groups is None else "group")
    reason = shortfall(valid, len(given), n, design.n, called, min_valid)
    if lack is not None:
        reason = f"{lack!r} has no value" if len(names) > 1 else f"no {called} has a value"
    return Estimate(
        value=value,
        low=low,
        high=high,
        n=n,
        unit=called,
        method=method_of(len(names), called),
        name=name,
        replicates=tuple(means[1:].tolist()),
        design=design.key,
        units=lowest_first(design, by_unit),
        missing=len(given) - valid,
        reason=reason,
    )


def lowest_first(design: Design, by_unit: FloatArray) -> tuple[tuple[str, float], ...]:
    """Name the units that have a mean."""
    named = [pair for pair in zip(design.units, by_unit.tolist(), strict=True) if not math.isnan(pair[1])]
    return tuple(sorted(named, key=lambda pair: pair[1]))


def shares_of(values: ArrayLike) -> FloatArray:
    """Return numbers from 0 to 1, or say which is none."""
    shares = numbers_of("values", values)
    strange = np.flatnonzero((shares < 0.0) | (shares > 1.0))
    if not len(shares) or strange.size:
        what = f"values[{strange[0]}] = {shares[strange[0]]:g}" if strange.size else "there are no values"
        raise UsageError(f"{what}; expected numbers from 0 to 1, or NaN")
    return shares


def strata_of(
    design: Design, owners: Sequence[str], labels: Sequence[str]
) -> tuple[tuple[str, ...], NDArray[np.bool_]]:
    """Return the strata, and which units each has: shape (strata, design.n)."""
    stratum: dict[str, str] = {}
    for owner, label in zip(owners, labels, strict=True):
        if stratum.setdefault(owner, label) != label:
            both = f"{stratum[owner]!r} and {label!r}"
            raise UsageError(f"unit {owner!r} lies in the strata {both}, which are then not independent; expected one")
    names = tuple(dict.fromkeys(labels))
    return names, np.array([[stratum[owner] == name for owner in design.units] for name in names])


def weights_of(names: Sequence[str], weights: Mapping[str, float] | None) -> FloatArray:
    """Return the weight of each stratum; they add up to 1."""
    if weights is None:
        return np.full(len(names), 1.0 / len(names))
    missing = next((name for name in [*names, *weights] if name not in names or name not in weights), None)
    if missing is not None:
        what = "no value" if missing in weights else "no weight"
        raise UsageError(f"stratum {missing!r} has {what}; {choices_hint(missing, set(names) & set(weights))}")
    numbers = numbers_of("weights", [weights[name] for name in names])
    if not (numbers > 0.0).all():
        raise UsageError(f"weights={dict(weights)!r}; expected numbers above 0")
    return np.asarray(numbers / numbers.sum())


def drawn_means(drawn: FloatArray, by_unit: FloatArray, member: NDArray[np.bool_]) -> FloatArray:
    """Return the mean of each stratum in each row of counts of units: shape (rows, strata)."""
    valid = member & ~np.isnan(by_unit)
    totals = drawn @ np.where(valid, by_unit, 0.0).T
    return ratio(totals, drawn @ valid.T.astype(np.float64))


def put_together(strata: Sequence[FloatArray], weights: FloatArray) -> tuple[float, float, float]:
    """Return the weighted mean of the strata's means, and its interval."""
    means = [mean_of(shares) for shares in strata]
    if np.isnan(means).any():
        return math.nan, math.nan, math.nan
    value = weighted_mean(means, weights.tolist())
    each = 1.0 / np.array([trials_of(shares[~np.isnan(shares)]) for shares in strata])
    padded = (np.array(means) + each) / (1.0 + 2.0 * each)
    middle = float(weights @ padded)
    weight = float(weights**2 @ (padded * (1.0 - padded) * each)) / (middle * (1.0 - middle))
    low, high = wilson_bounds(value / weight, 1.0 / weight, 0.95) if weight else (value, value)
    return value, low, high


def weighted_mean(means: Sequence[float], weights: Sequence[float]) -> float:
    """Return the mean, exact up to one rounding: that of six times 0.9 is at least 0.9."""
    total = sum(Fraction(weight) * Fraction(mean) for mean, weight in zip(means, weights, strict=True))
    return float(total / sum(map(Fraction, weights)))


def trials_of(given: FloatArray) -> float:
    """Return how many independent yes/no answers the units of a stratum are worth."""
    between = bool(((given > 0.0) & (given < 1.0)).any())
    return effective_trials(given) if between and len(given) > 1 else len(given)


def method_of(strata: int, unit: str) -> str:
    """Say what was averaged."""
    what = f"mean by {unit}" if strata == 1 else f"mean over {strata} strata of means by {unit}"
    return f"{what}; Wilson score interval with the effective number of trials"
