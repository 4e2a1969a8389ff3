"""Agreement with a reference as a function of how far apart the reference sees two stimuli."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pytest_vlmperception.analysis.bounded import UnitShares
from pytest_vlmperception.analysis.checks import FloatArray, check_fraction, check_lengths, check_whole, numbers_of
from pytest_vlmperception.analysis.draws import estimated, resampled
from pytest_vlmperception.analysis.grids import choices_of, grid_of, labels_or_own
from pytest_vlmperception.analysis.logistic import firth_logistic
from pytest_vlmperception.analysis.resampling import Design, ratio
from pytest_vlmperception.analysis.validity import shortfall
from pytest_vlmperception.errors import UsageError
from pytest_vlmperception.records import Estimate

__all__ = ["Separability", "SeparabilityBin", "separability"]


@dataclass(frozen=True)
class SeparabilityBin:
    """Agreement on the pairs whose difference lies in one range.

    Attributes
    ----------
    low, high : float
        Range of the magnitude of differences of reference values: low <= d < high, in the last bin d <= high.
    pairs : int
        Number of pairs in it.
    agreement : Estimate
        Share, 0-1, of judgements that agree with the reference; mean over pairs of each group, then over groups.
    """

    low: float
    high: float
    pairs: int
    agreement: Estimate


@dataclass(frozen=True)
class Separability:
    """Agreement with a reference by the difference of its values.

    Attributes
    ----------
    slope : Estimate
        Log-odds of agreement for each unit of the reference scale. Above 0: the farther apart two stimuli
        are to the reference, the more often the model agrees.
    intercept : Estimate
        Log-odds of agreement where the difference goes to 0.
    agreement : Estimate
        Share, 0-1, over all pairs.
    bins : tuple of SeparabilityBin
        The nearest pairs first.
    """

    slope: Estimate
    intercept: Estimate
    agreement: Estimate
    bins: tuple[SeparabilityBin, ...]


def separability(
    model_choices: ArrayLike,
    reference_scale: ArrayLike,
    *,
    groups: Iterable[Any] | None = None,
    bins: int | Sequence[float] = 4,
    unit: str | None = None,
    min_valid: float = 0.9,
    replicates: int = 2000,
    seed: int = 0,
) -> Separability:
    r"""Estimate how agreement with a reference rises with the perceptual difference of two stimuli.

    A judgement agrees where it chose the stimulus with the higher reference value. With d the magnitude of
    the difference of the two, :math:`\ln(P / (1 - P)) = a + b\,d` is fitted to all judgements at once, with Firth's
    penalty, so that the slope b is also finite where agreement is perfect from some d on. The intercept a
    is free: through the origin b > 0 would say no more than that agreement is above one half.

    Parameters
    ----------
    model_choices : array_like of float, shape (n_pairs, n_orders, n_repeats)
        1 where the pair's first *stimulus* was chosen, 0 where the second, NaN where there is no answer. Pairs of
        all groups one below the other.
    reference_scale : array_like of float, shape (n_pairs, 2)
        Reference value, such as the human scale value, of the first and the second stimulus of each pair; NaN
        where there is none. Only differences within a pair are used, so that each group may have a scale
        of its own in the same unit.
    groups : iterable of n_pairs labels, optional
        The independent unit, e.g. the scene, of each pair, resampled as a whole; default, each pair is
        its own.
    bins : int or sequence of float
        Number of bins with about as many pairs each; or the edges of bins, ascending.
    unit : str, optional
        What one unit is called; default ``group``, or ``pair`` without groups.
    min_valid : float
        Least share, 0-1, of trials and of units that must be usable; below it the estimates have a
        `reason` and decide nothing.
    replicates, seed : int
        Of the bootstrap over units; see `Design`.

    Returns
    -------
    Separability
        Pairs without a difference in the reference have no right answer: they are left out. NaN with a reason where all
        judgements agree, or none: nothing rises then; and where all differences are equal.

    References
    ----------
    .. [1] Firth, D. (1993). Bias reduction of maximum likelihood estimates. Biometrika 80, 27-38.
       :DOI:`10.1093/biomet/80.1.27`

    Examples
    --------
    >>> found = separability([[[1]], [[0]], [[1]], [[0]]], [[1, 0], [1, 0], [2, 0], [0, 2]], bins=2)
    >>> [one.agreement.value for one in found.bins]
    [0.5, 1.0]
    """
    check_fraction("min_valid", min_valid, closed=True)
    choices = choices_of("model_choices", model_choices)
    scale = grid_of("reference_scale", reference_scale, ("n_pairs", "2"))
    check_lengths(model_choices=choices, reference_scale=scale)
    if scale.shape[1] != 2:
        raise UsageError(f"reference_scale has shape {scale.shape}; expected (n_pairs, 2): first and second stimulus")
    labels = labels_or_own(len(choices), groups, "model_choices")
    design = Design.of(labels, replicates=replicates, seed=seed)
    judgements = Judgements.of(choices, scale, design.positions(labels))
    shares = UnitShares(design, judgements.owner, unit or ("pair" if groups is None else "group"), min_valid)
    return measured(judgements, shares, edges_of(bins, judgements.distance))


@dataclass(frozen=True, eq=False)
class Judgements:
    """Agreement with the reference on the pairs that it tells apart.

    Attributes
    ----------
    distance : ndarray of float, shape (m,)
        Magnitude of the difference of reference values, above 0.
    agreed, answered : ndarray of float, shape (m,)
        Trials of each pair that agree, and that have an answer.
    owner : ndarray of int, shape (m,)
        Position in the design of each pair's unit.
    asked : int
        Trials of each pair.
    unknown : int
        Pairs left out for want of a reference value.
    """

    distance: FloatArray
    agreed: FloatArray
    answered: FloatArray
    owner: NDArray[np.intp]
    asked: int
    unknown: int

    @classmethod
    def of(cls, choices: FloatArray, scale: FloatArray, owner: NDArray[np.intp]) -> Judgements:
        """Compare choices, shape (n_pairs, n_orders, n_repeats), with reference values, shape (n_pairs, 2)."""
        difference = scale[:, 0] - scale[:, 1]
        answered = (~np.isnan(choices)).sum(axis=(1, 2)).astype(np.float64)
        first = np.nansum(choices, axis=(1, 2))
        agreed = np.where(difference > 0.0, first, answered - first)
        every = cls(np.abs(difference), agreed, answered, owner, choices[0].size, int(np.isnan(difference).sum()))
        return every.among(np.flatnonzero(every.distance > 0.0))

    def among(self, chosen: NDArray[np.intp]) -> Judgements:
        """Return some of the pairs."""
        distance, agreed, answered = (part[chosen] for part in (self.distance, self.agreed, self.answered))
        return Judgements(distance, agreed, answered, self.owner[chosen], self.asked, self.unknown)

    def curve(self, drawn: FloatArray) -> FloatArray:
        """Fit intercept and slope for each row of counts of units."""
        times = drawn[:, self.owner]
        return firth_logistic(self.distance, times * self.agreed, times * self.answered)

    def flat_because(self) -> str:
        """Say why no curve can be fitted; empty where one can."""
        if not self.answered.any():
            return "no pair that the reference tells apart was answered"
        if np.ptp(self.distance[self.answered > 0.0]) == 0.0:
            return f"all pairs differ by {self.distance[0]:g} in the reference: nothing can rise"
        if (self.agreed == self.answered).all():
            return "all judgements agree with the reference: nothing can rise"
        return "" if self.agreed.any() else "no judgement agrees with the reference: nothing can rise"


def edges_of(bins: int | Sequence[float], distance: FloatArray) -> FloatArray:
    """Return the edges of bins, of which the design decides, not the answers."""
    if isinstance(bins, Integral):
        count = check_whole("bins", bins, least=1)
        return np.unique(np.quantile(distance, np.linspace(0.0, 1.0, count + 1))) if len(distance) else distance
    edges = numbers_of("bins", bins)
    if len(edges) < 2 or not (np.diff(edges) > 0.0).all():
        raise UsageError(f"bins={bins!r}; expected a number of bins, or at least two edges in ascending order")
    return edges


def measured(judgements: Judgements, shares: UnitShares, edges: FloatArray) -> Separability:
    """Fit the curve and average the bins."""
    flat, short = judgements.flat_because(), too_few(judgements, shares)
    curve = np.full((1 + shares.design.replicates, 2), math.nan)
    if not flat:
        curve = resampled(judgements.curve, shares.design, width=len(judgements.distance))
    intercept, slope = (
        estimated(
            column,
            shares.design,
            n=len(np.unique(judgements.owner[judgements.answered > 0.0])),
            name=name,
            unit=shares.unit,
            method="logistic regression of agreement on the difference of reference values, Firth's penalty",
            missing=lost_trials(judgements),
            reason=flat or ("the fit did not converge" if math.isnan(column[0]) else short),
        )
        for column, name in zip(curve.T, ("separability intercept", "separability slope"), strict=True)
    )
    agreement = agreement_of(judgements, shares)
    return Separability(
        slope, intercept, replace(agreement, reason=agreement.reason or short), binned(judgements, shares, edges)
    )


def lost_trials(judgements: Judgements) -> int:
    """Count the trials that say nothing for want of an answer or a reference value."""
    pairs = len(judgements.distance) + judgements.unknown
    return int(judgements.asked * pairs - judgements.answered.sum())


def too_few(judgements: Judgements, shares: UnitShares) -> str:
    """Say that too few trials, or units, can be used; empty where there are enough."""
    valid, units = int(judgements.answered.sum()), len(np.unique(judgements.owner))
    used = len(np.unique(judgements.owner[judgements.answered > 0.0]))
    return shortfall(valid, valid + lost_trials(judgements), used, units, shares.unit, shares.min_valid)


def agreement_of(judgements: Judgements, shares: UnitShares) -> Estimate:
    """Average agreement over pairs and units."""
    return replace(shares, owner=judgements.owner).estimate(
        ratio(judgements.agreed, judgements.answered),
        judgements.answered,
        judgements.asked,
        name="agreement",
        what="pairs",
        empty="no pair that the reference tells apart was answered",
    )


def binned(judgements: Judgements, shares: UnitShares, edges: FloatArray) -> tuple[SeparabilityBin, ...]:
    """Average agreement in each bin."""
    ends = edges if len(edges) != 1 else np.repeat(edges, 2)
    number = np.searchsorted(ends, judgements.distance, side="right") - 1
    number[judgements.distance == ends[-1:]] = len(ends) - 2
    found = []
    for index, (low, high) in enumerate(pairwise(ends.tolist())):
        inside = judgements.among(np.flatnonzero(number == index))
        found.append(SeparabilityBin(low, high, len(inside.distance), agreement_of(inside, shares)))
    return tuple(found)
