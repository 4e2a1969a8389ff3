"""What changed between two models, or two prompts, that were measured on the same units."""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Real
from typing import Literal, get_args

from pytest_vlmperception.errors import UsageError
from pytest_vlmperception.gate.differences import difference_of
from pytest_vlmperception.gate.pairs import PairedShares, higher_is_better
from pytest_vlmperception.records import Estimate
from pytest_vlmperception.records.estimate import Comparator

__all__ = ["MARGIN", "MARGIN_OF_PERCENTAGES", "MARGIN_OF_RATIOS", "Change", "ChangeVerdict", "change"]

# Of a statistic in its own unit; of a ratio on the log scale, so that 0.1 is about 10 %.
MARGIN, MARGIN_OF_RATIOS = 0.05, 0.1

# Of a statistic in percent, in percentage points.
MARGIN_OF_PERCENTAGES = 100.0 * MARGIN

ChangeVerdict = Literal["worse", "better", "not worse", "cannot tell", "inconclusive", "unavailable", ""]


@dataclass(frozen=True, eq=False)
class Change:
    """One estimate of the new model against the same of the old one.

    Attributes
    ----------
    new, old : Estimate
        What was measured of each.
    comparator : {">=", ">", "<=", "<"}
        How the test holds the estimate against its threshold: whether higher or lower is better.
    margin : float
        Largest loss that does not matter, in the unit of `difference`.
    difference : Estimate
        New minus old with its interval, signed so that positive is better; of a ratio the difference of natural
        logarithms.
    p : float
        One-sided p of the new one being worse; NaN where they cannot be compared.
    flips : tuple of (str, float)
        Yes/no units that changed: 1 for the better, -1 for the worse.
    reason : str
        Why they cannot be compared; empty where they can.
    unavailable : bool
        Whether that is because answers could not be had.
    verdict : {"worse", "better", "not worse", "cannot tell", "inconclusive", "unavailable", ""}
        Empty until `judge_changes` gives it.
    adjusted : float
        `p` adjusted for the other comparisons of the suite.
    family : int
        Number of those comparisons, this one included.
    """

    new: Estimate
    old: Estimate
    comparator: Comparator
    margin: float
    difference: Estimate
    p: float = math.nan
    flips: tuple[tuple[str, float], ...] = ()
    reason: str = ""
    unavailable: bool = False
    verdict: ChangeVerdict = ""
    adjusted: float = math.nan
    family: int = 0


def change(new: Estimate, old: Estimate, *, comparator: Comparator, margin: float | None = None) -> Change:
    """Compare two estimates of one statistic that were measured on the same units.

    Parameters
    ----------
    new, old : Estimate
        Of the new and of the old model or prompt, resampled by one design.
    comparator : {">=", ">", "<=", "<"}
        How the test holds the estimate against its threshold: whether higher or lower is better.
    margin : float, optional
        Largest loss that does not matter: in the unit of the estimate, of a ratio in natural logarithms. Default
        `MARGIN`, of a ratio `MARGIN_OF_RATIOS`, of percent `MARGIN_OF_PERCENTAGES`.

    Returns
    -------
    Change
        Without a verdict, which depends on the other changes of the suite; see `judge_changes`. Where the two cannot
        be compared its difference is NaN, with a reason.

    Raises
    ------
    UsageError
        If comparator or margin do not exist.
    """
    if comparator not in get_args(Comparator):
        raise UsageError(f"comparator {comparator!r} does not exist; known: {', '.join(get_args(Comparator))}")
    allowed = check_margin(margin, new)
    difference = difference_of(new, old, comparator)
    if difference.reason:
        lost = new.unavailable or old.unavailable
        return Change(new, old, comparator, allowed, difference, reason=difference.reason, unavailable=lost)
    p = math.nan if difference.p is None else difference.p
    return Change(new, old, comparator, allowed, difference, p, flips_of(new, old, comparator))


def flips_of(new: Estimate, old: Estimate, comparator: Comparator) -> tuple[tuple[str, float], ...]:
    """Return the yes/no items that changed, the worse first; none of other statistics."""
    shares = PairedShares.of(new, old)
    if shares is None or not shares.yes_no:
        return ()
    sign = 1.0 if higher_is_better(comparator) else -1.0
    moved = [(name, sign * (now - then)) for name, now, then in zip(shares.names, shares.new, shares.old, strict=True)]
    return tuple(sorted((flip for flip in moved if flip[1]), key=lambda flip: (flip[1], flip[0])))


def check_margin(margin: float | None, estimate: Estimate) -> float:
    """Return the margin, or the default one."""
    if margin is None:
        return default_margin(estimate)
    if isinstance(margin, bool) or not isinstance(margin, Real) or not 0.0 <= margin < math.inf:
        raise UsageError(f"margin={margin!r}; expected the largest loss that does not matter, a number of at least 0")
    return float(margin)


def default_margin(estimate: Estimate) -> float:
    """Return the margin that suits the scale of a statistic."""
    if estimate.scale == "log":
        return MARGIN_OF_RATIOS
    return MARGIN_OF_PERCENTAGES if estimate.scale == "percent" else MARGIN
