"""A share as an imperfect judge sees it, corrected for the judge's errors."""

from __future__ import annotations

import hashlib
import math
from statistics import NormalDist

import numpy as np

from pytest_vlmperception.analysis.checks import FloatArray
from pytest_vlmperception.analysis.youden import youden
from pytest_vlmperception.errors import UsageError
from pytest_vlmperception.records import Estimate

__all__ = ["rogan_gladen"]

NAME = "corrected share"


def rogan_gladen(apparent: Estimate, sensitivity: Estimate, specificity: Estimate) -> Estimate:
    r"""Correct a share that a judge of known errors has found.

    :math:`p = (a + sp - 1) / (se + sp - 1)` [1]_, clipped to [0, 1], with a the share that the judge calls right, se
    the share of what is right that it calls right, and sp the share of what is wrong that it calls wrong. The interval
    is that of Lang and Reiczigel [2]_, which counts the uncertainty of all three: of shares with
    :math:`z^2 / 2` (of a) or 1 (of se, sp) trial of either kind added, written with a dash,

    .. math:: p' + 2 z^2 (p' v_{se} - (1 - p') v_{sp}) \mp
       \frac{z}{se' + sp' - 1} \sqrt{v_a + p'^2 v_{se} + (1 - p')^2 v_{sp}},

    v the variance of each, e.g. :math:`v_{se} = se' (1 - se') / n'_{se}`, clipped likewise; where it lies outside
    [0, 1] altogether, that of p' at 0 or 1, so that it keeps a width. The number of trials of a share is that of
    independent yes/no answers which would have an interval of the same width, so that several pictures of one prompt
    count as little or as much as they tell.

    Parameters
    ----------
    apparent, sensitivity, specificity : Estimate
        Shares with their intervals, e.g. of `share`; the latter two of `sensitivity_specificity`. They are independent
        of the first: the judge was not calibrated with the pictures that it grades.

    Returns
    -------
    Estimate
        In [0, 1], with n and unit of `apparent`. Its replicates combine those of the three, and its design is theirs:
        estimates of two generators by one judge may be subtracted. With a `reason` where any of the three has one,
        and where se + sp - 1 is not above 0 by the lower end of its interval: the judge is no better than chance, and
        says nothing.

    Raises
    ------
    UsageError
        If one of them is no share.

    References
    ----------
    .. [1] Rogan, W. J. and Gladen, B. (1978). Estimating prevalence from the results of a screening test. American
       Journal of Epidemiology 107, 71-76. :DOI:`10.1093/oxfordjournals.aje.a112510`
    .. [2] Lang, Z. and Reiczigel, J. (2014). Confidence limits for prevalence of disease adjusted for estimated
       sensitivity and specificity. Preventive Veterinary Medicine 113, 13-22. :DOI:`10.1016/j.prevetmed.2013.09.015`

    Examples
    --------
    >>> from pytest_vlmperception.analysis import wilson
    >>> print(rogan_gladen(wilson(60, 100), wilson(90, 100), wilson(80, 100)))
    corrected share 0.571 [0.413, 0.722]
    """
    parts = {"apparent": apparent, "sensitivity": sensitivity, "specificity": specificity}
    for name, part in parts.items():
        check_share(name, part)
    reason, unavailable = why_not(parts)
    value, clipped = corrected(apparent.value, sensitivity.value, specificity.value)
    low, high = interval(*parts.values()) if better_than_chance(sensitivity, specificity) else (0.0, 1.0)
    replicates = corrected_replicates(apparent, sensitivity, specificity)
    return Estimate(
        value=value,
        low=low,
        high=high,
        n=apparent.n,
        level=apparent.level,
        unit=apparent.unit,
        method=method_of(apparent, sensitivity, specificity, clipped),
        name=NAME,
        replicates=replicates,
        design=None if replicates is None else joint_design(apparent, sensitivity, specificity),
        missing=apparent.missing,
        reason=reason,
        unavailable=unavailable,
    )


def check_share(name: str, estimate: object) -> None:
    """Raise unless an argument is an estimate of a share, or of none for a reason."""
    if not isinstance(estimate, Estimate):
        raise UsageError(f"{name}={estimate!r}; expected an Estimate of a share, such as grades.share_passed()")
    if not math.isnan(estimate.value) and not 0.0 <= estimate.value <= 1.0:
        raise UsageError(f"{name} is {estimate}; expected a share from 0 to 1")


def why_not(parts: dict[str, Estimate]) -> tuple[str, bool]:
    """Return why the correction decides nothing, and whether because answers could not be had; empty where it does."""
    for name, part in parts.items():
        if part.reason or math.isnan(part.value):
            return f"{name}: {part.reason or 'the value is NaN'}", part.unavailable
    sensitivity, specificity = parts["sensitivity"], parts["specificity"]
    if not better_than_chance(sensitivity, specificity):
        found = youden(sensitivity, specificity)
        return f"the judge is not shown to be better than chance: {found}", False
    return "", False


def better_than_chance(sensitivity: Estimate, specificity: Estimate) -> bool:
    """Tell whether a judge is shown to say yes more often to what is right than to what is wrong."""
    return youden(sensitivity, specificity).low > 0.0


def corrected(apparent: float, sensitivity: float, specificity: float) -> tuple[float, float]:
    """Return the corrected share within [0, 1], and as it was before; NaN for a judge by chance."""
    index = sensitivity + specificity - 1.0
    if not index > 0.0:
        return math.nan, math.nan
    share = (apparent + specificity - 1.0) / index
    return min(max(share, 0.0), 1.0), share


def interval(apparent: Estimate, sensitivity: Estimate, specificity: Estimate) -> tuple[float, float]:
    """Return the interval of Lang and Reiczigel, within [0, 1]."""
    z = NormalDist().inv_cdf((1.0 + apparent.level) / 2.0)
    a, va = padded(apparent, z * z / 2.0)
    se, vse = padded(sensitivity, 1.0)
    sp, vsp = padded(specificity, 1.0)
    index = se + sp - 1.0

    def ends(share: float) -> tuple[float, float]:
        middle = share + 2.0 * z * z * (share * vse - (1.0 - share) * vsp)
        margin = z / index * math.sqrt(va + share**2 * vse + (1.0 - share) ** 2 * vsp)
        return middle - margin, middle + margin

    share = (a + sp - 1.0) / index
    low, high = ends(share)
    if low >= 1.0 or high <= 0.0:
        low, high = ends(min(max(share, 0.0), 1.0))
    return max(low, 0.0), min(high, 1.0)


def padded(estimate: Estimate, trials: float) -> tuple[float, float]:
    """Return a share with so many trials of yes and of no added, and its variance."""
    each = trial_weight(estimate)
    share = (estimate.value + trials * each) / (1.0 + 2.0 * trials * each)
    return share, share * (1.0 - share) * each / (1.0 + 2.0 * trials * each)


def trial_weight(estimate: Estimate) -> float:
    r"""Return 1 / m for the m independent yes/no answers whose Wilson interval is as wide as an estimate's.

    The root x = 1 / m of :math:`w^2 (1 + z^2 x)^2 = 4 z^2 (p (1 - p) x + z^2 x^2 / 4)`, w the width; NaN where there is
    no interval.
    """
    z2 = NormalDist().inv_cdf((1.0 + estimate.level) / 2.0) ** 2
    w2, pq = (estimate.high - estimate.low) ** 2, estimate.value * (1.0 - estimate.value)
    if not w2 < 1.0:
        return math.nan
    square, linear = z2 * z2 * (1.0 - w2), 2.0 * z2 * (2.0 * pq - w2)
    return (-linear + math.sqrt(linear * linear + 4.0 * square * w2)) / (2.0 * square)


def corrected_replicates(apparent: Estimate, sensitivity: Estimate, specificity: Estimate) -> tuple[float, ...] | None:
    """Return the corrected share of each replicate; None where one of the three has none, or another number."""
    given = [part.replicates for part in (apparent, sensitivity, specificity)]
    if None in given or len({len(each) for each in given if each is not None}) > 1:
        return None
    a, se, sp = (np.array(each, dtype=np.float64) for each in given)
    index: FloatArray = se + sp - 1.0
    shares = np.full(a.shape, np.nan)
    np.divide(a + sp - 1.0, index, out=shares, where=index > 0.0)
    return tuple(np.clip(shares, 0.0, 1.0).tolist())


def joint_design(*parts: Estimate) -> str | None:
    """Return the key of the design that the three have together."""
    keys = [part.design for part in parts]
    return None if None in keys else hashlib.sha256(" ".join(map(str, keys)).encode()).hexdigest()


def method_of(apparent: Estimate, sensitivity: Estimate, specificity: Estimate, before: float) -> str:
    """Say what was corrected by what, and whether it was clipped."""
    raw = f"{apparent.name} {apparent.value:.3g} [{apparent.low:.3g}, {apparent.high:.3g}]"
    judge = f"sensitivity {sensitivity.value:.3g} and specificity {specificity.value:.3g}"
    clipped = "" if 0.0 <= before <= 1.0 or math.isnan(before) else f", clipped from {before:.3g}"
    calibrated = f"{sensitivity.n} + {specificity.n} {sensitivity.unit}"
    return (
        f"raw {raw}, corrected by Rogan and Gladen for {judge} ({calibrated}){clipped}; Lang and Reiczigel's interval"
    )
