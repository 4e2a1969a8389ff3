"""Whether a set has enough valid answers, and why not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pytest_vlmperception import analysis
from pytest_vlmperception.errors import Outcome, Unavailable
from pytest_vlmperception.records import Draw, Estimate

__all__ = ["MIN_VALID", "Shortfall", "shortfall", "valid_share", "with_losses"]

MIN_VALID = 0.9


@dataclass(frozen=True)
class Shortfall:
    """Why a set has too few valid trials for a statistic.

    Attributes
    ----------
    reason : str
        Empty where it has enough.
    unavailable : bool
        Whether answers that could not be had are the reason.
    """

    reason: str = ""
    unavailable: bool = False

    def mark(self, estimate: Estimate) -> Estimate:
        """Return the estimate, undecidable where there is a shortfall."""
        if not self.reason:
            return estimate
        return replace(estimate, reason=self.reason, unavailable=self.unavailable)


def shortfall(draws: Sequence[Draw]) -> Shortfall:
    """Say whether fewer than 0.9 of the trials are valid, and why."""
    share = answered(draws)
    if share >= MIN_VALID:
        return Shortfall()
    invalid = [draw for draw in draws if draw.status != "answered"]
    lost = [draw for draw in invalid if draw.status == "unavailable"]
    # Had those been answered, would the rest have been enough?
    unavailable = share + len(lost) / len(draws) >= MIN_VALID
    if unavailable:
        return Shortfall(f"{lost[0].reason} ({len(lost)} of {len(draws)} trials)", unavailable)
    kinds = Counter(draw.kind for draw in invalid).most_common()
    counted = ", ".join(f"{kind} {count}" for kind, count in kinds)
    return Shortfall(f"valid share {share:.2g} < {MIN_VALID} of {len(draws)} trials ({counted}); {invalid[0].reason}")


def valid_share(draws: Mapping[str, Sequence[Draw]], unit: str) -> Estimate:
    """Estimate the share of usable answers among the replies to each independent unit."""
    every = [draw for drawn in draws.values() for draw in drawn]
    lost = [draw for draw in every if draw.status == "unavailable"]
    replied = {name: [draw for draw in drawn if draw.status != "unavailable"] for name, drawn in draws.items()}
    shares = {name: answered(drawn) for name, drawn in replied.items() if drawn}
    worst = sorted(((name, share) for name, share in shares.items() if share < 1), key=lambda item: item[1])
    estimate = replace(
        analysis.wilson(sum(shares.values()), len(shares), name="valid share", unit=unit),
        units=tuple(worst),
        missing=len(lost),
    )
    if len(lost) <= (1 - MIN_VALID) * len(every):
        return estimate
    reason = f"{lost[0].reason} ({len(lost)} of {len(every)} trials)"
    return replace(estimate, unavailable=True, reason=reason)


def answered(draws: Sequence[Draw]) -> float:
    """Return the share of draws that were answered."""
    return sum(draw.status == "answered" for draw in draws) / len(draws)


def with_losses(estimate: Estimate, lost: Sequence[Outcome], asked: int) -> Estimate:
    """Say what was lost, and whether the estimate fails its valid share because answers could not be had."""
    if not estimate.reason or not lost:
        return estimate
    away = [outcome for outcome in lost if isinstance(outcome, Unavailable)]
    unavailable = 1 - (len(lost) - len(away)) / asked >= MIN_VALID
    first = away[0] if unavailable and away else lost[0]
    reason = str(first) if unavailable else f"{estimate.reason}; {first}"
    return replace(estimate, unavailable=unavailable, reason=reason)
