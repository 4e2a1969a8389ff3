"""Accuracy in which every class counts alike."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from pytest_vlmperception.analysis.checks import FloatArray, check_lengths, labels_of, numbered, outcomes_of
from pytest_vlmperception.analysis.draws import estimated, resampled
from pytest_vlmperception.analysis.resampling import Design, mean_of, ratio
from pytest_vlmperception.errors import UsageError
from pytest_vlmperception.records import Estimate

__all__ = ["balanced_accuracy"]


def balanced_accuracy(
    correct: ArrayLike,
    classes: Iterable[Any],
    *,
    groups: Iterable[Any] | None = None,
    unit: str | None = None,
    replicates: int = 2000,
    seed: int = 0,
) -> Estimate:
    r"""Estimate the mean over classes of the share of each class that is answered correctly (its recall).

    A model that always names the most frequent of k classes has 1 / k, however frequent that class is [1]_.

    Parameters
    ----------
    correct : array_like of float, shape (n,)
        1 where an answer is correct, 0 where not, NaN where there is none: left out and counted in
        `Estimate.missing`.
    classes : iterable of n labels
        The reference class of each answer.
    groups : iterable of n labels, optional
        The independent unit, e.g. scene, of each answer; default, each is its own.
    unit : str, optional
        What one unit is called; default ``group`` or ``answer``.
    replicates, seed : int
        Of the bootstrap over units; see `Design`. A replicate is the mean over the classes that it drew.

    Returns
    -------
    Estimate
        In [0, 1] with its bootstrap interval; `units` = the share of each unit that is correct, the
        lowest first. NaN with a reason where a class has no answer.

    References
    ----------
    .. [1] Brodersen, K. H. et al. (2010). The balanced accuracy and its posterior distribution. 20th
       International Conference on Pattern Recognition, 3121-3124. :DOI:`10.1109/ICPR.2010.764`

    Examples
    --------
    >>> balanced_accuracy([1, 1, 1, 0], ["happy", "happy", "happy", "sad"]).value
    0.5
    """
    right = outcomes_of("correct", correct)
    kinds = labels_of("classes", classes)
    labels = labels_of("groups", groups) if groups is not None else numbered(len(right))
    check_lengths(correct=right, classes=kinds, groups=labels)
    if not len(right):
        raise UsageError("a balanced accuracy needs at least one answer: got none; give 1, 0 or NaN per answer")
    design = Design.of(labels, replicates=replicates, seed=seed)
    names, hits, counts = tables(right, kinds, labels, design)
    return estimate_of(names, hits, counts, design, unit or ("group" if groups is not None else "answer"), len(right))


def tables(
    right: FloatArray, kinds: tuple[str, ...], labels: tuple[str, ...], design: Design
) -> tuple[list[str], FloatArray, FloatArray]:
    """Return the classes, and the correct and all answers of each unit to each: shape (design.n, classes)."""
    names, kind = np.unique(kinds, return_inverse=True)
    shape = (design.n, len(names))
    valid = ~np.isnan(right)
    cell = np.ravel_multi_index((design.positions(labels)[valid], kind[valid]), shape)

    def table(weights: FloatArray) -> FloatArray:
        return np.bincount(cell, weights=weights, minlength=shape[0] * shape[1]).reshape(shape).astype(np.float64)

    return names.tolist(), table(right[valid]), table(np.ones(int(valid.sum())))


def estimate_of(
    names: list[str], hits: FloatArray, counts: FloatArray, design: Design, unit: str, given: int
) -> Estimate:
    """Put value, interval, worst units and reasons together."""

    def mean_recall(drawn: FloatArray) -> FloatArray:
        recalls = ratio(drawn @ hits, drawn @ counts)
        return ratio(np.nansum(recalls, axis=1), (~np.isnan(recalls)).sum(axis=1).astype(np.float64))

    recalls = ratio(hits.sum(axis=0), counts.sum(axis=0))
    without = [name for name, recall in zip(names, recalls, strict=True) if math.isnan(recall)]
    means = resampled(mean_recall, design, width=max(hits.shape))
    # Exact up to one rounding: seven times 0.9 is at least 0.9.
    means[0] = math.nan if without else mean_of(recalls)
    shares = ratio(hits.sum(axis=1), counts.sum(axis=1)).tolist()
    named = [(name, share) for name, share in zip(design.units, shares, strict=True) if not math.isnan(share)]
    estimate = estimated(
        means,
        design,
        n=len(named),
        name="balanced accuracy",
        unit=unit,
        method=f"mean recall of {len(names)} classes",
        missing=given - int(counts.sum()),
        reason=f"no stimulus that is {without[0]!r} has an answer" if without else "",
        bounds=(0.0, 1.0),
        step=len(named) / max(1.0, float(counts.sum())),
    )
    return replace(estimate, units=tuple(sorted(named, key=lambda pair: pair[1])))
