"""Verdicts: what an estimate says about a threshold."""

from pytest_vlmperception.gate.baselines import (
    SCORING,
    Baseline,
    Earlier,
    baseline_names,
    changed_models,
    check_baseline_writable,
    commit_of,
    outdated,
    read_baseline,
    stale,
    write_baseline,
)
from pytest_vlmperception.gate.held import Held
from pytest_vlmperception.gate.judging import VerdictJudge
from pytest_vlmperception.gate.messages import explain, explained
from pytest_vlmperception.gate.percepts import FEATURES_LOST, Tolerance, differences, learnt
from pytest_vlmperception.gate.policies import POLICIES, decide

__all__ = [
    "FEATURES_LOST",
    "POLICIES",
    "SCORING",
    "Baseline",
    "Earlier",
    "Held",
    "Tolerance",
    "VerdictJudge",
    "baseline_names",
    "changed_models",
    "check_baseline_writable",
    "commit_of",
    "decide",
    "differences",
    "explain",
    "explained",
    "learnt",
    "outdated",
    "read_baseline",
    "stale",
    "write_baseline",
]
