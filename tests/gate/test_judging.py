"""The judge of a test keeps a verdict of every comparison."""

import math
from contextlib import contextmanager

import pytest

from pytest_vlmperception.errors import Inconclusive, Unavailable, UsageError
from pytest_vlmperception.gate import VerdictJudge
from pytest_vlmperception.records import JUDGE, Estimate, Verdict

RHO = Estimate(0.85, low=0.7, high=0.95, n=7, unit="scene", method="mean of groups", name="rho")


@contextmanager
def in_charge():
    """Judge the block by the judge it yields, not by that of the test around it."""
    judge = VerdictJudge("test_a.py::test_b", "observer", "confident")
    token = JUDGE.set(judge)
    try:
        yield judge
    finally:
        JUDGE.reset(token)


def results(judge):
    return [verdict.result for verdict in judge.verdicts]


def test_a_comparison_in_a_test_asks_the_judge():
    with in_charge() as judge:
        assert RHO >= 0.6
        assert not RHO >= 0.8
        assert judge.verdicts[0] == Verdict(
            test="test_a.py::test_b",
            model="observer",
            name="rho",
            value=0.85,
            low=0.7,
            high=0.95,
            n=7,
            unit="scene",
            method="mean of groups",
            comparator=">=",
            threshold=0.6,
            policy="confident",
            result="passed",
            reason="",
        )
        assert results(judge) == ["passed", "failed"]


def test_both_ends_of_a_chain_are_judged():
    with in_charge() as judge:
        assert 0.5 <= RHO <= 0.96
        assert [(v.comparator, v.threshold) for v in judge.verdicts] == [(">=", 0.5), ("<=", 0.96)]


def test_what_cannot_be_decided_is_recorded_and_raised():
    with in_charge() as judge:
        with pytest.raises(Inconclusive, match="one scene has none"):
            assert Estimate(0.9, n=1, unit="scene") >= 0.5
        with pytest.raises(Inconclusive, match="x is constant"):
            assert Estimate(math.nan, reason="x is constant") >= 0.5
        with pytest.raises(Unavailable, match="no key"):
            assert Estimate(math.nan, reason="no key", unavailable=True) >= 0.5
        assert results(judge) == ["inconclusive", "inconclusive", "unavailable"]
        assert judge.verdicts[1].reason == "estimate: x is constant"


def test_the_same_comparison_is_one_verdict():
    with in_charge() as judge:
        for _ in range(3):
            assert RHO >= 0.6
            with pytest.raises(Inconclusive):
                assert Estimate(float("nan"), name="other", reason="no data") >= 0.5
        assert results(judge) == ["passed", "inconclusive"]


def test_other_thresholds_and_values_are_other_verdicts():
    with in_charge() as judge:
        assert RHO >= 0.6
        assert RHO > 0.6
        assert RHO >= 0.61
        assert Estimate(0.86, 0.7, 0.95) >= 0.6
        assert len(judge.verdicts) == 4


def test_misuse_is_no_verdict():
    with in_charge() as judge:
        with pytest.raises(UsageError, match="compare it with a number"):
            assert RHO >= "high"
        assert judge.verdicts == ()


def test_an_unknown_policy_is_refused_at_once():
    with pytest.raises(UsageError, match="gate policy 'strict' does not exist"):
        VerdictJudge("t", "m", "strict")


def test_verdicts_cannot_be_changed_from_outside():
    with in_charge() as judge:
        assert RHO >= 0.6
        assert isinstance(judge.verdicts, tuple)
