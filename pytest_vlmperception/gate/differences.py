"""The difference of two estimates, with its interval and p."""

from __future__ import annotations

import math
from dataclasses import replace
from statistics import NormalDist

from pytest_vlmperception import analysis
from pytest_vlmperception.gate.pairs import PairedShares, directed, why_not_comparable
from pytest_vlmperception.records import Estimate
from pytest_vlmperception.records.estimate import Comparator

__all__ = ["LEVEL", "difference_of", "one_sided", "student"]

LEVEL = 0.95

# As many as an interval at that level takes.
LEAST_REPLICATES = 40

# Relative to the numbers subtracted; what is smaller is their rounding.
ROUNDING = 1e-12

NO_INTERVAL = "one of the two has no finite interval"


def difference_of(new: Estimate, old: Estimate, comparator: Comparator) -> Estimate:
    r"""Subtract old from new, signed so that positive is better; of ratios their logarithms.

    - *Shares of the same units*, and yes/no items: see `analysis.share_difference`.
    - *Any other statistic*, from the replicates of one resampling design, subtracted one by one: difference -/+ t SE,
      with SE the SD of the differences times :math:`\sqrt{n / (n - 1)}` and t Student's quantile of n - 1 degrees of
      freedom [1]_; p is Student's. Two equal models could change places: their differences are as often
      positive as negative, however skewed the statistic is, and need no correction of skewness. p is below 0.005 in
      0.3 to 0.6 % of comparisons of equal models; by percentiles, or as of single estimates, in 0.8 to 3.6 %.
    - *Where all replicates of the difference agree*, nothing changed in any of the n units. A share of up to
      :math:`1 - 0.05^{1/n}` of all units may have changed all the same, see `analysis.intervals.agreement_interval`: by
      as much as units differ (their SD), or by what the estimates' own intervals allow where units are equal.

    Returns
    -------
    Estimate
        With a one-sided p of the new one being worse. NaN with a reason where there is no difference. Where p is
        below 0.025 the whole interval is below 0.

    References
    ----------
    .. [1] Hesterberg, T. C. (2015). What teachers should know about the bootstrap. The American
       Statistician 69, 371-386. :DOI:`10.1080/00031305.2015.1089789`
    """
    reason = why_not_comparable(new, old)
    if reason:
        return unknown(new, reason)
    shares = PairedShares.of(new, old)
    return subtracted(new, old, comparator) if shares is None else difference_of_shares(shares, new, comparator)


def unknown(estimate: Estimate, reason: str) -> Estimate:
    """Return a difference that is not known."""
    return Estimate(math.nan, unit=estimate.unit, name=estimate.name, reason=reason)


def difference_of_shares(shares: PairedShares, new: Estimate, comparator: Comparator) -> Estimate:
    """Subtract shares unit by unit."""
    first, second = shares.ordered(comparator)
    found = analysis.share_difference(first, second, unit=new.unit, name=new.name, level=LEVEL)
    value, low, high = (shares.factor * number for number in (found.value, found.low, found.high))
    return replace(found, value=value, low=low, high=high)


def subtracted(new: Estimate, old: Estimate, comparator: Comparator) -> Estimate:
    """Subtract replicates one by one."""
    if lacks_design(new) and lacks_design(old):
        return unpaired(new, old, comparator)
    reason = why_not_paired(new, old)
    if reason:
        return unknown(new, reason)
    replicates = [x - y for x, y in zip(drawn(new, comparator), drawn(old, comparator), strict=True)]
    known = [replicate for replicate in replicates if math.isfinite(replicate)]
    if len(known) < LEAST_REPLICATES:
        lack = f"{len(known)} of {len(replicates)} replicates are defined in both"
        return unknown(new, f"{lack}; expected at least {LEAST_REPLICATES}")
    value, reach = located(new, old, comparator, known)
    if not reach > 0.0:
        return unknown(new, "neither estimate varies between resamples: nothing says how sure their difference is")
    n = min(new.n, old.n)
    return Estimate(
        value,
        value - reach,
        value + reach,
        n,
        level=LEVEL,
        unit=new.unit,
        method=f"paired Student bootstrap by {new.unit}, {len(replicates)} replicates",
        name=new.name,
        replicates=tuple(replicates),
        p=one_sided(value, reach, n),
        design=new.design,
    )


def lacks_design(estimate: Estimate) -> bool:
    """Tell whether an estimate was not resampled by a design that another can share."""
    return not estimate.replicates or estimate.design is None


def unpaired(new: Estimate, old: Estimate, comparator: Comparator) -> Estimate:
    r"""Subtract two estimates of which nothing but their intervals is known, as if they were independent.

    With the interval [l, u] of each value v, the difference d = a - b reaches down to
    :math:`d - \sqrt{(a - l_a)^2 + (u_b - b)^2}` and up to :math:`d + \sqrt{(u_a - a)^2 + (b - l_b)^2}` [1]_. What two
    models have in common makes their difference surer than that.

    References
    ----------
    .. [1] Zou, G. Y. and Donner, A. (2008). Construction of confidence limits about effect measures: a general
       approach. Statistics in Medicine 27, 1693-1702. :DOI:`10.1002/sim.3095`
    """
    (a, low_a, high_a), (b, low_b, high_b) = (ends(estimate, comparator) for estimate in (new, old))
    value, down, up = a - b, math.hypot(a - low_a, high_b - b), math.hypot(high_a - a, b - low_b)
    if not (math.isfinite(down) and math.isfinite(up) and down > 0.0 and up > 0.0):
        return unknown(new, f"{NO_INTERVAL}: nothing says how sure their difference is")
    method = "difference of independent intervals, as there are no replicates to pair"
    p = NormalDist().cdf(NormalDist().inv_cdf((1.0 + LEVEL) / 2.0) * value / (up if value < 0.0 else down))
    n = min(new.n, old.n)
    return Estimate(value, value - down, value + up, n, level=LEVEL, unit=new.unit, method=method, name=new.name, p=p)


def ends(estimate: Estimate, comparator: Comparator) -> tuple[float, float, float]:
    """Return value, lower and upper bound on the scale of differences."""
    value, *bounds = (directed(each, estimate, comparator) for each in (estimate.value, estimate.low, estimate.high))
    return value, min(bounds), max(bounds)


def located(new: Estimate, old: Estimate, comparator: Comparator, replicates: list[float]) -> tuple[float, float]:
    """Return the difference, and how far its interval reaches to either side."""
    a, b = (directed(estimate.value, estimate, comparator) for estimate in (new, old))
    n, rounding = min(new.n, old.n), ROUNDING * max(abs(a), abs(b), float(new.scale == "log"))
    error = standard_error(replicates, n)
    reach = student(n) * error if error > rounding else unseen(new, old, comparator, n)
    return (a - b if abs(a - b) > rounding else 0.0), reach


def why_not_paired(new: Estimate, old: Estimate) -> str:
    """Say why replicates cannot be subtracted one by one; empty where they can."""
    for side, estimate in (("new", new), ("old", old)):
        if lacks_design(estimate):
            return f"{side}: {estimate.name} has no bootstrap replicates, which a paired comparison needs"
    if new.design != old.design or len(new.replicates or ()) != len(old.replicates or ()):
        return f"new and old were measured on different {new.unit} ids, or resampled differently; measure both anew"
    return ""


def drawn(estimate: Estimate, comparator: Comparator) -> list[float]:
    """Return the replicates on the scale of differences."""
    return [directed(replicate, estimate, comparator) for replicate in estimate.replicates or ()]


def standard_error(replicates: list[float], n: int) -> float:
    """Return the SD of replicates, wider by what n units vary less about their own mean than about the true one."""
    middle = math.fsum(replicates) / len(replicates)
    variance = math.fsum((replicate - middle) ** 2 for replicate in replicates) / len(replicates)
    return math.sqrt(variance * n / (n - 1))


def unseen(new: Estimate, old: Estimate, comparator: Comparator, n: int) -> float:
    """Return by how much units that are not in the set may have changed, where none of those in it did."""
    share = 1.0 - (1.0 - LEVEL) ** (1.0 / n)
    return max(
        share * spread if spread else claimed_reach(estimate, comparator)
        for estimate, spread in ((one, spread_of(one, comparator, n)) for one in (new, old))
    )


def spread_of(estimate: Estimate, comparator: Comparator, n: int) -> float:
    """Return the SD of units that the replicates show; 0 where they all agree."""
    known = [replicate for replicate in drawn(estimate, comparator) if math.isfinite(replicate)]
    spread = math.sqrt(n) * standard_error(known, n)
    return spread if spread > ROUNDING * max(abs(known[0]), float(estimate.scale == "log")) else 0.0


def claimed_reach(estimate: Estimate, comparator: Comparator) -> float:
    """Return how far an estimate's own interval reaches; 0 where it has none."""
    low, high = (directed(end, estimate, comparator) for end in (estimate.low, estimate.high))
    reach = max(abs(end - directed(estimate.value, estimate, comparator)) for end in (low, high))
    return reach if math.isfinite(reach) else 0.0


def student(n: int) -> float:
    """Return Student's quantile of an interval over n units."""
    from scipy.special import stdtrit  # late: a third of a second

    return float(stdtrit(n - 1, (1.0 + LEVEL) / 2.0))


def one_sided(value: float, reach: float, n: int) -> float:
    """Return the p that belongs to an interval: Student's, at the value in standard errors."""
    from scipy.special import stdtr  # late, as above

    return float(stdtr(n - 1, student(n) * value / reach))
