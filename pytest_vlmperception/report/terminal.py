"""Lines of the terminal summary."""

from __future__ import annotations

import math
from pathlib import Path

from pytest_vlmperception.records import ModelTotals, Verdict, counted
from pytest_vlmperception.report.money import usd_range

__all__ = ["miss_line", "outcome_line", "plan_line", "rerun_line", "totals_line", "unstored_line", "verdict_line"]


# The longest verdict, so that what follows it is aligned.
WIDTH = len("inconclusive")


def verdict_line(verdict: Verdict) -> str:
    """Return one line: verdict, value with interval, threshold and n, then model and test.

    >>> from pytest_vlmperception.records import Verdict
    >>> verdict_line(Verdict("test_a.py::test_rho", "observer", "Spearman rho", 0.912, 0.85, 0.97,
    ...                      7, "scene", "", ">=", 0.8, "point", "passed"))
    'passed        Spearman rho 0.912 [0.85, 0.97] >= 0.8, n = 7 scenes  observer  test_a.py::test_rho'
    """
    held = f"{verdict.comparator} {number(verdict.threshold)}"
    if verdict.policy != "point":
        held += f" ({verdict.policy})"
    interval = f"[{number(verdict.low)}, {number(verdict.high)}]"
    count = f"n = {counted(verdict.n, verdict.unit)}"
    said = f"{verdict.name} {number(verdict.value)} {interval} {held}, {count}"
    if verdict.reason:
        said = f"{verdict.reason} ({held})"
    return outcome_line(verdict.result, said, verdict.model, verdict.test)


def outcome_line(outcome: str, said: str, *where: str) -> str:
    """Return one line of an outcome, why, and where."""
    return "  ".join([f"{outcome:<{WIDTH}}", said, *filter(None, where)])


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


def miss_line(count: int, said: str, model: str) -> str:
    """Return one line on questions that were not stored.

    >>> miss_line(2, "the nearest of 9 stored differs in repeat: asked 2, stored 0 and 1", "observer")
    'not found     2 questions: the nearest of 9 stored differs in repeat: asked 2, stored 0 and 1  observer'
    """
    return outcome_line("not found", f"{counted(count, 'question')}: {said}", model)


def unstored_line(count: int, folder: Path, reason: str) -> str:
    """Return the warning for replies that were read from memory only."""
    remedy = "free some space, or give another folder with --vlm-cache-dir"
    lost = "the tests have read them, a later run pays for them again"
    return outcome_line(
        "not stored", f"{counted(count, 'reply')} could not be written to {folder} ({reason}): {lost}; {remedy}"
    )


def rerun_line(reruns: int, tests: int) -> str:
    """Return the line on tests that another plugin has run again.

    >>> rerun_line(2, 1).partition("; ")[0]
    '2 reruns of 1 test read the same answers as before'
    """
    remedy = "use repeats= for more draws, or run again with --vlm-cache=refresh for new ones"
    return f"{counted(reruns, 'rerun')} of {counted(tests, 'test')} read the same answers as before; {remedy}"


# What is assumed of a call whose model was never timed.
CALL_S = 2.0


def plan_line(
    model: str, totals: ModelTotals, low_usd: float | None, high_usd: float | None, concurrency: int, *, exact: bool
) -> str:
    """Return one line of a plan: questions, what is stored, tokens, money and time."""
    asked = len(totals.planned)
    text, pictures, out = (sum(tokens[part] for tokens in totals.planned.values()) for part in range(3))
    written = f"{out}" if out == asked else f"{asked} to {out}"
    parts = [
        f"{'' if exact else 'at least '}{counted(asked, 'call')}",
        f"{len(totals.hits)} stored",
        f"tokens at most {text + pictures} in ({text} of text, {pictures} of pictures), {written} out",
        usd_range(None if low_usd is None or high_usd is None else (low_usd, high_usd)),
        plan_time(math.ceil(asked / concurrency), totals.timed, concurrency),
    ]
    unknown = "" if exact else "; what follows from answers that are not there yet is not known"
    return f"plan  {model}: {', '.join(parts)}{unknown}"


def plan_time(rounds: int, timed: tuple[float, int] | None, concurrency: int) -> str:
    """Return how long a plan takes in rounds of calls, and how that is known."""
    if timed is None:
        call_s, how = CALL_S, f"assumed, as no reply of this model is stored: {CALL_S:g} s a call"
    else:
        call_s, how = timed[0], f"{timed[0]:.2g} s a call, the median of {counted(timed[1], 'stored reply')}"
    return f"about {duration(rounds * call_s)} with {counted(concurrency, 'call')} at once ({how})"


def duration(seconds: float) -> str:
    """Return a time in the unit that suits it.

    >>> duration(1.2), duration(119), duration(125), duration(9000)
    ('2 s', '119 s', '2.1 min', '2.5 h')
    """
    if seconds < 120:
        return f"{math.ceil(seconds)} s"
    return f"{seconds / 60:.1f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def known(count: int | None) -> str:
    """Return a count, or say that it is not known."""
    return "unknown" if count is None else f"{count}"


def number(value: float) -> str:
    """Return a number with three significant digits; NaN as a dash."""
    # Rounded first: -2.8e-17 is a zero.
    return "-" if math.isnan(value) else f"{round(value, 12) + 0.0:.3g}"
