"""Replies that have to be JSON."""

from __future__ import annotations

import re
from typing import Any

from pytest_vlmperception.records.strict_json import loads_strictly

__all__ = ["json_in"]

FENCED = re.compile(r"\s*```(?:json)?\s*\n(?P<body>.*)\n\s*```\s*", re.DOTALL)


def json_in(text: str) -> Any:
    """Return the JSON that a reply is, alone or in one block of Markdown.

    Raises
    ------
    UsageError
        If it is anything else, also JSON with a key twice.
    """
    fenced = FENCED.fullmatch(text)
    return loads_strictly(fenced["body"] if fenced else text)
