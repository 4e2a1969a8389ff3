"""Shares and their intervals."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_vlmperception.analysis import share, wilson
from pytest_vlmperception.errors import Inconclusive, UsageError
from pytest_vlmperception.records import check_decidable

NAN = float("nan")
QUICK = {"replicates": 200}


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    # Newcombe (1998), table I, method 3: score without continuity correction.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_published_wilson_intervals(k, n, low, high):
    found = wilson(k, n)
    assert (found.value, found.n, found.level) == (k / n, n, 0.95)
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.floats(0, n), st.just(n))), st.floats(0.5, 0.999))
def test_wilson_is_ordered_bounded_and_symmetric(counts, level):
    k, n = counts
    found, mirrored = wilson(k, n, level=level), wilson(n - k, n, level=level)
    assert 0 <= found.low <= found.value + 1e-12
    assert found.value - 1e-12 <= found.high <= 1
    assert (found.low, found.high) == pytest.approx((1 - mirrored.high, 1 - mirrored.low), abs=1e-9)


def test_wilson_stays_within_the_ends_whatever_is_rounded():
    assert wilson(253.99999999999997, 254, level=0.5).high <= 1
    assert wilson(3e-14, 254, level=0.5).low >= 0


@given(st.integers(1, 200), st.floats(0.5, 0.999))
def test_wilson_reaches_the_ends_exactly(n, level):
    assert wilson(0, n, level=level).low == 0
    assert wilson(n, n, level=level).high == 1
    assert wilson(n, n, level=level).low < 1


def test_wilson_solves_its_defining_equation():
    # The bounds are where |p - k / n| is z standard errors *of p*.
    found = wilson(3.7, 12, level=0.9)
    for bound in (found.low, found.high):
        assert abs(bound - 3.7 / 12) == pytest.approx(1.644854 * math.sqrt(bound * (1 - bound) / 12), rel=1e-5)


def test_no_trials_are_nan_with_a_reason():
    found = wilson(0, 0, unit="face", name="polarity")
    assert all(map(math.isnan, (found.value, found.low, found.high)))
    assert (found.n, found.reason) == (0, "no face has a value")


@pytest.mark.parametrize(
    ("k", "n", "options", "message"),
    [
        (3, 2, {}, "k=3; expected a number of successes from 0 to n=2"),
        (-1, 2, {}, "k=-1; expected a number of successes"),
        (NAN, 2, {}, "k=nan; expected a number of successes"),
        ("1", 2, {}, "k='1'; expected a number of successes"),
        (True, 2, {}, "k=True; expected a number of successes"),
        (1, -1, {}, "n=-1; expected a whole number of at least 0"),
        (1, 2.5, {}, r"n=2\.5; expected a whole number"),
        (1, 2, {"level": 1}, "level=1; expected a number between 0 and 1, ends excluded"),
    ],
)
def test_wilson_refuses(k, n, options, message):
    with pytest.raises(UsageError, match=message):
        wilson(k, n, **options)


def test_share_of_single_outcomes_is_wilsons():
    found = share([1] * 15 + [0] * 133, **QUICK)
    assert (found.value, found.n, found.unit) == (15 / 148, 148, "stimulus")
    assert (found.low, found.high) == pytest.approx((0.0624, 0.1605), abs=5e-5)
    assert found.method == "mean share by stimulus; Wilson score interval"


def test_repeats_are_no_evidence_of_their_own():
    once = share([1, 0, 1, 1], units=list("abcd"), **QUICK)
    thrice = share([1, 0, 1, 1] * 3, units=list("abcd") * 3, **QUICK)
    assert (thrice.value, thrice.low, thrice.high, thrice.n) == (once.value, once.low, once.high, 4)
    assert thrice.replicates == once.replicates
    assert thrice.design == once.design


def test_stimuli_with_more_repeats_do_not_weigh_more():
    assert share([1, 1, 1, 0], units=list("aaab"), **QUICK).value == 0.5


def test_groups_are_the_units():
    # Picture p: stimulus a 1/2, b 1; picture q: stimulus a (another one) 0.
    found = share([1, 0, 1, 0], units=list("aaba"), groups=list("pppq"), unit="picture", **QUICK)
    assert (found.value, found.n, found.unit) == (0.375, 2, "picture")
    assert found.units == (("q", 0.0), ("p", 0.75))
    # Wilson with 2 * (1.96 / 12.706)^2 = 0.0476 trials, as the variance is known from two units only.
    for bound in (found.low, found.high):
        assert abs(bound - 0.375) == pytest.approx(1.95996 * math.sqrt(bound * (1 - bound) / 0.04759), rel=1e-3)


def test_shares_that_vary_less_than_yes_and_no_have_a_narrower_interval():
    shares = [0.8, 0.7, 0.9, 0.8, 0.6, 0.8, 0.9, 0.7, 0.8, 0.9]
    outcomes = [outcome for one in shares for outcome in [1] * round(10 * one) + [0] * round(10 - 10 * one)]
    found = share(outcomes, groups=np.repeat(range(10), 10), **QUICK)
    assert found.method == "mean share by group; Wilson score interval with the effective number of trials"
    assert wilson(7.9, 10).low < found.low < found.value < found.high < wilson(7.9, 10).high
    # Student's interval of the ten shares, which Wilson's tends to: 0.79 -/+ 2.262 * 0.0994 / sqrt(10).
    assert (found.low, found.high) == pytest.approx((0.719, 0.861), abs=0.015)


@pytest.mark.parametrize(("wins", "n"), [(1, 3), (2, 3), (5, 7), (9, 10), (99, 100)])
def test_a_share_is_at_least_itself(wins, n):
    assert share([1] * wins + [0] * (n - wins), **QUICK).value == wins / n


def test_failing_units_come_first():
    found = share([1, 0, NAN, 1, 0], units=["a", "b", "c", "d", "a"], min_valid=0.5, **QUICK)
    assert found.units == (("b", 0.0), ("a", 0.5), ("d", 1.0))


def test_unanswered_is_left_out_and_counted():
    found = share([1, 0, 1, 1, 1, 1, 1, 1, 1, 1, NAN], **QUICK)
    assert (found.value, found.missing, found.n, found.reason) == (0.9, 1, 10, "")


def test_too_few_answers_decide_nothing():
    found = share([1, 1, 1, None], **QUICK)
    assert (found.value, found.reason) == (1, "valid share 0.75 < 0.9: 3 of 4 data usable")
    with pytest.raises(Inconclusive, match=r"share: valid share 0\.75 < 0\.9"):
        check_decidable(found)


def test_too_few_units_decide_nothing():
    found = share([1] * 38 + [NAN, NAN], units=["a"] * 38 + ["b", "c"], unit="face", **QUICK)
    assert found.reason == "valid share 0.33 < 0.9: 1 of 3 units (face) usable"


def test_no_answer_at_all_is_nan():
    found = share([NAN, NAN], **QUICK)
    assert math.isnan(found.value)
    assert (found.reason, found.missing, found.n, found.units) == ("no stimulus has a value", 2, 0, ())
    assert all(map(math.isnan, found.replicates))


def test_two_shares_of_one_design_can_be_paired():
    faces = [f"face{i}" for i in range(30)]
    random = np.random.default_rng(1)
    old = random.integers(0, 2, 30).astype(float)
    new = np.where(np.arange(30) < 5, 1.0, old)
    new[7] = NAN
    a, b = share(old, units=faces, **QUICK), share(new, units=faces, **QUICK)
    assert a.design == b.design
    gain = np.array(b.replicates) - np.array(a.replicates)
    # Paired, the difference varies less than either share.
    assert gain.std() < np.std(a.replicates)


@given(st.lists(st.sampled_from([0.0, 1.0]), min_size=1, max_size=40))
def test_share_of_the_opposite_is_the_complement(outcomes):
    yes, no = share(outcomes, replicates=1), share(1 - np.array(outcomes), replicates=1)
    assert yes.value == pytest.approx(1 - no.value)
    assert yes.low == pytest.approx(1 - no.high)


@pytest.mark.parametrize(
    ("outcomes", "options", "message"),
    [
        ([], {}, "a share needs at least one outcome: got none"),
        ([1, 2], {}, r"outcomes\[1\] = 2; expected 1 \(yes\), 0 \(no\) or NaN \(no answer\)"),
        (["yes"], {}, r"outcomes\[0\] = 'yes'; expected a number"),
        ([[1, 0]], {}, r"outcomes has shape \(1, 2\); expected one dimension"),
        ([1, 0], {"units": ["a"]}, r"len\(outcomes\)=2, len\(units\)=1, len\(groups\)=1; expected equal lengths"),
        ([1, 0], {"groups": ["a", None]}, r"groups\[1\] = None; expected a label"),
        ([1, 0], {"min_valid": -0.1}, r"min_valid=-0\.1; expected a number from 0 to 1"),
        ([1, 0], {"replicates": "many"}, "replicates='many'; expected a whole number"),
    ],
)
def test_share_refuses(outcomes, options, message):
    with pytest.raises(UsageError, match=message):
        share(outcomes, **options)
