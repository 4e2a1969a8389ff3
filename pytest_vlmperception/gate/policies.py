"""How the interval of an estimate enters the decision about it."""

from __future__ import annotations

import math
from typing import get_args

from pytest_vlmperception.errors import Inconclusive, UsageError, choices_hint
from pytest_vlmperception.records import Estimate, check_decidable
from pytest_vlmperception.records.estimate import Comparator, holds

__all__ = ["POLICIES", "bound_for", "check_policy", "decide"]

POLICIES = ("point", "confident", "tolerant")


def check_policy(policy: str) -> None:
    """Raise `UsageError` unless `policy` is one of `POLICIES`."""
    if policy not in POLICIES:
        raise UsageError(f"gate policy {policy!r} does not exist; {choices_hint(str(policy), POLICIES)}")


def decide(policy: str, estimate: Estimate, comparator: Comparator, threshold: float) -> bool:
    """Return whether ``estimate comparator threshold`` holds under a policy.

    Parameters
    ----------
    policy : {"point", "confident", "tolerant"}
        ``point`` judges the value. ``confident`` judges the least favourable bound: the low one for at
        least, the high one for at most. ``tolerant`` judges the most favourable bound: it fails only if
        the whole interval is on the wrong side.
    estimate : Estimate
        What is judged.
    comparator : {">=", ">", "<=", "<"}
        At least, more than, at most, less than.
    threshold : float
        What it is compared with, in the estimate's own unit.

    Raises
    ------
    Outcome
        `Inconclusive` or `Unavailable` where the estimate decides nothing; `Inconclusive` where the
        policy needs an interval and there is none.
    UsageError
        If policy or comparator do not exist.
    """
    check_policy(policy)
    if comparator not in get_args(Comparator):
        raise UsageError(f"comparator {comparator!r} does not exist; known: {', '.join(get_args(Comparator))}")
    check_decidable(estimate)
    judged = bound_for(policy, estimate, comparator)
    if math.isnan(judged):
        raise Inconclusive(f"{estimate.name}: policy {policy} needs an interval, {why_no_interval(estimate)}")
    return holds(judged, comparator, threshold)


def bound_for(policy: str, estimate: Estimate, comparator: Comparator) -> float:
    """Return the number that a policy judges: the value or one end of the interval."""
    if policy == "point":
        return estimate.value
    at_least = comparator in (">=", ">")
    return estimate.low if at_least == (policy == "confident") else estimate.high


def why_no_interval(estimate: Estimate) -> str:
    """Say why there is none, and what to do."""
    if estimate.n == 1:
        return f"but one {estimate.unit} has none; add units or use policy point"
    return "but none was computed; use policy point"
