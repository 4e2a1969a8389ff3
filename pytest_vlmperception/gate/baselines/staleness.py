"""Why what a baseline holds cannot be compared with what is measured now."""

from __future__ import annotations

import math
from collections.abc import Iterable

from pytest_vlmperception.gate.baselines.baseline import SCORING, Baseline
from pytest_vlmperception.records import Batch, Measurement, counted

__all__ = ["changed_models", "outdated", "stale"]

ANEW = "write the baseline anew with --vlm-bless on the version that you trust"


def outdated(baseline: Baseline) -> str:
    """Say why nothing of a baseline can be compared; empty where it may be."""
    if baseline.scoring == SCORING:
        return ""
    then, now = baseline.scoring, SCORING
    what = (
        f"baseline {baseline.name!r} was computed by scoring version {then}, which gives other numbers than {now} now"
    )
    return f"{what}; {ANEW if then < now else 'upgrade pytest-vlmperception'}"


def stale(then: Measurement, now: Measurement) -> str:
    """Say why a measurement cannot be compared with that of a baseline, and what to do; empty where it can.

    Parameters
    ----------
    then, now : Measurement
        Of the baseline, and new; of one key. Whether both have a value is not looked at.
    """
    asked, ask = (sorted(one.batches, key=lambda batch: batch.name) for one in (then, now))
    if [batch.name for batch in asked] != [batch.name for batch in ask]:
        return f"it was made of {listed(asked)} in the baseline, and is of {listed(ask)} now; {ANEW}"
    reasons = (other_batch(*pair) for pair in zip(asked, ask, strict=True))
    return next(filter(None, reasons), "") or other_estimate(then, now)


def other_batch(then: Batch, now: Batch) -> str:
    """Say what else was asked in a batch of the same name."""
    name = listed([then])
    if then.stimuli_sha256 != now.stimuli_sha256 or then.items != now.items:
        were = f"{counted(then.items, 'item')} then, {now.items} now, "
        what = f"{were if then.items != now.items else ''}{changed(then.stimuli_sha256, now.stimuli_sha256)}"
        return f"{name} was asked about other stimuli or allowed other answers ({what}); restore them, or {ANEW}"
    if then.prompt_sha256 != now.prompt_sha256:
        compare = "to compare prompts: --vlm-prompt NAME=FILE --vlm-against prompt:default"
        return f"{name} had another text ({changed(then.prompt_sha256, now.prompt_sha256)}); {compare}; else {ANEW}"
    if then.repeats != now.repeats:
        asked = f"{counted(then.repeats, 'time')} then, {now.repeats} now"
        return f"{name} asked each item {asked}; give the test repeats={then.repeats} again, or {ANEW}"
    return ""


def other_estimate(then: Measurement, now: Measurement) -> str:
    """Say how else the statistic was computed from the same questions; of one without a value that is not known."""
    old, new = then.estimate, now.estimate
    if math.isnan(old.value) or math.isnan(new.value):
        return ""
    # Without a design the number of replicates may depend on the answers.
    if old.design != new.design or (old.design and len(old.replicates or ()) != len(new.replicates or ())):
        what = changed(old.design or "none", new.design or "none")
        return f"its units were resampled by another design ({what}): other groups, replicates or seed; {ANEW}"
    if (old.scale, old.unit) != (new.scale, new.unit):
        kinds = f"{old.scale} scale, by {old.unit!r:.40} then; {new.scale} scale, by {new.unit!r:.40} now"
        return f"it was computed otherwise ({kinds}); {ANEW}"
    return ""


def changed_models(baseline: Baseline, returned: Iterable[str]) -> str:
    """Say that the provider returned other model ids than for the baseline; empty where not, or not known.

    Parameters
    ----------
    baseline : Baseline
        What is compared with.
    returned : iterable of str
        Ids returned in this run.
    """
    now = sorted({name for name in returned if name})
    if not now or not baseline.returned or now == list(baseline.returned):
        return ""
    who = f"baseline {baseline.name!r} was answered by {ids(baseline.returned)}, this run by {ids(now)}"
    return f"{who}: a difference may be the model's"


def ids(names: Iterable[str]) -> str:
    """Return names of models as words."""
    return ", ".join(f"{name!r:.100}" for name in names)


def listed(batches: Iterable[Batch]) -> str:
    """Return the names of batches as words; a baseline may come from anybody."""
    names = [ascii(batch.name)[1:-1] if not batch.name.isprintable() else batch.name for batch in batches]
    return " and ".join(f"{name:.100}" for name in names) or "no questions"


def changed(then: str, now: str) -> str:
    """Return the beginnings of two digests."""
    return f"{then[:8]!r} -> {now[:8]!r}"
