"""Baselines: what a version that is trusted measured, kept in a file that can be read and reviewed."""

from pytest_vlmperception.gate.baselines.baseline import SCORING, Baseline, Earlier
from pytest_vlmperception.gate.baselines.commits import commit_of
from pytest_vlmperception.gate.baselines.folder import (
    baseline_names,
    check_baseline_writable,
    read_baseline,
    write_baseline,
)
from pytest_vlmperception.gate.baselines.staleness import changed_models, outdated, stale

__all__ = [
    "SCORING",
    "Baseline",
    "Earlier",
    "baseline_names",
    "changed_models",
    "check_baseline_writable",
    "commit_of",
    "outdated",
    "read_baseline",
    "stale",
    "write_baseline",
]
