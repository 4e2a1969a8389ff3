"""How many units would tell whether a model is worse."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import replace

from pytest_vlmperception import analysis
from pytest_vlmperception.gate.changes import Change
from pytest_vlmperception.gate.differences import LEVEL, one_sided, student
from pytest_vlmperception.gate.families import ALPHA
from pytest_vlmperception.gate.pairs import PairedShares

__all__ = ["MANY", "units_that_tell"]

# A sample size beyond this says only that the difference is as good as on the margin.
MANY = 1_000_000

# Lower bound, upper bound and p of the difference at a number of units.
Outlook = Callable[[int], tuple[float, float, float]]


def units_that_tell(change: Change) -> float:
    """Return the number of units that would tell, if the difference stays.

    Where the margin was not lost: at which the interval would leave it out. Else: at which the loss would be one also
    among the other comparisons of the suite.

    Returns
    -------
    float
        At least one more than there are; infinite if a million would not do.
    """
    outlook = outlook_of(change)
    # How often Holm's method counts this p.
    times = change.adjusted / change.p if change.adjusted > change.p > 0.0 else 1.0

    def told(n: int) -> bool:
        low, high, p = outlook(n)
        if change.difference.value > -change.margin:
            return low > -change.margin
        return high < 0.0 and times * p < ALPHA

    candidates = range(change.difference.n + 1, MANY + 1)
    found = bisect_left(candidates, True, key=told)
    return float(candidates[found]) if found < len(candidates) else math.inf


def outlook_of(change: Change) -> Outlook:
    """Return what the comparison would come to with another number of such units."""
    shares = PairedShares.of(change.new, change.old)
    return student_outlook(change) if shares is None else outlook_of_shares(shares, change)


def student_outlook(change: Change) -> Outlook:
    """Let the standard error shrink with the square root of n."""
    difference = change.difference
    error = (difference.high - difference.value) / student(difference.n) * math.sqrt(difference.n)

    def at(n: int) -> tuple[float, float, float]:
        reach = student(n) * error / math.sqrt(n)
        return difference.value - reach, difference.value + reach, one_sided(difference.value, reach, n)

    return at


def outlook_of_shares(shares: PairedShares, change: Change) -> Outlook:
    """Let gained and lost shares stay what they are."""
    seen = analysis.Discordance.of(*shares.ordered(change.comparator))

    def at(n: int) -> tuple[float, float, float]:
        then = replace(seen, n=n, items=seen.items * n / seen.n)
        low, high = then.interval(LEVEL)
        return shares.factor * low, shares.factor * high, then.p

    return at
