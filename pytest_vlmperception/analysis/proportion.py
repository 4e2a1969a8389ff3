"""Shares with honest intervals, also at 0 and 1 and for few trials."""

from __future__ import annotations

import math
from numbers import Real
from statistics import NormalDist

from pytest_vlmperception.analysis.checks import check_fraction, check_whole
from pytest_vlmperception.errors import UsageError
from pytest_vlmperception.records import Estimate

__all__ = ["wilson", "wilson_bounds"]


def wilson(k: float, n: int, *, level: float = 0.95, name: str = "share", unit: str = "trial") -> Estimate:
    r"""Estimate a proportion with Wilson's score interval.

    The bounds are :math:`(k + z^2/2 \mp z \sqrt{k (n - k) / n + z^2/4}) / (n + z^2)`, with z the normal
    quantile of (1 + level) / 2; without continuity correction.

    Parameters
    ----------
    k : float
        Successes, 0 <= k <= n. May be fractional: the sum of the shares of n units with
        repeats. Shares vary less than single yes/no trials, so that the interval is then on the wide side.
    n : int
        Independent units; 0 gives NaN with a reason.
    level : float
        Nominal coverage, between 0 and 1.
    name, unit : str
        What the number, and one of the n, is called.

    Returns
    -------
    Estimate
        k / n in [0, 1].

    References
    ----------
    .. [1] Wilson, E. B. (1927). Probable inference, the law of succession, and statistical
       inference. J. Am. Stat. Assoc. 22, 209-212. :DOI:`10.1080/01621459.1927.10502953`
    .. [2] Newcombe, R. G. (1998). Two-sided confidence intervals for the single proportion. Statistics in
       Medicine 17, 857-872. :DOI:`10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E`

    Examples
    --------
    >>> print(wilson(0, 20))
    share 0 [0, 0.161]
    """
    check_whole("n", n, least=0)
    check_fraction("level", level, closed=False)
    if isinstance(k, bool) or not isinstance(k, Real) or not 0.0 <= k <= n:
        raise UsageError(f"k={k!r}; expected a number of successes from 0 to n={n}")
    method = "Wilson score interval"
    if n == 0:
        return Estimate(math.nan, level=level, unit=unit, method=method, name=name, reason=f"no {unit} has a value")
    low, high = wilson_bounds(float(k), n, level)
    return Estimate(float(k / n), low, high, n, level=level, unit=unit, method=method, name=name)


def wilson_bounds(k: float, n: float, level: float) -> tuple[float, float]:
    """Return the bounds, exactly 0 and 1 where nothing and everything succeeded."""
    z = NormalDist().inv_cdf((1.0 + level) / 2.0)
    middle, spread = k + z * z / 2.0, z * math.sqrt(k * (n - k) / n + z * z / 4.0)
    low = 0.0 if k == 0 else (middle - spread) / (n + z * z)
    high = 1.0 if k == n else (middle + spread) / (n + z * z)
    # For k within rounding of an end the bound may come out beyond it.
    return max(low, 0.0), min(high, 1.0)
