"""Counts with their nouns."""

from __future__ import annotations

__all__ = ["counted", "plural"]


def counted(n: int, unit: str) -> str:
    """Return a count with its noun.

    >>> counted(1, "scene"), counted(7, "stimulus")
    ('1 scene', '7 stimuli')
    """
    return f"{n} {unit if n == 1 else plural(unit)}"


def plural(unit: str) -> str:
    """Return the plural of a unit's name."""
    if unit.endswith("us"):
        return f"{unit[:-2]}i"
    if unit.endswith("y") and unit[-2:-1] not in tuple("aeiou"):
        return f"{unit[:-1]}ies"
    return f"{unit}s"
