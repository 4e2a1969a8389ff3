"""How often several models judge the same pair differently."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from pytest_vlmperception.analysis.bounded import UnitShares
from pytest_vlmperception.analysis.checks import FloatArray, check_fraction
from pytest_vlmperception.analysis.grids import choices_of, labels_or_own
from pytest_vlmperception.analysis.resampling import Design, ratio
from pytest_vlmperception.errors import UsageError
from pytest_vlmperception.records import Estimate

__all__ = ["AgainstRest", "InterVariability", "inter_variability"]

# Means of thirds and sevenths that are a tie come out a few bits beside one half.
ROUNDING = 1e-9


@dataclass(frozen=True)
class AgainstRest:
    """Variability of one model against the rest, in percent.

    Attributes
    ----------
    minority_share : Estimate
        Its judgements against the majority of the rest.
    flip_rate : Estimate
        Chance that a judgement of it differs from one of another model.
    """

    minority_share: Estimate
    flip_rate: Estimate


@dataclass(frozen=True)
class InterVariability:
    """Variability between models, in percent.

    Attributes
    ----------
    minority_share : Estimate
        Judgements against the majority of the other models; mean over models.
    flip_rate : Estimate
        Chance that judgements of two different models differ; mean over models.
    models : mapping of str to AgainstRest
        The same of each model.
    """

    minority_share: Estimate
    flip_rate: Estimate
    models: Mapping[str, AgainstRest]


def inter_variability(
    choices_by_model: Mapping[str, ArrayLike],
    *,
    groups: Iterable[Any] | None = None,
    unit: str | None = None,
    min_valid: float = 0.9,
    replicates: int = 2000,
    seed: int = 0,
) -> InterVariability:
    r"""Estimate the variability (VR%) between models, each against all the others.

    With :math:`p_m` the share of model m's judgements of a pair, over orders and repeats, for its first stimulus:

    - *minority share*: the share of m's judgements that are against the majority of the rest. The majority is that of
      the mean of the other models' p, each model weighing the same, the judged one left out. A pair on
      which the rest ties has no majority and is left out of this number.
    - *flip rate*: :math:`p_m (1 - p_o) + (1 - p_m) p_o`, the chance that a judgement of m and one of
      another model o differ, averaged over o.

    The mean over pairs of each group, then over groups. Two models that guess have 50 % of both.

    Parameters
    ----------
    choices_by_model : mapping of str to array_like of float, shape (n_pairs, n_orders, n_repeats)
        At least two models. The pairs are the same in all; n_orders and n_repeats may differ. 1 where the
        pair's first *stimulus* was chosen, 0 where the second, NaN where there is no answer.
    groups : iterable of n_pairs labels, optional
        The independent unit, e.g. the scene, of each pair; default, each pair is its own.
    unit : str, optional
        What one unit is called; default ``group``, or ``pair`` without groups.
    min_valid : float
        Least share, 0-1, of trials and of units that must be usable; below it the estimates have a
        `reason` and decide nothing.
    replicates, seed : int
        Of the bootstrap over units, from which paired comparisons are made.

    Returns
    -------
    InterVariability
        In percent.

    References
    ----------
    .. [1] Mehmood, I., Shah, I. A., Luo, M. R. and Deegan, B. (2026). Vision-language models vs human:
       perceptual image quality assessment. arXiv:2603.24578.

    Examples
    --------
    >>> found = inter_variability({"a": [[[1]], [[1]]], "b": [[[1]], [[0]]], "c": [[[1]], [[0]]]})
    >>> found.models["a"].minority_share.value, found.models["b"].flip_rate.value
    (50.0, 25.0)
    """
    check_fraction("min_valid", min_valid, closed=True)
    grids = grids_of(choices_by_model)
    n_pairs = len(next(iter(grids.values())))
    labels = labels_or_own(n_pairs, groups, "choices")
    design = Design.of(labels, replicates=replicates, seed=seed)
    what = unit or ("pair" if groups is None else "group")
    shares = UnitShares(design, design.positions(labels), what, min_valid, 100.0, highest_first=True)
    return compared(grids, shares)


def grids_of(choices_by_model: Mapping[str, ArrayLike]) -> dict[str, FloatArray]:
    """Return the choices of each model, or say what does not fit together."""
    if not isinstance(choices_by_model, Mapping):
        kind = type(choices_by_model).__name__
        raise UsageError(f"choices_by_model is a {kind}; expected a mapping of each model's name to its choices")
    grids = {str(model): choices_of(f"choices of {model}", values) for model, values in choices_by_model.items()}
    if len(grids) < 2:
        raise UsageError(f"choices_by_model has {len(grids)} model(s); variability between models needs at least 2")
    if len({len(grid) for grid in grids.values()}) > 1:
        counted = ", ".join(f"{model} {len(grid)}" for model, grid in grids.items())
        raise UsageError(f"models judged different numbers of pairs ({counted}); give the same pairs of each")
    return grids


def compared(grids: Mapping[str, FloatArray], shares: UnitShares) -> InterVariability:
    """Estimate both numbers, of each model and of all."""
    answered = np.array([counts(grid) for grid in grids.values()])
    chosen = np.array([np.nansum(grid, axis=(1, 2)) for grid in grids.values()])
    first = ratio(chosen, answered.astype(np.float64))
    asked = np.array([grid[0].size for grid in grids.values()])

    def estimate(values: FloatArray, models: slice, name: str, lack: str) -> Estimate:
        trials = answered[models].sum(axis=0)
        return shares.estimate(
            mean_over_models(values[models]),
            trials,
            int(asked[models].sum()),
            name=f"{name} % between models",
            what="pairs, against the other models",
            empty=lack if trials.any() else "no trial was answered",
        )

    def against(models: slice) -> AgainstRest:
        return AgainstRest(
            estimate(against_majority(first), models, "minority share", "the rest ties on every pair"),
            estimate(differing(first), models, "flip rate", "the rest has no answer to the same pairs"),
        )

    together = against(slice(None))
    models = {model: against(slice(index, index + 1)) for index, model in enumerate(grids)}
    return InterVariability(together.minority_share, together.flip_rate, MappingProxyType(models))


def counts(grid: FloatArray) -> np.ndarray:
    """Return the number of answered trials of each pair."""
    return np.asarray((~np.isnan(grid)).sum(axis=(1, 2)))


def rest_of(values: FloatArray) -> FloatArray:
    """Return the mean of the other models, shape (n_models, n_pairs); NaN where none of them answered."""
    known = ~np.isnan(values)
    filled = np.where(known, values, 0.0)
    return ratio(filled.sum(axis=0) - filled, (known.sum(axis=0) - known).astype(np.float64))


def against_majority(first: FloatArray) -> FloatArray:
    """Return the share of each model's judgements against the majority of the rest; NaN where that ties."""
    lead = rest_of(first) - 0.5
    tied = np.isnan(lead) | (np.abs(lead) < ROUNDING)
    return np.where(tied, np.nan, np.where(lead > 0.0, 1.0 - first, first))


def differing(first: FloatArray) -> FloatArray:
    """Return the chance that judgements of each model and of another one differ."""
    rest = rest_of(first)
    return np.asarray(first * (1.0 - rest) + (1.0 - first) * rest)


def mean_over_models(values: FloatArray) -> FloatArray:
    """Average each pair over the models that have a value."""
    return ratio(np.nansum(values, axis=0), (~np.isnan(values)).sum(axis=0).astype(np.float64))
