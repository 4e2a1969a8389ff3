"""Logistic regression on one predictor, for many weighted samples at once."""

from __future__ import annotations

import math

import numpy as np

from pytest_vlmperception.analysis.checks import FloatArray

__all__ = ["firth_logistic"]

STEPS = 200

# Of the last step, in log-odds per standard deviation of x; and the longest that a step may be, as longer ones may go
# to and fro over steep data.
TOLERANCE = 1e-8
LONGEST = 2.0


def firth_logistic(x: FloatArray, successes: FloatArray, trials: FloatArray) -> FloatArray:
    r"""Fit :math:`P = 1 / (1 + e^{-(a + b x)})` by Firth's penalised likelihood.

    The penalty is Jeffreys' prior [1]_: it takes away the first-order bias of maximum likelihood and keeps a and b
    finite where x separates successes from failures [2]_; it vanishes as data grow.

    Parameters
    ----------
    x : ndarray of float, shape (m,)
        The predictor; at least two different values.
    successes, trials : ndarray of float, shape (rows, m)
        Counts at each x in each sample.

    Returns
    -------
    ndarray of float, shape (rows, 2)
        a and b; NaN for a sample without two different x, or which did not converge.

    References
    ----------
    .. [1] Firth, D. (1993). Bias reduction of maximum likelihood estimates. Biometrika 80, 27-38.
       :DOI:`10.1093/biomet/80.1.27`
    .. [2] Heinze, G. and Schemper, M. (2002). A solution to the problem of separation in logistic regression.
       Statistics in Medicine 21, 2409-2419. :DOI:`10.1002/sim.1047`
    """
    # By the largest first: squares then stay in range.
    largest = float(np.abs(x).max())
    middle, size = float((x / largest).mean()), float((x / largest).std())
    u = (x / largest - middle) / size
    found = np.full((len(trials), 2), math.nan)
    rows = np.flatnonzero(spread(u, trials) > TOLERANCE)
    guess = np.zeros((len(rows), 2))
    for _ in range(STEPS):
        step = scoring_step(guess, u, successes[rows], trials[rows])
        guess = guess + step
        done = np.abs(step).max(axis=1) <= TOLERANCE
        found[rows[done]] = guess[done]
        rows, guess = rows[~done], guess[~done]
        if not len(rows):
            break
    return np.column_stack([found[:, 0] - found[:, 1] * middle / size, found[:, 1] / size / largest])


def spread(u: FloatArray, trials: FloatArray) -> FloatArray:
    """Return the range of u within each sample, shape (rows,)."""
    inside = trials > 0.0
    return np.asarray(np.where(inside, u, -np.inf).max(axis=1) - np.where(inside, u, np.inf).min(axis=1))


def scoring_step(guess: FloatArray, u: FloatArray, successes: FloatArray, trials: FloatArray) -> FloatArray:
    """Return the step to the next guess, shape (rows, 2), at most `LONGEST` long.

    The penalty adds to the trials at each x their leverage, half of it successes. With it in the information
    too, steps do not overshoot.
    """
    chance = (1.0 + np.tanh((guess[:, :1] + guess[:, 1:] * u) / 2.0)) / 2.0
    variance = chance * (1.0 - chance)
    (i00, i01, i11), determinant = information(trials * variance, u)
    leverage = trials * variance * (i11 - 2.0 * i01 * u + i00 * u**2) / determinant
    (i00, i01, i11), determinant = information((trials + leverage) * variance, u)
    score = successes - trials * chance + leverage * (0.5 - chance)
    s0, s1 = score.sum(axis=1, keepdims=True), weighted(score, u)
    step = np.concatenate([i11 * s0 - i01 * s1, i00 * s1 - i01 * s0], axis=1) / determinant
    longest = np.abs(step).max(axis=1, keepdims=True)
    return np.asarray(step * np.minimum(1.0, LONGEST / np.maximum(longest, LONGEST)))


def information(weights: FloatArray, u: FloatArray) -> tuple[tuple[FloatArray, FloatArray, FloatArray], FloatArray]:
    """Return the entries of Fisher's information on a and b, and its determinant, each of shape (rows, 1)."""
    i00, i01, i11 = weights.sum(axis=1, keepdims=True), weighted(weights, u), weighted(weights, u**2)
    return (i00, i01, i11), i00 * i11 - i01**2


def weighted(weights: FloatArray, values: FloatArray) -> FloatArray:
    """Return the sum of weighted values of each row, shape (rows, 1)."""
    # Not with @: its threads cost more than they bring where others use the cores too.
    return np.asarray(np.einsum("rm,m->r", weights, values)[:, None])
