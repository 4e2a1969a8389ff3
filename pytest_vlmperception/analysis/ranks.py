"""Ranks, ties sharing their mean rank."""

from __future__ import annotations

import numpy as np

from pytest_vlmperception.analysis.checks import FloatArray

__all__ = ["average_ranks", "weighted_ranks"]


def average_ranks(values: FloatArray) -> FloatArray:
    """Return ranks from 1, ties sharing their mean rank; shape (n,)."""
    return np.asarray(weighted_ranks(values[None], np.ones((1, len(values))))[0])


def weighted_ranks(values: FloatArray, weights: FloatArray) -> FloatArray:
    """Return the average ranks that points have in samples which hold them several times.

    Parameters
    ----------
    values : ndarray of float, shape (rows, m) or (1, m)
        The same points for all rows, or other ones for each.
    weights : ndarray of float, shape (rows, m)
        Times that each point is in the sample.

    Returns
    -------
    ndarray of float, shape (rows, m)
        Ranks from 1; of points that are not in the sample, any number.

    Examples
    --------
    >>> weighted_ranks(np.array([[5.0, 7.0, 9.0]]), np.array([[1.0, 1.0, 1.0], [2.0, 0.0, 1.0]]))[:, [0, 2]]
    array([[1. , 3. ],
           [1.5, 3. ]])
    """
    order = np.argsort(values, axis=1, kind="stable")
    ordered = np.take_along_axis(values, order, axis=1)
    order = np.broadcast_to(order, weights.shape)
    start, end = runs(ordered)
    upto = np.pad(np.cumsum(np.take_along_axis(weights, order, axis=1), axis=1), ((0, 0), (1, 0)))
    before, after = (np.take_along_axis(upto, np.broadcast_to(at, weights.shape), axis=1) for at in (start, end))
    ranks = np.empty_like(weights)
    np.put_along_axis(ranks, order, (before + after + 1.0) / 2.0, axis=1)
    return ranks


def runs(ordered: FloatArray) -> tuple[np.ndarray, np.ndarray]:
    """Return where the run of equal values that holds each one starts, and where it has ended."""
    places = np.broadcast_to(np.arange(ordered.shape[1]), ordered.shape)
    new = np.ones(ordered.shape, dtype=bool)
    new[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    start = np.maximum.accumulate(np.where(new, places, 0), axis=1)
    last = np.roll(new, -1, axis=1)
    end = np.minimum.accumulate(np.where(last, places + 1, ordered.shape[1])[:, ::-1], axis=1)[:, ::-1]
    return start, end
