"""How far repeated measurements of one thing lie apart."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from pytest_vlmperception.analysis.checks import FloatArray, check_lengths, labels_of, numbers_of
from pytest_vlmperception.analysis.resampling import Design, bootstrap_means, mean_of, unit_means
from pytest_vlmperception.errors import UsageError
from pytest_vlmperception.records import Estimate

__all__ = ["repeat_spread"]


def repeat_spread(
    values: ArrayLike,
    stimuli: Iterable[Any],
    *,
    groups: Iterable[Any] | None = None,
    unit: str | None = None,
    replicates: int = 2000,
    seed: int = 0,
) -> Estimate:
    r"""Estimate the standard deviation of repeated measurements of one stimulus.

    The within-subject standard deviation [1]_: the root of the mean over units of the mean over their stimuli of the
    variance of a stimulus' measurements (denominator: their number less one).

    Parameters
    ----------
    values : array_like of float, shape (n,)
        The measurements; NaN where there is none: left out and counted in `Estimate.missing`.
    stimuli : iterable of n labels
        The stimulus of each. One with fewer than two measurements has no variance, and is left out.
    groups : iterable of n labels, optional
        The independent unit, e.g. scene, of each; default, each stimulus is its own.
    unit : str, optional
        What one unit is called; default ``group`` or ``stimulus``.
    replicates, seed : int
        Of the bootstrap over units; see `Design`.

    Returns
    -------
    Estimate
        In the unit of `values`, at least 0, with its bootstrap interval; `units` = the value of each unit,
        the largest first. NaN with a reason where no stimulus has two measurements.

    References
    ----------
    .. [1] Bland, J. M., Altman, D. G. (1996). Statistics notes: Measurement error. BMJ 313, 744.
       :DOI:`10.1136/bmj.313.7059.744`

    Examples
    --------
    >>> repeat_spread([1, 3, 2, 2], ["cup", "cup", "tree", "tree"]).value
    1.0
    """
    numbers = numbers_of("values", values)
    shown = labels_of("stimuli", stimuli)
    labels = labels_of("groups", groups) if groups is not None else shown
    check_lengths(values=numbers, stimuli=shown, groups=labels)
    if not len(numbers):
        raise UsageError("a repeat spread needs at least one measurement: got none; give a number or NaN per repeat")
    design = Design.of(labels, replicates=replicates, seed=seed)
    variances = variances_by_unit(numbers, shown, labels, design)
    return estimate_of(numbers, variances, design, unit or ("group" if groups is not None else "stimulus"))


def variances_by_unit(
    numbers: FloatArray, shown: tuple[str, ...], labels: tuple[str, ...], design: Design
) -> FloatArray:
    """Average the variances of the stimuli of each unit: shape (design.n,), NaN for none."""
    # One stimulus id may occur in several groups: there it is another picture.
    places: dict[tuple[str, str], list[int]] = {}
    for index, place in enumerate(zip(labels, shown, strict=True)):
        places.setdefault(place, []).append(index)
    variances = np.array([variance(numbers[indices]) for indices in places.values()])
    return unit_means(variances, design.positions([label for label, _ in places]), design.n)


def variance(values: FloatArray) -> float:
    """Return the unbiased variance of the values that are there; NaN for fewer than two."""
    valid = values[~np.isnan(values)]
    # Of differences from one of them: equal values have none, to the last bit.
    return float(np.var(valid - valid[0], ddof=1)) if len(valid) > 1 else math.nan


def estimate_of(numbers: FloatArray, variances: FloatArray, design: Design, unit: str) -> Estimate:
    """Put value, interval, worst units and reasons together."""
    means = bootstrap_means(variances, design, bounds=(0.0, math.inf))
    low, high = map(math.sqrt, means.interval())
    named = [pair for pair in zip(design.units, np.sqrt(variances).tolist(), strict=True) if not math.isnan(pair[1])]
    return Estimate(
        value=math.sqrt(mean_of(variances)),
        low=low,
        high=high,
        n=means.n,
        unit=unit,
        method=f"within-stimulus standard deviation; {means.describe(unit)}",
        name="repeat spread",
        # A mean of variances may come out below zero by rounding.
        replicates=tuple(np.sqrt(np.maximum(means.replicates, 0.0)).tolist()),
        design=design.key,
        units=tuple(sorted(named, key=lambda pair: -pair[1])),
        missing=int(np.isnan(numbers).sum()),
        reason="" if named else "no stimulus has two measurements",
    )
