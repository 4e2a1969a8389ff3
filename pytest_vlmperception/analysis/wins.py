"""Paired comparisons counted."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pytest_vlmperception.analysis.checks import FloatArray, check_lengths, check_whole, outcomes_of
from pytest_vlmperception.errors import UsageError

__all__ = ["win_matrix"]


def win_matrix(first: ArrayLike, second: ArrayLike, first_chosen: ArrayLike, n: int) -> FloatArray:
    """Count how often each stimulus was chosen over each other one.

    Parameters
    ----------
    first, second : array_like of int, shape (trials,)
        Indices, from 0 to n - 1, of the stimuli shown first and second.
    first_chosen : array_like of float, shape (trials,)
        1 where the first was chosen, 0 where the second was, NaN where there is no
        answer: such a trial counts for neither.
    n : int
        Number of stimuli.

    Returns
    -------
    ndarray of float, shape (n, n)
        ``wins[i, j]``: times i was chosen over j, in either position.

    Examples
    --------
    >>> win_matrix([0, 1, 0], [1, 0, 1], [1, 1, float("nan")], 2)
    array([[0., 1.],
           [1., 0.]])
    """
    check_whole("n", n, least=2)
    one, two = indices_of("first", first, n), indices_of("second", second, n)
    chosen = outcomes_of("first_chosen", first_chosen)
    check_lengths(first=one, second=two, first_chosen=chosen)
    same = np.flatnonzero(one == two)
    if same.size:
        raise UsageError(f"trial {same[0]} compares stimulus {one[same[0]]} with itself; give two different stimuli")
    wins = np.zeros((n, n))
    np.add.at(wins, (one[chosen == 1.0], two[chosen == 1.0]), 1.0)
    np.add.at(wins, (two[chosen == 0.0], one[chosen == 0.0]), 1.0)
    return wins


def indices_of(name: str, values: ArrayLike, n: int) -> NDArray[np.intp]:
    """Return `values` as indices, shape (trials,), or say which one is none."""
    array = np.asarray(values)
    if array.ndim != 1 or (array.size and array.dtype.kind not in "iu"):
        raise UsageError(
            f"{name} has shape {array.shape} and type {array.dtype}; expected whole numbers, one per trial"
        )
    outside = np.flatnonzero((array < 0) | (array >= n))
    if outside.size:
        raise UsageError(f"{name}[{outside[0]}] = {array[outside[0]]}; expected an index from 0 to {n - 1}")
    return array.astype(np.intp)
