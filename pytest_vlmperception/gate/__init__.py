"""Verdicts: what an estimate says about a threshold."""

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

__all__ = [
    "FEATURES_LOST",
    "MARGIN",
    "MARGIN_OF_PERCENTAGES",
    "MARGIN_OF_RATIOS",
    "POLICIES",
    "Change",
    "Detection",
    "Held",
    "Tolerance",
    "VerdictJudge",
    "change",
    "change_lines",
    "decide",
    "differences",
    "explain",
    "explained",
    "judge_changes",
    "learnt",
    "plan_lines",
    "smallest_drop",
]
