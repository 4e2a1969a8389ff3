"""The mean of shares: what is between no and yes in each independent unit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from pytest_vlmperception.analysis.bounded import UnitShares
from pytest_vlmperception.analysis.checks import check_lengths, labels_of, numbered, numbers_of
from pytest_vlmperception.analysis.resampling import Design
from pytest_vlmperception.errors import UsageError
from pytest_vlmperception.records import Estimate

__all__ = ["mean_share"]


def mean_share(
    values: ArrayLike,
    *,
    groups: Iterable[Any] | None = None,
    unit: str | None = None,
    name: str = "share",
    replicates: int = 2000,
    seed: int = 0,
) -> Estimate:
    r"""Estimate the mean of shares, each from 0 to 1, over independent units.

    The values of one group are averaged first. The interval of the mean over groups is that of `bounded_interval`.

    Parameters
    ----------
    values : array_like of float, shape (n,)
        From 0 to 1; NaN where there is none: left out and counted in `Estimate.missing`.
    groups : iterable of n labels, optional
        The independent unit, e.g. scene, of each value; default, each value is its own.
    unit : str, optional
        What one unit is called; default ``group`` or ``value``.
    name : str
        What the number is called.
    replicates, seed : int
        Of the bootstrap, from which paired comparisons of two shares are made; see `Design`.

    Returns
    -------
    Estimate
        In [0, 1]; `units` = the mean of each unit, the lowest first. NaN with a reason where no unit has a value.

    Raises
    ------
    UsageError
        If there is no value at all, or one is not from 0 to 1.

    Examples
    --------
    >>> print(mean_share([1.0, 0.5, 0.0, 0.5]))
    share 0.5 [0.104, 0.896]
    """
    shares = numbers_of("values", values)
    strange = np.flatnonzero((shares < 0.0) | (shares > 1.0))
    if not len(shares) or strange.size:
        what = f"values[{strange[0]}] = {shares[strange[0]]:g}" if strange.size else "there are no values"
        raise UsageError(f"{what}; expected numbers from 0 to 1, or NaN")
    labels = labels_of("groups", groups) if groups is not None else numbered(len(shares))
    check_lengths(values=shares, groups=labels)
    design = Design.of(labels, replicates=replicates, seed=seed)
    what = unit or ("group" if groups is not None else "value")
    means = UnitShares(design, design.positions(labels), what, 0.0)
    return means.estimate(shares, ~np.isnan(shares), 1, name=name, what="shares", empty=f"no {what} has a value")
