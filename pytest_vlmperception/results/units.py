"""What is independent among stimuli: the unit of every interval."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_vlmperception.records import Stimulus

__all__ = ["UNITS", "independent"]

# Groupings whose members share what makes answers alike: a place, a film clip, a person, what a picture was made from.
UNITS = ("scene", "clip", "identity", "prompt", "source")


def independent(stimuli: Iterable[Stimulus], alone: str = "stimulus") -> tuple[list[str], str]:
    """Return the independent unit of each stimulus, and what such a unit is called.

    Of the groupings that every stimulus has, the one with the fewest groups: clips of one person are
    not independent. Stimuli of a single group, or without any, are units of their own, called `alone`.
    """
    shown = list(stimuli)
    grouped = {unit: [stimulus.groups.get(unit, "") for stimulus in shown] for unit in UNITS}
    counts = {unit: len(set(labels)) for unit, labels in grouped.items() if all(labels)}
    useful = [unit for unit, count in counts.items() if count > 1]
    if not useful:
        return [stimulus.id for stimulus in shown], alone
    unit = min(useful, key=counts.__getitem__)
    return grouped[unit], unit
