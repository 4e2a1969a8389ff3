"""What one estimate of a new model came to beside the same of an old one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Comparison", "ComparisonVerdict"]

ComparisonVerdict = Literal["worse", "better", "not worse", "cannot tell", "inconclusive", "unavailable"]


@dataclass(frozen=True)
class Comparison:
    """One line of the table of an upgrade.

    Attributes
    ----------
    test : str
        Node id of the new model's test.
    model, against : str
        The new model, and what it is held against.
    name : str
        What was estimated.
    verdict : {"worse", "better", "not worse", "cannot tell", "inconclusive", "unavailable"}
        What it came to.
    new, old : float
        The two values; NaN where there is none.
    difference, low, high : float
        New minus old with its 95 % interval, signed so that positive is better; for a ratio, of natural logarithms.
    margin : float
        Largest loss that does not matter.
    p, adjusted : float
        One-sided p of being worse, and adjusted for the `family` of comparisons of the run.
    family : int
        Their number.
    n, unit : int, str
        Independent units.
    policy : {"point", "confident", "tolerant"}
        Under ``confident``, *cannot tell* fails.
    scale : {"linear", "log"}
        Of the difference.
    reason : str
        Why it is inconclusive or unavailable.
    """

    test: str
    model: str
    against: str
    name: str
    verdict: ComparisonVerdict
    new: float
    old: float
    difference: float
    low: float
    high: float
    margin: float
    p: float
    adjusted: float
    family: int
    n: int
    unit: str
    policy: str
    scale: str = "linear"
    reason: str = ""

    @property
    def fails(self) -> bool:
        """Whether it fails the run."""
        undecided = self.verdict == "cannot tell" and self.policy == "confident"
        return undecided or self.verdict in ("worse", "inconclusive", "unavailable")
