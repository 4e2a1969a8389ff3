"""What a version that is trusted measured."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from pytest_vlmperception.errors import UsageError
from pytest_vlmperception.gate.baselines.names import check_name
from pytest_vlmperception.records import Measurement, Observation

__all__ = ["SCORING", "Baseline", "Earlier", "Key"]

SCORING = 1
"""How answers become numbers. Raise it when a change alters a number that is held against older ones."""

# Test, name of the estimate, ordinal and comparator: `Measurement.key`.
Key = tuple[str, str, int, str]


@dataclass(frozen=True)
class Earlier:
    """What a baseline was before it was written anew.

    Attributes
    ----------
    written, commit, reason, model, returned :
        As of `Baseline`.
    sha256 : str
        Of the file: what stood in its second line.
    values : tuple of (str, str, int, str, float)
        Key and value of each estimate.
    """

    written: str
    commit: str
    reason: str
    model: str
    returned: tuple[str, ...]
    sha256: str
    values: tuple[tuple[str, str, int, str, float], ...]

    def value(self, key: Key) -> float | None:
        """Return the value of an estimate; None where it was not measured."""
        return next((value for *own, value in self.values if tuple(own) == key), None)


@dataclass(frozen=True, eq=False, kw_only=True)
class Baseline:
    """What one model came to in a suite, so that a later run can be held against it.

    What is given in any order is kept sorted, so that the same run gives the same file.

    Attributes
    ----------
    name : str
        Of the file, without its ending.
    written : str
        When, as a UTC date or time of ISO 8601.
    commit : str
        Of the suite; empty where it is not known.
    reason : str
        Why it was written; never empty where it replaced another.
    model : str
        The model asked for, as named by the user.
    returned : tuple of str
        The ids that its provider returned.
    versions : mapping of str to str
        Of what computed it: this package, Python, numpy ...
    scoring : int
        `SCORING` of what computed it.
    measurements : tuple of Measurement
        Without a model: that is content, not name. Each key once.
    observations : tuple of Observation
        What was said of each item.
    tests : mapping of str to str
        Outcome of each test, by its node id without the model.
    history : tuple of Earlier
        What it was before, oldest first.
    """

    name: str
    written: str
    commit: str
    reason: str
    model: str
    returned: tuple[str, ...]
    versions: Mapping[str, str]
    scoring: int = SCORING
    measurements: tuple[Measurement, ...] = field(repr=False)
    observations: tuple[Observation, ...] = field(default=(), repr=False)
    tests: Mapping[str, str] = field(default_factory=dict, repr=False)
    history: tuple[Earlier, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        check_name(self.name)
        check_date(self.written)
        if type(self.scoring) is not int or self.scoring < 1:
            raise UsageError(f"scoring={self.scoring!r}; expected a count from 1")
        check_measurements(self.measurements)
        nameless = (replace(measurement, model="") for measurement in self.measurements)
        kept = {
            "returned": tuple(sorted({name for name in self.returned if name})),
            "versions": dict(sorted(self.versions.items())),
            "measurements": tuple(sorted(nameless, key=lambda measurement: measurement.key)),
            "observations": tuple(sorted(self.observations, key=place)),
            "tests": dict(sorted(self.tests.items())),
        }
        for name, value in kept.items():
            object.__setattr__(self, name, value)

    def find(self, key: Key) -> Measurement | None:
        """Return the measurement of that key; None where there is none."""
        return next((found for found in self.measurements if found.key == key), None)

    def missing(self, keys: Iterable[Key]) -> tuple[Key, ...]:
        """Return those of `keys` that the baseline does not have, in their order."""
        known = {measurement.key for measurement in self.measurements}
        return tuple(key for key in keys if key not in known)

    def unmeasured(self, keys: Iterable[Key]) -> tuple[Key, ...]:
        """Return the keys of the baseline that are not among `keys`."""
        known = set(keys)
        return tuple(measurement.key for measurement in self.measurements if measurement.key not in known)

    def trend(self, key: Key) -> tuple[tuple[str, float], ...]:
        """Return when an estimate had which value, oldest first; where it was not measured there is none."""
        found = self.find(key)
        values = [(earlier.written, earlier.value(key)) for earlier in self.history]
        values.append((self.written, None if found is None else found.estimate.value))
        return tuple((written, value) for written, value in values if value is not None)


def check_date(text: str) -> None:
    """Raise unless a text is a date, or a time in UTC."""
    try:
        offset = datetime.fromisoformat(text).utcoffset()
    except (TypeError, ValueError):
        offset = timedelta.max
    if offset:
        raise UsageError(f"written={text!r:.80}; expected a UTC time of ISO 8601, such as 2026-11-03T09:30:00Z")


def check_measurements(measurements: Iterable[Measurement]) -> None:
    """Raise unless each key is there once, and what the estimates are held against are numbers."""
    for key, count in Counter(measurement.key for measurement in measurements).items():
        if count > 1:
            raise UsageError(f"{key!r:.300} was measured {count} times; a baseline is of one model")
    for measurement in measurements:
        numbers = (measurement.threshold, measurement.margin or 0.0)
        if not all(map(math.isfinite, numbers)) or not 0.0 < measurement.estimate.level < 1.0:
            raise UsageError(f"{measurement.key!r:.300} has a threshold, margin or level that is no such number")


def place(observation: Observation) -> tuple[str | float, ...]:
    """Return by what observations are sorted."""
    latency = -1.0 if observation.latency_s is None else observation.latency_s
    said = (observation.status, observation.value, latency)
    return observation.model, observation.verb, observation.prompt, observation.item, *said
