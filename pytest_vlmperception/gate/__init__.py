"""Verdicts: what an estimate says about a threshold."""

from pytest_vlmperception.gate.judging import VerdictJudge
from pytest_vlmperception.gate.messages import explain, explained
from pytest_vlmperception.gate.policies import POLICIES, decide

__all__ = ["POLICIES", "VerdictJudge", "decide", "explain", "explained"]
