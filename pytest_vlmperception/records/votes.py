"""Votes of people in paired comparisons, and how they are counted."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

from pytest_vlmperception.errors import UsageError, choices_hint

__all__ = ["Vote", "Votes"]

Matrix = tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class Vote:
    """One person's choice of one of two.

    Attributes
    ----------
    observer : str
        Who voted.
    first, second : str
        The conditions shown, such as renderings of one scene.
    first_chosen : bool
        Whether the first was chosen.
    scene : str
        What both conditions show.
    attribute : str
        What was asked for, such as ``contrast``.
    session : str
        Of the observer.
    """

    observer: str
    first: str
    second: str
    first_chosen: bool
    scene: str = ""
    attribute: str = ""
    session: str = ""


@dataclass(frozen=True, repr=False)
class Votes:
    """Votes in their order; rows and columns of what is counted are sorted by name.

    Parameters
    ----------
    votes : sequence of Vote
        At least one. Kept as a tuple.
    name : str
        What messages call them.
    """

    votes: tuple[Vote, ...]
    name: str = "votes"

    def __init__(self, votes: Iterable[Vote], name: str = "votes") -> None:
        object.__setattr__(self, "votes", tuple(votes))
        object.__setattr__(self, "name", name)
        if not self.votes:
            raise UsageError(f"{name!r} has no vote; expected at least one")

    def __repr__(self) -> str:
        return f"<Votes {self.name!r} of {len(self)}>"

    def __len__(self) -> int:
        return len(self.votes)

    @cached_property
    def observers(self) -> tuple[str, ...]:
        """Who voted."""
        return tuple(sorted({vote.observer for vote in self.votes}))

    @cached_property
    def scenes(self) -> tuple[str, ...]:
        """What was voted on."""
        return tuple(sorted({vote.scene for vote in self.votes}))

    @cached_property
    def attributes(self) -> tuple[str, ...]:
        """What was asked for."""
        return tuple(sorted({vote.attribute for vote in self.votes}))

    @cached_property
    def conditions(self) -> tuple[str, ...]:
        """What was shown: the rows and columns of `wins`."""
        return tuple(sorted({name for vote in self.votes for name in (vote.first, vote.second)}))

    @cached_property
    def pairs(self) -> tuple[tuple[str, str, str], ...]:
        """Scene, first and second condition of every pair in a scene, voted on or not: the columns of `choices`."""
        shown: dict[str, set[str]] = {scene: set() for scene in self.scenes}
        for vote in self.votes:
            shown[vote.scene] |= {vote.first, vote.second}
        return tuple((scene, *pair) for scene, names in shown.items() for pair in combinations(sorted(names), 2))

    def of(self, *, scene: str | None = None, attribute: str | None = None) -> Votes:
        """Return the votes on one scene, for one attribute, or both.

        Raises
        ------
        UsageError
            If there is none.
        """
        found: Sequence[Vote] = self.votes
        for kind, wanted in (("scene", scene), ("attribute", attribute)):
            if wanted is not None:
                known = {getattr(vote, kind) for vote in found}
                if wanted not in known:
                    raise UsageError(f"{self.name!r} has no {kind} {wanted!r}; {choices_hint(wanted, known)}")
                found = [vote for vote in found if getattr(vote, kind) == wanted]
        return Votes(found, self.name)

    def wins(self) -> Matrix:
        """Count how often each condition was chosen over each other one, by all observers.

        Returns
        -------
        tuple of tuple of float, shape (n, n)
            ``wins[i][j]``: votes for condition i over condition j, in the order of `conditions`; what
            `analysis.scale_case_v` takes.

        Raises
        ------
        UsageError
            If the votes are on several scenes or attributes, which share no scale.
        """
        self._check_one("scene", self.scenes)
        self._check_one("attribute", self.attributes)
        number = {condition: place for place, condition in enumerate(self.conditions)}
        counts = [[0.0] * len(number) for _ in number]
        for vote in self.votes:
            first, second = number[vote.first], number[vote.second]
            winner, loser = (first, second) if vote.first_chosen else (second, first)
            counts[winner][loser] += 1.0
        return tuple(map(tuple, counts))

    def choices(self) -> Matrix:
        """Return how each observer voted on each pair, of one scene or of all.

        Returns
        -------
        tuple of tuple of float, shape (observers, pairs)
            Share of the votes for the first condition of the pair, in the order of `observers` and
            `pairs`; NaN where an observer did not vote on a pair. What `human_ceiling` is made of.

        Raises
        ------
        UsageError
            If the votes are for several attributes.
        """
        self._check_one("attribute", self.attributes)
        tallies: dict[str, Counter[tuple[str, str, str]]] = {observer: Counter() for observer in self.observers}
        for vote in self.votes:
            shown = (vote.first, vote.second) if vote.first_chosen else (vote.second, vote.first)
            tallies[vote.observer][(vote.scene, *shown)] += 1
        return tuple(
            tuple(share(tally[scene, one, two], tally[scene, two, one]) for scene, one, two in self.pairs)
            for tally in tallies.values()
        )

    def _check_one(self, kind: str, names: Sequence[str]) -> None:
        if len(names) > 1:
            remedy = f"take one: .of({kind}={names[0]!r})"
            raise UsageError(f"{self.name!r} has votes on {len(names)} {kind}s, which share no scale; {remedy}")


def share(wins: int, losses: int) -> float:
    """Return the share of wins, NaN where there is no vote."""
    return wins / (wins + losses) if wins + losses else math.nan
