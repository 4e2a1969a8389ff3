"""Loopback servers, and an environment without keys."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from servers import Respond, Server, serve

Factory = Callable[..., Server]

FOREIGN = ("ANTHROPIC_", "GEMINI_", "GOOGLE_", "OPENAI_", "PYTEST_XDIST_")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the tests that run whole suites: one that comes last is waited for by all other workers."""
    items.sort(key=lambda item: not item.path.name.startswith("test_suite"))


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take keys, base URLs and proxies out of the environment, and that these tests may run in a worker themselves."""
    for name in os.environ:
        if name.startswith(FOREIGN) or name.upper().endswith("_PROXY"):
            monkeypatch.delenv(name)


@pytest.fixture
def anthropic_server() -> Iterator[Factory]:
    """Start servers that speak Anthropic's protocol: ``anthropic_server(respond)``."""
    with ExitStack() as stack:

        def start(respond: Respond | None = None) -> Server:
            return stack.enter_context(serve("anthropic", respond))

        yield start


@pytest.fixture
def openai_server() -> Iterator[Factory]:
    """Start servers that speak OpenAI's protocols: ``openai_server(respond)``."""
    with ExitStack() as stack:

        def start(respond: Respond | None = None) -> Server:
            return stack.enter_context(serve("openai", respond))

        yield start


@pytest.fixture
def gemini_server() -> Iterator[Factory]:
    """Start servers that speak Gemini's protocol: ``gemini_server(respond)``."""
    with ExitStack() as stack:

        def start(respond: Respond | None = None) -> Server:
            return stack.enter_context(serve("gemini", respond))

        yield start
