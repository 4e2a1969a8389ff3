"""Scale values from paired comparisons, in log-odds."""

from __future__ import annotations

import math
from numbers import Real

import numpy as np
from numpy.typing import ArrayLike

from pytest_vlmperception.analysis.checks import FloatArray
from pytest_vlmperception.analysis.scaling import check_connected, counts_of, reached
from pytest_vlmperception.errors import UsageError

__all__ = ["scale_bradley_terry"]

# Newton's method doubles the right digits in each step, once it is near. Far out it goes one log-odd a step.
STEPS = 100

# Of the last step, in log-odds; and the digits that are right then.
TOLERANCE = 1e-10
DECIMALS = 9

# Of the log-likelihood, as a share of it.
ROUNDING = 1e-14


def scale_bradley_terry(wins: ArrayLike, *, prior: float = 0.0) -> FloatArray:
    r"""Scale stimuli by the model of Bradley and Terry.

    In log-odds: :math:`P(i > j) = 1 / (1 + e^{-(s_i - s_j)})` [1]_. The values maximise

    .. math:: \sum_{i \ne j} w_{ij} \ln P(i > j) - \alpha \sum_i s_i^2

    with :math:`w_{ij}` the times i was chosen over j, and are centred. The penalty is that of independent normal
    priors with variance :math:`1 / (2 \alpha)`.

    Parameters
    ----------
    wins : array_like of float, shape (n, n)
        ``wins[i, j]``: times i was chosen over j. Fractions are counts too: a tie may give one half to
        each.
    prior : float
        :math:`\alpha \ge 0`. Above 0 there is always a finite scale, drawn towards 0; the fewer the comparisons,
        the more. Sets of stimuli that were never compared with each other are then each centred.

    Returns
    -------
    ndarray of float, shape (n,)
        Scale values with mean 0, rounded to 9 decimals.

    Raises
    ------
    UsageError
        If `wins` is no square matrix of counts with a zero diagonal, or if no finite values maximise the
        likelihood: with prior=0, where sets of stimuli were never compared, or where
        one set won every comparison with the rest [2]_.

    See Also
    --------
    scale_case_v : Thurstone's normal model, with a rule for pairs that one stimulus always won.

    References
    ----------
    .. [1] Bradley, R. A. and Terry, M. E. (1952). Rank analysis of incomplete block designs. I. The method of
       paired comparisons. Biometrika 39, 324-345. :DOI:`10.1093/biomet/39.3-4.324`
    .. [2] Ford, L. R. (1957). Solution of a ranking problem from binary comparisons. American Mathematical
       Monthly 64 (8), 28-33. :DOI:`10.1080/00029890.1957.11989117`

    Examples
    --------
    >>> scale_bradley_terry([[0, 3], [1, 0]]).round(3)  # ln 3 apart
    array([ 0.549, -0.549])
    """
    counts = counts_of(wins)
    alpha = check_prior(prior)
    if alpha == 0.0:
        check_connected(counts)
        check_beaten(counts)
    # A common factor of counts and prior changes nothing; without it the largest count is one.
    size = float(counts.max()) or 1.0
    scale = maximum(counts / size, alpha / size)
    return np.asarray(np.round(scale - scale.mean(), DECIMALS) + 0.0, dtype=np.float64)  # no negative zero


def check_prior(prior: object) -> float:
    """Return the prior as a float, or say what it should be."""
    alpha = float(prior) if isinstance(prior, Real) and not isinstance(prior, bool) else math.nan
    if not 0.0 <= alpha < math.inf:
        raise UsageError(f"prior={prior!r}; expected a finite number of at least 0")
    return alpha


def check_beaten(counts: FloatArray) -> None:
    """Raise where some stimuli never lost to the rest: their values would be infinite."""
    for start in range(len(counts)):
        below = reached(start, counts > 0.0)
        if len(below) < len(counts):
            named = ", ".join(map(str, sorted(below)))
            raise UsageError(
                f"stimuli {named} never won against the rest: without a prior their values are infinite; "
                "give a prior, such as prior=0.1, or use scale_case_v"
            )


def maximum(counts: FloatArray, alpha: float) -> FloatArray:
    """Climb the penalised log-likelihood by Newton's method until a step changes nothing."""
    scale = np.zeros(len(counts))
    for _ in range(STEPS):
        step = newton_step(scale, counts, alpha)
        scale = scale + step
        if np.abs(step).max() <= TOLERANCE:
            return scale
    raise UsageError(
        f"the Bradley-Terry scale did not converge in {STEPS} steps: some wins are too few for the others; "
        "give a prior, such as prior=0.1"
    )


def newton_step(scale: FloatArray, counts: FloatArray, alpha: float) -> FloatArray:
    """Return Newton's step, halved until it does not lead down."""
    matrix = information(scale, counts, alpha)
    # Without a prior the matrix is singular along the constant vector, of which the gradient has no part.
    found = np.linalg.solve(matrix + matrix.max(), gradient(scale, counts, alpha))
    here = objective(scale, counts, alpha)
    while objective(scale + found, counts, alpha) < here * (1.0 + ROUNDING):
        found = found / 2.0
    return np.asarray(found)


def chances(scale: FloatArray) -> FloatArray:
    """Return P(i > j), shape (n, n), to full precision also near 0."""
    return np.asarray(np.exp(-np.logaddexp(0.0, scale[None, :] - scale[:, None])))


def objective(scale: FloatArray, counts: FloatArray, alpha: float) -> float:
    """Return the penalised log-likelihood, which is never above 0."""
    return float(-(counts * np.logaddexp(0.0, scale[None, :] - scale[:, None])).sum() - alpha * (scale**2).sum())


def gradient(scale: FloatArray, counts: FloatArray, alpha: float) -> FloatArray:
    """Return its derivatives: unexpected wins less unexpected losses, less the pull of the prior."""
    surprise = counts * chances(scale).T
    return np.asarray((surprise - surprise.T).sum(axis=1) - 2.0 * alpha * scale)


def information(scale: FloatArray, counts: FloatArray, alpha: float) -> FloatArray:
    """Return the negative of its second derivatives, shape (n, n)."""
    chance = chances(scale)
    weights = (counts + counts.T) * chance * chance.T
    return np.asarray(np.diag(weights.sum(axis=1) + 2.0 * alpha) - weights)
