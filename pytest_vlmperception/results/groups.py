"""Which stimuli are linked by pairs, and what such a group is called."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pytest_vlmperception.records import Stimulus
from pytest_vlmperception.tasks import Pair

__all__ = ["Group", "groups_of"]


@dataclass(frozen=True)
class Group:
    """Stimuli that were compared with each other, directly or through others.

    Attributes
    ----------
    name : str
        What they share, e.g. the scene ``coffee``; else the id of the first.
    unit : str
        What kind of thing the name is, e.g. ``scene``.
    stimuli : tuple of Stimulus
        In the order in which they first appear.
    """

    name: str
    unit: str
    stimuli: tuple[Stimulus, ...]


def groups_of(pairs: Iterable[Pair]) -> tuple[Group, ...]:
    """Return the connected groups of stimuli, in the order in which they first appear."""
    member: dict[Stimulus, list[Stimulus]] = {}
    for first, second in pairs:
        left, right = member.setdefault(first, [first]), member.setdefault(second, [second])
        if left is not right:
            # The smaller one moves: so no stimulus moves often.
            small, large = sorted((left, right), key=len)
            large.extend(small)
            member.update(dict.fromkeys(small, large))
    groups: dict[int, list[Stimulus]] = {}
    for stimulus, group in member.items():
        groups.setdefault(id(group), []).append(stimulus)
    return named([tuple(stimuli) for stimuli in groups.values()])


def named(groups: Sequence[tuple[Stimulus, ...]]) -> tuple[Group, ...]:
    """Name groups by the first grouping that tells all of them apart; else by their first stimuli."""
    for unit in groups[0][0].groups:
        values = [shared_value(stimuli, unit) for stimuli in groups]
        if None not in values and len(set(values)) == len(groups):
            return tuple(Group(str(value), unit, stimuli) for value, stimuli in zip(values, groups, strict=True))
    return tuple(Group(stimuli[0].id, "group", stimuli) for stimuli in groups)


def shared_value(stimuli: Iterable[Stimulus], unit: str) -> str | None:
    """Return the one value that all stimuli have in a grouping; None where there is none."""
    values = {stimulus.groups.get(unit) for stimulus in stimuli}
    return values.pop() if len(values) == 1 else None
