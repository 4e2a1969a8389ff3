"""Two estimates of one statistic, of the same units."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_vlmperception import analysis
from pytest_vlmperception.records import Estimate
from pytest_vlmperception.records.estimate import Comparator

if TYPE_CHECKING:
    from pytest_vlmperception.analysis.checks import FloatArray

__all__ = ["PairedShares", "directed", "higher_is_better", "items_factor", "why_not_comparable"]

# Two numbers that were computed alike are equal up to this, also after a baseline has been written and read.
ROUNDING = 1e-9

# What a share of 1 is called.
FACTORS = (1.0, 100.0)


def higher_is_better(comparator: Comparator) -> bool:
    """Return whether a test that compares so asks for at least."""
    return comparator in (">=", ">")


def directed(value: float, estimate: Estimate, comparator: Comparator) -> float:
    """Return a value on the scale of differences, signed so that higher is better; NaN for the logarithm of none."""
    number = value
    if estimate.scale == "log":
        number = math.log(value) if value > 0.0 else math.nan
    return number if higher_is_better(comparator) else -number


def why_not_comparable(new: Estimate, old: Estimate) -> str:
    """Say why two estimates have no difference; empty where they have one."""
    for side, estimate in (("new", new), ("old", old)):
        if estimate.reason or estimate.unavailable or not math.isfinite(estimate.value):
            return f"{side}: {estimate.reason or f'the value is {estimate.value}'}"
        if estimate.scale == "log" and estimate.value <= 0.0:
            return f"{side}: the ratio is {estimate.value:g}; expected one above 0"
    if (new.name, new.scale) != (old.name, old.scale):
        return f"they are different statistics: new {new.name!r} ({new.scale}), old {old.name!r} ({old.scale})"
    least = min(new.n, old.n)
    return f"a difference needs 2 independent units: got {least}; add {new.unit} ids" if least < 2 else ""


@dataclass(frozen=True)
class PairedShares:
    """Shares from 0 to 1 of the same independent units.

    Attributes
    ----------
    names : tuple of str
        The units.
    new, old : tuple of float
        The share of each.
    factor : float
        What a share of 1 is called: 1, or 100 for percent.
    """

    names: tuple[str, ...]
    new: tuple[float, ...]
    old: tuple[float, ...]
    factor: float

    @classmethod
    def of(cls, new: Estimate, old: Estimate) -> PairedShares | None:
        """Return the shares that two estimates are means of; None where they are no shares, or of other units."""
        if {name for name, _ in new.units} != {name for name, _ in old.units}:
            return None
        for factor in FACTORS:
            if is_mean_share(new, factor) and is_mean_share(old, factor):
                units = [dict(estimate.units) for estimate in (new, old)]
                names = tuple(sorted(units[0]))
                a, b = (tuple(by_name[name] / factor for name in names) for by_name in units)
                return cls(names, a, b, factor)
        return None

    def ordered(self, comparator: Comparator) -> tuple[FloatArray, FloatArray]:
        """Return both as arrays, so that the first less the second is positive where new is better."""
        import numpy as np  # late: a seventh of a second, and only an upgrade needs it

        new, old = np.array(self.new), np.array(self.old)
        return (new, old) if higher_is_better(comparator) else (old, new)

    @property
    def yes_no(self) -> bool:
        """Whether each unit is one yes/no item."""
        return set(self.new + self.old) <= {0.0, 1.0}


def items_factor(estimate: Estimate) -> float:
    """Return what a share of 1 is called, 1 or 100, where each unit is one yes/no item; else 0."""
    found = (factor for factor in FACTORS if is_mean_share(estimate, factor))
    factor = next(found, 0.0)
    return factor if {value for _, value in estimate.units} <= {0.0, factor} else 0.0


def is_mean_share(estimate: Estimate, factor: float) -> bool:
    """Tell whether an estimate is the mean of one share a unit, by its value and by its interval.

    Other statistics may lie between 0 and 1, too: the interval of a share is like no other.
    """
    shares = [value / factor for _, value in estimate.units]
    if len(dict(estimate.units)) != estimate.n or len(shares) != estimate.n or estimate.n < 2:
        return False
    if not all(0.0 <= share <= 1.0 for share in shares):
        return False
    if not close(estimate.value, factor * math.fsum(shares) / len(shares)):
        return False
    return math.isnan(estimate.low) or any(
        close(estimate.low, factor * low) and close(estimate.high, factor * high)
        for low, high in share_intervals(shares, estimate.level)
    )


def share_intervals(shares: Sequence[float], level: float) -> list[tuple[float, float]]:
    """Return the intervals that the mean of shares may have been given."""
    import numpy as np  # late, as above

    items = analysis.wilson(min(math.fsum(shares), len(shares)), len(shares), level=level)
    return [(items.low, items.high), analysis.bounded_interval(np.array(shares), level=level)]


def close(a: float, b: float) -> bool:
    """Tell whether two numbers are equal up to rounding."""
    return math.isclose(a, b, rel_tol=ROUNDING, abs_tol=ROUNDING)
