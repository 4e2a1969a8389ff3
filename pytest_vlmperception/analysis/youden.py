"""How much better than chance a judge is who says yes or no."""

from __future__ import annotations

import math

from pytest_vlmperception.records import Estimate

__all__ = ["youden"]


def youden(sensitivity: Estimate, specificity: Estimate) -> Estimate:
    r"""Return Youden's index J = sensitivity + specificity - 1 [1]_.

    Its interval is put together from those of the two: the lower bound is
    :math:`J - \sqrt{(se - l_{se})^2 + (sp - l_{sp})^2}`, and the upper one likewise (MOVER [2]_).

    Parameters
    ----------
    sensitivity, specificity : Estimate
        Shares with their intervals.

    Returns
    -------
    Estimate
        From -1 to 1: 0 for answers that have nothing to do with the truth.

    References
    ----------
    .. [1] Youden, W. J. (1950). Index for rating diagnostic tests. Cancer 3, 32-35.
       :DOI:`10.1002/1097-0142(1950)3:1<32::AID-CNCR2820030106>3.0.CO;2-3`
    .. [2] Zou, G. Y. and Donner, A. (2008). Construction of confidence limits about effect measures: a general
       approach. Statistics in Medicine 27, 1693-1702. :DOI:`10.1002/sim.3095`
    """
    below = math.hypot(sensitivity.value - sensitivity.low, specificity.value - specificity.low)
    above = math.hypot(sensitivity.high - sensitivity.value, specificity.high - specificity.value)
    value = sensitivity.value + specificity.value - 1.0
    given = sensitivity.replicates, specificity.replicates
    alike = None not in given and sensitivity.design == specificity.design
    both = zip(sensitivity.replicates or (), specificity.replicates or (), strict=False)
    return Estimate(
        value=value,
        low=max(value - below, -1.0),
        high=min(value + above, 1.0),
        n=sensitivity.n + specificity.n,
        unit=sensitivity.unit,
        method="sensitivity + specificity - 1; interval from those of both (MOVER)",
        name="Youden's J",
        replicates=tuple(se + sp - 1.0 for se, sp in both) if alike else None,
        design=sensitivity.design if alike else None,
        missing=sensitivity.missing + specificity.missing,
        reason=sensitivity.reason or specificity.reason,
        unavailable=sensitivity.unavailable or specificity.unavailable,
    )
