"""Maximum likelihood for many sets of answers at once: a grid to start from, then damped Newton steps."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pytest_vlmperception.analysis.checks import FloatArray
from pytest_vlmperception.analysis.psychometric.likelihood import LAPSE, THRESHOLD, WIDTH, Box, Trials

__all__ = ["Fits", "climb", "maximise"]

# Newton steps double the number of right digits; what has not converged by then does not.
STEPS = 100

# Largest score left, in units of its standard error: parameters are then right to 1e-4 of theirs.
TOLERANCE = 1e-4

# Tried thresholds in each gap between two levels, and with a level on the rise; widths in a factor of ten; lapse rates.
PER_GAP, ON_RISE, PER_DECADE, RATES = 4, 5, 8, 6

# Of more levels the grid has so many thresholds; of more still it is compared with sums of neighbours.
LEVELS, COARSE = 20, 40

# Likelihoods that are held at a time: bounds the memory.
BLOCK = 1_000_000


@dataclass(frozen=True, eq=False)
class Fits:
    """Maximum-likelihood fits.

    Attributes
    ----------
    parameters : ndarray of float, shape (rows, 3)
        Threshold, ln width, lapse rate.
    log_likelihood : ndarray of float, shape (rows,)
        Of each, without its constant.
    converged : ndarray of bool, shape (rows,)
        Whether no step can improve it.
    """

    parameters: FloatArray
    log_likelihood: FloatArray
    converged: NDArray[np.bool_]


def maximise(trials: Trials, successes: FloatArray, box: Box) -> Fits:
    """Fit each row of answers, shape (rows, levels), within one box.

    The likelihood may have a maximum among steep and another among shallow sigmoids, so the best of the
    grid is sought, and climbed from, for either half of the widths.
    """
    tried = widths(box)
    halves = [part for part in np.array_split(tried, 2) if len(part)]
    grids = [grid(trials.levels, box, half) for half in halves]
    return best([climb(trials, successes, start(trials, successes, points), box) for points in grids])


def best(fits: list[Fits]) -> Fits:
    """Choose the likeliest fit of each row."""
    chosen = np.argmax([fit.log_likelihood for fit in fits], axis=0)
    rows = np.arange(len(chosen))
    parts = (
        np.stack([getattr(fit, name) for fit in fits])[chosen, rows]
        for name in ("parameters", "log_likelihood", "converged")
    )
    return Fits(*parts)


def widths(box: Box) -> FloatArray:
    """Return the ln widths to start from, shape (n,)."""
    low, high = box.low[WIDTH], box.high[WIDTH]
    return np.linspace(low, high, 1 + math.ceil((high - low) / math.log(10.0) * PER_DECADE))


def grid(levels: FloatArray, box: Box, tried: FloatArray) -> FloatArray:
    """Return parameters to start from, shape (points, 3): each tried ln width with its thresholds and lapse rates."""
    fixed = box.low == box.high
    thresholds = box.low[None, THRESHOLD] if fixed[THRESHOLD] else candidates(levels, np.exp(tried))
    rates = np.linspace(box.low[LAPSE], box.high[LAPSE], 1 if fixed[LAPSE] else RATES)
    axes = np.broadcast_arrays(thresholds[..., None], tried[:, None, None], rates)
    points: FloatArray = np.stack([axis.ravel() for axis in axes], axis=1)
    return points.clip(box.low, box.high)


def candidates(levels: FloatArray, spreads: FloatArray) -> FloatArray:
    """Return thresholds for each width, shape (widths, n): between levels, beyond them, and with one on the rise."""
    levels = levels[np.unique(np.linspace(0, len(levels) - 1, min(len(levels), LEVELS)).round().astype(int))]
    inside = np.interp(np.arange((len(levels) - 1) * PER_GAP + 1) / PER_GAP, np.arange(len(levels)), levels)
    outside = np.linspace(0.0, 1.0, 5)[1:]
    anywhere = np.concatenate([levels[0] - outside, inside, levels[-1] + outside])
    on_the_rise = levels[:, None] + spreads[:, None, None] * np.linspace(-0.4, 0.4, ON_RISE)
    rows = len(spreads)
    return np.concatenate([np.tile(anywhere, (rows, 1)), on_the_rise.reshape(rows, -1)], axis=1)


def start(trials: Trials, successes: FloatArray, points: FloatArray) -> FloatArray:
    """Return the likeliest point of a grid for each row of answers, shape (rows, 3)."""
    trials, successes = trials.coarse(successes, COARSE)
    rows = np.arange(len(successes))
    likeliest, reached = np.zeros(len(rows), dtype=np.intp), np.full(len(rows), -np.inf)
    blocks = 1 + len(points) * max(successes.shape) // BLOCK
    for part in np.array_split(np.arange(len(points)), blocks):
        found = trials.log_likelihoods(points[part], successes)
        top = found.argmax(axis=0)
        better = found[top, rows] > reached
        likeliest[better], reached[better] = part[top[better]], found[top, rows][better]
    return np.asarray(points[likeliest], dtype=np.float64)


def climb(trials: Trials, successes: FloatArray, parameters: FloatArray, box: Box) -> Fits:
    """Improve `parameters`, shape (rows, 3), by Levenberg-Marquardt steps within the box, each row on its own."""
    parameters = np.clip(parameters, box.low, box.high)
    successes = np.broadcast_to(successes, (len(parameters), successes.shape[1]))
    reached = trials.log_likelihood(parameters, successes)
    damping = np.full(len(parameters), 1e-3)
    converged = np.zeros(len(parameters), dtype=np.bool_)
    for _ in range(STEPS):
        rows = np.flatnonzero(~converged)
        if not rows.size:
            break
        within = box.rows(rows)
        proposed, done = step(trials, successes[rows], parameters[rows], damping[rows], within)
        likelihood = trials.log_likelihood(proposed, successes[rows])
        better = likelihood > reached[rows]
        parameters[rows[better]], reached[rows[better]] = proposed[better], likelihood[better]
        damping[rows] = np.clip(np.where(better, damping[rows] / 5.0, damping[rows] * 8.0), 1e-9, 1e15)
        # At the largest damping a step is too short to change the likelihood's last bit.
        converged[rows] = done | (~better & (damping[rows] >= 1e15))
    return Fits(parameters, reached, converged)


def step(
    trials: Trials, successes: FloatArray, parameters: FloatArray, damping: FloatArray, box: Box
) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Propose the next parameters, and say which rows are at their maximum already."""
    gradient, information, curved = trials.derivatives(parameters, successes)
    stuck = ((parameters <= box.low) & (gradient <= 0.0)) | ((parameters >= box.high) & (gradient >= 0.0))
    free = ~(stuck | (box.low == box.high))
    gradient = np.where(free, gradient, 0.0)
    done = np.all(np.abs(gradient) <= TOLERANCE * np.sqrt(information) + 1e-6, axis=1)
    diagonal = np.where(free, damping[:, None] * np.maximum(information, 1e-8), 1.0)
    matrix = curved * (free[:, :, None] & free[:, None, :]) + diagonal[:, :, None] * np.eye(3)
    move = np.linalg.solve(matrix, gradient[:, :, None])[:, :, 0]
    return np.clip(parameters + move, box.low, box.high), done
