"""What a policy decides from value and interval."""

import math

import pytest

from pytest_vlmperception.errors import Inconclusive, Unavailable, UsageError
from pytest_vlmperception.gate import POLICIES, decide
from pytest_vlmperception.records import Estimate

RHO = Estimate(0.85, low=0.7, high=0.95, n=7, unit="scene", name="Spearman rho")


@pytest.mark.parametrize(
    ("comparator", "threshold", "point", "confident", "tolerant"),
    [
        (">=", 0.65, True, True, True),
        (">=", 0.7, True, True, True),
        (">=", 0.8, True, False, True),
        (">=", 0.85, True, False, True),
        (">=", 0.9, False, False, True),
        (">=", 0.95, False, False, True),
        (">=", 0.96, False, False, False),
        (">", 0.7, True, False, True),
        (">", 0.85, False, False, True),
        (">", 0.95, False, False, False),
        ("<=", 0.96, True, True, True),
        ("<=", 0.95, True, True, True),
        ("<=", 0.9, True, False, True),
        ("<=", 0.8, False, False, True),
        ("<=", 0.7, False, False, True),
        ("<=", 0.69, False, False, False),
        ("<", 0.95, True, False, True),
        ("<", 0.85, False, False, True),
        ("<", 0.7, False, False, False),
    ],
)
def test_decisions(comparator, threshold, point, confident, tolerant):
    decisions = [decide(policy, RHO, comparator, threshold) for policy in POLICIES]
    assert decisions == [point, confident, tolerant]


@pytest.mark.parametrize("policy", ["confident", "tolerant"])
@pytest.mark.parametrize("comparator", [">=", ">", "<=", "<"])
def test_a_policy_that_needs_an_interval_does_not_invent_one(policy, comparator):
    alone = Estimate(0.9, n=1, unit="scene", name="rho")
    message = f"rho: policy {policy} needs an interval, but one scene has none; add units or use policy point"
    with pytest.raises(Inconclusive, match=message):
        decide(policy, alone, comparator, 0.5)
    with pytest.raises(Inconclusive, match="but none was computed; use policy point"):
        decide(policy, Estimate(0.9, n=9), comparator, 0.5)
    assert decide("point", alone, ">=", 0.5)


@pytest.mark.parametrize("policy", POLICIES)
def test_what_is_not_known_is_not_decided(policy):
    with pytest.raises(Inconclusive, match="rho: x is constant"):
        decide(policy, Estimate(math.nan, name="rho", reason="x is constant"), ">=", 0)
    with pytest.raises(Inconclusive, match="rho: valid share"):
        decide(policy, Estimate(0.9, 0.8, 1.0, name="rho", reason="valid share 0.5 < 0.9"), ">=", 0)
    with pytest.raises(Unavailable, match="rho: no key"):
        decide(policy, Estimate(math.nan, name="rho", reason="no key", unavailable=True), "<=", 0)


def test_unknown_policy_and_comparator():
    with pytest.raises(UsageError, match=r"gate policy 'confidnt' does not exist; did you mean 'confident'\? known: "):
        decide("confidnt", RHO, ">=", 0.5)
    with pytest.raises(UsageError, match="gate policy None does not exist; known: confident, point, tolerant"):
        decide(None, RHO, ">=", 0.5)
    with pytest.raises(UsageError, match="comparator '==' does not exist; known: >=, >, <=, <"):
        decide("point", RHO, "==", 0.5)
