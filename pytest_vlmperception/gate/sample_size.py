"""How many units would settle a comparison."""

from __future__ import annotations

import math
from bisect import bisect_left
from statistics import NormalDist

from pytest_vlmperception.records import Estimate

__all__ = ["units_needed"]

# A half-width over a distance beyond this says only that the value is as good as on the threshold.
LARGEST = 1e6


def units_needed(estimate: Estimate, threshold: float) -> float:
    """Return the number of units at which the interval would end at the threshold, if the value stays.

    A score interval (Wilson) of a value v ends at t where (v - t)^2 = z^2 t (1 - t) / m, which gives m at the
    threshold t. The half-width of any other is taken to shrink with Student's t / sqrt(n).

    Returns
    -------
    float
        At least one more than there are; infinite if none would do, NaN if n is not known.
    """
    if estimate.n < 1:
        return math.nan
    distance = abs(threshold - estimate.value)
    if distance == 0.0:
        return math.inf
    effective = score_size(estimate)
    if effective:
        needed = estimate.n * z_of(estimate) ** 2 * threshold * (1.0 - threshold) / distance / distance / effective
    else:
        half_width = estimate.high - estimate.value if threshold > estimate.value else estimate.value - estimate.low
        needed = student_size(estimate, min(half_width / distance, LARGEST))
    # Rounded first: 90.000000001 is ninety.
    return float(max(estimate.n + 1, math.ceil(round(needed, 6)))) if needed < math.inf else needed


def score_size(estimate: Estimate) -> float:
    """Return the number of yes/no trials whose score interval this is; 0 where it is none."""
    value, z = estimate.value, z_of(estimate)
    if not 0.0 <= estimate.low <= value <= estimate.high <= 1.0:
        return 0.0
    inner = [bound for bound in (estimate.low, estimate.high) if 0.0 < bound < 1.0 and bound != value]
    sizes = [z * z * bound * (1.0 - bound) / (value - bound) ** 2 for bound in inner]
    if not sizes or not math.isclose(min(sizes), max(sizes), rel_tol=1e-6):
        return 0.0
    return sizes[0]


def z_of(estimate: Estimate) -> float:
    """Return the normal quantile of an interval's level."""
    return NormalDist().inv_cdf((1.0 + estimate.level) / 2.0)


def student_size(estimate: Estimate, ratio: float) -> float:
    """Return the number of units at which t / sqrt(n) has shrunk by `ratio`."""
    from scipy.special import stdtrit  # late: a third of a second, and only an open comparison needs it

    def width(n: int) -> float:
        return float(stdtrit(max(n - 1, 1), (1.0 + estimate.level) / 2.0)) / math.sqrt(n)

    enough = width(estimate.n) / ratio
    candidates = range(estimate.n, math.ceil(estimate.n * ratio**2) + 1)
    return candidates[0] + bisect_left(candidates, True, key=lambda n: width(n) <= enough * (1.0 + 1e-9))
