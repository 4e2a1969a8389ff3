"""Converters of a model's parameters: text in, a checked value out, or `ValueError`."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import TypeVar

__all__ = ["choice", "extent", "number", "share", "whole"]

T = TypeVar("T")


def choice(*words: str) -> Callable[[str], str]:
    """Return a converter that takes one of `words`."""

    def convert(text: str) -> str:
        if text not in words:
            raise ValueError(f"expected one of {', '.join(words)}")
        return text

    return convert


def extent(*words: str) -> Callable[[str], str]:
    """Return a converter that takes a width and a height in pixels, such as 1024x1024, or one of `words`."""

    def convert(text: str) -> str:
        if text not in words and not re.fullmatch(r"[1-9]\d{0,4}x[1-9]\d{0,4}", text):
            raise ValueError(f"expected a size such as 1024x1024, or {' or '.join(words)}")
        return text

    return convert


def number(low: float = -math.inf, *, above: bool = False) -> Callable[[str], float]:
    """Return a converter to a finite number of at least `low`, or above it."""

    def convert(text: str) -> float:
        value = read(float, text, "a number")
        if not math.isfinite(value):
            raise ValueError("expected a finite number")
        if value < low or (above and value == low):
            raise ValueError(f"expected a number {'above' if above else 'of at least'} {low:g}")
        return value

    return convert


def share(text: str) -> float:
    """Return a number from 0 to 1."""
    value = number(0.0)(text)
    if value > 1.0:
        raise ValueError("expected a share from 0 to 1")
    return value


def whole(low: int | None = None) -> Callable[[str], int]:
    """Return a converter to a whole number, of at least `low` where given."""

    def convert(text: str) -> int:
        value = read(int, text, "a whole number")
        if low is not None and value < low:
            raise ValueError(f"expected a whole number of at least {low}")
        return value

    return convert


def read(kind: Callable[[str], T], text: str, expected: str) -> T:
    """Convert `text`, with words of our own where that fails."""
    try:
        return kind(text)
    except ValueError:
        raise ValueError(f"expected {expected}") from None
