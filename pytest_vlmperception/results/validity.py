"""Whether a set has enough valid answers, and why not."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pytest_vlmperception import analysis
from pytest_vlmperception.errors import Outcome, Unavailable, UsageError
from pytest_vlmperception.records import Draw, Estimate, Status

__all__ = ["MIN_VALID", "Shortfall", "as_min_valid", "shortfall", "status_share", "with_losses"]

MIN_VALID = 0.9


def as_min_valid(min_valid: object, of_run: float) -> float:
    """Return the share of valid trials that a call asks for; that of the run where it asks for none.

    Raises
    ------
    UsageError
        If it is no share.
    """
    if min_valid is None:
        return of_run
    if isinstance(min_valid, bool) or not isinstance(min_valid, int | float) or not 0 <= min_valid <= 1:
        raise UsageError(f"min_valid={min_valid!r}; expected a share from 0 to 1, such as 0.9")
    return float(min_valid)


@dataclass(frozen=True)
class Shortfall:
    """Why a set has too few valid trials for a statistic.

    Attributes
    ----------
    reason : str
        Empty where it has enough.
    unavailable : bool
        Whether answers that could not be had are the reason.
    min_valid : float
        The share of valid trials that is enough.
    """

    reason: str = ""
    unavailable: bool = False
    min_valid: float = MIN_VALID

    def mark(self, estimate: Estimate) -> Estimate:
        """Return the estimate, undecidable where there is a shortfall."""
        if not self.reason:
            return estimate
        return replace(estimate, reason=self.reason, unavailable=self.unavailable)


def shortfall(draws: Sequence[Draw], min_valid: float) -> Shortfall:
    """Say whether a smaller share of the trials than `min_valid` is valid, and why."""
    invalid = [draw for draw in draws if draw.status != "answered"]
    lost = [draw for draw in invalid if draw.status == "unavailable"]
    if share_without(invalid, draws) >= min_valid:
        return Shortfall(min_valid=min_valid)
    # Had those been answered, would the rest have been enough?
    if share_without([draw for draw in invalid if draw.status != "unavailable"], draws) >= min_valid:
        return Shortfall(lost_reason(lost, draws), True, min_valid)
    kinds = Counter(draw.kind for draw in invalid).most_common()
    counted = ", ".join(f"{kind} {count}" for kind, count in kinds)
    of = f"{min_valid:g} of {len(draws)} trials ({counted})"
    reason = f"valid share {shown_below(share_without(invalid, draws), min_valid)} < {of}; {invalid[0].reason}"
    return Shortfall(reason, False, min_valid)


def status_share(
    draws: Sequence[Draw], status: Status, min_valid: float, *, groups: Sequence[str], name: str, unit: str
) -> Estimate:
    """Estimate the share of one status among the replies to each independent unit."""
    lost = [draw for draw in draws if draw.status == "unavailable"]
    values = [math.nan if draw.status == "unavailable" else float(draw.status == status) for draw in draws]
    estimate = analysis.mean_share(values, groups=groups, unit=unit, name=name)
    if share_without(lost, draws) >= min_valid:
        return estimate
    return replace(estimate, unavailable=True, reason=lost_reason(lost, draws))


def share_without(left_out: Sequence[Draw], draws: Sequence[Draw]) -> float:
    """Return the share of draws that are not left out."""
    return (len(draws) - len(left_out)) / len(draws)


def shown_below(share: float, limit: float) -> str:
    """Return a share in two digits, or in as many as it takes to be below the limit."""
    texts = (f"{share:.{digits}g}" for digits in range(2, 18))
    return next(text for text in texts if float(text) < limit)


def lost_reason(lost: Sequence[Draw], draws: Sequence[Draw]) -> str:
    """Say why draws could not be had."""
    return f"{lost[0].reason} ({len(lost)} of {len(draws)} trials)"


def with_losses(estimate: Estimate, lost: Sequence[Outcome], asked: int, min_valid: float) -> Estimate:
    """Say what was lost, and whether the estimate fails its valid share because answers could not be had."""
    if not estimate.reason or not lost:
        return estimate
    away = [outcome for outcome in lost if isinstance(outcome, Unavailable)]
    unavailable = bool(away) and (asked - len(lost) + len(away)) / asked >= min_valid
    first = away[0] if unavailable else lost[0]
    reason = str(first) if unavailable else f"{estimate.reason}; {first}"
    return replace(estimate, unavailable=unavailable, reason=reason)
