"""Money in words."""

from __future__ import annotations

import math

__all__ = ["usd_range", "usd_text"]


def usd_text(usd: float | None) -> str:
    """Return US dollars with two decimal places, or two digits that are not 0 where they are less than a cent.

    >>> [usd_text(usd) for usd in (None, 0.0, 12.345, 0.041, 0.00041)]
    ['unknown', '0.00', '12.35', '0.04', '0.00041']
    """
    if usd is None:
        return "unknown"
    places = 2 if usd == 0 or usd >= 0.01 else 1 - math.floor(math.log10(usd))
    return f"{usd:.{places}f}"


def usd_range(usd: tuple[float, float] | None) -> str:
    """Return what something costs at least and at most."""
    if usd is None:
        return "USD unknown"
    low, high = map(usd_text, usd)
    return f"about USD {low}" if low == high else f"USD {low} to {high}"
