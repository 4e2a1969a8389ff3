"""Sensitivity of a yes/no observer."""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist
from typing import Literal

from pytest_vlmperception.analysis.checks import check_choice, check_fraction, check_whole
from pytest_vlmperception.records import Estimate

__all__ = ["RateCorrection", "d_prime"]

RateCorrection = Literal["loglinear", "clip"]

NORMAL = NormalDist()


def d_prime(
    hits: int,
    misses: int,
    false_alarms: int,
    correct_rejections: int,
    *,
    correction: RateCorrection = "loglinear",
    level: float = 0.95,
) -> Estimate:
    r"""Estimate the sensitivity d' of an observer who says yes or no.

    :math:`d' = \Phi^{-1}(H) - \Phi^{-1}(F)` in standard deviations of the observer's noise [1]_, with H the
    rate of yes to the signal and F that to noise alone. Unlike the share correct it does not depend on how
    readily the observer says yes. The interval is normal, with Gourevitch and Galanter's variance
    :math:`H (1 - H) / (N_s \phi^2(\Phi^{-1}(H))) + F (1 - F) / (N_n \phi^2(\Phi^{-1}(F)))` [2]_ of the corrected rates.

    Parameters
    ----------
    hits, misses : int
        Yes and no to trials with the signal, :math:`N_s` together.
    false_alarms, correct_rejections : int
        Yes and no to trials without, :math:`N_n` together.
    correction : {"loglinear", "clip"}
        Rates of 0 and 1 have no finite quantile:

        - ``loglinear``: (yes + 1/2) / (N + 1), whatever the rate [3]_; less biased than the other.
        - ``clip``: the rate, kept within 1 / (2 N) of 0 and 1 [4]_. Not for N = 1, where it is always 1/2.
    level : float
        Nominal coverage, between 0 and 1.

    Returns
    -------
    Estimate
        d': 0 for an observer who cannot tell, 1 at 69 % correct without bias. NaN with a reason where one
        kind of trial is missing.

    References
    ----------
    .. [1] Green, D. M. and Swets, J. A. (1966). Signal Detection Theory and Psychophysics. Wiley.
    .. [2] Gourevitch, V. and Galanter, E. (1967). A significance test for one parameter isosensitivity
       functions. Psychometrika 32, 25-33. :DOI:`10.1007/BF02289402`
    .. [3] Hautus, M. J. (1995). Corrections for extreme proportions and their biasing effects on estimated values
       of d'. Behavior Research Methods, Instruments, & Computers 27, 46-51. :DOI:`10.3758/BF03203619`
    .. [4] Macmillan, N. A. and Kaplan, H. L. (1985). Detection theory analysis of group data. Psychological
       Bulletin 98, 185-199. :DOI:`10.1037/0033-2909.98.1.185`

    Examples
    --------
    >>> print(d_prime(20, 5, 10, 15))
    d' 1.04 [0.301, 1.79]
    """
    check_choice("correction", correction, CORRECTIONS)
    check_fraction("level", level, closed=False)
    signal = counted("hits", hits, "misses", misses)
    noise = counted("false_alarms", false_alarms, "correct_rejections", correct_rejections)
    value, error = difference(signal, noise, CORRECTIONS[correction])
    margin = NORMAL.inv_cdf((1.0 + level) / 2.0) * error
    return Estimate(
        value=value,
        low=value - margin,
        high=value + margin,
        n=signal[1] + noise[1],
        level=level,
        unit="trial",
        method=f"{correction} rates; normal interval with Gourevitch and Galanter's variance",
        name="d'",
        reason=missing_reason(signal[1], noise[1]),
    )


def counted(yes_name: str, yes: int, no_name: str, no: int) -> tuple[int, int]:
    """Return the yes and all trials of one kind."""
    said_yes = check_whole(yes_name, yes, least=0)
    return said_yes, said_yes + check_whole(no_name, no, least=0)


def difference(
    signal: tuple[int, int], noise: tuple[int, int], correct: Callable[[int, int], float]
) -> tuple[float, float]:
    """Return d' and its standard error; NaN where a kind of trial is missing."""
    if not (signal[1] and noise[1]):
        return math.nan, math.nan
    (hit, hit_variance), (alarm, alarm_variance) = (quantile(yes, n, correct(yes, n)) for yes, n in (signal, noise))
    return hit - alarm, math.sqrt(hit_variance + alarm_variance)


def quantile(yes: int, n: int, rate: float) -> tuple[float, float]:
    """Return the normal quantile of a rate, and its variance."""
    z = NORMAL.inv_cdf(rate)
    return z, rate * (1.0 - rate) / (n * NORMAL.pdf(z) ** 2)


def loglinear(yes: int, n: int) -> float:
    """Return the rate with half a trial added to each answer."""
    return (yes + 0.5) / (n + 1.0)


def clip(yes: int, n: int) -> float:
    """Return the rate, kept off 0 and 1 by half a trial."""
    return min(max(yes, 0.5), n - 0.5) / n


CORRECTIONS: dict[str, Callable[[int, int], float]] = {"loglinear": loglinear, "clip": clip}


def missing_reason(signals: int, noises: int) -> str:
    """Say which kind of trial is missing; empty if none."""
    if signals and noises:
        return ""
    return f"no trial {'with' if not signals else 'without'} the signal"
