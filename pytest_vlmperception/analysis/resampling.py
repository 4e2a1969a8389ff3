"""The bootstrap as part of the design: same units, same seed, same replicates on every machine."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import mean
from typing import Any

import numpy as np
from numpy.random import Philox
from numpy.typing import NDArray

from pytest_vlmperception.analysis.checks import FloatArray, check_lengths, check_whole, labels_of
from pytest_vlmperception.analysis.intervals import (
    FEW,
    UNBOUNDED,
    acceleration,
    agreement_interval,
    expanded_interval,
    influences,
)
from pytest_vlmperception.errors import UsageError

__all__ = ["Bootstrap", "Design", "bootstrap", "bootstrap_means", "mean_of", "ratio", "unit_means"]

IndexArray = NDArray[np.int32]

DRAWN_AT_ONCE = 2**16

# Entries that are resampled at a time: bounds the memory that 10,000 units take.
BLOCK = 1_000_000


@dataclass(frozen=True)
class Design:
    """Which units are drawn in which replicate: fixed before any answer is known.

    Make one with `Design.of`. Two estimates whose designs have one `key` were resampled
    alike and may be subtracted replicate by replicate.

    Attributes
    ----------
    units : tuple of str
        Ids of the independent units, sorted and unique, answered or not; length n.
    replicates : int
        Number of resamples.
    seed : int
        Key of the Philox generator.
    """

    units: tuple[str, ...]
    replicates: int = 2000
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.units:
            raise UsageError("a resampling design has no units; give at least one unit id")
        if list(self.units) != sorted(set(self.units)):
            raise UsageError(
                f"units of a design must be sorted and unique: got {self.units[:4]}; use Design.of(labels)"
            )
        check_whole("replicates", self.replicates, least=1)
        if check_whole("seed", self.seed, least=0) >= 2**64:
            raise UsageError(f"seed={self.seed}; expected less than 2**64")

    @classmethod
    def of(cls, labels: Iterable[Any], *, replicates: int = 2000, seed: int = 0) -> Design:
        """Make the design of the distinct `labels`, in any order and number.

        Examples
        --------
        >>> Design.of(["rocket", "coffee", "rocket"]).units
        ('coffee', 'rocket')
        """
        return cls(tuple(sorted(set(labels_of("labels", labels)))), replicates, seed)

    @property
    def n(self) -> int:
        """Number of units."""
        return len(self.units)

    @cached_property
    def indices(self) -> IndexArray:
        """Positions in `units` that each replicate draws: int32, shape (replicates, n), read-only.

        Raw bits of Philox4x64-10, the upper 32 bits u mapped to floor(u * n / 2**32). Generator
        methods of numpy may change their stream between versions; raw bits do not.
        """
        bits = Philox(key=self.seed)
        drawn = np.empty((self.replicates, self.n), dtype=np.int32)
        # Many rows at once, for speed, and not all, for memory.
        step = max(1, DRAWN_AT_ONCE // max(1, self.n))
        for rows in (drawn[start : start + step] for start in range(0, self.replicates, step)):
            upper = bits.random_raw(rows.size) >> np.uint64(32)
            rows[:] = ((upper * np.uint64(self.n)) >> np.uint64(32)).reshape(rows.shape)
        drawn.flags.writeable = False
        return drawn

    @cached_property
    def key(self) -> str:
        """SHA-256 of unit ids, number of replicates and indices, hexadecimal."""
        head = json.dumps([self.units, self.replicates]).encode()
        return hashlib.sha256(head + self.indices.astype("<i4").tobytes()).hexdigest()

    def positions(self, labels: Sequence[str]) -> NDArray[np.intp]:
        """Return the position in `units` of each label, shape (len(labels),)."""
        position = {unit: index for index, unit in enumerate(self.units)}
        strange = next((label for label in labels if label not in position), None)
        if strange is not None:
            raise UsageError(f"label {strange!r} is no unit of the design; give every unit of the design in units=")
        return np.array([position[label] for label in labels], dtype=np.intp)


@dataclass(frozen=True, eq=False)
class Bootstrap:
    """Replicates of one statistic.

    Attributes
    ----------
    replicates : ndarray of float, shape (replicates,)
        NaN where a replicate drew nothing that the statistic is defined for.
    n : int
        Number of units that have data.
    value : float
        The statistic of the sample itself; NaN where it is not known.
    acceleration : float
        How skewed the influence of units is; see `intervals.acceleration`.
    bounds : tuple of (float, float)
        Range of the statistic; its interval stays within.
    """

    replicates: FloatArray
    n: int
    value: float = math.nan
    acceleration: float = 0.0
    bounds: tuple[float, float] = UNBOUNDED

    @classmethod
    def of(
        cls,
        replicates: FloatArray,
        design: Design,
        n: int,
        value: float,
        *,
        bounds: tuple[float, float] = UNBOUNDED,
    ) -> Bootstrap:
        """Gather `replicates` that were computed for each row of ``design.indices``."""
        # Between bounds nothing reads the skewness.
        skew = acceleration(influences(replicates, design.indices)) if bounds == UNBOUNDED else 0.0
        return cls(replicates, n, value, skew, bounds)

    @property
    def undefined(self) -> int:
        """Number of replicates that are NaN."""
        return int(np.isnan(self.replicates).sum())

    def interval(self, level: float = 0.95, *, step: float = 0.0) -> tuple[float, float]:
        """Return the interval of the statistic; see `expanded_interval`.

        Parameters
        ----------
        level : float
            Nominal coverage, between 0 and 1.
        step : float
            Smallest change that another outcome in every unit would make; 0 if the statistic is continuous. Where
            all replicates agree it gives the interval its width; see `intervals.agreement_interval`.
        """
        low, high = expanded_interval(
            self.replicates,
            self.n,
            level=level,
            value=self.value,
            acceleration=self.acceleration,
            bounds=self.bounds,
        )
        if low == high and step > 0.0:
            return agreement_interval(low, self.n, step, self.bounds, level=level)
        return low, high

    def describe(self, unit: str) -> str:
        """Say in words what was done, and what is missing."""
        student = self.n < FEW or self.bounds != UNBOUNDED
        kind = "Student bootstrap" if student else "expanded BCa bootstrap"
        undefined = f", {self.undefined} undefined" if self.undefined else ""
        return f"{kind} by {unit}, {len(self.replicates)} replicates{undefined}"


def bootstrap(statistic: Callable[[IndexArray], float], design: Design, n: int) -> Bootstrap:
    """Recompute `statistic` for every replicate.

    Parameters
    ----------
    statistic : callable
        Takes the positions drawn, shape (design.n,), and returns a number or NaN.
    design : Design
        What is drawn.
    n : int
        Number of units that have data.
    """
    value = statistic(np.arange(design.n, dtype=np.int32))
    replicates = np.array([statistic(row) for row in design.indices], dtype=np.float64)
    return Bootstrap.of(replicates, design, n, value)


def bootstrap_means(
    values_by_unit: FloatArray, design: Design, *, bounds: tuple[float, float] = UNBOUNDED
) -> Bootstrap:
    """Resample the mean over units; missing units are left out of each replicate.

    Parameters
    ----------
    values_by_unit : ndarray of float, shape (design.n,)
        The statistic of each unit, in the order of `design.units`; NaN for a missing unit.
    design : Design
        What is drawn.
    bounds : tuple of (float, float)
        Range of the values.

    Returns
    -------
    Bootstrap
        A replicate that drew missing units only is NaN, and counted in `undefined`.
    """
    check_lengths(values_by_unit=values_by_unit, units=design.units)
    valid = ~np.isnan(values_by_unit)
    # Sums of differences from one value: where all units agree, every replicate is that value to the last bit.
    base = values_by_unit[valid][0] if valid.any() else 0.0
    totals = resampled_sums(np.where(valid, values_by_unit - base, 0.0), design.indices)
    counts = resampled_sums(valid.astype(np.float64), design.indices)
    value = mean_of(values_by_unit)
    skew = acceleration(values_by_unit[valid] - value)
    return Bootstrap(base + ratio(totals, counts), int(valid.sum()), value, skew, bounds)


def resampled_sums(values: FloatArray, indices: IndexArray) -> FloatArray:
    """Sum the drawn values of each replicate, block by block; shape (replicates,)."""
    blocks = np.array_split(indices, 1 + indices.size // BLOCK)
    return np.concatenate([values[block].sum(axis=1) for block in blocks])


def ratio(totals: FloatArray, counts: FloatArray) -> FloatArray:
    """Divide, with NaN where nothing was counted."""
    quotient = np.full(totals.shape, np.nan)
    np.divide(totals, counts, out=quotient, where=counts > 0)
    return quotient


def unit_means(values: FloatArray, positions: NDArray[np.intp], n: int) -> FloatArray:
    """Average the data of each unit, NaN left out: shape (n,), NaN for a unit without data."""
    valid = ~np.isnan(values)
    totals = np.bincount(positions[valid], weights=values[valid], minlength=n).astype(np.float64)
    counts = np.bincount(positions[valid], minlength=n).astype(np.float64)
    return ratio(totals, counts)


def mean_of(values_by_unit: FloatArray) -> float:
    """Return the mean over units, missing ones left out; NaN if all are missing."""
    valid = values_by_unit[~np.isnan(values_by_unit)].tolist()
    # Exact up to one rounding: seven times 0.9 is at least 0.9.
    return float(mean(valid)) if valid else math.nan
