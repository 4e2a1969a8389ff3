"""What a gate can see with so many units: the smallest drop that it finds, and how often it finds one that is none."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import get_args

from pytest_vlmperception.errors import Outcome, UsageError
from pytest_vlmperception.gate.failing import Failing, failing_gate, failing_upgrade
from pytest_vlmperception.gate.policies import check_policy
from pytest_vlmperception.records import Estimate, check_decidable
from pytest_vlmperception.records.estimate import Comparator

__all__ = ["POWER", "Detection", "smallest_drop"]

# How often a drop is to be found.
POWER = 0.8

# Steps of a search: doublings up to a drop that is found, and halvings down to the smallest.
STEPS = 60


@dataclass(frozen=True)
class Detection:
    """What one comparison finds.

    Attributes
    ----------
    drop : float
        Smallest loss that it finds in 80 % of runs: in the unit of the estimate, of a ratio in natural logarithms;
        infinite where it finds none.
    false_alarm : float
        How often, 0-1, it fails a model that did not change.
    reason : str
        Why neither is known; empty where they are.
    """

    drop: float
    false_alarm: float
    reason: str = ""


def smallest_drop(
    estimate: Estimate,
    *,
    comparator: Comparator,
    threshold: float | None = None,
    policy: str = "point",
    family: int = 1,
) -> Detection:
    r"""Say what a comparison would find, from a past estimate.

    *Of a threshold*: the past value is taken for the true one, and the values of other runs vary about it as its
    interval says: normally, with SE half the width over Student's quantile; the share of yes/no items by the
    binomial distribution.

    *Of an upgrade* (no threshold): new and old vary alike and independently, by :math:`\sqrt 2\,\mathrm{SE}` together.
    Pairing makes that less, by what both have in common, which is not known ahead: the drop is an upper limit. It is to
    be called worse as the most telling one of the suite, which Holm's method tests first.

    Parameters
    ----------
    estimate : Estimate
        The past one.
    comparator : {">=", ">", "<=", "<"}
        How it is held against a threshold.
    threshold : float, optional
        The gate; without, an upgrade is meant.
    policy : {"point", "confident", "tolerant"}
        How the gate decides; see `decide`.
    family : int
        Number of comparisons in the suite; for an upgrade.

    Raises
    ------
    UsageError
        If comparator, policy or family do not exist.
    """
    check_gate(comparator, policy, family)
    reason = why_unknown(estimate, threshold)
    if reason:
        return Detection(math.nan, math.nan, reason)
    if threshold is None:
        failing = failing_upgrade(estimate, comparator, family)
    else:
        failing = failing_gate(estimate, comparator, threshold, policy)
    return Detection(least_loss(failing), failing.probability(0.0))


def check_gate(comparator: str, policy: str, family: int) -> None:
    """Raise unless there is such a gate."""
    if comparator not in get_args(Comparator):
        raise UsageError(f"comparator {comparator!r} does not exist; known: {', '.join(get_args(Comparator))}")
    check_policy(policy)
    if isinstance(family, bool) or not isinstance(family, int) or family < 1:
        raise UsageError(f"family={family!r}; expected the number of comparisons in the suite, at least 1")


def why_unknown(estimate: Estimate, threshold: float | None) -> str:
    """Say why a past estimate tells nothing; empty where it does."""
    try:
        check_decidable(estimate)
    except Outcome as outcome:
        return str(outcome)
    if estimate.n < 2 or not (math.isfinite(estimate.low) and math.isfinite(estimate.high)):
        return f"{estimate.name}: the past estimate has no interval"
    if estimate.scale == "log" and min(estimate.low, math.inf if threshold is None else threshold) <= 0.0:
        return f"{estimate.name}: a ratio is above 0, its interval and threshold too"
    return ""


def least_loss(failing: Failing) -> float:
    """Return the smallest loss that is found often enough."""
    found = (loss for loss in losses(failing) if failing.probability(loss) >= POWER)
    high = next(found, math.inf)
    low = 0.0
    for _ in range(STEPS if 0.0 < high < math.inf else 0):
        middle = (low + high) / 2.0
        low, high = (low, middle) if failing.probability(middle) >= POWER else (middle, high)
    return high


def losses(failing: Failing) -> list[float]:
    """Return losses to try, from none to the largest."""
    start = failing.scale or math.ulp(1.0)
    tried = [0.0, *(start * 2.0**step for step in range(STEPS))]
    return [loss for loss in tried if loss < failing.most] + [failing.most] * math.isfinite(failing.most)
