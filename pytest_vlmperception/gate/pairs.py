"""Two estimates of one statistic, measured on the same units."""

from __future__ import annotations

import math
from collections.abc import Mapping

from pytest_vlmperception.records import Estimate
from pytest_vlmperception.records.estimate import Comparator

__all__ = ["directed", "flips_of", "why_not_comparable"]


def why_not_comparable(new: Estimate, old: Estimate) -> str:
    """Say why two estimates cannot be subtracted; empty where they can."""
    for side, estimate in (("new", new), ("old", old)):
        if estimate.reason or not math.isfinite(estimate.value):
            return f"{side}: {estimate.reason or f'the value is {estimate.value}'}"
        if estimate.scale == "log" and estimate.value <= 0.0:
            return f"{side}: the ratio is {estimate.value:g}; expected one above 0"
    if (new.name, new.scale) != (old.name, old.scale):
        return f"they are different statistics: new {new.name} ({new.scale}), old {old.name} ({old.scale})"
    if min(new.n, old.n) < 2:
        return f"a difference over {min(new.n, old.n)} {new.unit} has no interval; add units"
    return why_not_paired(new, old)


def why_not_paired(new: Estimate, old: Estimate) -> str:
    """Say why replicates cannot be subtracted one by one; empty where they can."""
    for side, estimate in (("new", new), ("old", old)):
        if not estimate.replicates or estimate.design is None:
            return f"{side}: {estimate.name} has no bootstrap replicates, from which a paired comparison is made"
    if new.design != old.design or len(new.replicates or ()) != len(old.replicates or ()):
        return f"they were resampled by different designs: other {new.unit}s, or another number of replicates"
    return ""


def items_of(estimate: Estimate) -> Mapping[str, float] | None:
    """Return the units where each is one yes/no item and the estimate is their mean, else None."""
    items = dict(estimate.units)
    if len(items) != estimate.n or not items or not set(items.values()) <= {0.0, 1.0}:
        return None
    return items if math.isclose(estimate.value, sum(items.values()) / len(items), abs_tol=1e-9) else None


def flips_of(new: Estimate, old: Estimate, comparator: Comparator) -> tuple[tuple[str, float], ...] | None:
    """Return the yes/no items that changed, 1 for the better and -1 for the worse, the worse first; None without items."""
    now, then = items_of(new), items_of(old)
    if now is None or then is None or now.keys() != then.keys():
        return None
    sign = 1.0 if comparator in (">=", ">") else -1.0
    changed = [(name, sign * (now[name] - then[name])) for name in now if now[name] != then[name]]
    return tuple(sorted(changed, key=lambda item: (item[1], item[0])))


def directed(value: float, estimate: Estimate, comparator: Comparator) -> float:
    """Return a value on the scale of differences, signed so that higher is better."""
    number = math.log(value) if estimate.scale == "log" else value
    return number if comparator in (">=", ">") else -number
