"""What the comparison of a new model or prompt with the old one tells the reader."""

from __future__ import annotations

import math

from pytest_vlmperception.gate.changes import Change
from pytest_vlmperception.gate.pairs import higher_is_better
from pytest_vlmperception.gate.telling import MANY, units_that_tell
from pytest_vlmperception.records import counted, plural

__all__ = ["change_lines"]

# More names than this are read by nobody; the report has them all.
NAMED = 5


def change_lines(change: Change) -> list[str]:
    """Say what changed, how sure that is, and what to do next.

    Parameters
    ----------
    change : Change
        With its verdict, as `judge_changes` gives it.

    Returns
    -------
    list of str
        Lines: verdict and change; the evidence; what it means for the margin; the units that changed; what to do.
        A line without content is left out.
    """
    if change.reason:
        return [f"not compared: {change.new.name}: {change.reason}", why_no_pass(change)]
    lines = [headline(change), evidence(change), meaning(change), units_line(change), next_step(change)]
    return [line for line in lines if line]


def why_no_pass(change: Change) -> str:
    """Say what to do where nothing was compared."""
    if change.unavailable:
        return "next: this is no pass; run it again when answers can be had"
    return "next: this is no pass; remove the cause and run it again"


def headline(change: Change) -> str:
    """Say what changed, by how much, and to what verdict."""
    values = f"from {number(change.old.value)} to {number(change.new.value)}"
    if change.new.value == change.old.value:
        values = f"{number(change.new.value)} in both"
    better = "" if higher_is_better(change.comparator) else "; lower is better"
    return f"{change.verdict or 'not judged'}: {change.new.name} {moved(change)}, {values}{better}"


def moved(change: Change) -> str:
    """Say by how much an estimate moved, in its own direction."""
    sign = 1.0 if higher_is_better(change.comparator) else -1.0
    value = sign * change.difference.value
    low, high = sorted((sign * change.difference.low, sign * change.difference.high))
    if change.new.scale == "log":
        value, low, high = math.exp(value), math.exp(low), math.exp(high)
        return f"changed by a factor of {number(value)} [{number(low)}, {number(high)}]"
    if low > 0.0:
        return f"rose by {number(value)} [{number(low)}, {number(high)}]"
    if high < 0.0:
        return f"fell by {number(-value)} [{number(-high)}, {number(-low)}]"
    return f"changed by {number(value)} [{number(low)}, {number(high)}]"


def evidence(change: Change) -> str:
    """Say how sure it is, from how many units, and how that was computed."""
    units = counted(change.difference.n, change.difference.unit)
    p = f"p of a loss = {change.p:.2g} one-sided"
    if change.family > 1:
        p += f", {change.adjusted:.2g} after Holm over {change.family} comparisons"
    return f"95 % interval, n = {units}; {change.difference.method}; {p}"


def meaning(change: Change) -> str:
    """Say what the interval means for the margin."""
    margin, lost = f"the margin of {amount(change, change.margin)}", amount(change, -change.difference.low)
    match change.verdict:
        case "worse" if -change.difference.value < change.margin:
            return f"a loss for certain, though at the value measured a smaller one than {margin}"
        case "not worse" if change.difference.high < 0.0 and change.p < change.adjusted:
            return f"alone it would be a loss, but one smaller than {margin}: at most {lost}"
        case "not worse":
            return f"a loss as large as {margin} is excluded: at most {lost} was lost"
        case "cannot tell" if change.difference.high < 0.0:
            return f"alone it would be a loss; among {change.family} comparisons it may be chance"
        case "cannot tell":
            return f"up to {lost} may have been lost, which is more than {margin}"
    return ""


def units_line(change: Change) -> str:
    """Name the units that changed: flipped yes/no items, or those that lost most."""
    if change.flips:
        lost, gained = ([name for name, flip in change.flips if flip * sign > 0.0] for sign in (-1.0, 1.0))
        parts = [
            f"{what} ({len(names)}): {listed(names)}" for what, names in (("lost", lost), ("gained", gained)) if names
        ]
        return f"flipped {plural(change.new.unit)}: {'; '.join(parts)}"
    losses = worst_losses(change) if change.verdict in ("worse", "cannot tell") else []
    return f"{plural(change.new.unit)} that lost most: {listed(losses)}" if losses else ""


def worst_losses(change: Change) -> list[str]:
    """Return the units that lost something, those that lost most first, with both values."""
    then, now = dict(change.old.units), dict(change.new.units)
    sign = 1.0 if higher_is_better(change.comparator) else -1.0
    losses = sorted((round(sign * (now[name] - then[name]), 9), name) for name in now if name in then)
    return [f"{name} {number(then[name])} -> {number(now[name])}" for loss, name in losses if loss < 0.0]


def listed(names: list[str]) -> str:
    """Join the first names, and count the others."""
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def next_step(change: Change) -> str:
    """Say what to do."""
    if change.verdict == "worse":
        seen = f"these {plural(change.new.unit)}" if units_line(change) else "the answers"
        accepted = "if you accept the loss, a baseline takes it in with --vlm-bless NAME --vlm-reason TEXT"
        return f"next: keep the old one and look at {seen}; {accepted}"
    if change.verdict == "cannot tell":
        needed, units = units_that_tell(change), plural(change.new.unit)
        enough = f"about {needed:.0f}" if needed <= MANY else f"more than {MANY}"
        margin = f"state a margin above {amount(change, -change.difference.low)}, if so much may be lost"
        return f"next: {enough} {units} would tell, if the difference stays; or {margin} (--vlm-margin)"
    return "next: nothing; here the new one may replace the old one"


def amount(change: Change, loss: float) -> str:
    """Return a loss as `--vlm-margin` takes it."""
    if change.new.scale == "log":
        return f"{number(loss)} in logarithms (a factor of {number(math.exp(loss))})"
    return number(loss)


def number(value: float) -> str:
    """Return three digits, and no negative zero."""
    return f"{value + 0.0:.3g}"
