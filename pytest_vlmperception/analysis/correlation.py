"""Agreement of a measure with a reference."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from numpy.typing import ArrayLike

from pytest_vlmperception.analysis.checks import (
    check_choice,
    check_fraction,
    check_lengths,
    labels_of,
    numbers_of,
)
from pytest_vlmperception.analysis.coefficients import (
    EXACT_UP_TO,
    KENDALL,
    LEAST,
    PEARSON,
    SPEARMAN,
    Coefficient,
    exact_p,
)
from pytest_vlmperception.analysis.estimands import ESTIMANDS, Correlation, Estimand, pooled
from pytest_vlmperception.analysis.points import Points, item_numbers, own_labels
from pytest_vlmperception.analysis.resampling import Design
from pytest_vlmperception.analysis.validity import shortfall
from pytest_vlmperception.errors import UsageError
from pytest_vlmperception.records import Estimate

__all__ = ["kendall", "pearson", "spearman"]


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
        rho in [-1, 1] with its bootstrap interval; `n` = units used; `units` = rho of each
        group, lowest first; `p` = exact one-sided p (H1: rho > 0) without groups and with up to 8
        valid data, else None. NaN with a reason where ranks are constant or too few are valid.

    Raises
    ------
    UsageError
        If lengths differ, or fewer than 3 stimuli (in every group) were given, answered or not.

    See Also
    --------
    kendall : Share of agreeing pairs less that of disagreeing ones: reads as a probability.
    pearson : How well a straight line fits.

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
    points = points_of(SPEARMAN, x, y, groups, items, units, estimand, replicates, seed)
    return correlated(points, estimand, unit, names, min_valid)


def kendall(
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
    r"""Count the pairs of stimuli that two measures put in the same order.

    Kendall's tau-b [1]_: :math:`(C - D) / \sqrt{(N - T_x)(N - T_y)}`, with C pairs ordered alike, D pairs ordered
    the other way round, N = n (n - 1) / 2 pairs in all, and T the pairs that tie in x, in y. Without
    ties C / N = (1 + tau) / 2 is the share of pairs ordered alike.

    Parameters
    ----------
    x, y : array_like of float, shape (n,)
        The measures, in any units; NaN where there is none.
    groups, items, units, estimand, unit, names, min_valid, replicates, seed :
        As of `spearman`.

    Returns
    -------
    Estimate
        tau in [-1, 1]; otherwise as of `spearman`.

    Raises
    ------
    UsageError
        As of `spearman`.

    Notes
    -----
    Time grows with the square of the number of data.

    References
    ----------
    .. [1] Kendall, M. G. (1945). The treatment of ties in ranking problems. Biometrika 33, 239-251.
       :DOI:`10.1093/biomet/33.3.239`

    Examples
    --------
    >>> tau = kendall([1, 2, 3, 4], [1, 3, 2, 4])
    >>> round(tau.value, 3), round(tau.p, 3)
    (0.667, 0.167)
    """
    points = points_of(KENDALL, x, y, groups, items, units, estimand, replicates, seed)
    return correlated(points, estimand, unit, names, min_valid)


def pearson(
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
    r"""Say how well a straight line relates two measures of the same stimuli.

    Pearson's product-moment correlation :math:`r = s_{xy} / (s_x s_y)` [1]_, of the values as they are: no
    logistic curve is fitted first, as some studies of image quality do.

    Parameters
    ----------
    x, y : array_like of float, shape (n,)
        The measures, in any units; NaN where there is none.
    groups, items, units, estimand, unit, names, min_valid, replicates, seed :
        As of `spearman`.

    Returns
    -------
    Estimate
        r in [-1, 1]; otherwise as of `spearman`. `p` counts orders of y, so that it assumes no normal
        distribution.

    Raises
    ------
    UsageError
        As of `spearman`.

    References
    ----------
    .. [1] Pearson, K. (1895). Note on regression and inheritance in the case of two parents. Proceedings of
       the Royal Society of London 58, 240-242. :DOI:`10.1098/rspl.1895.0041`

    Examples
    --------
    >>> r = pearson([1, 2, 3, 4], [1, 3, 2, 4])
    >>> round(r.value, 3), round(r.p, 3)
    (0.8, 0.167)
    """
    points = points_of(PEARSON, x, y, groups, items, units, estimand, replicates, seed)
    return correlated(points, estimand, unit, names, min_valid)


def points_of(
    coefficient: Coefficient,
    x: ArrayLike,
    y: ArrayLike,
    groups: Iterable[Any] | None,
    items: Iterable[Any] | None,
    units: Iterable[Any] | None,
    estimand: Estimand,
    replicates: int,
    seed: int,
) -> Points:
    """Check what was given, and put it together."""
    check_choice("estimand", estimand, ESTIMANDS)
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
    points = Points(
        coefficient, a, b, design, design.positions(labels), item_numbers(len(a), items), groups is not None
    )
    points.check_size(estimand)
    return points


def correlated(
    points: Points, estimand: Estimand, unit: str | None, names: tuple[str, str], min_valid: float
) -> Estimate:
    """Compute the estimand, and put value, interval, worst units and reasons together."""
    check_fraction("min_valid", min_valid, closed=True)
    found = ESTIMANDS[estimand](points) if points.grouped else pooled(points)
    what = unit or ("group" if points.grouped else "stimulus")
    p = p_of(points, found)
    low, high = found.boot.interval(step=found.step)
    return Estimate(
        value=found.value,
        low=low,
        high=high,
        n=found.boot.n,
        unit=what,
        method=method_of(points, found, estimand, what, p),
        name=points.coefficient.name,
        replicates=tuple(found.boot.replicates.tolist()),
        p=p,
        design=points.design.key,
        units=worst_first(points) if points.grouped else (),
        missing=len(points.x) - found.used,
        reason=reason_of(points, found, what, names, min_valid),
    )


def p_of(points: Points, found: Correlation) -> float | None:
    """Return the exact p where every datum is its own unit and there are few; else None."""
    if points.grouped or found.used > EXACT_UP_TO or math.isnan(found.value):
        return None
    return exact_p(points.coefficient, points.x[points.valid], points.y[points.valid])


def worst_first(points: Points) -> tuple[tuple[str, float], ...]:
    """Return the coefficient of each group that has one, lowest first."""
    each = zip(points.design.units, points.by_unit.tolist(), strict=True)
    return tuple(sorted(((name, value) for name, value in each if not math.isnan(value)), key=lambda pair: pair[1]))


def method_of(points: Points, found: Correlation, estimand: Estimand, unit: str, p: float | None) -> str:
    """Say what was computed, from what, and what was left out."""
    parts = [estimand.replace("_", " ") if points.grouped else "one group", found.boot.describe(unit)]
    if p is not None:
        parts.append(f"exact permutation p, one-sided (H1: {points.coefficient.symbol} > 0)")
    if found.left_out and points.grouped:
        parts.append(f"left out: {', '.join(found.left_out)}")
    return "; ".join(parts)


def reason_of(points: Points, found: Correlation, unit: str, names: tuple[str, str], min_valid: float) -> str:
    """Say why the correlation decides nothing; empty where it does."""
    if math.isnan(found.value):
        return undefined_because(points, found, names)
    return shortfall(found.used, len(points.x), found.boot.n, points.design.n, unit, min_valid)


def undefined_because(points: Points, found: Correlation, names: tuple[str, str]) -> str:
    """Say why there is no correlation."""
    valid, coefficient = points.valid, points.coefficient
    if valid.sum() < LEAST:
        return f"{valid.sum()} of {len(valid)} data are valid; a correlation needs {LEAST}"
    for name, values in zip(names, (points.x[valid], points.y[valid]), strict=True):
        if math.isnan(coefficient.of(values, values)):
            return f"{name} is constant ({values[0]:g}): it has no {coefficient.relates}"
    if found.left_out:
        return f"no unit has a {coefficient.relates}: {', '.join(found.left_out)}"
    return f"the means of items are constant, or fewer than 3: they have no {coefficient.relates}"
