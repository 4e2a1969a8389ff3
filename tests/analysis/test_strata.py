"""Means over tasks and categories."""

from __future__ import annotations

import math

import numpy as np
import pytest

from pytest_vlmperception.analysis import mean_of_strata, mean_share, share
from pytest_vlmperception.errors import UsageError

NAN = math.nan
WISE = {"cultural": 0.4, "time": 0.167, "space": 0.133, "biology": 0.1, "physics": 0.1, "chemistry": 0.1}


def test_known_overall_scores():
    # GPT-4o in GPT-ImgEval (2504.02782 v2). GenEval: .99 .92 .85 .92 .75 .61, overall .84; WISE: overall .80.
    geneval = mean_of_strata([0.99, 0.92, 0.85, 0.92, 0.75, 0.61], list("abcdef"))
    assert round(geneval.value, 3) == 0.840
    wise = mean_of_strata([0.81, 0.71, 0.89, 0.83, 0.79, 0.74], list(WISE), weights=WISE)
    assert round(wise.value, 3) == 0.797


def test_strata_weigh_alike_whatever_their_size():
    found = mean_of_strata([1, 1, 1, 1, 0, 0], ["a"] * 4 + ["b"] * 2)
    assert (found.value, found.n, found.unit) == (0.5, 6, "value")


def test_one_stratum_is_a_share():
    outcomes = [1, 1, 0, 1, 1, 0, 1, 1]
    ours, theirs = mean_of_strata(outcomes, ["all"] * 8), share(outcomes)
    assert (ours.value, ours.low, ours.high) == pytest.approx((theirs.value, theirs.low, theirs.high))
    between = [1, 0.5, 0.25, 1, 0.75]
    ours, theirs = mean_of_strata(between, ["all"] * 5), mean_share(between)
    assert (ours.value, ours.low, ours.high) == pytest.approx((theirs.value, theirs.low, theirs.high))


def test_values_of_a_unit_are_averaged_first():
    found = mean_of_strata([1, 1, 1, 0], ["a"] * 4, groups=["p", "p", "p", "q"], unit="prompt")
    assert (found.value, found.n, found.unit) == (0.5, 2, "prompt")
    assert found.units == (("q", 0.0), ("p", 1.0))


def test_a_mean_of_equal_numbers_is_that_number():
    assert mean_of_strata([0.9] * 6, list("abcdef")).value >= 0.9
    assert mean_of_strata([1.0] * 6, list(WISE), weights=WISE).value >= 1.0


def test_missing_values():
    found = mean_of_strata([1, NAN, 0, 0], list("aabb"))
    assert (found.value, found.missing, found.reason) == (0.5, 1, "valid share 0.75 < 0.9: 3 of 4 data usable")
    lacking = mean_of_strata([1, NAN], list("ab"), min_valid=0)
    assert math.isnan(lacking.value)
    assert lacking.reason == "'b' has no value"
    assert mean_of_strata([NAN], ["all"], unit="prompt").reason == "no prompt has a value"


def test_the_interval_contains_the_truth():
    # GenEval's six tasks with 20 prompts each, near and far from 1; 95 % of 400 is 380, SD 4.4.
    random, truth = np.random.default_rng(1), np.array([1.0, 0.99, 0.92, 0.85, 0.75, 0.3])
    strata = [str(n) for n in range(6) for _ in range(20)]
    covered = 0
    for _ in range(400):
        outcomes = (random.random(120) < np.repeat(truth, 20)).astype(float)
        found = mean_of_strata(outcomes, strata, replicates=1)
        covered += found.low <= truth.mean() <= found.high
    assert 366 <= covered <= 394


def test_replicates_are_means_over_strata():
    found = mean_of_strata([1, 0] * 20, ["a", "b"] * 20)
    # Neither stratum varies.
    assert set(found.replicates) == {0.5}
    varied = mean_of_strata([1, 1, 0, 0] * 10, ["a", "b"] * 20, replicates=500)
    # Two strata of 20 with half: SD sqrt(2 * 0.25 / 20) / 2.
    assert np.std(varied.replicates) == pytest.approx(0.079, rel=0.15)


@pytest.mark.parametrize(
    ("values", "strata", "options", "message"),
    [
        ([], [], {}, "there are no values"),
        ([2.0], ["a"], {}, r"values\[0\] = 2; expected numbers from 0 to 1"),
        ([1, 0], ["a"], {}, "expected equal lengths"),
        ([1], ["a"], {"weights": {"b": 1.0}}, "stratum 'a' has no weight"),
        ([1], ["a"], {"weights": {"a": 1.0, "b": 1.0}}, "stratum 'b' has no value"),
        ([1], ["a"], {"weights": {"a": 0.0}}, "expected numbers above 0"),
        ([1, 1], ["a", "b"], {"groups": ["p", "p"]}, "unit 'p' lies in the strata 'a' and 'b'"),
        ([1], ["a"], {"min_valid": 2}, "min_valid=2; expected a number from 0 to 1"),
    ],
)
def test_bad_strata_are_refused(values, strata, options, message):
    with pytest.raises(UsageError, match=message):
        mean_of_strata(values, strata, **options)
