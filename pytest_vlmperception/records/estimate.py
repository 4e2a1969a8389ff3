"""Numbers with their uncertainty, and what comparing one with a threshold means."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol

from pytest_vlmperception.errors import Inconclusive, Unavailable, UsageError

__all__ = ["JUDGE", "Comparator", "Estimate", "Judge", "Verdict", "check_decidable", "holds"]

Comparator = Literal[">=", ">", "<=", "<"]
Result = Literal["passed", "failed", "not held", "inconclusive", "unavailable"]


class Judge(Protocol):
    """Decides what a comparison of an estimate with a threshold says."""

    def compare(self, estimate: Estimate, comparator: Comparator, threshold: float) -> bool:
        """Return whether the comparison holds; raise an `Outcome` where it cannot be decided."""


# The one piece of context: the plugin sets it for each test. Without it values are compared.
JUDGE: ContextVar[Judge | None] = ContextVar("vlmperception_judge", default=None)


@dataclass(frozen=True, eq=False)
class Estimate:
    """A statistic with its interval, what it was computed from, and how.

    ``estimate >= 0.8`` is decided by the policy of the running test (`point`, `confident`,
    `tolerant`); outside a test by the value. NaN decides nothing: it raises `Inconclusive`.

    Attributes
    ----------
    value : float
        The statistic; NaN with a `reason` where it is not defined.
    low, high : float
        Bounds of the interval at `level`; NaN where there is none.
    n : int
        Number of independent units.
    level : float
        Coverage of the interval.
    unit : str
        What one of the n is, e.g. ``scene``.
    method : str
        How value and interval were computed.
    name : str
        What the number is, e.g. ``Spearman rho``.
    replicates : tuple of float or None
        Bootstrap replicates; None where not computed.
    p : float or None
        A p value; None where not computed.
    design : str or None
        Key of the resampling design. Estimates of one design may be subtracted.
    units : tuple of (str, float)
        The statistic of each unit, for naming the worst.
    missing : int
        Data left out.
    reason : str
        Why a comparison is not decidable; empty where it is.
    unavailable : bool
        Whether that reason is that answers could not be had.
    scale : {"linear", "log", "percent"}
        On which scale two such numbers differ: a ratio on the logarithmic one, a share times 100 in percent.
    """

    value: float
    low: float = math.nan
    high: float = math.nan
    n: int = 0
    level: float = 0.95
    unit: str = "unit"
    method: str = ""
    name: str = "estimate"
    replicates: tuple[float, ...] | None = field(default=None, repr=False)
    p: float | None = None
    design: str | None = field(default=None, repr=False)
    units: tuple[tuple[str, float], ...] = field(default=(), repr=False)
    missing: int = 0
    reason: str = ""
    unavailable: bool = False
    scale: Literal["linear", "log", "percent"] = "linear"

    # Without this numpy would compare element by element before asking the estimate.
    __array_ufunc__ = None

    def __bool__(self) -> bool:
        remedy = "hold it against a threshold, such as assert estimate >= 0.8"
        raise UsageError(f"{self} is neither true nor false; {remedy}")

    def __format__(self, spec: str) -> str:
        return format(self.value, spec) if spec else str(self)

    def __float__(self) -> float:
        return self.value

    def __str__(self) -> str:
        return f"{self.name} {self.value:.3g} [{self.low:.3g}, {self.high:.3g}]"

    def __ge__(self, other: object) -> bool:
        return self._compare(">=", other)

    def __gt__(self, other: object) -> bool:
        return self._compare(">", other)

    def __le__(self, other: object) -> bool:
        return self._compare("<=", other)

    def __lt__(self, other: object) -> bool:
        return self._compare("<", other)

    def __eq__(self, other: object) -> bool:
        # pytest.approx compares with a number only: let it compare with the value.
        if isinstance(other, Estimate):
            return self.value == other.value
        return bool(self.value == other)

    __hash__ = None  # type: ignore[assignment]  # equality follows approx, which no hash can

    def __abs__(self) -> Estimate:
        """Return the magnitude; an interval that contains zero then starts at zero."""
        low, high = sorted((abs(self.low), abs(self.high)))
        spans_zero = self.low <= 0.0 <= self.high
        return replace(
            self,
            value=abs(self.value),
            low=0.0 if spans_zero else low,
            high=high,
            name=f"|{self.name}|",
            replicates=self._mapped(abs),
            units=tuple((unit, abs(value)) for unit, value in self.units),
            p=None,
        )

    def _mapped(self, function: Callable[[float], float]) -> tuple[float, ...] | None:
        return None if self.replicates is None else tuple(map(function, self.replicates))

    def _compare(self, comparator: Comparator, other: object) -> bool:
        threshold = threshold_of(other)
        judge = JUDGE.get()
        if judge is not None:
            return judge.compare(self, comparator, threshold)
        check_decidable(self)
        return holds(self.value, comparator, threshold)


def threshold_of(other: object) -> float:
    """Return what an estimate is compared with as a number.

    Raises
    ------
    UsageError
        If it is no finite number.
    """
    if isinstance(other, Estimate):
        raise UsageError(
            f"an estimate was compared with {other}, whose interval would be ignored; compare it with a number"
        )
    try:
        threshold = math.nan if isinstance(other, str | bytes) else float(other)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        threshold = math.nan
    if not math.isfinite(threshold):
        raise UsageError(f"an estimate was compared with {other!r}; compare it with a number")
    return threshold


def check_decidable(estimate: Estimate) -> None:
    """Raise `Inconclusive` or `Unavailable` where a comparison would decide nothing."""
    if estimate.unavailable:
        raise Unavailable(f"{estimate.name}: {estimate.reason}")
    if estimate.reason or math.isnan(estimate.value):
        raise Inconclusive(f"{estimate.name}: {estimate.reason or 'the value is NaN'}")


def holds(value: float, comparator: Comparator, threshold: float) -> bool:
    """Return whether ``value comparator threshold`` holds."""
    match comparator:
        case ">=":
            return bool(value >= threshold)
        case ">":
            return bool(value > threshold)
        case "<=":
            return bool(value <= threshold)
        case "<":
            return bool(value < threshold)


@dataclass(frozen=True)
class Verdict:
    """What one comparison of an estimate came to.

    Attributes
    ----------
    test, model : str
        The test's node id and the model's name.
    name, value, low, high, n, unit, method :
        The estimate's.
    comparator, threshold, policy :
        What it was held against, and how.
    result : {"passed", "failed", "not held", "inconclusive", "unavailable"}
        The verdict; ``not held`` where the test passed all the same.
    reason : str
        Why it is not decided.
    """

    test: str
    model: str
    name: str
    value: float
    low: float
    high: float
    n: int
    unit: str
    method: str
    comparator: Comparator
    threshold: float
    policy: str
    result: Result
    reason: str = ""
