"""Pairs of measures with their place in the design."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pytest_vlmperception.analysis.checks import FloatArray, check_lengths, labels_of, numbered
from pytest_vlmperception.analysis.coefficients import LEAST, Coefficient
from pytest_vlmperception.analysis.resampling import Design
from pytest_vlmperception.errors import UsageError

__all__ = ["Points", "item_numbers", "own_labels"]


@dataclass(frozen=True, eq=False)
class Points:
    """Two measures of the same stimuli, and what is resampled.

    Attributes
    ----------
    coefficient : Coefficient
        What is computed of them.
    x, y : ndarray of float, shape (n,)
        The measures; NaN where there is none.
    design : Design
        The units that are resampled.
    owner : ndarray of int, shape (n,)
        Position in the design of each datum's unit.
    item : ndarray of int, shape (n,)
        Number, from 0, of each datum's item.
    grouped : bool
        Whether a unit may have several data.
    """

    coefficient: Coefficient
    x: FloatArray
    y: FloatArray
    design: Design
    owner: NDArray[np.intp]
    item: NDArray[np.intp]
    grouped: bool

    @cached_property
    def valid(self) -> NDArray[np.bool_]:
        """Which data have both values, shape (n,)."""
        return ~(np.isnan(self.x) | np.isnan(self.y))

    @cached_property
    def members(self) -> list[NDArray[np.intp]]:
        """Indices of the valid data of each unit, in the design's order."""
        data = np.flatnonzero(self.valid)
        data = data[np.argsort(self.owner[data], kind="stable")]
        return np.split(data, np.searchsorted(self.owner[data], np.arange(1, self.design.n)))

    @cached_property
    def by_unit(self) -> FloatArray:
        """The coefficient of each unit, shape (design.n,); NaN where there is none."""
        return np.array([self.coefficient.of(self.x[data], self.y[data]) for data in self.members])

    def cell_sums(self, values: FloatArray) -> FloatArray:
        """Sum `values` of the valid data by unit and item, shape (design.n, items)."""
        shape = (self.design.n, int(self.item.max()) + 1)
        cell = np.ravel_multi_index((self.owner[self.valid], self.item[self.valid]), shape)
        sums = np.bincount(cell, weights=values[self.valid], minlength=shape[0] * shape[1])
        return np.asarray(sums.reshape(shape), dtype=np.float64)

    def check_size(self, estimand: str) -> None:
        """Raise where the experiment is too small for the statistic, whatever the answers."""
        if not self.grouped or estimand == "pooled":
            count, where = len(self.x), ""
        elif estimand == "of_means":
            count, where = len(set(self.item.tolist())), " different items"
        else:
            count, where = int(np.bincount(self.owner).max()), f" in the largest of {self.design.n} groups"
        if count < LEAST:
            raise UsageError(f"a correlation needs at least {LEAST} stimuli: got {count}{where}; add stimuli")


def own_labels(n: int, units: Iterable[Any] | None) -> tuple[str, ...]:
    """Return one id per datum where each is its own unit, or say which one repeats."""
    labels = numbered(n) if units is None else labels_of("units", units)
    check_lengths(x=range(n), units=labels)
    if len(set(labels)) < n:
        twice = next(label for label in labels if labels.count(label) > 1)
        raise UsageError(f"units names {twice!r} more than once; average repeats of a stimulus first, or give groups=")
    return labels


def item_numbers(n: int, items: Iterable[Any] | None) -> NDArray[np.intp]:
    """Return the number of each datum's item; its own where there are no items."""
    labels = numbered(n) if items is None else labels_of("items", items)
    check_lengths(x=range(n), items=labels)
    return np.unique(labels, return_inverse=True)[1]
