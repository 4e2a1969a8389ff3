"""Verdicts over all changes of a suite: many comparisons, few false alarms."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from pytest_vlmperception.gate.changes import Change, ChangeVerdict

__all__ = ["ALPHA", "holm", "judge_changes"]

# Of calling any unchanged estimate of a suite worse.
ALPHA = 0.05


def judge_changes(changes: Sequence[Change]) -> tuple[Change, ...]:
    """Give every change its verdict, in the order given.

    With [l, u] the 95 % interval of the difference and m the margin:

    - *worse*: the one-sided p, adjusted for all comparisons of the suite [1]_, is below 0.05, and u < 0;
    - else *better* if l > 0, *not worse* if l > -m, *cannot tell* if neither;
    - *inconclusive*, or *unavailable*, where there is nothing to compare; these are not counted in the family.

    References
    ----------
    .. [1] Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal of
       Statistics 6, 65-70. :DOI:`10.2307/4615733`
    """
    compared = [index for index, change in enumerate(changes) if not change.reason]
    adjusted = dict(zip(compared, holm([changes[index].p for index in compared]), strict=True))
    return tuple(
        replace(change, adjusted=p, family=len(compared), verdict=verdict_of(change, p))
        for change, p in ((change, adjusted.get(index, math.nan)) for index, change in enumerate(changes))
    )


def holm(ps: Sequence[float]) -> list[float]:
    """Return p values adjusted by Holm's method, in the order given.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    adjusted, largest = [0.0] * len(ps), 0.0
    for rank, index in enumerate(sorted(range(len(ps)), key=ps.__getitem__)):
        largest = max(largest, min(1.0, (len(ps) - rank) * ps[index]))
        adjusted[index] = largest
    return adjusted


def verdict_of(change: Change, adjusted: float) -> ChangeVerdict:
    """Return the verdict on one change."""
    if change.reason:
        return "unavailable" if change.unavailable else "inconclusive"
    if adjusted < ALPHA and change.difference.high < 0.0:
        return "worse"
    if change.difference.low > 0.0:
        return "better"
    return "not worse" if change.difference.low > -change.margin else "cannot tell"
