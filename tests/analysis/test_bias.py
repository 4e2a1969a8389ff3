"""Preference for a position."""

import math

import numpy as np
import pytest

from pytest_vlmperception.analysis import order_bias
from pytest_vlmperception.errors import Inconclusive, UsageError
from pytest_vlmperception.records import check_decidable

NAN = float("nan")
QUICK = {"replicates": 200}


@pytest.mark.parametrize(
    ("chosen", "bias"), [([1, 1, 1, 1], 1), ([0, 0], -1), ([1, 0, 0, 1], 0), ([1, 1, 1, 0], 0.5), ([True, False], 0)]
)
def test_frequency_of_first_minus_second(chosen, bias):
    found = order_bias(chosen, **QUICK)
    assert (found.value, found.n, found.unit, found.name) == (bias, len(chosen), "trial", "order bias")
    assert -1 <= found.low <= found.value <= found.high <= 1


def test_mean_of_groups():
    # p: 2 of 3 first = 1/3; q: 0 of 1 = -1.
    found = order_bias([1, 1, 0, 0], groups=list("pppq"), unit="scene", **QUICK)
    assert found.value == pytest.approx(-1 / 3)
    assert (found.n, found.unit) == (2, "scene")
    assert found.units == (("q", -1.0), ("p", pytest.approx(1 / 3)))


def test_the_strongest_bias_comes_first_whatever_its_sign():
    found = order_bias([1, 1, 0, 1, 0, 0, 0, 1], groups=list("aabbbbcc"), **QUICK)
    assert found.units == (("a", 1.0), ("b", -0.5), ("c", 0.0))


def test_a_consistent_observer_asked_in_both_orders_has_none():
    # The better picture is first, then second: chosen each time.
    found = order_bias([1, 0] * 6, groups=np.repeat(list("abc"), 4), **QUICK)
    assert found.value == 0
    # Three groups that agree leave room for 1 - 0.05 ** (1 / 3) = 63 % of groups with one other answer of four.
    assert (found.low, found.high) == pytest.approx((-0.316, 0.316), abs=1e-3)


def test_who_always_chooses_the_first_may_have_another_answer_in_some_scenes():
    found = order_bias(np.ones(20 * 42), groups=np.repeat(range(20), 42), **QUICK)
    assert (found.value, found.high) == (1, 1)
    # Rule of three: at most 1 - 0.05 ** (1 / 20) = 13.9 % of scenes, by 2 / 42.
    assert found.low == pytest.approx(1 - 0.139 * 2 / 42, abs=1e-4)


def test_swapping_the_positions_turns_the_sign():
    chosen, groups = np.array([1, 1, 0, 1, 0, 1, 1, 1.0]), list("aabbccdd")
    one, two = order_bias(chosen, groups=groups, **QUICK), order_bias(1 - chosen, groups=groups, **QUICK)
    assert two.value == -one.value
    assert two.replicates == pytest.approx([-value for value in one.replicates])


def test_magnitude_is_one_minus_the_order_balance():
    # arXiv 2402.01162: balance = 1 - |freq(first) - freq(second)|; here 30 % and 70 %.
    magnitude = abs(order_bias([1] * 3 + [0] * 7, **QUICK))
    assert magnitude.value == pytest.approx(1 - 0.6)
    assert magnitude.low == 0
    assert magnitude.name == "|order bias|"


def test_unanswered_is_left_out_and_counted():
    found = order_bias([1, 1, 1, 1, 1, 1, 1, 1, 1, NAN], **QUICK)
    assert (found.value, found.missing, found.n, found.reason) == (1, 1, 9, "")


def test_too_few_answers_decide_nothing():
    found = order_bias([1, NAN], **QUICK)
    assert found.reason == "valid share 0.5 < 0.9: 1 of 2 data usable"
    with pytest.raises(Inconclusive, match=r"order bias: valid share 0\.5 < 0\.9"):
        check_decidable(found)


def test_no_answer_is_nan_not_zero():
    found = order_bias([NAN, NAN], **QUICK)
    assert math.isnan(found.value)
    assert (found.reason, found.units) == ("no trial was answered", ())


def test_one_group_has_no_interval():
    found = order_bias([1, 0, 1], groups=["g"] * 3, **QUICK)
    assert math.isnan(found.low)
    assert found.value == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("chosen", "options", "message"),
    [
        ([], {}, "an order bias needs at least one trial: got none"),
        ([0.5], {}, r"first_position_chosen\[0\] = 0\.5; expected 1 \(yes\), 0 \(no\) or NaN"),
        (["A"], {}, r"first_position_chosen\[0\] = 'A'; expected a number"),
        ([1, 0], {"groups": ["g"]}, r"len\(first_position_chosen\)=2, len\(groups\)=1; expected equal lengths"),
        ([1, 0], {"replicates": 0}, "replicates=0; expected a whole number of at least 1"),
        ([1, 0], {"min_valid": 2}, "min_valid=2; expected a number from 0 to 1"),
    ],
)
def test_refuses(chosen, options, message):
    with pytest.raises(UsageError, match=message):
        order_bias(chosen, **options)
