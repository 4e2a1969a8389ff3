"""What a model under test is held against."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from pytest_vlmperception.collector import Collector, Place
from pytest_vlmperception.records import Measurement, Observation

__all__ = ["Opponent", "unique"]

# What a test did that did not come to an estimate, by its outcome.
UNMEASURED = {
    "": "did not run",
    "passed": "did not compare it",
    "failed": "failed before that",
    "skipped": "was skipped",
}

Key = tuple[str, str, int, str]
Obstacle = Callable[[Measurement, Measurement | None], str]


def nothing_in_the_way(new: Measurement, old: Measurement | None) -> str:
    """Say that two measurements of one run can be compared, if both are there."""
    return ""


@dataclass(frozen=True)
class Opponent:
    """What one model under test is held against.

    Attributes
    ----------
    model : str
        The model under test.
    name : str
        What it is held against, in words.
    measurements : mapping
        What was measured of that, by `Measurement.key`.
    observations : mapping
        What was said by that, by verb, prompt, item and batch; a baseline knows no batches.
    obstacle : callable
        Given a measurement and what it is held against, if that is there: says why the two cannot be compared.
    note : str
        What else is to be said of it; empty for nothing.
    reference : str
        The model whose tests measured it in this run; empty where it was measured before.
    outcomes : mapping of str to str
        What became of those tests.
    """

    model: str
    name: str
    measurements: Mapping[Key, Measurement]
    observations: Mapping[Place, Observation]
    obstacle: Obstacle = nothing_in_the_way
    note: str = ""
    reference: str = ""
    outcomes: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, collector: Collector, model: str, name: str, reference: str) -> Opponent:
        """Return the opponent whose tests have run beside those of a model."""
        measured = {each.key: each for each in collector.measurements.values() if each.model == reference}
        said = {place: each for (of, place), each in collector.observations.items() if of == reference}
        outcomes = {test: tested.outcome for (test, of), tested in collector.tests.items() if of == reference}
        return cls(model, name, measured, said, reference=reference, outcomes=outcomes)

    def pair(self, new: Measurement) -> tuple[Measurement, Measurement | None, str]:
        """Return a measurement, what it is held against, and why the two cannot be compared."""
        old = self.measurements.get(new.key)
        return new, old, self.obstacle(new, old)

    def missing(self, new: Measurement) -> str:
        """Say why a measurement is held against nothing."""
        outcome = self.outcomes.get(new.test, "")
        return f"with {self.name} the same test {UNMEASURED.get(outcome, f'was {outcome} before that')}"


def unique(said: Iterable[tuple[Place, Observation]]) -> dict[Place, Observation]:
    """Return what was said in places that are named once: of others it is not known which is which."""
    pairs = list(said)
    counts = Counter(place for place, _ in pairs)
    return {place: each for place, each in pairs if counts[place] == 1}
