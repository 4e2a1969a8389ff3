"""Reading a server's JSON, which may be anything, without trusting its shape."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from pytest_vlmperception.errors import CallError
from pytest_vlmperception.models.failures import printable

__all__ = ["Node", "empty", "malformed", "read_json"]


@dataclass(frozen=True)
class Node:
    """A place in a body; asking for what is not there gives nothing, for a wrong type an error.

    Attributes
    ----------
    model : str
        Whose answer it is, for messages.
    value : object
        What stands there; None where nothing does.
    path : str
        Where it stands.
    secret : str
        The key, to keep it out of messages.
    """

    model: str
    value: Any
    path: str = "body"
    secret: str = ""

    def __getitem__(self, key: str) -> Node:
        value = None if self.value is None else self.expected(dict, "an object").get(key)
        return Node(self.model, value, f"{self.path}.{key}", self.secret)

    def items(self) -> list[Node]:
        """Return the members of a list, none where there is no list."""
        values = [] if self.value is None else self.expected(list, "a list")
        return [Node(self.model, value, f"{self.path}[{index}]", self.secret) for index, value in enumerate(values)]

    def first(self) -> Node:
        """Return the first member of a list, an empty node where there is none."""
        return next(iter(self.items()), Node(self.model, None, f"{self.path}[0]", self.secret))

    def text(self) -> str:
        """Return a text, the empty one where there is none."""
        return "" if self.value is None else str(self.expected(str, "text"))

    def label(self) -> str:
        """Return a text that no answer depends on, as one short line without the key; empty where it is none."""
        return printable(self.value, self.secret) if isinstance(self.value, str) else ""

    def count(self, *path: str) -> int | None:
        """Return a count below this place; None where it is none, since only accounting needs it."""
        value = self.value
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None

    def expected(self, kind: type, words: str) -> Any:
        """Return the value, or raise that it is of the wrong type."""
        if not isinstance(self.value, kind):
            raise malformed(self.model, f"{self.path} is of type {type(self.value).__name__}, expected {words}")
        return self.value


def read_json(model: str, body: str | bytes, secret: str = "") -> Node:
    """Return the root of a JSON body.

    Raises
    ------
    CallError
        ``empty`` for no bytes, ``malformed`` for what is no JSON object.
    """
    if not body.strip():
        raise empty(model, "the body is empty")
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise malformed(model, f"the body is no JSON ({len(body)} bytes)") from None
    root = Node(model, value, secret=secret)
    root.expected(dict, "an object")
    return root


def malformed(model: str, what: str) -> CallError:
    """Return the error for a body that cannot be read. Asking again helps where a proxy cut it."""
    return CallError(f"{model}: malformed reply: {what}", "malformed", transient=True)


def empty(model: str, what: str) -> CallError:
    """Return the error for a reply without an answer. These are hiccups: asking again mostly helps."""
    return CallError(f"{model}: empty reply: {what}", "empty", transient=True)
