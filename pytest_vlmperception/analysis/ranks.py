"""Ranks and the correlation of ranks."""

from __future__ import annotations

import math
from itertools import permutations

import numpy as np

from pytest_vlmperception.analysis.checks import FloatArray

__all__ = ["EXACT_UP_TO", "LEAST", "average_ranks", "exact_p", "rank_correlation"]

# 8! = 40320 orders take some milliseconds; 9! would take ten times the time and memory.
EXACT_UP_TO = 8

# Two points correlate perfectly, whatever they are.
LEAST = 3


def average_ranks(values: FloatArray) -> FloatArray:
    """Return ranks from 1, ties sharing their mean rank; shape (n,)."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2.0)[inverse], dtype=np.float64)


def rank_correlation(x: FloatArray, y: FloatArray) -> float:
    r"""Return Spearman's rho: Pearson's correlation of average ranks; NaN below 3 points or if constant.

    Average ranks are halves and their mean is a half, so that sums of products are exact in binary: rho
    of 0.8 is the number 0.8.
    """
    if len(x) < LEAST:
        return math.nan
    middle = (len(x) + 1) / 2.0
    a, b = average_ranks(x) - middle, average_ranks(y) - middle
    scale = math.sqrt(float(a @ a) * float(b @ b))
    return float(a @ b) / scale if scale else math.nan


def exact_p(x: FloatArray, y: FloatArray) -> float:
    """Return the exact one-sided p of rho > 0: the share of orders of y with at least the rho seen.

    Parameters
    ----------
    x, y : ndarray of float, shape (n,)
        At most `EXACT_UP_TO` points, as all n! orders are counted.
    """
    a, b = average_ranks(x), average_ranks(y)
    orders = np.array(list(permutations(b)))
    return float(np.mean(orders @ a >= b @ a))
