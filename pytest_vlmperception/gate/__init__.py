"""Verdicts: what an estimate says about a threshold."""

from pytest_vlmperception.gate.held import Held
from pytest_vlmperception.gate.judging import VerdictJudge
from pytest_vlmperception.gate.messages import explain, explained
from pytest_vlmperception.gate.percepts import FEATURES_LOST, Tolerance, differences, learnt
from pytest_vlmperception.gate.policies import POLICIES, decide

__all__ = [
    "FEATURES_LOST",
    "POLICIES",
    "Held",
    "Tolerance",
    "VerdictJudge",
    "decide",
    "differences",
    "explain",
    "explained",
    "learnt",
]
