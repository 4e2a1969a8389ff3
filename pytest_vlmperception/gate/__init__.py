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
from pytest_vlmperception.gate.change_messages import change_lines
from pytest_vlmperception.gate.changes import MARGIN, MARGIN_OF_PERCENTAGES, MARGIN_OF_RATIOS, Change, change
from pytest_vlmperception.gate.families import judge_changes
from pytest_vlmperception.gate.held import Held
from pytest_vlmperception.gate.judging import VerdictJudge
from pytest_vlmperception.gate.messages import explain, explained
from pytest_vlmperception.gate.percepts import FEATURES_LOST, Tolerance, differences, learnt
from pytest_vlmperception.gate.plan_messages import plan_lines
from pytest_vlmperception.gate.policies import POLICIES, decide
from pytest_vlmperception.gate.power import Detection, smallest_drop
from pytest_vlmperception.gate.upgrades import Compared, Table, compared

__all__ = [
    "FEATURES_LOST",
    "MARGIN",
    "MARGIN_OF_PERCENTAGES",
    "MARGIN_OF_RATIOS",
    "POLICIES",
    "SCORING",
    "Baseline",
    "Change",
    "Compared",
    "Detection",
    "Earlier",
    "Held",
    "Table",
    "Tolerance",
    "VerdictJudge",
    "baseline_names",
    "change",
    "change_lines",
    "changed_models",
    "check_baseline_writable",
    "commit_of",
    "compared",
    "decide",
    "differences",
    "explain",
    "explained",
    "judge_changes",
    "learnt",
    "outdated",
    "plan_lines",
    "read_baseline",
    "smallest_drop",
    "stale",
    "write_baseline",
]
