"""Facial expressions as action units of the Facial Action Coding System (FACS).

FACS [1]_ takes an expression apart into movements of single muscles or groups of them, each scored from A (trace) to
E (maximum). The letters are an ordinal scale; here they stand in equal steps, as a convention.

References
----------
.. [1] Ekman, P., Friesen, W. V. and Hager, J. C. (2002). Facial Action Coding System. The manual. A Human Face,
   Salt Lake City.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from pytest_vlmperception.errors import StimulusError, choices_hint

__all__ = ["ACTION_UNITS", "INTENSITIES", "ONE_SIDED", "Expression", "parse_units"]

ACTION_UNITS: Mapping[int, str] = MappingProxyType({
    1: "inner brow raiser",
    2: "outer brow raiser",
    4: "brow lowerer",
    5: "upper lid raiser",
    6: "cheek raiser",
    7: "lid tightener",
    9: "nose wrinkler",
    10: "upper lip raiser",
    12: "lip corner puller",
    14: "dimpler",
    15: "lip corner depressor",
    16: "lower lip depressor",
    17: "chin raiser",
    20: "lip stretcher",
    22: "lip funneler",
    23: "lip tightener",
    24: "lip pressor",
    25: "lips part",
    26: "jaw drop",
    27: "mouth stretch",
    28: "lip suck",
    43: "eyes closed",
})
"""The action units that can be drawn, with their names."""

ONE_SIDED = frozenset({10, 12, 14, 15})
"""Those that can be drawn on one side of the face alone."""

INTENSITIES: Mapping[str, float] = MappingProxyType({"A": 0.2, "B": 0.4, "C": 0.6, "D": 0.8, "E": 1.0})
"""Strength of each letter, as a share of the strongest movement that is drawn."""

CODE = re.compile(r"(?P<side>[LR]?)(?P<unit>[0-9]{1,2})(?P<letter>[A-E]?)")


@dataclass(frozen=True)
class Expression:
    """Strengths of action units, from 0 (none) to 1, on both sides of the face.

    Attributes
    ----------
    left, right : mapping of int to float
        On the left and on the right side of the one whose face it is.
    """

    left: Mapping[int, float] = field(default_factory=dict)
    right: Mapping[int, float] = field(default_factory=dict)

    def __getitem__(self, unit: int) -> float:
        """Return the strength of a unit, on the stronger side."""
        return max(self.left.get(unit, 0.0), self.right.get(unit, 0.0))

    def both(self, unit: int) -> float:
        """Return the strength that a unit has on both sides."""
        return min(self.left.get(unit, 0.0), self.right.get(unit, 0.0))

    def one_sided(self, unit: int) -> float:
        """Return by how much a unit is stronger on one side than on the other."""
        return self[unit] - self.both(unit)


def parse_units(code: str, where: str, default: str = "C") -> Expression:
    """Return the expression of a FACS code, such as ``1+2+5B+26`` or ``R12A+R14A``.

    Parameters
    ----------
    code : str
        Units joined by ``+``, each with an optional ``L`` or ``R`` for one side and an optional letter. Empty for a
        neutral face.
    where : str
        Its place, for messages.
    default : str
        The intensity of units without a letter.

    Raises
    ------
    StimulusError
        If it is no such code, or a unit cannot be drawn, or not on one side.
    """
    left: dict[int, float] = {}
    right: dict[int, float] = {}
    for part in filter(None, code.replace(" ", "").split("+")):
        side, unit, letter = parsed(part, where)
        strength = INTENSITIES[letter or default]
        for name, strengths in (("L", left), ("R", right)):
            if side in ("", name):
                strengths[unit] = max(strength, strengths.get(unit, 0.0))
    return Expression(MappingProxyType(left), MappingProxyType(right))


def parsed(part: str, where: str) -> tuple[str, int, str]:
    """Return side, unit and letter of one part of a code."""
    match = CODE.fullmatch(part)
    if match is None:
        raise StimulusError(f"{where}: {part!r} is no action unit; expected a code such as 12, 5B or R12A")
    unit = int(match["unit"])
    if unit not in ACTION_UNITS:
        hint = choices_hint(str(unit), map(str, ACTION_UNITS))
        raise StimulusError(f"{where}: action unit {unit} cannot be drawn; {hint}")
    if match["side"] and unit not in ONE_SIDED:
        allowed = ", ".join(map(str, sorted(ONE_SIDED)))
        raise StimulusError(f"{where}: {part!r}: action unit {unit} is drawn on both sides; on one side: {allowed}")
    return match["side"], unit, match["letter"]
