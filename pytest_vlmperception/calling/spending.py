"""Calls and money: amounts that add up exactly, limits, and what is said when one is reached."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Decimal

from pytest_vlmperception.errors import CallError, UsageError

__all__ = ["BUDGET", "NOTHING", "Amount", "Limits", "refused"]

# Kind of the error for a question that is not asked for want of means.
BUDGET = "budget"

# A token of the cheapest models costs about 1e-8 USD: a picodollar is fine enough that rounding each
# call loses nothing, coarse enough that the error of a float does not show, and an integer, so that
# sums are exact in any order.
PICOS = 10**12


@dataclass(frozen=True)
class Amount:
    """Calls and money.

    Attributes
    ----------
    calls : int
        Attempts that were, or may be, sent.
    picos : int
        Money in picodollars (1e-12 USD).
    """

    calls: int = 0
    picos: int = 0

    @classmethod
    def of_call(cls, usd: float = 0.0) -> Amount:
        """Return one call that costs `usd`, rounded to a picodollar."""
        return cls(1, in_picos(usd))

    @property
    def usd(self) -> float:
        """The money in US dollars."""
        return self.picos / PICOS

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.calls + other.calls, self.picos + other.picos)

    def __sub__(self, other: Amount) -> Amount:
        return Amount(self.calls - other.calls, self.picos - other.picos)


NOTHING = Amount()


@dataclass(frozen=True)
class Limits:
    """What a run may spend at most; None for no limit.

    Attributes
    ----------
    max_calls : int or None
        Attempts that are sent.
    usd : float or None
        US dollars.

    Raises
    ------
    UsageError
        If a limit is negative or no number.
    """

    max_calls: int | None = None
    usd: float | None = None

    def __post_init__(self) -> None:
        if self.max_calls is not None and self.max_calls < 0:
            raise UsageError(f"--vlm-max-calls={self.max_calls}; expected a number of calls, 0 or more")
        if self.usd is not None and not 0 <= self.usd < math.inf:
            raise UsageError(f"--vlm-budget={self.usd}; expected US dollars, 0 or more")

    def allow(self, spent: Amount, need: Amount) -> bool:
        """Return whether `need` fits beside what is spent. What is free fits into any sum of money."""
        return self._allow_call(spent, need) and self._allow_money(spent, need)

    def _allow_call(self, spent: Amount, need: Amount) -> bool:
        return self.max_calls is None or spent.calls + need.calls <= self.max_calls

    def _allow_money(self, spent: Amount, need: Amount) -> bool:
        return self.usd is None or not need.picos or spent.picos + need.picos <= in_picos(self.usd)

    def refusal(self, paid: Amount, need: Amount) -> CallError:
        """Return the error for a question that does not fit any more: the limit, what was spent, what is needed."""
        if not self._allow_call(paid, need):
            more = f"give --vlm-max-calls={paid.calls + need.calls} or more"
            return refused(f"--vlm-max-calls={self.max_calls} is used up: {paid.calls} calls made; {more}")
        digits = max(2, -in_usd(need).adjusted())
        spent, needed = shown(in_usd(paid), digits), shown(in_usd(need), digits, ROUND_CEILING)
        more = shown(in_usd(paid + need), digits, ROUND_CEILING)
        return refused(
            f"budget of USD {self._shown_limit(digits)} is used up: spent USD {spent}, "
            f"this question needs about USD {needed}; give --vlm-budget={more} or more"
        )

    def _shown_limit(self, digits: int) -> str:
        limit = Decimal(str(self.usd)).normalize()
        return shown(limit, max(digits, -int(limit.as_tuple().exponent)))


def refused(message: str) -> CallError:
    """Return the error for a question that is not asked for want of means."""
    return CallError(message, BUDGET, sent=False)


def in_picos(usd: float) -> int:
    """Return US dollars in picodollars, to the nearest, by the decimal number that the float shows."""
    return round(Decimal(str(usd)) * PICOS)


def in_usd(amount: Amount) -> Decimal:
    """Return the money of an amount in US dollars, exactly."""
    return Decimal(amount.picos) / PICOS


def shown(usd: Decimal, digits: int, rounding: str = ROUND_HALF_EVEN) -> str:
    """Return US dollars with a number of decimal places."""
    return f"{usd.quantize(Decimal(1).scaleb(-digits), rounding):f}"
