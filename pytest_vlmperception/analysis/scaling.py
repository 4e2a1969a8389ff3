"""Scale values from paired comparisons."""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pytest_vlmperception.analysis.checks import FloatArray, check_choice
from pytest_vlmperception.errors import UsageError

__all__ = ["Unanimous", "compared_sets", "scale_case_v"]

Unanimous = Literal["logistic", "half", "clip"]

normal_quantile = NormalDist().inv_cdf

# Stimuli with the same wins must tie in a later ranking, whatever the order their z were summed in.
DECIMALS = 12


def scale_case_v(wins: ArrayLike, *, unanimous: Unanimous = "logistic") -> FloatArray:
    r"""Scale stimuli by Thurstone's law of comparative judgment, Case V.

    In units where :math:`P(i > j) = \Phi(s_i - s_j)`: the standard deviation of the *difference* of two
    percepts is 1 (some authors take that of one percept; multiply by :math:`\sqrt 2` for theirs).
    With :math:`z_{ij} = \Phi^{-1}(f_{ij} / N_{ij})` the values minimise
    :math:`\sum (z_{ij} - s_i + s_j)^2` over the pairs that were compared, each pair with weight one [2]_ [3]_,
    and are centred. For a complete design that is the mean of row i of z, over all n columns with
    :math:`z_{ii} = 0` [1]_.

    Parameters
    ----------
    wins : array_like of float, shape (n, n)
        ``wins[i, j]`` = f: times i was chosen over j, of N = ``wins[i, j] + wins[j, i]``. Fractions
        are counts too: a tie may give one half to each.
    unanimous : {"logistic", "half", "clip"}
        z of a pair in which one stimulus was always chosen, where the quantile is infinite:

        - ``logistic``: a ln((f + 1/2) / (N - f + 1/2)), with a the slope through the origin of
          the quantile of f / N on that logit over f = 1 ... N - 1. Depends on N only, never on the data;
          N below 3 takes the slope of 3, a fractional N that of the nearest whole number.
        - ``half``: quantile of (f + 1/2) / (N + 1).
        - ``clip``: quantile of f / N kept within 1 / (2 N) of 0 and 1. Not for N = 1, where it is always 0.

    Returns
    -------
    ndarray of float, shape (n,)
        Scale values with mean 0, rounded to 12 decimals.

    Raises
    ------
    UsageError
        If `wins` is no square matrix of counts with a zero diagonal, or if sets of stimuli
        were never compared with each other; see `compared_sets`.

    Notes
    -----
    With few repeats most pairs are unanimous, and the rule sets the range of the scale; ranks move less.
    Colour science often applies the logistic rule to every cell, not to the unanimous ones only [4]_:
    z of the others then differs by at most 2.2 % up to N = 20 and 6.2 % up to N = 60.

    References
    ----------
    .. [1] Thurstone, L. L. (1927). A law of comparative judgment. Psychological Review 34, 273-286.
       :DOI:`10.1037/h0070288`
    .. [2] Gulliksen, H. (1956). A least squares solution for paired comparisons with incomplete
       data. Psychometrika 21, 125-134. :DOI:`10.1007/BF02289093`
    .. [3] Tsukida, K. and Gupta, M. R. (2011). How to analyze paired comparison data. University of
       Washington, UWEETR-2011-0004.
    .. [4] Bartleson, C. J. and Grum, F. (1984). Optical Radiation Measurements 5: Visual Measurements.

    Examples
    --------
    >>> scale_case_v([[0, 84], [16, 0]]).round(3)
    array([ 0.497, -0.497])
    """
    check_choice("unanimous", unanimous, RULES)
    counts = counts_of(wins)
    check_connected(counts)
    z = quantiles(counts, unanimous)
    # The Laplacian is singular along the constant vector; adding it there asks for a centred solution.
    scale = np.linalg.solve(laplacian_of(counts + counts.T > 0.0) + 1.0 / len(counts), z.sum(axis=1))
    return np.asarray(np.round(scale, DECIMALS) + 0.0, dtype=np.float64)  # no negative zero


def laplacian_of(compared: NDArray[np.bool_]) -> FloatArray:
    """Return the Laplacian of the graph of compared pairs, shape (n, n)."""
    links = compared.astype(np.float64)
    return np.asarray(np.diag(links.sum(axis=1)) - links)


def counts_of(wins: ArrayLike) -> FloatArray:
    """Return `wins` as floats, shape (n, n), or say what is no count."""
    try:
        counts = np.array(wins, dtype=np.float64)
    except (TypeError, ValueError):
        raise UsageError("wins is no matrix of numbers; give times that i was chosen over j, shape (n, n)") from None
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1] or len(counts) < 2:
        raise UsageError(f"wins has shape {counts.shape}; expected (n, n) with at least 2 stimuli")
    wrong = np.argwhere(~np.isfinite(counts) | (counts < 0.0))
    if len(wrong):
        i, j = wrong[0]
        raise UsageError(f"wins[{i}, {j}] = {counts[i, j]:g}; expected a count, finite and not negative")
    loop = np.flatnonzero(np.diag(counts))
    if loop.size:
        i = loop[0]
        raise UsageError(f"wins[{i}, {i}] = {counts[i, i]:g}; expected 0, as no stimulus is compared with itself")
    return counts


def compared_sets(wins: ArrayLike) -> tuple[tuple[int, ...], ...]:
    """Return the sets of stimuli that comparisons tie together, directly or over others.

    Parameters
    ----------
    wins : array_like of float, shape (n, n)
        As for `scale_case_v`.

    Returns
    -------
    tuple of tuple of int
        Indices of each set; one set where all stimuli can be put on one scale.

    Examples
    --------
    >>> compared_sets([[0, 1, 0], [0, 0, 0], [0, 0, 0]])
    ((0, 1), (2,))
    """
    counts = counts_of(wins)
    linked = counts + counts.T > 0
    left, sets = set(range(len(counts))), []
    while left:
        members = reached(min(left), linked)
        sets.append(tuple(sorted(members)))
        left -= members
    return tuple(sets)


def reached(start: int, linked: np.ndarray) -> set[int]:
    """Return what can be reached from `start` over links."""
    found, frontier = {start}, [start]
    while frontier:
        new = set(np.flatnonzero(linked[frontier.pop()]).tolist()) - found
        found |= new
        frontier.extend(new)
    return found


def check_connected(counts: FloatArray) -> None:
    """Raise, and name the sets, where no scale can hold all stimuli."""
    sets = compared_sets(counts)
    if len(sets) > 1:
        named = " | ".join(", ".join(map(str, members)) for members in sets)
        raise UsageError(f"stimuli were never compared across the sets {named}; compare at least one pair between them")


def quantiles(counts: FloatArray, unanimous: Unanimous) -> FloatArray:
    """Return z, shape (n, n), antisymmetric; 0 on the diagonal and where nothing was compared."""
    z = np.zeros_like(counts)
    for i, j in zip(*np.triu_indices(len(counts), k=1), strict=True):
        f, total = float(counts[i, j]), float(counts[i, j] + counts[j, i])
        if total > 0.0:
            z[i, j] = normal_quantile(f / total) if 0.0 < f < total else RULES[unanimous](f, total)
            z[j, i] = -z[i, j]
    return z


def logit(f: float, total: float) -> float:
    """Return ln((f + 1/2) / (N - f + 1/2))."""
    return math.log((f + 0.5) / (total - f + 0.5))


def logistic_slope(total: int) -> float:
    """Return the slope through the origin of the quantile of f / N on the logit, f = 1 ... N - 1."""
    inner = range(1, total)
    logits = [logit(f, total) for f in inner]
    products = math.fsum(normal_quantile(f / total) * x for f, x in zip(inner, logits, strict=True))
    return products / math.fsum(x * x for x in logits)


def logistic(f: float, total: float) -> float:
    """Return z of a unanimous pair by the logistic rule."""
    # With N = 2 the only cell between is the even one, whose logit is 0: it has no slope.
    return logistic_slope(max(3, round(total))) * logit(f, total)


def half(f: float, total: float) -> float:
    """Return z of a unanimous pair with half a vote added to each side."""
    return normal_quantile((f + 0.5) / (total + 1.0))


def clip(f: float, total: float) -> float:
    """Return z of a unanimous pair with the proportion clipped."""
    if total <= 1.0:
        raise UsageError(f"unanimous='clip' makes a pair judged {total:g} time(s) a tie; use 'logistic' or 'half'")
    nearest = 1.0 / (2.0 * total)
    return normal_quantile(min(max(f / total, nearest), 1.0 - nearest))


RULES: dict[str, Callable[[float, float], float]] = {"logistic": logistic, "half": half, "clip": clip}
