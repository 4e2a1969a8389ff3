"""How often a model fails a comparison, by how much worse it is than it was."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist

from pytest_vlmperception import analysis
from pytest_vlmperception.gate.differences import LEVEL, student
from pytest_vlmperception.gate.families import ALPHA
from pytest_vlmperception.gate.pairs import directed, higher_is_better, items_factor
from pytest_vlmperception.gate.policies import bound_for, decide
from pytest_vlmperception.records import Estimate
from pytest_vlmperception.records.estimate import Comparator

__all__ = ["Failing", "failing_gate", "failing_upgrade", "units_to_calm"]

# A search for enough yes/no items ends here: nobody has more.
MOST_ITEMS = 100_000


@dataclass(frozen=True)
class Failing:
    """How often a model fails.

    Attributes
    ----------
    probability : callable
        From a loss, at least 0 on the scale of differences, to the probability of failing.
    most : float
        Largest loss that is possible.
    scale : float
        A loss of the size that matters, from which a search may start.
    """

    probability: Callable[[float], float]
    most: float
    scale: float

    def in_units(self, factor: float) -> Failing:
        """Return the same of losses of which 1 is called `factor`."""
        return Failing(lambda loss: self.probability(loss / factor), factor * self.most, factor * self.scale)


def failing_gate(estimate: Estimate, comparator: Comparator, threshold: float, policy: str) -> Failing:
    """Return how often a threshold fails a model that was measured before."""
    factor = items_factor(estimate)
    if factor:
        right = right_share(estimate, comparator)
        return failing_items(right, estimate.n, comparator, threshold / factor, policy).in_units(factor)
    value, limit = (directed(number, estimate, comparator) for number in (estimate.value, threshold))
    # A run fails where its value, moved by as much as the bound that is judged lies from it, is below the limit.
    cut = limit + value - directed(bound_for(policy, estimate, comparator), estimate, comparator)
    error = error_of(estimate, comparator)

    def probability(loss: float) -> float:
        short = cut - value + loss
        return NormalDist().cdf(short / error) if error else float(short > 0.0)

    return Failing(probability, math.inf, error)


def failing_items(right: float, n: int, comparator: Comparator, threshold: float, policy: str) -> Failing:
    """Return the same of a share of n yes/no items that come out well so often, by the binomial distribution."""
    from scipy.special import bdtr  # late: a third of a second, and only a plan needs it

    def passes(count: int) -> bool:
        successes = count if higher_is_better(comparator) else n - count
        return decide(policy, analysis.wilson(successes, n), comparator, threshold)

    enough = bisect_left(range(n + 1), True, key=passes)

    def probability(loss: float) -> float:
        return float(bdtr(enough - 1, n, max(right - loss, 0.0))) if enough else 0.0

    return Failing(probability, right, 1.0 / n)


def units_to_calm(
    estimate: Estimate, comparator: Comparator, threshold: float, policy: str, false_alarms: float
) -> float:
    """Return about how many units make false alarms so rare; infinite where the value does not hold the threshold."""
    value, limit, bound = (
        directed(number, estimate, comparator)
        for number in (estimate.value, threshold, bound_for(policy, estimate, comparator))
    )
    if value <= limit:
        return math.inf
    factor = items_factor(estimate)
    if not factor:
        reach = NormalDist().inv_cdf(1.0 - false_alarms) * error_of(estimate, comparator) + value - bound
        return max(estimate.n + 1.0, math.ceil(estimate.n * (reach / (value - limit)) ** 2))
    right, candidates = right_share(estimate, comparator), range(estimate.n + 1, MOST_ITEMS)

    def calm(n: int) -> bool:
        return failing_items(right, n, comparator, threshold / factor, policy).probability(0.0) <= false_alarms

    return float(candidates[0] + bisect_left(candidates, True, key=calm))


def failing_upgrade(estimate: Estimate, comparator: Comparator, family: int) -> Failing:
    """Return how often a new model is called worse than one that was measured before."""
    # The whole interval is to be below 0, too.
    alpha = min(ALPHA / family, (1.0 - LEVEL) / 2.0)
    factor = items_factor(estimate)
    if factor:
        return failing_pairs(right_share(estimate, comparator), estimate.n, alpha).in_units(factor)
    from scipy.special import stdtr, stdtrit  # late, as above

    error, freedom = math.sqrt(2.0) * error_of(estimate, comparator), estimate.n - 1
    needed = float(stdtrit(freedom, 1.0 - alpha))

    def probability(loss: float) -> float:
        return float(stdtr(freedom, loss / error - needed)) if error else float(loss > 0.0)

    return Failing(probability, math.inf, error)


def failing_pairs(right: float, n: int, alpha: float) -> Failing:
    """Return the same of n yes/no items that two models get right independently, by McNemar's exact test."""
    import numpy as np  # late, as above
    from scipy.special import bdtr

    discordant = np.arange(n + 1)
    gained = np.array([most_gained(m, alpha) for m in range(n + 1)])

    def probability(loss: float) -> float:
        now = max(right - loss, 0.0)
        only_old, only_new = right * (1.0 - now), now * (1.0 - right)
        either = only_old + only_new
        if either == 0.0:
            return 0.0
        chances = np.diff(bdtr(discordant, n, either), prepend=0.0)
        told = np.where(gained >= 0, bdtr(np.maximum(gained, 0), discordant, only_new / either), 0.0)
        return float(chances @ told)

    return Failing(probability, right, 1.0 / n)


def most_gained(discordant: int, alpha: float) -> int:
    """Return with how many gained items, of the discordant ones, a model is called worse at most; -1: with none."""
    from scipy.special import bdtr  # late, as above

    return bisect_left(range(discordant + 1), alpha, key=lambda gained: float(bdtr(gained, discordant, 0.5))) - 1


def right_share(estimate: Estimate, comparator: Comparator) -> float:
    """Return the share of items, 0-1, that came out well."""
    share = estimate.value / items_factor(estimate)
    return share if higher_is_better(comparator) else 1.0 - share


def error_of(estimate: Estimate, comparator: Comparator) -> float:
    """Return the standard error that an interval shows, on the scale of differences."""
    low, high = (directed(end, estimate, comparator) for end in (estimate.low, estimate.high))
    return abs(high - low) / 2.0 / student(estimate.n)
