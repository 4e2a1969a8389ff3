"""What the running tests are about to read: it is asked before it is read."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from pytest_vlmperception.options import TESTED
from pytest_vlmperception.records import Prompt, Stimulus

__all__ = ["ItemsAhead", "models_of", "params_of"]


class ItemsAhead:
    """Looks at the selected tests' parameters for what a batch made in a fixture will be asked.

    A batch made in a test's body is asked whole. A batch made in a fixture is asked for the stimuli,
    pairs or ids that the selected tests using the fixture are parametrized with; the rest is asked
    when it is read.
    """

    def __init__(self) -> None:
        self._fixtures: list[tuple[str, pytest.FixtureRequest]] = []
        self._test = ""

    @contextmanager
    def inside_fixture(self, name: str, request: pytest.FixtureRequest) -> Iterator[None]:
        """Say that a fixture is being set up."""
        self._fixtures.append((name, request))
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

    def ahead(self, items: Sequence[Any]) -> Collection[Any]:
        """Return the items to ask now."""
        if not self._fixtures:
            return items
        values = [value for test in readers(*self._fixtures[-1]) for value in test.callspec.params.values()]
        wanted = {value for value in values if is_item(value)}
        return [item for item in items if item in wanted or str(item) in wanted]


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
