"""Parsing JSON that somebody else has written."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from pytest_vlmperception.errors import UsageError

__all__ = ["loads_strictly"]


def loads_strictly(text: str) -> Any:
    """Parse JSON that has each key once, and no NaN.

    Raises
    ------
    UsageError
        If it is anything else.
    """
    try:
        return json.loads(text, object_pairs_hook=unique, parse_constant=refuse)
    except UsageError:
        raise
    except (ValueError, RecursionError) as error:
        raise UsageError(f"it is no JSON: {error}") from None


def unique(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object whose keys differ."""
    content = dict(pairs)
    if len(content) < len(pairs):
        raise UsageError("a key stands there twice")
    return content


def refuse(constant: str) -> None:
    """Raise for what is no number of JSON."""
    raise UsageError(f"{constant} is no number")
