"""Whether enough of the data can be used."""

from __future__ import annotations

__all__ = ["shortfall"]


def shortfall(used: int, given: int, units_used: int, units_given: int, unit: str, min_valid: float) -> str:
    """Say that too few data, or too few units, can be used; empty where there are enough.

    Examples
    --------
    >>> shortfall(15, 21, 3, 3, "scene", 0.9)
    'valid share 0.71 < 0.9: 15 of 21 data usable'
    """
    for part, whole, what in ((used, given, "data"), (units_used, units_given, f"units ({unit})")):
        if part < min_valid * whole:
            return f"valid share {part / whole:.2g} < {min_valid:g}: {part} of {whole} {what} usable"
    return ""
