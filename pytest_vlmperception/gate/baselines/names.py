"""Names of baselines, which are names of files on every system."""

from __future__ import annotations

import re

from pytest_vlmperception.errors import BaselineError

__all__ = ["check_name", "is_name"]

MAX_CHARS = 80
NAME = re.compile(rf"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{{0,{MAX_CHARS - 2}}}[A-Za-z0-9_-])?")

# Windows keeps these for devices, whatever follows a point.
RESERVED = re.compile(r"(?:con|prn|aux|nul|(?:com|lpt)[0-9])(?:\..*)?", re.IGNORECASE)


def is_name(text: object) -> bool:
    """Tell whether a file can have this name on every system, and a baseline too."""
    return isinstance(text, str) and bool(NAME.fullmatch(text)) and not RESERVED.fullmatch(text)


def check_name(text: object) -> None:
    """Raise `BaselineError` unless a baseline can have this name."""
    if not is_name(text):
        expected = f"expected up to {MAX_CHARS} letters, digits, '_', '-' and '.' within, and no device of Windows"
        raise BaselineError(f"a baseline cannot be called {text!r:.100}; {expected}: such as main or gpt-5.2")
