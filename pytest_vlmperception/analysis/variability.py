"""How often one model judges the same pair differently."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from pytest_vlmperception.analysis.bounded import UnitShares
from pytest_vlmperception.analysis.checks import FloatArray, check_fraction
from pytest_vlmperception.analysis.grids import choices_of, labels_or_own
from pytest_vlmperception.analysis.resampling import Design, ratio
from pytest_vlmperception.errors import UsageError
from pytest_vlmperception.records import Estimate

__all__ = ["IntraVariability", "intra_variability"]


@dataclass(frozen=True)
class IntraVariability:
    """Variability of one model between its judgements of the same pair, in percent.

    Attributes
    ----------
    minority_share : Estimate
        Judgements of a pair, over orders and repeats, against the majority of them. 0 to 50.
    flip_rate : Estimate
        Chance that two judgements of a pair differ. 0 to 100 with two judgements a pair, 67 with three, ...
    order_flips : Estimate
        Chance that a judgement in one presentation order differs from one in the other order.
    repeat_flips : Estimate
        Chance that two judgements in the same order differ.
    """

    minority_share: Estimate
    flip_rate: Estimate
    order_flips: Estimate
    repeat_flips: Estimate


def intra_variability(
    choices: ArrayLike,
    *,
    groups: Iterable[Any] | None = None,
    unit: str | None = None,
    min_valid: float = 0.9,
    replicates: int = 2000,
    seed: int = 0,
) -> IntraVariability:
    r"""Estimate the variability (VR%) between repeated judgements of a pair.

    Two definitions are in use, and they differ by up to a factor of two. Of R judgements of a pair, a for its
    first stimulus and b for its second:

    - *minority share* :math:`\min(a, b) / R`, the share of "wrong decisions" of observer studies;
    - *flip rate* :math:`1 - (a (a - 1) + b (b - 1)) / (R (R - 1))`, the chance that two of the judgements
      differ. With R = 2 it is twice the minority share; of three judgements a split pair has 1/3
      and 2/3. Never compare numbers of different definitions.

    Both take the judgements of a pair in both orders together, so that they also contain a preference for a position.
    The flips are therefore also told apart: *repeat flips*, between judgements in the same order, are noise; *order
    flips*, between judgements in different orders, are noise and position. A model that always
    says A has order flips of 100 % and repeat flips of 0 %; one that guesses has 50 % of both.

    The mean over pairs of each group, then over groups.

    Parameters
    ----------
    choices : array_like of float, shape (n_pairs, n_orders, n_repeats)
        1 where the pair's first *stimulus* was chosen, in whichever position it was shown, 0 where the
        second, NaN where there is no answer. n_orders is 1 or 2, and the same stimulus is first in both.
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
    IntraVariability
        In percent. NaN with a reason where no pair was judged twice (in one order; in both orders).

    Raises
    ------
    UsageError
        If each pair has one trial only: nothing was repeated.

    References
    ----------
    .. [1] Mehmood, I., Shah, I. A., Luo, M. R. and Deegan, B. (2026). Vision-language models vs human:
       perceptual image quality assessment. arXiv:2603.24578.

    Examples
    --------
    >>> found = intra_variability([[[1, 1, 0]], [[1, 1, 1]]])
    >>> round(found.minority_share.value, 1), round(found.flip_rate.value, 1)
    (16.7, 33.3)
    """
    check_fraction("min_valid", min_valid, closed=True)
    grid = choices_of("choices", choices)
    if grid[0].size < 2:
        raise UsageError("choices has one trial per pair; variability needs a second: compare with repeats=2 or more")
    labels = labels_or_own(len(grid), groups, "choices")
    design = Design.of(labels, replicates=replicates, seed=seed)
    what = unit or ("pair" if groups is None else "group")
    shares = UnitShares(design, design.positions(labels), what, min_valid, 100.0, highest_first=True)
    answered = (~np.isnan(grid)).sum(axis=(1, 2))

    def estimate(field: str, values: FloatArray) -> Estimate:
        empty = why_empty(field, grid)
        return shares.estimate(values, answered, grid[0].size, name=NAMES[field], what="pairs", empty=empty)

    return IntraVariability(**{field: estimate(field, values) for field, values in shares_of(grid).items()})


NAMES = {
    "minority_share": "minority share %",
    "flip_rate": "flip rate %",
    "order_flips": "order flips %",
    "repeat_flips": "repeat flips %",
}


def shares_of(grid: FloatArray) -> dict[str, FloatArray]:
    """Return the four shares of each pair, shape (n_pairs,); NaN where too few judgements were answered."""
    chosen = np.nansum(grid, axis=2)
    answered = (~np.isnan(grid)).sum(axis=2)
    all_chosen, all_answered = chosen.sum(axis=1, keepdims=True), answered.sum(axis=1, keepdims=True)
    return {
        "minority_share": minority(all_chosen[:, 0], all_answered[:, 0]),
        "flip_rate": flips(all_chosen, all_answered),
        "order_flips": order_flips(chosen, answered),
        "repeat_flips": flips(chosen, answered),
    }


def minority(chosen: FloatArray, answered: FloatArray) -> FloatArray:
    """Return the minority share of each pair, shape (n_pairs,); NaN below two judgements."""
    return np.where(answered >= 2, ratio(np.minimum(chosen, answered - chosen), answered.astype(np.float64)), np.nan)


def flips(chosen: FloatArray, answered: FloatArray) -> FloatArray:
    """Return the share of differing ones among the pairs of judgements within each column."""
    differing = (chosen * (answered - chosen)).sum(axis=1)
    return ratio(differing, (answered * (answered - 1) / 2.0).sum(axis=1))


def order_flips(chosen: FloatArray, answered: FloatArray) -> FloatArray:
    """Return the share of differing ones among the pairs of judgements with one in either order."""
    if chosen.shape[1] < 2:
        return np.full(len(chosen), np.nan)
    (one, other), (n_one, n_other) = chosen.T, answered.T
    differing = one * (n_other - other) + (n_one - one) * other
    return ratio(differing, (n_one * n_other).astype(np.float64))


def why_empty(field: str, grid: FloatArray) -> str:
    """Say why no pair has a value."""
    _, orders, repeats = grid.shape
    if field == "order_flips" and orders < 2:
        return "pairs were shown in one order; compare with orders='both'"
    if field == "repeat_flips" and repeats < 2:
        return "nothing was repeated in the same order; compare with repeats=2 or more"
    return "no pair was judged twice" if np.isfinite(grid).any() else "no trial was answered"
