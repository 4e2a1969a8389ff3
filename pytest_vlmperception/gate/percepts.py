"""Whether two descriptions of one face say the same: free in wording, strict in facts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import permutations
from typing import Any, get_args

from pytest_vlmperception.errors import UsageError, choices_hint
from pytest_vlmperception.records import STATES, Percept, Polarity
from pytest_vlmperception.records.percept import is_number, object_of

__all__ = ["FEATURES_LOST", "Tolerance", "differing_facts", "learnt"]

# Share of the regions of a face that another description may leave out, where one draw says nothing of how much varies.
FEATURES_LOST = 0.5

# An emotion with at least this strength, relative to the leading one, may lead in other words.
RIVAL = 0.5

# States without a family up to this valence, either way, are names for one unmoved face.
UNMOVED = 0.1


@dataclass(frozen=True)
class Tolerance:
    """How far descriptions of one picture by one model differ among themselves.

    Attributes
    ----------
    draws : int
        How many descriptions it was learnt from.
    polarities, leading : tuple of str
        Polarities, and leading emotions, of these.
    features_lost : float
        Share of the regions of the face that may be left out, from 0 to 1.
    """

    draws: int = 1
    polarities: tuple[Polarity, ...] = ()
    leading: tuple[str, ...] = ()
    features_lost: float = FEATURES_LOST

    def __post_init__(self) -> None:
        if not isinstance(self.draws, int) or isinstance(self.draws, bool) or self.draws < 1:
            raise UsageError(f"draws={self.draws!r}; expected a count from 1")
        check_members("polarities", self.polarities, get_args(Polarity))
        check_members("leading", self.leading, STATES)
        if not is_number(self.features_lost) or not 0.0 <= self.features_lost <= 1.0:
            raise UsageError(f"features_lost={self.features_lost!r}; expected a share from 0 to 1")

    def to_json(self) -> dict[str, Any]:
        """Return plain values that JSON can hold."""
        return asdict(self) | {"polarities": list(self.polarities), "leading": list(self.leading)}

    @classmethod
    def from_json(cls, content: object) -> Tolerance:
        """Read back what `to_json` gave.

        Raises
        ------
        UsageError
            If a field is missing, unknown, of another type or out of its range.
        """
        types = {"draws": (int,), "polarities": (list,), "leading": (list,), "features_lost": (float, int)}
        values = object_of("tolerance", content, types)
        return cls(**values | {name: tuple(values[name]) for name in ("polarities", "leading")})


def check_members(name: str, given: Sequence[object], known: Iterable[str]) -> None:
    """Raise unless all members of `given` are `known`."""
    for member in given:
        if member not in tuple(known):
            raise UsageError(f"{name} has {member!r:.80}; {choices_hint(str(member)[:80], known)}")


def learnt(percepts: Sequence[Percept]) -> Tolerance:
    """Return how far the draws of one picture differ: what differs between them is no change of what is seen.

    The share of regions lost is the largest of any draw from another, and at least one region. From a single draw
    nothing is learnt: it may be half (`FEATURES_LOST`).

    Parameters
    ----------
    percepts : sequence of Percept
        Of all draws that have a text.
    """
    read = [percept for percept in percepts if percept.polarity is not None]
    polarities = tuple(sorted({percept.polarity for percept in read if percept.polarity is not None}))
    leading = tuple(sorted({percept.leading for percept in read if percept.leading is not None}))
    lost = FEATURES_LOST
    if len(percepts) > 1:
        fewest = min((len(percept.features) for percept in percepts if percept.features), default=1)
        observed = max(lost_share(old, new) for old, new in permutations(percepts, 2))
        lost = max(observed, min(FEATURES_LOST, 1.0 / fewest))
    return Tolerance(len(percepts), polarities, leading, round(lost, 3))


def differing_facts(old: Percept, new: Percept, tolerance: Tolerance) -> list[str]:
    """Say which facts of a face are another in a new description.

    The polarity must be the same, the leading emotion compatible, no more regions of the face left out than may be, and
    no person named who was not before. Two leading emotions are compatible where each description that states both
    gives the other's at least half of the strength of its own, in one of the two; and where both are states of an
    unmoved face, such as calm and concentration.

    Parameters
    ----------
    old, new : Percept
        What was and what is read; both state an emotion.
    tolerance : Tolerance
        What differs between draws of the old one.

    Returns
    -------
    list of str
        One line a fact; empty where the descriptions say the same.
    """
    lines = []
    if new.polarity not in {old.polarity, *tolerance.polarities}:
        lines.append(f"polarity: {old.polarity} -> {new.polarity}")
    if not is_compatible(old, new, tolerance):
        lines.append(f"emotion: {old.leading} -> {new.leading}")
    # Half a thousandth for the rounding of the stored share.
    if lost_share(old, new) > tolerance.features_lost + 0.0005:
        lines.append(features_line(old, new, tolerance))
    if new.names_person and not old.names_person:
        lines.append("person: none named -> somebody identified by name")
    return lines


def is_compatible(old: Percept, new: Percept, tolerance: Tolerance) -> bool:
    """Tell whether two leading emotions can be one face's, in other words."""
    if old.leading is None or new.leading is None:
        return True
    led = {old.leading, *tolerance.leading}
    if new.leading in led or (is_unmoved(new.leading) and any(map(is_unmoved, led))):
        return True
    return rivals(old, new.leading) or rivals(new, old.leading)


def rivals(percept: Percept, emotion: str) -> bool:
    """Tell whether an emotion is about as strong as the one that leads."""
    return percept.emotions.get(emotion, 0.0) >= RIVAL * percept.emotions[str(percept.leading)]


def is_unmoved(emotion: str) -> bool:
    """Tell whether a state is none of an emotion."""
    return not STATES[emotion].family and abs(STATES[emotion].valence) <= UNMOVED


def lost_share(old: Percept, new: Percept) -> float:
    """Return the share of the old regions that are not spoken of any more; 0 where there were none."""
    return len(lost(old, new)) / len(old.features) if old.features else 0.0


def lost(old: Percept, new: Percept) -> list[str]:
    """Return the regions of the face that are not spoken of any more."""
    return [region for region in old.features if region not in new.features]


def features_line(old: Percept, new: Percept, tolerance: Tolerance) -> str:
    """Say which regions are not spoken of any more."""
    gone = lost(old, new)
    allowed = int(tolerance.features_lost * len(old.features) + 0.001)
    return f"features: {', '.join(gone)} lost ({len(gone)} of {len(old.features)}; at most {allowed} may be)"
