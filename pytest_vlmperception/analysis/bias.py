"""Preference for a position rather than for what is shown there."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from pytest_vlmperception.analysis.checks import (
    FloatArray,
    check_fraction,
    check_lengths,
    labels_of,
    numbered,
    outcomes_of,
)
from pytest_vlmperception.analysis.resampling import Design, bootstrap_means, mean_of, unit_means
from pytest_vlmperception.analysis.validity import shortfall
from pytest_vlmperception.errors import UsageError
from pytest_vlmperception.records import Estimate

__all__ = ["order_bias"]


def order_bias(
    first_position_chosen: ArrayLike,
    *,
    groups: Iterable[Any] | None = None,
    unit: str | None = None,
    min_valid: float = 0.9,
    replicates: int = 2000,
    seed: int = 0,
) -> Estimate:
    r"""Estimate how much more often the picture shown first is chosen than the second.

    freq(first chosen) - freq(second chosen), per group, then the mean over groups. ``abs(order_bias(...))``
    is its magnitude: 1 minus the order balance of a two-alternative forced-choice study of multimodal
    models [1]_. Over pairs that were each shown in both orders, preference cancels and the position is left.

    Parameters
    ----------
    first_position_chosen : array_like of float, shape (trials,)
        1 where the picture in the first position was chosen, 0 where the second was, NaN
        where there is no answer: left out and counted in `Estimate.missing`.
    groups : iterable of labels, shape (trials,), optional
        The independent unit, e.g. scene, of each trial; default, each trial is its own.
    unit : str, optional
        What one unit is called; default ``group`` or ``trial``.
    min_valid : float
        Least share, 0-1, of trials and of units that must have a value; below it the estimate has a
        `reason` and decides nothing.
    replicates, seed : int
        Of the bootstrap over units; see `Design`.

    Returns
    -------
    Estimate
        In [-1, 1]: 1 always first, -1 always second, 0 none. `units` = the bias of each group, the
        strongest first.

    References
    ----------
    .. [1] Zhu, H. et al. (2024). 2AFC prompting of large multimodal models for image quality
       assessment. arXiv:2402.01162.

    Examples
    --------
    >>> order_bias([1, 1, 1, 0]).value
    0.5
    """
    check_fraction("min_valid", min_valid, closed=True)
    chosen = outcomes_of("first_position_chosen", first_position_chosen)
    if not len(chosen):
        raise UsageError("an order bias needs at least one trial: got none; give 1, 0 or NaN per trial")
    labels = labels_of("groups", groups) if groups is not None else numbered(len(chosen))
    check_lengths(first_position_chosen=chosen, groups=labels)
    design = Design.of(labels, replicates=replicates, seed=seed)
    owner = design.positions(labels)
    biases = unit_means(2.0 * chosen - 1.0, owner, design.n)
    sizes = np.bincount(owner[~np.isnan(chosen)], minlength=design.n)
    step = mean_of(2.0 / sizes[sizes > 0])
    return estimate_of(chosen, biases, step, design, unit or ("group" if groups is not None else "trial"), min_valid)


def estimate_of(
    chosen: FloatArray, biases: FloatArray, step: float, design: Design, unit: str, min_valid: float
) -> Estimate:
    """Put value, interval, worst units and reasons together; `step` is what one other trial changes in a unit."""
    boot = bootstrap_means(biases, design, bounds=(-1.0, 1.0))
    low, high = boot.interval(step=step)
    valid = int((~np.isnan(chosen)).sum())
    named = [pair for pair in zip(design.units, biases.tolist(), strict=True) if not math.isnan(pair[1])]
    return Estimate(
        value=mean_of(biases),
        low=low,
        high=high,
        n=boot.n,
        unit=unit,
        method=f"mean over units of freq(first) - freq(second); {boot.describe(unit)}",
        name="order bias",
        replicates=tuple(boot.replicates.tolist()),
        design=design.key,
        units=tuple(sorted(named, key=lambda pair: -abs(pair[1]))),
        missing=len(chosen) - valid,
        reason=shortfall(valid, len(chosen), boot.n, design.n, unit, min_valid) if valid else "no trial was answered",
    )
