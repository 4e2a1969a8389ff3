"""Writes what a run found to the file of ``--vlm-json``."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pytest

from pytest_vlmperception.collector import Collector
from pytest_vlmperception.money import planned_usd, spent_usd
from pytest_vlmperception.options import Settings, settings_of
from pytest_vlmperception.records import ModelRecord, RunRecord
from pytest_vlmperception.report import document_json, run_document
from pytest_vlmperception.session import json_target, model_specs, price_overrides

__all__ = ["write_document"]

# Settings that are shown as they are.
SHOWN = (
    "cache",
    "concurrency",
    "unavailable",
    "gate",
    "valid_share",
    "explain_miss",
    "plan",
    "budget",
    "max_calls",
    "margin",
    "save",
    "bless",
    "reason",
)
PATHS = ("cache_dir", "record", "replay", "json")


def write_document(session: pytest.Session, collector: Collector, trusted: tuple[str, ...], path: Path) -> None:
    """Write the document of a run that has ended, in place of what is at `path`.

    Parameters
    ----------
    session : pytest.Session
        The session, with the code that it exits with.
    collector : Collector
        What the tests reported.
    trusted : tuple of str
        Models that the user named.
    path : Path
        Where to.

    Raises
    ------
    UsageError
        If the file cannot be written.
    """
    seconds = collector.seconds
    run = RunRecord(
        versions={
            "pytest_vlmperception": own_version(),
            "python": platform.python_version(),
            "pytest": pytest.__version__,
        },
        started=datetime.now(UTC) - timedelta(seconds=seconds),
        seconds=seconds,
        exit_code=int(session.exitstatus),
        options=shown_options(session.config, settings_of(session.config), trusted),
    )
    models = list(model_records(session.config, collector))
    comparisons = [asdict(comparison) for comparison in collector.comparisons]
    content = document_json(run_document(run, models, collector.endings(), collector.verdicts(), comparisons))
    with json_target(path).replaced() as file:
        file.write(content)


def own_version() -> str | None:
    """Return the version of this package; None where it runs from its source."""
    try:
        return version("pytest-vlmperception")
    except PackageNotFoundError:
        return None


def shown_options(config: pytest.Config, settings: Settings, trusted: tuple[str, ...]) -> dict[str, Any]:
    """Return the options' values; a model by the name that holds no secret, a path below rootdir as from there."""
    paths = {name: getattr(settings, name) for name in PATHS}
    judge = () if settings.judge is None else (settings.judge,)
    return {
        "model": list(model_specs(config, settings.models, trusted)),
        "image_model": list(model_specs(config, settings.image_models, trusted, images=True)),
        "judge": next(iter(model_specs(config, judge, trusted)), None),
        "against": shown_against(config, settings, trusted),
        **{name: getattr(settings, name) for name in SHOWN},
        **{name: path and shown_path(path, config.rootpath) for name, path in paths.items()},
        "prompt": shown_paths(settings.prompts, config.rootpath),
        "data": shown_paths(settings.data, config.rootpath),
    }


def shown_against(config: pytest.Config, settings: Settings, trusted: tuple[str, ...]) -> str | None:
    """Return what the models under test are held against, as the option says it."""
    if settings.against is None:
        return None
    old = () if settings.old_model is None else (settings.old_model,)
    name = next(iter(model_specs(config, old, trusted)), settings.against.name)
    return f"{settings.against.kind}:{name}"


def shown_paths(paths: Mapping[str, Path], root: Path) -> dict[str, str]:
    """Return paths by name, sorted."""
    return {name: shown_path(path, root) for name, path in sorted(paths.items())}


def shown_path(path: Path, root: Path) -> str:
    """Return a path from rootdir where it lies below it."""
    return (path.relative_to(root) if path.is_relative_to(root) else path).as_posix()


def model_records(config: pytest.Config, collector: Collector) -> Iterator[ModelRecord]:
    """Yield what was asked of each model, and what it costs."""
    plan, prices = settings_of(config).plan, price_overrides(config)
    for name, totals in collector.totals.models.items():
        planned = planned_usd(totals, prices) if plan else None
        yield ModelRecord(name, totals, spent_usd(totals, prices), planned, collector.planned_to_the_end)
