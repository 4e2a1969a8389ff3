"""What a run measured, written down as a baseline and read again."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version

import pytest

from pytest_vlmperception.collector import Collector
from pytest_vlmperception.errors import UsageError
from pytest_vlmperception.gate import Baseline, commit_of, write_baseline
from pytest_vlmperception.options import Settings
from pytest_vlmperception.records import counted
from pytest_vlmperception.session import baselines_folder, model_specs

__all__ = ["save"]

# What computes the numbers.
COMPUTED_BY = ("pytest-vlmperception", "numpy", "scipy", "pillow", "scikit-image")


def save(session: pytest.Session, settings: Settings, collector: Collector, trusted: tuple[str, ...]) -> str:
    """Write the baseline that was asked for, and say what was written.

    Of several models under test it is that of the first.

    Parameters
    ----------
    session : pytest.Session
        The run, at its end.
    settings : Settings
        The options.
    collector : Collector
        What all tests came to.
    trusted : tuple of str
        Models that the user named.

    Raises
    ------
    BaselineError
        If it cannot be written, or there is nothing to write.
    """
    if session.shouldfail or session.shouldstop or session.exitstatus == pytest.ExitCode.INTERRUPTED:
        remedy = "run it to its end: what was answered is stored"
        raise UsageError(f"no baseline was written: the run was ended early; {remedy}")
    if collector.went_down:
        raise UsageError("no baseline was written: a worker went down during a test; find out why, and run it again")
    config = session.config
    model = next(iter(model_specs(config, settings.models, trusted)))
    measured = [each for each in collector.measurements.values() if each.model in ("", model)]
    if not measured:
        raise UsageError("no baseline was written: no selected test has held an estimate against a threshold")
    totals = collector.totals.models.get(model)
    baseline = Baseline(
        name=settings.save or settings.bless or "",
        written=datetime.now(UTC).isoformat(timespec="seconds"),
        commit=commit_of(config.rootpath),
        reason=settings.reason or "",
        model=model,
        returned=tuple(totals.returned) if totals is not None else (),
        versions=versions(),
        measurements=tuple(measured),
        observations=tuple(each for each in collector.observations.values() if each.model == model),
        tests={test: tested.outcome for (test, of), tested in collector.tests.items() if of in ("", model)},
    )
    path = write_baseline(baselines_folder(config), baseline, bless=settings.bless is not None)
    return f"baseline {baseline.name!r} of {counted(len(measured), 'estimate')} by {model} written to {path}"


def versions() -> Mapping[str, str]:
    """Return the versions of what computes the numbers."""
    return {"python": platform.python_version(), **{name: version(name) for name in COMPUTED_BY}}
