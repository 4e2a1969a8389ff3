"""The size of picture that a model was told to make."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pytest_vlmperception.records import Made

__all__ = ["Extent"]

PAIR = re.compile(r"([1-9]\d{0,4})[x:]([1-9]\d{0,4})")

# Gemini's sides are multiples of 16 or so: 1344 x 768 is its 16:9, which is 1.6 % off.
TOLERANCE = 0.05


@dataclass(frozen=True)
class Extent:
    """What was asked for: a size in pixels, the proportion of width to height, or nothing.

    Attributes
    ----------
    size : tuple of (int, int) or None
        Width and height.
    proportion : tuple of (int, int) or None
        E.g. (16, 9); a picture keeps to it within five per cent.
    """

    size: tuple[int, int] | None = None
    proportion: tuple[int, int] | None = None

    @classmethod
    def of(cls, parameters: Mapping[str, Any]) -> Extent:
        """Return what a model's parameters ask for; a size such as ``auto`` asks for nothing."""
        return cls(pair_of(parameters.get("size")), pair_of(parameters.get("aspect_ratio")))

    def problem(self, made: Made) -> str:
        """Say what is wrong with the size of a picture; an empty text where nothing is."""
        if self.size is None and self.proportion is None:
            return ""
        # Loads Pillow, which a plan does not need.
        from pytest_vlmperception.pictures.sizes import size_of

        width, height = size_of("the picture", made.data)
        if self.size not in (None, (width, height)):
            return f"asked {shown(self.size, 'x')}, got {width}x{height}"
        if self.proportion is not None and not is_near(self.proportion, (width, height)):
            return f"asked {shown(self.proportion, ':')}, got {width}x{height}"
        return ""


def pair_of(text: object) -> tuple[int, int] | None:
    """Return two numbers such as ``1024x1024`` or ``16:9``; None for anything else."""
    match = PAIR.fullmatch(text) if isinstance(text, str) else None
    return (int(match[1]), int(match[2])) if match else None


def shown(pair: tuple[int, int] | None, between: str) -> str:
    """Return two numbers as they were given."""
    return between.join(map(str, pair or ()))


def is_near(proportion: tuple[int, int], size: tuple[int, int]) -> bool:
    """Tell whether a size has a proportion, within the tolerance."""
    ratio = size[0] * proportion[1] / (size[1] * proportion[0])
    return 1 - TOLERANCE <= ratio <= 1 + TOLERANCE
