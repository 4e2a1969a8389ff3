"""Lines on an upgrade: what became of each estimate, and what else changed."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from statistics import median

from pytest_vlmperception.records import Comparison, ComparisonVerdict, Observation, counted
from pytest_vlmperception.report.terminal import number, outcome_line

__all__ = ["changed_lines", "comparison_line", "not_compared_lines", "upgrade_line"]

# More names than this are read by nobody; the JSON document has them all.
NAMED = 3

# Best last: what asks for something to be done is read first.
ORDER: tuple[ComparisonVerdict, ...] = ("worse", "inconclusive", "unavailable", "cannot tell", "not worse", "better")


def comparison_line(comparison: Comparison) -> str:
    """Return one line: verdict, both values, how far they are apart and how sure that is, then model and test.

    >>> from pytest_vlmperception.records import Comparison
    >>> comparison_line(Comparison("a.py", "v2", "model v1", "rho", "worse", 0.78, 0.93,
    ...                            -0.15, -0.22, -0.08, 0.05, 0.0004, 0.004, 10, 7, "scene", "point"))
    'worse         rho 0.93 -> 0.78, worse by 0.15 [0.08, 0.22], margin 0.05, p of a loss 0.004, n = 7 scenes  v2  a.py'
    """
    if comparison.reason:
        said = f"{comparison.name}: {comparison.reason}"
        return outcome_line(comparison.verdict, said, comparison.model, comparison.test)
    said = (
        f"{comparison.name} {number(comparison.old)} -> {number(comparison.new)}, {apart(comparison)}, "
        f"margin {number(comparison.margin)}, p of a loss {number(comparison.adjusted)}, "
        f"n = {counted(comparison.n, comparison.unit)}"
    )
    return outcome_line(comparison.verdict, said, comparison.model, comparison.test)


def apart(comparison: Comparison) -> str:
    """Say by how much the new value is better or worse, with the interval."""
    worse = comparison.difference < 0
    ends = (-comparison.high, -comparison.low) if worse else (comparison.low, comparison.high)
    by = [abs(comparison.difference), *ends]
    factor = ""
    if comparison.scale == "log":
        by, factor = [math.exp(each) for each in by], "a factor of "
    shown = list(map(number, by))
    said = f"{'worse' if worse else 'better'} by {factor}{shown[0]}" if comparison.difference else "unchanged"
    return f"{said} [{shown[1]}, {shown[2]}]"


def upgrade_line(model: str, against: str, comparisons: Sequence[Comparison]) -> str:
    """Return one line that sums up: what a model is against another, in how many estimates."""
    counts = Counter(comparison.verdict for comparison in comparisons)
    said = ", ".join(f"{counts[verdict]} {verdict}" for verdict in ORDER if counts[verdict])
    if not said:
        return f"{model} against {against}: nothing was compared"
    return f"{model} against {against}: {said} of {counted(len(comparisons), 'estimate')}"


def not_compared_lines(reasons: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Yield one line for each reason why estimates were not compared.

    Parameters
    ----------
    reasons : sequence of (str, str)
        Estimate, and why it was not.
    """
    by_reason: dict[str, dict[str, None]] = {}
    for estimate, reason in reasons:
        by_reason.setdefault(reason, {})[estimate] = None
    for reason, estimates in by_reason.items():
        yield outcome_line("not compared", f"{named(list(estimates))}: {reason}")


def changed_lines(new: Sequence[Observation], old: Sequence[Observation], model: str = "") -> Iterator[str]:
    """Yield what changed from one model to another, prompt by prompt: answers item by item, failures, latency.

    Parameters
    ----------
    new, old : sequence of Observation
        What the two said of the same items, in the same order.
    model : str
        The new one, where there are several.
    """
    batches: dict[tuple[str, str], list[tuple[Observation, Observation]]] = {}
    for now, then in zip(new, old, strict=True):
        batches.setdefault((now.verb, now.prompt), []).append((now, then))
    for (verb, prompt), pairs in batches.items():
        parts = [flips(pairs), failures(pairs), latency(pairs)]
        yield outcome_line("changed", f"{verb} by prompt {prompt!r}: {'; '.join(filter(None, parts))}", model)


def flips(pairs: Sequence[tuple[Observation, Observation]]) -> str:
    """Say which items are answered in another way."""
    changed = [(now, then) for now, then in pairs if said(now) != said(then)]
    if not changed:
        return f"none of {counted(len(pairs), 'answer')}"
    names = [f"{now.item} ({said(then)} -> {said(now)})" for now, then in changed]
    return f"{len(changed)} of {counted(len(pairs), 'answer')}: {named(names)}"


def said(observation: Observation) -> str:
    """Return an answer as it is compared: what was said, or why there is nothing."""
    if observation.status != "answered":
        return observation.status
    return observation.value or "undecided"


def failures(pairs: Sequence[tuple[Observation, Observation]]) -> str:
    """Say how many items have no answer, by kind, where there are any."""
    now, then = (Counter(each.status for each in side) for side in zip(*pairs, strict=True))
    kinds = [kind for kind in ("refused", "unparsed", "truncated", "unavailable") if now[kind] or then[kind]]
    return ", ".join(f"{kind} {then[kind]} -> {now[kind]}" for kind in kinds)


def latency(pairs: Sequence[tuple[Observation, Observation]]) -> str:
    """Say how much longer an answer takes: the median of the ratios item by item."""
    ratios = [now.latency_s / then.latency_s for now, then in pairs if now.latency_s and then.latency_s]
    if not ratios or not math.isfinite(middle := median(ratios)):
        return ""
    return f"latency x {middle:.2g}"


def named(names: Sequence[str]) -> str:
    """Return the first few names, and how many there are beyond."""
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"{', '.join(names[:NAMED])}{more}"
