"""Two observers on the same units: the mean difference and the mean ratio of what was measured."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from pytest_vlmperception.analysis.checks import FloatArray, check_lengths, labels_of, numbered, numbers_of
from pytest_vlmperception.analysis.resampling import Design, bootstrap_means, mean_of, unit_means
from pytest_vlmperception.analysis.validity import shortfall
from pytest_vlmperception.errors import UsageError
from pytest_vlmperception.records import Estimate

__all__ = ["mean_difference", "mean_ratio"]


def mean_difference(
    first: ArrayLike,
    second: ArrayLike,
    *,
    groups: Iterable[Any] | None = None,
    unit: str | None = None,
    min_valid: float = 0.9,
    replicates: int = 2000,
    seed: int = 0,
) -> Estimate:
    """Estimate by how much one observer's measurements exceed another's of the same items.

    The mean over units of the mean over their items of ``first - second``.

    Parameters
    ----------
    first, second : array_like of float, shape (n,)
        Measurements of the same n items; NaN where there is none: an item that lacks either is left out and
        counted in `Estimate.missing`.
    groups : iterable of n labels, optional
        The independent unit, e.g. scene, of each item; default, each item is its own.
    unit : str, optional
        What one unit is called; default ``group`` or ``item``.
    min_valid : float
        Least share, 0-1, of items and of units that must have a value.
    replicates, seed : int
        Of the bootstrap over units; see `Design`.

    Returns
    -------
    Estimate
        In the unit of the measurements; `units` = the difference of each unit, the largest first.

    Examples
    --------
    >>> mean_difference([3.0, 5.0], [1.0, 2.0]).value
    2.5
    """
    x, y = numbers_of("first", first), numbers_of("second", second)
    check_lengths(first=x, second=y)
    return estimate_of(x - y, groups, unit, min_valid, replicates, seed)


def mean_ratio(
    first: ArrayLike,
    second: ArrayLike,
    *,
    groups: Iterable[Any] | None = None,
    unit: str | None = None,
    min_valid: float = 0.9,
    replicates: int = 2000,
    seed: int = 0,
) -> Estimate:
    r"""Estimate how many times as large one observer's measurements are as another's of the same items.

    :math:`\exp(\overline{\ln(x_i / y_i)})`, the geometric mean of the ratios: the mean over units of the mean over
    their items, on the log scale, on which twice as long and half as long are equally far from one.

    Parameters
    ----------
    first, second : array_like of float, shape (n,)
        Measurements above 0 of the same n items, e.g. latencies in seconds; NaN as for `mean_difference`.
    groups, unit, min_valid, replicates, seed
        As for `mean_difference`.

    Returns
    -------
    Estimate
        Above 0: 1 no difference, 2 twice as large; `units` = the ratio of each unit, the largest first.

    Raises
    ------
    UsageError
        If a measurement is not above 0.

    Examples
    --------
    >>> round(mean_ratio([2.0, 8.0], [1.0, 4.0]).value, 6)
    2.0
    """
    x, y = numbers_of("first", first), numbers_of("second", second)
    check_lengths(first=x, second=y)
    for name, values in (("first", x), ("second", y)):
        if (values <= 0).any():
            raise UsageError(f"{name} has {values[values <= 0][0]:g}; expected measurements above 0, or NaN")
    found = estimate_of(np.log(x) - np.log(y), groups, unit, min_valid, replicates, seed)
    return replace(
        found,
        value=math.exp(found.value),
        low=math.exp(found.low),
        high=math.exp(found.high),
        name="mean ratio",
        method=f"geometric {found.method}".replace("difference", "ratio"),
        replicates=tuple(map(math.exp, found.replicates or ())),
        units=tuple((name, math.exp(value)) for name, value in found.units),
        scale="log",
    )


def estimate_of(
    differences: FloatArray,
    groups: Iterable[Any] | None,
    unit: str | None,
    min_valid: float,
    replicates: int,
    seed: int,
) -> Estimate:
    """Put value, interval, units and reasons together."""
    if not len(differences):
        raise UsageError("a paired comparison needs at least one item: got none; give a number or NaN per item")
    labels = labels_of("groups", groups) if groups is not None else numbered(len(differences))
    check_lengths(items=differences, groups=labels)
    design = Design.of(labels, replicates=replicates, seed=seed)
    by_unit = unit_means(differences, design.positions(labels), design.n)
    boot = bootstrap_means(by_unit, design)
    called = unit or ("group" if groups is not None else "item")
    low, high = boot.interval()
    valid = int((~np.isnan(differences)).sum())
    named = [pair for pair in zip(design.units, by_unit.tolist(), strict=True) if not math.isnan(pair[1])]
    lack = "no item was measured by both"
    return Estimate(
        value=mean_of(by_unit),
        low=low,
        high=high,
        n=boot.n,
        unit=called,
        method=f"mean difference over units; {boot.describe(called)}",
        name="mean difference",
        replicates=tuple(boot.replicates.tolist()),
        design=design.key,
        units=tuple(sorted(named, key=lambda pair: -pair[1])),
        missing=len(differences) - valid,
        reason=shortfall(valid, len(differences), boot.n, design.n, called, min_valid) if valid else lack,
    )
