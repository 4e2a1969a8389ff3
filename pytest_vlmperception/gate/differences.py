"""The difference of two estimates, with its interval."""

from __future__ import annotations

from pytest_vlmperception import analysis
from pytest_vlmperception.gate.pairs import directed
from pytest_vlmperception.records import Estimate
from pytest_vlmperception.records.estimate import Comparator

__all__ = ["difference_of", "one_sided"]


def difference_of(new: Estimate, old: Estimate, comparator: Comparator) -> Estimate:
    """Subtract replicate by replicate; positive is better."""
    import numpy as np  # late: a seventh of a second, and only an upgrade needs it

    replicates = np.array([
        directed(a, new, comparator) - directed(b, old, comparator)
        for a, b in zip(new.replicates or (), old.replicates or (), strict=True)
    ])
    value = directed(new.value, new, comparator) - directed(old.value, old, comparator)
    boot = analysis.Bootstrap(replicates, min(new.n, old.n), value)
    low, high = boot.interval()
    return Estimate(
        value,
        low,
        high,
        boot.n,
        unit=new.unit,
        method=f"paired {boot.describe(new.unit)}",
        name=new.name,
        replicates=tuple(replicates.tolist()),
        design=new.design,
    )


def one_sided(difference: Estimate) -> float:
    """Return the p that belongs to the interval: it is below 0.025 exactly where the interval is below 0."""
    from scipy.special import stdtr, stdtrit  # late: a third of a second

    reach = difference.high - difference.value if difference.value < 0.0 else difference.value - difference.low
    if not reach:
        return 1.0 if difference.value >= 0.0 else 0.0
    freedom = max(difference.n - 1, 1)
    return float(stdtr(freedom, stdtrit(freedom, 0.975) * difference.value / reach))
