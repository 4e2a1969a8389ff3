"""Agreement of two raters in categories, beyond chance."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from numbers import Real
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pytest_vlmperception.analysis.checks import FloatArray, check_choice, check_fraction, check_lengths
from pytest_vlmperception.analysis.draws import estimated, resampled
from pytest_vlmperception.analysis.grids import labels_or_own
from pytest_vlmperception.analysis.resampling import Design, ratio
from pytest_vlmperception.analysis.validity import shortfall
from pytest_vlmperception.errors import UsageError, choices_hint
from pytest_vlmperception.records import Estimate

__all__ = ["KappaWeights", "cohen_kappa"]

KappaWeights = Literal["linear", "quadratic"]

# Number of a datum without a category.
NONE = -1


def cohen_kappa(
    first: ArrayLike | Sequence[Any],
    second: ArrayLike | Sequence[Any],
    *,
    weights: KappaWeights | None = None,
    categories: Iterable[Any] | None = None,
    groups: Iterable[Any] | None = None,
    unit: str | None = None,
    min_valid: float = 0.9,
    replicates: int = 2000,
    seed: int = 0,
) -> Estimate:
    r"""Estimate how far two raters agree in categories beyond what their habits alone would give.

    :math:`\kappa = 1 - \sum w_{ij} o_{ij} / \sum w_{ij} e_{ij}` [1]_ [2]_, over all data at once: o the share of
    data that the first rater put in i and the second in j, e the product of their marginal shares, w the
    disagreement of i and j.

    Parameters
    ----------
    first, second : sequence of labels, shape (n,)
        The category that each rater, e.g. the model and the truth, gave each stimulus: texts or
        numbers; None or NaN where there is none. Both labels of such a datum are left out.
    weights : {"linear", "quadratic"} or None
        None: every disagreement weighs 1. Else categories have an order, and the disagreement is the number of
        steps between them, or its square.
    categories : iterable of labels, optional
        All categories, in their order. Needed for weighted texts; default, those that occur,
        numbers in ascending order.
    groups : iterable of n labels, optional
        The independent unit, e.g. the scene, of each datum; default, each datum is its own.
    unit : str, optional
        What one unit is called; default ``group``, or ``stimulus`` without groups.
    min_valid : float
        Least share, 0-1, of data and of units that must be usable; below it the estimate has a
        `reason` and decides nothing.
    replicates, seed : int
        Of the bootstrap over units; see `Design`.

    Returns
    -------
    Estimate
        1 for full agreement, 0 for what chance gives, below 0 for less. NaN with a reason where both raters
        gave one and the same category throughout.

    References
    ----------
    .. [1] Cohen, J. (1960). A coefficient of agreement for nominal scales. Educational and Psychological
       Measurement 20, 37-46. :DOI:`10.1177/001316446002000104`
    .. [2] Cohen, J. (1968). Weighted kappa: nominal scale agreement with provision for scaled disagreement or
       partial credit. Psychological Bulletin 70, 213-220. :DOI:`10.1037/h0026256`

    Examples
    --------
    >>> cohen_kappa(["cat", "cat", "dog", "dog"], ["cat", "dog", "dog", "dog"]).value
    0.5
    """
    if weights is not None:
        check_choice("weights", weights, get_args(KappaWeights))
    check_fraction("min_valid", min_valid, closed=True)
    one, two = categories_of("first", first), categories_of("second", second)
    check_lengths(first=one, second=two)
    if not one:
        raise UsageError("kappa needs at least one datum: got none; give two labels per stimulus")
    known = ordered(one + two, weights) if categories is None else distinct(categories)
    a, b = (numbers_in(name, labels, known) for name, labels in (("first", one), ("second", two)))
    labels = labels_or_own(len(one), groups, "first")
    design = Design.of(labels, replicates=replicates, seed=seed)
    what = unit or ("stimulus" if groups is None else "group")
    tables = tables_of(a, b, design.positions(labels), design.n, len(known))
    return estimate_of(tables, weights, design, what, len(one), min_valid)


def categories_of(name: str, labels: ArrayLike | Sequence[Any]) -> list[Any]:
    """Return labels as a list, None where there is none."""
    if isinstance(labels, str) or not isinstance(labels, Iterable):
        raise UsageError(f"{name}={labels!r}; expected a sequence with one label per stimulus")
    plain = labels.tolist() if isinstance(labels, np.ndarray) else list(labels)
    for index, label in enumerate(plain):
        if isinstance(label, list | dict | set | np.ndarray):
            raise UsageError(f"{name}[{index}] = {label!r}; expected one label, or None for no answer")
    return [None if isinstance(label, float) and math.isnan(label) else label for label in plain]


def ordered(labels: list[Any], weights: KappaWeights | None) -> tuple[Any, ...]:
    """Return the distinct labels, in ascending order where that matters."""
    known = tuple(dict.fromkeys(label for label in labels if label is not None))
    if weights is None:
        return known
    if not all(isinstance(label, Real) for label in known):
        raise UsageError(f"weights={weights!r} needs the order of the categories; give categories=, the lowest first")
    return tuple(sorted(known))


def distinct(categories: Iterable[Any]) -> tuple[Any, ...]:
    """Return the categories, or say which one comes twice."""
    known = categories_of("categories", tuple(categories))
    twice = next((category for index, category in enumerate(known) if category in known[:index]), None)
    if twice is not None:
        raise UsageError(f"categories names {twice!r} more than once; give each category once, in their order")
    return tuple(known)


def numbers_in(name: str, labels: list[Any], known: tuple[Any, ...]) -> NDArray[np.intp]:
    """Return the number of each label's category; `NONE` for none."""
    number = {category: index for index, category in enumerate(known)} | {None: NONE}
    strange = next((label for label in labels if label not in number), None)
    if strange is not None:
        raise UsageError(f"{name} has {strange!r}, which is no category; {choices_hint(str(strange), map(str, known))}")
    return np.array([number[label] for label in labels], dtype=np.intp)


def tables_of(
    a: NDArray[np.intp], b: NDArray[np.intp], owner: NDArray[np.intp], units: int, categories: int
) -> FloatArray:
    """Count the pairs of categories in each unit, shape (units, categories, categories)."""
    shape = (units, max(categories, 1), max(categories, 1))
    valid = (a != NONE) & (b != NONE)
    cells = np.ravel_multi_index((owner[valid], a[valid], b[valid]), shape)
    return np.bincount(cells, minlength=math.prod(shape)).reshape(shape).astype(np.float64)


def estimate_of(
    tables: FloatArray, weights: KappaWeights | None, design: Design, unit: str, given: int, min_valid: float
) -> Estimate:
    """Put value, interval and reasons together."""
    places = np.arange(tables.shape[1])
    steps = np.abs(places[:, None] - places[None, :]).astype(np.float64)
    disagreement = DISAGREEMENT[weights](steps)
    kappas = resampled(lambda drawn: kappa_of(drawn, tables, disagreement), design, width=tables[0].size)
    valid, n = int(tables.sum()), int((tables.sum(axis=(1, 2)) > 0).sum())
    lack = "no datum has both labels"
    if valid:
        lack = "both raters gave one category throughout: chance would agree as well"
    return estimated(
        kappas,
        design,
        n=n,
        name="Cohen's kappa",
        unit=unit,
        method=f"pooled, {weights or 'unweighted'}",
        missing=given - valid,
        bounds=(-1.0, 1.0),
        step=n * step_of(tables.sum(axis=0), disagreement),
        reason=lack if np.isnan(kappas[0]) else shortfall(valid, given, n, design.n, unit, min_valid),
    )


def step_of(table: FloatArray, disagreement: FloatArray) -> float:
    """Return by how much kappa falls from full agreement where one datum has a neighbouring category; 0 for no data."""
    chance = float(table.sum(axis=1) @ disagreement @ table.sum(axis=0))
    return float(table.sum()) / chance if chance > 0.0 else 0.0


def kappa_of(drawn: FloatArray, tables: FloatArray, disagreement: FloatArray) -> FloatArray:
    """Return kappa of each row of counts of units."""
    table = np.tensordot(drawn, tables, axes=1)
    seen = (table * disagreement).sum(axis=(1, 2)) * table.sum(axis=(1, 2))
    chance = ((table.sum(axis=2) @ disagreement) * table.sum(axis=1)).sum(axis=1)
    return np.asarray(1.0 - ratio(seen, chance))


DISAGREEMENT: dict[KappaWeights | None, Callable[[FloatArray], FloatArray]] = {
    None: lambda steps: (steps > 0.0).astype(np.float64),
    "linear": lambda steps: steps,
    "quadratic": lambda steps: steps**2,
}
