"""What a preference is made of: linear weights of attributes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pytest_vlmperception.analysis.checks import FloatArray, check_choice, check_fraction, check_lengths, numbers_of
from pytest_vlmperception.analysis.coefficients import centred, unit_sized
from pytest_vlmperception.analysis.draws import estimated, resampled
from pytest_vlmperception.analysis.grids import labels_or_own
from pytest_vlmperception.analysis.intervals import UNBOUNDED
from pytest_vlmperception.analysis.proportion import wilson
from pytest_vlmperception.analysis.resampling import Design, ratio
from pytest_vlmperception.analysis.validity import shortfall
from pytest_vlmperception.errors import UsageError
from pytest_vlmperception.records import Estimate

__all__ = ["AttributeWeights", "attribute_weights"]

# Attributes whose correlations have a smaller eigenvalue than this are one and the same but for rounding.
SINGULAR = 1e-10

# Stimuli more than attributes: one for the mean, one for the rest of the variance.
SPARE = 2


@dataclass(frozen=True)
class AttributeWeights:
    """Weights of attributes in a preference.

    Attributes
    ----------
    weights : mapping of str to Estimate
        Standardised weight of each attribute: standard deviations of preference for one of the attribute,
        the others held.
    relative : mapping of str to Estimate
        Magnitude of each weight as a share, 0-1, of the sum of magnitudes.
    r2 : Estimate
        Share, 0-1, of the variance of preference that the attributes explain together.
    collinearity : Estimate
        The largest multiple correlation, 0-1, of one attribute with the others; of two attributes the magnitude of
        their correlation. The variance of weights is inflated by 1 / (1 - collinearity^2).
    """

    weights: Mapping[str, Estimate]
    relative: Mapping[str, Estimate]
    r2: Estimate
    collinearity: Estimate

    def dominance(self, a: str, b: str) -> Estimate:
        """Share of replicates in which the weight of `a` exceeds that of `b`, sign included.

        Returns
        -------
        Estimate
            In [0, 1]. Its n are the replicates, and its interval is that of the simulation: how well so many
            replicates know the share. `p` = one-sided bootstrap p of a weight of `a` that is not the larger.
            NaN with a reason where the weights are.
        """
        for name in (a, b):
            check_choice("attribute", name, self.weights)
        one, other = self.weights[a], self.weights[b]
        differences = np.subtract(one.replicates or (), other.replicates or ())
        defined = differences[~np.isnan(differences)]
        exceeds = int((defined > 0.0).sum())
        share = wilson(exceeds, len(defined), name=f"dominance of {a} over {b}", unit="replicate")
        p = (1 + len(defined) - exceeds) / (1 + len(defined)) if len(defined) else None
        method = f"share of {one.method.split('; ')[-1]}"
        return replace(share, p=p, method=method, reason=one.reason or share.reason, unavailable=one.unavailable)


def attribute_weights(
    preference: ArrayLike,
    attributes: Mapping[str, ArrayLike],
    *,
    groups: Iterable[Any] | None = None,
    unit: str | None = None,
    min_valid: float = 0.9,
    replicates: int = 2000,
    seed: int = 0,
) -> AttributeWeights:
    r"""Estimate how much each attribute weighs in a preference, by linear regression.

    :math:`z(P) = \sum_k \beta_k z(A_k)` by least squares, over all data at once, z being standard scores
    over those data. E.g. overall preference from contrast and colorfulness [1]_.

    Parameters
    ----------
    preference : array_like of float, shape (n,)
        Scale value of each stimulus; NaN where there is none.
    attributes : mapping of str to array_like of float, shape (n,)
        Scale values, or measures, of the same stimuli. Values must be comparable over groups, as scale
        values are that were centred in each.
    groups : iterable of n labels, optional
        The independent unit, e.g. the scene, of each stimulus, resampled as a whole; default,
        each stimulus is its own.
    unit : str, optional
        What one unit is called; default ``group``, or ``stimulus`` without groups.
    min_valid : float
        Least share, 0-1, of stimuli and of units that must have all values; below it the estimates have a
        `reason` and decide nothing.
    replicates, seed : int
        Of the bootstrap over units; see `Design`.

    Returns
    -------
    AttributeWeights
        NaN with a reason where preference or an attribute is constant, where attributes depend on each other
        linearly (`collinearity` is then 1), or where there are no more stimuli than numbers to fit.

    Raises
    ------
    UsageError
        If there are no attributes, lengths differ, or fewer than k + 2 stimuli were given for k
        attributes, with values or without.

    Notes
    -----
    Weights of attributes that go together are uncertain, and their order may turn over: read `collinearity`
    first. `r2` is that of the fitted sample, not adjusted.

    References
    ----------
    .. [1] Kuang, J., Johnson, G. M. and Fairchild, M. D. (2005). Image preference scaling for HDR image rendering.
       13th Color and Imaging Conference, 8-13. :DOI:`10.2352/CIC.2005.13.1.art00002`

    Examples
    --------
    >>> contrast, color = [1, 2, 1, 2], [1, 1, 2, 2]
    >>> found = attribute_weights([3, 4, 5, 6], {"contrast": contrast, "color": color})  # contrast + 2 color
    >>> {name: round(weight.value, 3) for name, weight in found.relative.items()}
    {'contrast': 0.333, 'color': 0.667}
    """
    check_fraction("min_valid", min_valid, closed=True)
    columns = columns_of(preference, attributes)
    labels = labels_or_own(len(columns), groups, "preference")
    design = Design.of(labels, replicates=replicates, seed=seed)
    what = unit or ("stimulus" if groups is None else "group")
    return estimates_of(columns, design.positions(labels), design, tuple(map(str, attributes)), what, min_valid)


def columns_of(preference: ArrayLike, attributes: Mapping[str, ArrayLike]) -> FloatArray:
    """Return the attributes and, last, the preference, shape (n, k + 1)."""
    if not isinstance(attributes, Mapping) or not attributes:
        raise UsageError(f"attributes={attributes!r}; expected a mapping of at least one name to its values")
    columns = {str(name): numbers_of(f"attributes[{name!r}]", values) for name, values in attributes.items()}
    check_lengths(**{"preference": numbers_of("preference", preference)}, **columns)
    given = np.column_stack([*columns.values(), numbers_of("preference", preference)])
    least = len(columns) + SPARE
    if len(given) < least:
        raise UsageError(
            f"weights of {len(columns)} attribute(s) need at least {least} stimuli: got {len(given)}; add stimuli"
        )
    return given


def estimates_of(
    columns: FloatArray,
    owner: NDArray[np.intp],
    design: Design,
    names: tuple[str, ...],
    unit: str,
    min_valid: float,
) -> AttributeWeights:
    """Put values, intervals and reasons together."""
    valid = ~np.isnan(columns).any(axis=1)
    used, n, k = int(valid.sum()), len(np.unique(owner[valid])), len(names)
    scores = standard_scores(columns[valid])
    fits = regressions(scores, owner[valid], design)
    few = too_few(used, len(columns), k) or shortfall(used, len(columns), n, design.n, unit, min_valid)

    def estimate(column: int, name: str, lack: str) -> Estimate:
        method, missing = "least squares on standard scores", len(columns) - used
        reason = few or (lack if math.isnan(fits[0, column]) else "")
        # All but the weights themselves are shares or correlations.
        bounds = (0.0, 1.0) if column >= k else UNBOUNDED
        return estimated(
            fits[:, column],
            design,
            n=n,
            name=name,
            unit=unit,
            method=method,
            missing=missing,
            reason=reason,
            bounds=bounds,
        )

    lack = constant_among(scores, (*names, "preference")) or "attributes depend on each other: collinearity is 1"
    none = lack if math.isnan(fits[0, 0]) else "all weights are 0"
    alone = constant_among(scores, names) or "there is one attribute only"
    return AttributeWeights(
        weights=named(names, lambda i, name: estimate(i, f"weight of {name}", lack)),
        relative=named(names, lambda i, name: estimate(k + i, f"relative weight of {name}", none)),
        r2=estimate(2 * k, "R2", lack),
        collinearity=estimate(2 * k + 1, "collinearity", alone),
    )


def named(names: tuple[str, ...], make: Callable[[int, str], Estimate]) -> Mapping[str, Estimate]:
    """Make an estimate for each name."""
    return MappingProxyType({name: make(index, name) for index, name in enumerate(names)})


def too_few(used: int, given: int, k: int) -> str:
    """Say that too few stimuli have all values; empty where there are enough."""
    if used >= k + SPARE:
        return ""
    return f"{used} of {given} stimuli have all values; weights of {k} attribute(s) need {k + SPARE}"


def standard_scores(columns: FloatArray) -> FloatArray:
    """Return columns with mean 0 and standard deviation 1; 0 throughout where one does not vary."""
    rows = columns.T
    rest = centred(unit_sized(rows, np.ones_like(rows)), np.ones_like(rows))
    size = np.sqrt((rest**2).mean(axis=1, keepdims=True)) if len(columns) else np.ones((len(rows), 1))
    return np.asarray((rest / np.where(size > 0.0, size, 1.0)).T)


def constant_among(scores: FloatArray, names: tuple[str, ...]) -> str:
    """Name the first column that does not vary; empty where all do."""
    for name, column in zip(names, scores.T, strict=False):
        if not column.any():
            return f"{name} is constant: nothing can be told from it"
    return ""


def regressions(scores: FloatArray, owner: NDArray[np.intp], design: Design) -> FloatArray:
    """Fit the sample and all replicates, shape (1 + replicates, 2 k + 2): weights, shares, R2, collinearity."""
    k = scores.shape[1] - 1
    if len(scores) < k + SPARE:
        return np.full((1 + design.replicates, 2 * k + 2), math.nan)
    rows = np.column_stack([np.ones(len(scores)), scores])
    products = rows[:, :, None] * rows[:, None, :]
    by_unit = np.zeros((design.n, *products.shape[1:]))
    np.add.at(by_unit, owner, products)
    return resampled(lambda drawn: fit(np.tensordot(drawn, by_unit, axes=1)), design, width=by_unit[0].size)


def fit(moments: FloatArray) -> FloatArray:
    """Fit each row from its sums of products of (1, attributes ..., preference)."""
    k = moments.shape[1] - 2
    correlations = correlations_of(moments)
    found = np.full((len(moments), 2 * k + 2), math.nan)
    among = correlations[:, :k, :k]
    varied = np.flatnonzero(~np.isnan(among).any(axis=(1, 2)))
    regular = np.linalg.eigvalsh(among[varied])[:, 0] > SINGULAR
    found[varied[~regular], 2 * k + 1] = 1.0
    good = varied[regular]
    found[good] = solved(among[good], correlations[good, :k, k])
    if k == 1:
        found[:, 2 * k + 1] = math.nan
    return found


def correlations_of(moments: FloatArray) -> FloatArray:
    """Return correlations, shape (rows, k + 1, k + 1); NaN with what does not vary in a row."""
    total = moments[:, :1, :1]
    means = ratio(moments[:, :1, 1:], np.broadcast_to(total, moments[:, :1, 1:].shape))
    covariances = ratio(moments[:, 1:, 1:], np.broadcast_to(total, moments[:, 1:, 1:].shape))
    covariances = covariances - means.transpose(0, 2, 1) * means
    variances = np.diagonal(covariances, axis1=1, axis2=2)
    deviations = np.sqrt(np.where(variances > SINGULAR, variances, math.nan))
    return np.asarray(covariances / (deviations[:, :, None] * deviations[:, None, :]))


def solved(among: FloatArray, with_preference: FloatArray) -> FloatArray:
    """Return weights, shares, R2 and collinearity of each row, shape (rows, 2 k + 2)."""
    inverse = np.linalg.inv(among)
    weights = (inverse @ with_preference[:, :, None])[:, :, 0]
    sizes = np.abs(weights)
    total = sizes.sum(axis=1, keepdims=True)
    r2 = np.clip((weights * with_preference).sum(axis=1), 0.0, 1.0)
    inflation = np.diagonal(inverse, axis1=1, axis2=2).max(axis=1)
    collinearity = np.sqrt(np.clip(1.0 - 1.0 / inflation, 0.0, 1.0))
    return np.column_stack([weights, ratio(sizes, np.broadcast_to(total, sizes.shape)), r2, collinearity])
