"""What the colour names look like."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["BACKGROUND_SRGB", "SRGB", "Tone"]

Tone = tuple[int, int, int]

# Any two of them, the background among them, are at least 36 CIELAB units apart: white and the background are nearest.
SRGB: Mapping[str, Tone] = MappingProxyType({
    "red": (214, 30, 38),
    "orange": (255, 140, 20),
    "yellow": (255, 222, 40),
    "green": (30, 140, 60),
    "blue": (20, 100, 215),
    "purple": (125, 35, 140),
    "pink": (255, 150, 195),
    "brown": (115, 65, 25),
    "black": (16, 16, 16),
    "white": (250, 250, 250),
})
"""8-bit sRGB of each colour name."""

BACKGROUND_SRGB: Mapping[str, Tone] = MappingProxyType({"grey": (148, 148, 148)})
"""8-bit sRGB of each background: L* = 61 for grey, where no colour of a shape has between 52 and 69."""
