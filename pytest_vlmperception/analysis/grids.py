"""Data with several axes, checked at the door."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy import ma
from numpy.typing import ArrayLike

from pytest_vlmperception.analysis.checks import FloatArray, check_lengths, labels_of, numbered, numbers_of, outcomes_of
from pytest_vlmperception.errors import UsageError

__all__ = ["choices_of", "grid_of", "labels_or_own"]


def grid_of(name: str, values: ArrayLike, axes: tuple[str, ...]) -> FloatArray:
    """Return `values` as floats with the given axes, none of them empty: finite, or NaN for no answer (None too)."""
    if isinstance(values, ma.MaskedArray):
        values = ma.filled(values.astype(np.float64), np.nan)
    expected = f"expected ({', '.join(axes)}), NaN for no answer"
    try:
        array = np.asarray(values)
    except ValueError:
        raise UsageError(f"{name} is ragged; {expected}") from None
    if array.ndim != len(axes) or 0 in array.shape:
        raise UsageError(f"{name} has shape {array.shape}; {expected}")
    return numbers_of(f"{name}.ravel()", array.ravel()).reshape(array.shape)


def choices_of(name: str, values: ArrayLike) -> FloatArray:
    """Return choices of each pair, shape (n_pairs, n_orders, n_repeats): 1 = its first stimulus, 0, NaN."""
    choices = grid_of(name, values, ("n_pairs", "n_orders", "n_repeats"))
    if choices.shape[1] > 2:
        raise UsageError(f"{name} has {choices.shape[1]} orders; expected 1 or 2: a pair is shown as given or reversed")
    return outcomes_of(f"{name}.ravel()", choices.ravel()).reshape(choices.shape)


def labels_or_own(n: int, groups: Iterable[Any] | None, what: str) -> tuple[str, ...]:
    """Return the group of each of n data; without groups each is its own."""
    if groups is None:
        return numbered(n)
    labels = labels_of("groups", groups)
    check_lengths(**{what: range(n)}, groups=labels)
    return labels
