"""Lines of the terminal summary."""

from __future__ import annotations

import math

from pytest_vlmperception.calling import ModelTotals
from pytest_vlmperception.records import Verdict, counted

__all__ = ["totals_line", "verdict_line"]


def verdict_line(verdict: Verdict) -> str:
    """Return one line: verdict, test, model, value with interval, n, threshold.

    >>> from pytest_vlmperception.records import Verdict
    >>> verdict_line(Verdict("test_a.py::test_rho", "observer", "Spearman rho", 0.912, 0.85, 0.97,
    ...                      7, "scene", "", ">=", 0.8, "point", "passed"))
    'passed  test_a.py::test_rho  observer  Spearman rho 0.912 [0.85, 0.97], n = 7 scenes, >= 0.8'
    """
    head = f"{verdict.result}  {verdict.test}  {verdict.model or '-'}"
    held = f"{verdict.comparator} {number(verdict.threshold)}"
    if verdict.reason:
        return f"{head}  {verdict.reason}, {held}"
    interval = f"[{number(verdict.low)}, {number(verdict.high)}]"
    policy = "" if verdict.policy == "point" else f" ({verdict.policy})"
    count = f"n = {counted(verdict.n, verdict.unit)}"
    return f"{head}  {verdict.name} {number(verdict.value)} {interval}, {count}, {held}{policy}"


def totals_line(model: str, totals: ModelTotals, usd: float | None) -> str:
    """Return one line of totals: calls, hits, failures by kind, tokens, money."""
    failures = ", ".join(f"{count} {kind}" for kind, count in sorted(totals.failures.items()))
    parts = [
        counted(totals.calls, "call"),
        counted(len(totals.hits), "hit"),
        f"failures: {failures}" if failures else "no failures",
        f"tokens {known(totals.tokens_in)} in, {known(totals.tokens_out)} out",
        "USD unknown" if usd is None else f"USD {usd:.2f}",
    ]
    return f"{model}: {', '.join(parts)}"


def known(count: int | None) -> str:
    """Return a count, or say that it is not known."""
    return "unknown" if count is None else f"{count}"


def number(value: float) -> str:
    """Return a number with three significant digits; NaN as a dash."""
    return "-" if math.isnan(value) else f"{value:.3g}"
