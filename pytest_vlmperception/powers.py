"""What the gates of a planned run could see, from what the same suite measured before, or from stand-ins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from pytest_vlmperception.collector import Collector
from pytest_vlmperception.errors import BaselineError
from pytest_vlmperception.gate import plan_lines, read_baseline
from pytest_vlmperception.options import Settings
from pytest_vlmperception.records import Measurement
from pytest_vlmperception.session import baselines_folder

__all__ = ["power_lines"]

Key = tuple[str, str, int, str]


def power_lines(config: pytest.Config, settings: Settings, collector: Collector) -> Iterator[str]:
    """Yield lines on what the gates of a plan can see.

    Parameters
    ----------
    config, settings
        Of the run.
    collector : Collector
        What was measured: of stored answers, and where there are none of the built-in observer's.
    """
    gates: dict[Key, Measurement] = {}
    for each in sorted(collector.measurements.values(), key=collector.place):
        gates.setdefault(each.key, each)
    if not gates:
        return
    try:
        past, source = past_of(config, settings)
    except BaselineError as error:
        past, source = {}, f"{error}; "
    yield f"power  {source}by stored answers, or by the observer's where none are stored:"
    family = len(gates) if settings.against is not None else 0
    for key, gate in gates.items():
        estimate = past[key].estimate if key in past else gate.estimate
        lines = plan_lines(
            estimate, comparator=gate.comparator, threshold=gate.threshold, policy=gate.policy, family=family
        )
        yield from (f"power  {line}  {gate.test}" for line in lines)


def past_of(config: pytest.Config, settings: Settings) -> tuple[Mapping[Key, Measurement], str]:
    """Return what a baseline holds, where one is compared with, and words for it."""
    if settings.against is None or settings.against.kind != "baseline":
        return {}, ""
    baseline = read_baseline(baselines_folder(config), settings.against.name)
    return {each.key: each for each in baseline.measurements}, f"by baseline {baseline.name!r}; what it lacks "
