"""Means of shares over independent units."""

from __future__ import annotations

import math

import numpy as np
import pytest

from pytest_vlmperception import UsageError
from pytest_vlmperception.analysis import bounded_interval, mean_share, share

NAN = math.nan


def test_groups_are_averaged_first():
    estimate = mean_share([1.0, 0.5, 0.0, NAN], groups=["cup", "cup", "tree", "tree"], unit="scene", name="agreement")
    assert (estimate.value, estimate.n, estimate.missing) == (0.375, 2, 1)
    assert estimate.units == (("tree", 0.0), ("cup", 0.75))
    assert str(estimate).startswith("agreement 0.375 [")


def test_of_yes_and_no_it_is_a_share():
    outcomes, groups = [1, 0, 1, 1, NAN, 0, 1, 1], list("aabbccdd")
    one, other = mean_share(outcomes, groups=groups), share(outcomes, groups=groups)
    assert (one.value, one.n, one.missing) == (other.value, other.n, other.missing)
    assert (one.replicates, one.design) == (other.replicates, other.design)
    assert (one.low, one.high) == bounded_interval(np.array([0.5, 1.0, 0.0, 1.0]))


def test_full_agreement_everywhere_is_one_with_wilsons_bound():
    estimate = mean_share([1.0] * 7, groups=range(7))
    # Wilson, 7 of 7: 7 / (7 + 1.96^2).
    assert (estimate.value, estimate.high) == (1.0, 1.0)
    assert estimate.low == pytest.approx(7 / (7 + 1.959964**2), abs=1e-6)


def test_without_any_value_there_is_a_reason():
    estimate = mean_share([NAN, NAN], groups=["a", "b"], unit="scene")
    assert math.isnan(estimate.value)
    assert estimate.reason == "no scene has a value"


@pytest.mark.parametrize(
    ("values", "match"),
    [
        ([], "there are no values; expected numbers from 0 to 1, or NaN"),
        ([0.5, 1.01], r"values\[1\] = 1.01; expected numbers from 0 to 1"),
        ([-0.1], r"values\[0\] = -0.1; expected numbers from 0 to 1"),
    ],
)
def test_bad_input(values, match):
    with pytest.raises(UsageError, match=match):
        mean_share(values)
