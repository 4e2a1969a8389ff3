"""What a run measured, written down as a baseline and read again."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import pytest

from pytest_vlmperception.collector import Collector
from pytest_vlmperception.errors import UsageError
from pytest_vlmperception.gate import Baseline, check_baseline_writable, commit_of, write_baseline
from pytest_vlmperception.options import Settings
from pytest_vlmperception.records import counted

__all__ = ["baselines_folder", "check_saving", "save"]

# What computes the numbers.
COMPUTED_BY = ("pytest-vlmperception", "numpy", "scipy", "pillow", "scikit-image")


def baselines_folder(config: pytest.Config) -> Path:
    """Return where baselines are kept."""
    return config.rootpath / ".vlm" / "baselines"


def check_saving(config: pytest.Config, settings: Settings) -> None:
    """Refuse a baseline that could not be written; to be called before anything is paid.

    Raises
    ------
    BaselineError
        If it could not.
    """
    name = settings.save or settings.bless
    if name is not None:
        check_baseline_writable(baselines_folder(config), name, settings.bless is not None, settings.reason or "")


def save(config: pytest.Config, settings: Settings, collector: Collector, model: str) -> str:
    """Write the baseline that was asked for, and say what was written.

    Parameters
    ----------
    config, settings
        Of the run.
    collector : Collector
        What all tests came to.
    model : str
        The model whose numbers are written; those of tests without a model are, too.

    Raises
    ------
    BaselineError
        If it cannot be written, or there is nothing to write.
    """
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
