"""What the running tests are about to read: it is asked before it is read."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from pytest_vlmperception.options import TESTED
from pytest_vlmperception.records import Batch, Observation, Prompt, Stimulus
from pytest_vlmperception.results import Answers

__all__ = ["ItemsAhead", "models_of", "params_of"]


class ItemsAhead:
    """Looks at the selected tests' parameters for what a batch made in a fixture will be asked.

    A batch made in a test's body is asked whole. A batch made in a fixture is asked for the stimuli,
    pairs or ids that the selected tests using the fixture are parametrized with; the rest is asked
    when it is read.

    Parameters
    ----------
    recording : bool
        Whether it is noted what was read and said, for another run or another model to be compared with.
    """

    def __init__(self, recording: bool = False) -> None:
        self._recording = recording
        self._fixtures: list[tuple[str, pytest.FixtureRequest]] = []
        self._test = ""
        self._read: dict[str, dict[Batch, None]] = {}
        self._seen: set[tuple[str, Batch, str]] = set()
        self._observations: list[tuple[str, Observation]] = []

    @contextmanager
    def inside_fixture(self, name: str, request: pytest.FixtureRequest) -> Iterator[None]:
        """Say that a fixture is being set up."""
        self._fixtures.append((name, request))
        # Another model, or another prompt, may be read now.
        self._read.pop(self._place(), None)
        try:
            yield
        finally:
            self._fixtures.pop()

    def enter_test(self, nodeid: str) -> None:
        """Say which test runs from now on."""
        self._test = nodeid

    def reader(self) -> str:
        """Name the fixture or test that is running."""
        return self._fixtures[-1][0] if self._fixtures else self._test

    def saw(self, answers: Answers[Any, Any], item: Any) -> None:
        """Take note that an answer was read."""
        if not self._recording:
            return
        self._read.setdefault(self._place(), {})[answers.batch] = None
        observation = answers.observation(item)
        known = (observation.model, answers.batch, observation.item)
        if known not in self._seen:
            self._seen.add(known)
            self._observations.append((answers.batch.asked, observation))

    def _place(self) -> str:
        """Name the fixture or test that is running, as no other is named."""
        if not self._fixtures:
            return self._test
        name, request = self._fixtures[-1]
        return place_of(request.node.nodeid, name)

    def batches(self, item: Any) -> tuple[Batch, ...]:
        """Return what the answers were that a test has read, itself or in its fixtures."""
        nodes = [node.nodeid for node in item.listchain()]
        places = [place_of(node, name) for node in nodes for name in item.fixturenames]
        found = [self._read.get(place, {}) for place in [item.nodeid, *places]]
        return tuple(dict.fromkeys(batch for batches in found for batch in batches))

    def observed(self) -> list[tuple[str, Observation]]:
        """Return what was said since the last time, and in which batch."""
        observations, self._observations = self._observations, []
        return observations

    def ahead(self, items: Sequence[Any]) -> Collection[Any]:
        """Return the items to ask now."""
        if not self._fixtures:
            return items
        values = [value for test in readers(*self._fixtures[-1]) for value in test.callspec.params.values()]
        wanted = {value for value in values if is_item(value)}
        return [item for item in items if item in wanted or str(item) in wanted]


def place_of(nodeid: str, fixture: str) -> str:
    """Return what a fixture of a node is called among those who read."""
    return f"{nodeid} ({fixture})"


def is_item(value: object) -> bool:
    """Tell whether a parameter may name an item: a stimulus, a pair of stimuli, a prompt, or an id."""
    if isinstance(value, tuple):
        return all(isinstance(part, Stimulus) for part in value)
    return isinstance(value, Prompt | Stimulus | str)


def readers(fixture: str, request: pytest.FixtureRequest) -> Iterator[Any]:
    """Yield the selected parametrized tests that use this very instance of a fixture."""
    models = models_of(request._pyfuncitem)
    for test in request.session.items:
        uses = fixture in getattr(test, "fixturenames", ()) and request.node in test.listchain()
        if uses and params_of(test) and models_of(test) == models:
            yield test


def models_of(item: Any) -> tuple[str, ...]:
    """Return the names of the models that a test is one of; empty where it has none, or the only one."""
    params = params_of(item)
    return tuple(str(params.get(fixture, "")) for fixture in TESTED)


def params_of(item: Any) -> dict[str, Any]:
    """Return a test's parameters."""
    callspec = getattr(item, "callspec", None)
    return dict(callspec.params) if callspec is not None else {}
