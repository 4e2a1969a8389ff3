"""Paired yes/no items: which of two observers is right more often."""

from __future__ import annotations

import math
from typing import Literal, get_args

from pytest_vlmperception.analysis.checks import check_choice, check_fraction, check_whole
from pytest_vlmperception.records import Estimate

__all__ = ["Alternative", "mcnemar_exact"]

Alternative = Literal["two-sided", "greater", "less"]


def mcnemar_exact(b: int, c: int, *, alternative: Alternative = "two-sided", level: float = 0.95) -> Estimate:
    r"""Compare two observers on the same yes/no items, by McNemar's test with the exact binomial.

    Items on which both are right, or both wrong, say nothing of the difference. Of the b + c others, half
    should be b if the observers are equal: p is that of b successes in b + c fair tosses [1]_.

    Parameters
    ----------
    b : int
        Items that only the first observer (e.g. the new model) got right.
    c : int
        Items that only the second got right.
    alternative : {"two-sided", "greater", "less"}
        What p speaks for: a difference; the first being right more often; or less often. The
        two-sided p is twice the smaller one, 1 at most.
    level : float
        Nominal coverage of the interval, between 0 and 1.

    Returns
    -------
    Estimate
        :math:`b / (b + c)` in [0, 1], 0.5 for equal observers, with its exact interval [2]_, and `p`. Without
        discordant items the value is NaN with a reason, and p is 1.

    Notes
    -----
    Items must be independent: one per scene, not several renderings of it.

    References
    ----------
    .. [1] McNemar, Q. (1947). Note on the sampling error of the difference between correlated proportions or
       percentages. Psychometrika 12, 153-157. :DOI:`10.1007/BF02295996`
    .. [2] Clopper, C. J. and Pearson, E. S. (1934). The use of confidence or fiducial limits illustrated in the
       case of the binomial. Biometrika 26, 404-413. :DOI:`10.1093/biomet/26.4.404`

    Examples
    --------
    >>> round(mcnemar_exact(1, 9).p, 4)  # 2 (1 + 10) / 2**10
    0.0215
    """
    check_choice("alternative", alternative, get_args(Alternative))
    check_fraction("level", level, closed=False)
    b, n = check_whole("b", b, least=0), b + check_whole("c", c, least=0)
    low, high = exact_bounds(b, n, level)
    return Estimate(
        value=b / n if n else math.nan,
        low=low,
        high=high,
        n=n,
        level=level,
        unit="discordant item",
        method=f"Clopper-Pearson interval; exact binomial p, {alternative}",
        name="share of the first among discordant items",
        p=exact_p(b, n, alternative),
        reason="" if n else "no item is discordant",
    )


def exact_p(b: int, n: int, alternative: Alternative) -> float:
    """Return the p of b heads in n fair tosses."""
    from scipy.special import bdtr  # late: a third of a second

    less, greater = float(bdtr(b, n, 0.5)), float(bdtr(n - b, n, 0.5))
    return {"less": less, "greater": greater, "two-sided": min(1.0, 2.0 * less, 2.0 * greater)}[alternative]


def exact_bounds(b: int, n: int, level: float) -> tuple[float, float]:
    """Return the bounds of Clopper and Pearson; NaN for no item."""
    from scipy.special import betaincinv  # late, as above

    if n == 0:
        return math.nan, math.nan
    tail = (1.0 - level) / 2.0
    low = float(betaincinv(b, n - b + 1, tail)) if b else 0.0
    high = float(betaincinv(b + 1, n - b, 1.0 - tail)) if b < n else 1.0
    return low, high
