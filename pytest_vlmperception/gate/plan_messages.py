"""What a plan says about each gated estimate, before it costs anything."""

from __future__ import annotations

import math

from pytest_vlmperception.gate.failing import units_to_calm
from pytest_vlmperception.gate.pairs import higher_is_better
from pytest_vlmperception.gate.power import POWER, Detection, smallest_drop
from pytest_vlmperception.records import Estimate, counted, plural
from pytest_vlmperception.records.estimate import Comparator, holds

__all__ = ["FALSE_ALARMS", "plan_lines"]

# A gate that fails more unchanged models than this is switched off by its users before long.
FALSE_ALARMS = 0.1

POWERFUL = f"{100.0 * POWER:g} %"


def plan_lines(
    estimate: Estimate,
    *,
    comparator: Comparator,
    threshold: float,
    policy: str = "point",
    family: int = 0,
    chance: float = 0.0,
) -> list[str]:
    """Say what a gate can see: one line, and one more for each way in which it means nothing.

    Parameters
    ----------
    estimate : Estimate
        A past one: of a baseline, or of the observer.
    comparator, threshold, policy
        Of the gate.
    family : int
        Number of comparisons with another model or run; 0 where nothing is compared.
    chance : float
        What a model reaches that sees nothing; read of at least only.
    """
    gate = smallest_drop(estimate, comparator=comparator, threshold=threshold, policy=policy)
    claim = f"{estimate.name} {comparator} {threshold:g}"
    if gate.reason:
        return [f"{claim}: what it can see is not known: {gate.reason}"]
    known = f"policy {policy}, {counted(estimate.n, estimate.unit)}, {estimate.value:.3g} before"
    line = f"{claim} ({known}): fails {percent(gate.false_alarm)} of unchanged models"
    if gate.drop > 0.0:
        line += f" and {POWERFUL} of those that {fell(gate, estimate, comparator)}"
    warnings = [alarm(gate, estimate, comparator, threshold, policy)]
    if higher_is_better(comparator):
        warnings.append(blind("fail", gate, estimate, chance))
    if family:
        upgrade = smallest_drop(estimate, comparator=comparator, family=family)
        line += f"; calls {POWERFUL} of upgrades worse that {fell(upgrade, estimate, comparator)}, or less"
        if higher_is_better(comparator):
            warnings.append(blind("be called worse", upgrade, estimate, chance))
    return [line, *(f"warning: {claim}: {warning}" for warning in warnings if warning)]


def fell(detection: Detection, estimate: Estimate, comparator: Comparator) -> str:
    """Say how large a loss has to be."""
    what = "dropped" if higher_is_better(comparator) else "rose"
    if math.isinf(detection.drop):
        return f"{what} by more than there is"
    size = f"a factor of {math.exp(detection.drop):.2g}" if estimate.scale == "log" else f"{detection.drop:.2g}"
    return f"{what} by {size}"


def percent(share: float) -> str:
    """Return a share in whole percent, what is less than one as such."""
    return "less than 1 %" if 0.0 < share < 0.01 else f"{100.0 * share:.0f} %"


def alarm(gate: Detection, estimate: Estimate, comparator: Comparator, threshold: float, policy: str) -> str:
    """Say that a gate fails too many models that did not change; empty where it does not."""
    if gate.false_alarm <= FALSE_ALARMS:
        return ""
    if not holds(estimate.value, comparator, threshold):
        return f"the past value, {estimate.value:.3g}, does not hold it: choose another threshold"
    often = f"fails {percent(gate.false_alarm)} of unchanged models"
    needed = units_to_calm(estimate, comparator, threshold, policy, FALSE_ALARMS)
    units = f"about {needed:.0f} {plural(estimate.unit)}" if needed < math.inf else "a lower threshold"
    softer = "" if policy == "tolerant" else ", or policy tolerant,"
    return f"{often}; {units}{softer} would make that {percent(FALSE_ALARMS)}"


def blind(what: str, detection: Detection, estimate: Estimate, chance: float) -> str:
    """Say that a comparison would not even find a model that sees nothing; empty where it would."""
    if estimate.scale == "log" or detection.drop <= estimate.value - chance:
        return ""
    units = counted(estimate.n, estimate.unit)
    return f"means nothing with {units}: a model at {chance:g} would {what} in less than {POWERFUL} of runs"
