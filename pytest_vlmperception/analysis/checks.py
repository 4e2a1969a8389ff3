"""Arguments of the analyses, checked at the door."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sized
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy import ma
from numpy.typing import ArrayLike, NDArray

from pytest_vlmperception.errors import UsageError, choices_hint

__all__ = [
    "FloatArray",
    "check_choice",
    "check_fraction",
    "check_lengths",
    "check_whole",
    "labels_of",
    "numbered",
    "numbers_of",
    "outcomes_of",
]

FloatArray = NDArray[np.float64]


def numbers_of(name: str, values: ArrayLike) -> FloatArray:
    """Return `values` as floats, shape (n,): finite, or NaN where there is no answer (None too)."""
    if isinstance(values, ma.MaskedArray):
        values = ma.filled(values.astype(np.float64), np.nan)
    try:
        array = np.asarray(values)
    except ValueError:
        raise UsageError(f"{name} is ragged; expected one dimension, one number per datum") from None
    if array.ndim != 1:
        raise UsageError(f"{name} has shape {array.shape}; expected one dimension, one number per datum")
    if array.dtype.kind not in "biuf":
        array = np.array([number_of(name, index, value) for index, value in enumerate(array.tolist())])
    array = array.astype(np.float64)
    if np.isinf(array).any():
        index = int(np.flatnonzero(np.isinf(array))[0])
        raise UsageError(f"{name}[{index}] = {array[index]}; expected a finite number, or NaN for no answer")
    return array


def number_of(name: str, index: int, value: object) -> float:
    """Return one element as a float; text is never read as a number."""
    if value is None:
        return math.nan
    try:
        if isinstance(value, Real):
            return float(value)
    except OverflowError:
        pass
    raise UsageError(f"{name}[{index}] = {value!r}; expected a number, or NaN for no answer")


def outcomes_of(name: str, values: ArrayLike) -> FloatArray:
    """Return `values` as floats, shape (n,): 1 for yes, 0 for no, NaN for no answer."""
    array = numbers_of(name, values)
    strange = np.flatnonzero(~np.isnan(array) & (array != 0.0) & (array != 1.0))
    if strange.size:
        index = int(strange[0])
        raise UsageError(f"{name}[{index}] = {array[index]:g}; expected 1 (yes), 0 (no) or NaN (no answer)")
    return array


def labels_of(name: str, values: Iterable[Any]) -> tuple[str, ...]:
    """Return `values` as texts, one label per datum."""
    if isinstance(values, str):
        raise UsageError(f"{name}={values!r} is one text; give a sequence with one label per datum")
    labels = list(values)
    for index, label in enumerate(labels):
        if label is None or (isinstance(label, float) and math.isnan(label)):
            raise UsageError(f"{name}[{index}] = {label}; expected a label for every datum, also for an unanswered one")
    return tuple(map(str, labels))


def numbered(n: int) -> tuple[str, ...]:
    """Return n labels for data without any: their numbers, padded so that they sort."""
    width = len(str(n - 1))
    return tuple(f"{index:0{width}d}" for index in range(n))


def check_lengths(**arguments: Sized) -> None:
    """Raise unless all named arguments have one length."""
    lengths = {name: len(values) for name, values in arguments.items()}
    if len(set(lengths.values())) > 1:
        listed = ", ".join(f"len({name})={length}" for name, length in lengths.items())
        raise UsageError(f"{listed}; expected equal lengths, one entry per datum")


def check_whole(name: str, value: object, *, least: int) -> int:
    """Return `value` as an int; raise unless it is a whole number of at least `least`."""
    if not isinstance(value, Integral) or isinstance(value, bool) or value < least:
        raise UsageError(f"{name}={value!r}; expected a whole number of at least {least}")
    return int(value)


def check_fraction(name: str, value: object, *, closed: bool) -> float:
    """Return `value` as a float; raise unless it lies between 0 and 1, ends allowed if `closed`."""
    number = float(value) if isinstance(value, Real) else math.nan
    if 0.0 <= number <= 1.0 if closed else 0.0 < number < 1.0:
        return number
    between = "from 0 to 1" if closed else "between 0 and 1, ends excluded"
    raise UsageError(f"{name}={value!r}; expected a number {between}")


def check_choice(name: str, value: str, known: Iterable[str]) -> None:
    """Raise unless `value` is one of the `known` words."""
    choices = tuple(known)
    if value not in choices:
        raise UsageError(f"{name}={value!r}; {choices_hint(str(value), choices)}")
