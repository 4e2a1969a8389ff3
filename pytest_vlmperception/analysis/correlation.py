"""Rank agreement with a reference."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pytest_vlmperception.analysis.checks import (
    FloatArray,
    check_choice,
    check_fraction,
    check_lengths,
    labels_of,
    numbers_of,
)
from pytest_vlmperception.analysis.points import Points, item_numbers, own_labels
from pytest_vlmperception.analysis.ranks import EXACT_UP_TO, LEAST, exact_p, rank_correlation
from pytest_vlmperception.analysis.resampling import Bootstrap, Design, bootstrap, bootstrap_means, mean_of, ratio
from pytest_vlmperception.analysis.validity import shortfall
from pytest_vlmperception.errors import UsageError
from pytest_vlmperception.records import Estimate

__all__ = ["Estimand", "spearman"]

Estimand = Literal["mean_of_groups", "pooled", "of_means"]


def spearman(
    x: ArrayLike,
    y: ArrayLike,
    *,
    groups: Iterable[Any] | None = None,
    items: Iterable[Any] | None = None,
    units: Iterable[Any] | None = None,
    estimand: Estimand = "mean_of_groups",
    unit: str | None = None,
    names: tuple[str, str] = ("x", "y"),
    min_valid: float = 0.9,
    replicates: int = 2000,
    seed: int = 0,
) -> Estimate:
    r"""Correlate the ranks of two measures of the same stimuli.

    Spearman's rho is Pearson's correlation of ranks, ties sharing their mean rank. Over groups
    (scenes) there are three different numbers, and the one computed is named:

    - ``mean_of_groups``: the mean over groups of each group's rho;
    - ``pooled``: rho over all points at once;
    - ``of_means``: rho over the means of each item (rendering) across groups. Within a group, data of one
      item are averaged first.

    Without groups the three are the same, and each datum is a unit of its own.

    Parameters
    ----------
    x, y : array_like of float, shape (n,)
        The measures, in any units; NaN where there is none. Both values of such a datum are left out
        and it is counted in `Estimate.missing`.
    groups : iterable of n labels, optional
        The independent unit, e.g. the scene, that each datum belongs to.
    items : iterable of n labels, optional
        What is averaged across groups, e.g. the rendering; needed and read by ``of_means`` only.
    units : iterable of labels, optional
        Ids of the design's units. With `groups`: all of them, also those without data, which are
        missing units. Without: one unique id per datum. Default: what the data name.
    estimand : {"mean_of_groups", "pooled", "of_means"}
        Which of the three numbers.
    unit : str, optional
        What one unit is called; default ``group``, or ``stimulus`` without groups.
    names : tuple of (str, str)
        What `x` and `y` are called in reasons.
    min_valid : float
        Least share, 0-1, of data and of units that must be usable; below it the estimate has a
        `reason` and decides nothing.
    replicates, seed : int
        Of the bootstrap over units; see `Design`.

    Returns
    -------
    Estimate
        rho in [-1, 1] with its expanded percentile interval; `n` = units used; `units` = rho of each
        group, lowest first; `p` = exact one-sided p (H1: rho > 0) without groups and with up to 8
        valid data, else None. NaN with a reason where ranks are constant or too few are valid.

    Raises
    ------
    UsageError
        If lengths differ, or fewer than 3 stimuli (in every group) were given, answered or not.

    Notes
    -----
    Under ``mean_of_groups`` a group with constant ranks, or with fewer than 3 valid data, has no rho: it
    is a missing unit, named in `method`, and its data count as left out.

    References
    ----------
    .. [1] Spearman, C. (1904). The proof and measurement of association between two things.
       American Journal of Psychology 15, 72-101. :DOI:`10.2307/1412159`

    Examples
    --------
    >>> rho = spearman([1, 2, 3, 4], [1, 3, 2, 4])
    >>> rho.value, round(rho.p, 3)
    (0.8, 0.167)
    """
    check_choice("estimand", estimand, ESTIMANDS)
    check_fraction("min_valid", min_valid, closed=True)
    a, b = numbers_of("x", x), numbers_of("y", y)
    check_lengths(x=a, y=b)
    if groups is None and len(a) < LEAST:
        raise UsageError(f"a correlation needs at least {LEAST} stimuli: got {len(a)}; add stimuli")
    if groups is not None and estimand == "of_means" and items is None:
        raise UsageError("estimand='of_means' averages items across groups; give items=, one label per datum")
    labels = own_labels(len(a), units) if groups is None else labels_of("groups", groups)
    check_lengths(x=a, groups=labels)
    ids = labels if units is None or groups is None else labels_of("units", units)
    design = Design.of(ids, replicates=replicates, seed=seed)
    points = Points(a, b, design, design.positions(labels), item_numbers(len(a), items), groups is not None)
    points.check_size(estimand)
    found = ESTIMANDS[estimand](points) if points.grouped else pooled(points)
    return estimate_of(points, found, estimand, unit or ("stimulus" if groups is None else "group"), names, min_valid)


@dataclass(frozen=True, eq=False)
class Correlation:
    """What one estimand came to.

    Attributes
    ----------
    value : float
        rho, or NaN.
    boot : Bootstrap
        Its replicates.
    used : int
        Number of data behind it.
    left_out : tuple of str
        Units without a value, each with the reason.
    """

    value: float
    boot: Bootstrap
    used: int
    left_out: tuple[str, ...]


def mean_of_groups(points: Points) -> Correlation:
    """Average rho over groups."""
    sizes, missing = [len(data) for data in points.members], np.isnan(points.rhos)
    left_out = [
        f"{name} ({f'{size} valid' if size < LEAST else 'constant'})"
        for name, size, gone in zip(points.design.units, sizes, missing, strict=True)
        if gone
    ]
    used = int(np.dot(sizes, ~missing))
    return Correlation(mean_of(points.rhos), bootstrap_means(points.rhos, points.design), used, tuple(left_out))


def pooled(points: Points) -> Correlation:
    """Correlate all points at once; whole units are resampled."""
    return resampled(points, lambda drawn: points.rho(np.concatenate([points.members[unit] for unit in drawn])))


def of_means(points: Points) -> Correlation:
    """Correlate the means of items across groups."""
    counts = points.cell_sums(np.ones_like(points.x))
    seen = counts > 0.0
    cells = [np.where(seen, ratio(points.cell_sums(values), counts), 0.0) for values in (points.x, points.y)]

    def rho_of_means(drawn: NDArray[Any]) -> float:
        times = seen[drawn].sum(axis=0)
        means = [rankable(cell[drawn].sum(axis=0)[times > 0] / times[times > 0]) for cell in cells]
        return rank_correlation(*means)

    return resampled(points, rho_of_means)


def rankable(means: FloatArray) -> FloatArray:
    """Round means relative to the largest, so that those that differ by rounding errors only tie."""
    return np.asarray(np.round(means / (np.abs(means).max(initial=0.0) or 1.0), 12), dtype=np.float64)


def resampled(points: Points, statistic: Callable[[NDArray[Any]], float]) -> Correlation:
    """Compute a statistic of drawn units for the sample and for every replicate."""
    left_out = [
        f"{name} (0 valid)" for name, data in zip(points.design.units, points.members, strict=True) if not len(data)
    ]
    used = int(points.valid.sum())
    # Drawing two points again and again would correlate perfectly.
    value = statistic(np.arange(points.design.n)) if used >= LEAST else math.nan
    replicable = (lambda drawn: math.nan) if math.isnan(value) else statistic
    boot = bootstrap(replicable, points.design, points.design.n - len(left_out))
    return Correlation(value, boot, used, tuple(left_out))


ESTIMANDS: dict[str, Callable[[Points], Correlation]] = {
    "mean_of_groups": mean_of_groups,
    "pooled": pooled,
    "of_means": of_means,
}


def estimate_of(
    points: Points, found: Correlation, estimand: Estimand, unit: str, names: tuple[str, str], min_valid: float
) -> Estimate:
    """Put value, interval, worst units and reasons together."""
    defined = not math.isnan(found.value)
    low, high = found.boot.interval() if defined else (math.nan, math.nan)
    exact = defined and not points.grouped and found.used <= EXACT_UP_TO
    p = exact_p(points.x[points.valid], points.y[points.valid]) if exact else None
    return Estimate(
        value=found.value,
        low=low,
        high=high,
        n=found.boot.n,
        unit=unit,
        method=method_of(points, found, estimand, unit, p),
        name="Spearman rho",
        replicates=tuple(found.boot.replicates.tolist()),
        p=p,
        design=points.design.key,
        units=worst_first(points) if points.grouped else (),
        missing=len(points.x) - found.used,
        reason=reason_of(points, found, unit, names, min_valid),
    )


def worst_first(points: Points) -> tuple[tuple[str, float], ...]:
    """Return the rho of each group that has one, lowest first."""
    rhos = zip(points.design.units, points.rhos.tolist(), strict=True)
    return tuple(sorted(((name, rho) for name, rho in rhos if not math.isnan(rho)), key=lambda pair: pair[1]))


def method_of(points: Points, found: Correlation, estimand: Estimand, unit: str, p: float | None) -> str:
    """Say what was computed, from what, and what was left out."""
    parts = [estimand.replace("_", " ") if points.grouped else "one group", found.boot.describe(unit)]
    if p is not None:
        parts.append("exact permutation p, one-sided (H1: rho > 0)")
    if found.left_out and points.grouped:
        parts.append(f"left out: {', '.join(found.left_out)}")
    return "; ".join(parts)


def reason_of(points: Points, found: Correlation, unit: str, names: tuple[str, str], min_valid: float) -> str:
    """Say why rho decides nothing; empty where it does."""
    if math.isnan(found.value):
        return undefined_because(points, found, names)
    return shortfall(found.used, len(points.x), found.boot.n, points.design.n, unit, min_valid)


def undefined_because(points: Points, found: Correlation, names: tuple[str, str]) -> str:
    """Say why there is no rho."""
    valid = points.valid
    if valid.sum() < LEAST:
        return f"{valid.sum()} of {len(valid)} data are valid; a correlation needs {LEAST}"
    for name, values in zip(names, (points.x[valid], points.y[valid]), strict=True):
        if np.ptp(values) == 0.0:
            return f"{name} is constant ({values[0]:g}): it has no rank order"
    if found.left_out:
        return f"no unit has a rank order: {', '.join(found.left_out)}"
    return "the means of items are constant, or fewer than 3: they have no rank order"
