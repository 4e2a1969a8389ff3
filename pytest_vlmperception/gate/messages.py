"""What a failed comparison tells the reader."""

from __future__ import annotations

import math
from numbers import Real
from typing import cast

from pytest_vlmperception.errors import Outcome
from pytest_vlmperception.gate.policies import bound_for, decide
from pytest_vlmperception.gate.sample_size import units_needed
from pytest_vlmperception.records import JUDGE, Estimate, counted, plural
from pytest_vlmperception.records.estimate import Comparator, holds

__all__ = ["explain", "explained"]

FLIPPED = {">=": "<=", ">": "<", "<=": ">=", "<": ">"}

# More names than this are read by nobody; the report has them all.
WORST = 5

# A sample size beyond this says only that the value is as good as on the threshold.
MANY = 1_000_000


def explain(estimate: Estimate, comparator: Comparator, threshold: float, policy: str) -> list[str]:
    """Say what a comparison came to, on which evidence, and what would settle it.

    Parameters
    ----------
    estimate, comparator, threshold
        The comparison as in the test: ``estimate comparator threshold``.
    policy : {"point", "confident", "tolerant"}
        See `decide`.

    Returns
    -------
    list of str
        Lines: verdict and policy; interval, n and method; data left out; the worst units; where the threshold
        lies and how many units would settle it. A line without content is left out.
    """
    lines = [
        headline(estimate, comparator, threshold, policy),
        evidence(estimate, threshold),
        missing(estimate),
        worst(estimate, comparator, threshold),
        settling(estimate, comparator, threshold),
    ]
    return [line for line in lines if line]


def explained(comparator: str, left: object, right: object) -> list[str] | None:
    """Explain ``left comparator right`` under the running test's policy, if one side is an estimate.

    Returns
    -------
    list of str or None
        None where this is no comparison of an estimate with a number.
    """
    if not isinstance(left, Estimate):
        left, right, comparator = right, left, FLIPPED.get(comparator, comparator)
    if not isinstance(left, Estimate) or not isinstance(right, Real) or comparator not in FLIPPED:
        return None
    policy = getattr(JUDGE.get(), "policy", "point")
    return explain(left, cast(Comparator, comparator), float(right), policy)


def headline(estimate: Estimate, comparator: Comparator, threshold: float, policy: str) -> str:
    """Say what was compared, and whether it holds."""
    claim = f"{estimate.name} {shown(estimate.value, threshold)} {comparator} {exact(threshold)}"
    try:
        verb = "holds" if decide(policy, estimate, comparator, threshold) else "does not hold"
    except Outcome as outcome:
        return f"{claim} cannot be decided under policy {policy}: {outcome}"
    if policy == "point":
        return f"{claim} {verb} (policy point)"
    end = "lower" if (comparator in (">=", ">")) == (policy == "confident") else "upper"
    bound = shown(bound_for(policy, estimate, comparator), threshold)
    return f"{claim} {verb} (policy {policy}: the {end} bound is {bound})"


def evidence(estimate: Estimate, threshold: float) -> str:
    """Say how sure the value is, from how many units, and how it was computed."""
    if has_interval(estimate):
        bounds = f"[{shown(estimate.low, threshold)}, {shown(estimate.high, threshold)}]"
        interval = f"{100 * estimate.level:g} % interval {bounds}"
    else:
        interval = "no interval"
    method = f"; {estimate.method}" if estimate.method else ""
    return f"{interval}, n = {counted(estimate.n, estimate.unit)}{method}"


def missing(estimate: Estimate) -> str:
    """Say how many data were left out."""
    return f"missing data, left out: {estimate.missing}" if estimate.missing else ""


def worst(estimate: Estimate, comparator: Comparator, threshold: float) -> str:
    """Name the units furthest on the wrong side: the lowest for at least, the highest for at most."""
    sign = 1.0 if comparator in (">=", ">") else -1.0
    known = [(name, value) for name, value in estimate.units if not math.isnan(value)]
    ordered = sorted(known, key=lambda unit: sign * unit[1])
    # Under a strict policy every single unit may be on the right side: then the last of them is of interest.
    wrong = [unit for unit in ordered if not holds(unit[1], comparator, threshold)] or ordered[:1]
    if not wrong:
        return ""
    named = ", ".join(f"{name} {shown(value, threshold)}" for name, value in wrong[:WORST])
    more = f" and {len(wrong) - WORST} more" if len(wrong) > WORST else ""
    return f"worst {plural(estimate.unit)}: {named}{more}"


def settling(estimate: Estimate, comparator: Comparator, threshold: float) -> str:
    """Say where the threshold lies relative to the interval, and how many units would settle it."""
    if not has_interval(estimate):
        return ""
    if not estimate.low <= threshold <= estimate.high:
        side = "below" if estimate.high < threshold else "above"
        return f"the whole interval is {side} {exact(threshold)}"
    contains = f"the interval contains {exact(threshold)}"
    needed = units_needed(estimate, threshold)
    if math.isnan(needed):
        return contains
    units = plural(estimate.unit)
    if math.isinf(needed):
        return f"{contains}, which is the value itself: no number of {units} would settle it"
    if needed > MANY:
        return f"{contains}: more than {MANY} {units} would be needed to settle it"
    return f"{contains}: about {needed:.0f} {units} would settle it, if the value stays"


def has_interval(estimate: Estimate) -> bool:
    """Return whether both bounds are known."""
    return not (math.isnan(estimate.low) or math.isnan(estimate.high))


def shown(value: float, threshold: float) -> str:
    """Return `value` in three digits, or in as many as it takes to be on its side of the threshold."""
    if math.isnan(value):
        return "NaN"
    texts = (f"{value:.{digits}g}" for digits in range(3, 18))
    return next(text for text in texts if side(float(text), threshold) == side(value, threshold))


def side(value: float, threshold: float) -> int:
    """Return -1, 0 or 1: below, at or above the threshold."""
    return (value > threshold) - (value < threshold)


def exact(threshold: float) -> str:
    """Return the threshold as the test wrote it."""
    return repr(float(threshold)).removesuffix(".0")
