"""Two observers on the same items."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from pytest_vlmperception.analysis import mean_difference, mean_ratio
from pytest_vlmperception.errors import UsageError

X = np.array([2.1, 3.4, 1.9, 5.0, 4.2, 3.3, 2.8, 3.9])
Y = np.array([1.7, 3.0, 2.2, 4.1, 3.1, 3.0, 2.0, 3.8])


def test_difference_is_the_mean_of_pairs_and_its_interval_close_to_students():
    found = mean_difference(X, Y)
    paired = stats.ttest_rel(X, Y).confidence_interval(0.95)
    assert found.value == pytest.approx(float(np.mean(X - Y)))
    assert (found.n, found.unit) == (8, "item")
    assert found.low == pytest.approx(paired.low, abs=0.1)
    assert found.high == pytest.approx(paired.high, abs=0.1)


def test_ratio_is_geometric():
    found = mean_ratio(X, Y)
    assert found.value == pytest.approx(float(stats.gmean(X / Y)))
    assert found.low < found.value < found.high
    other_way = mean_ratio(Y, X)
    assert other_way.value == pytest.approx(1 / found.value)


def test_units_count_alike_however_many_items_they_have():
    # Group a: differences 1 and 3, mean 2; group b: 10. The mean of groups is 6, that of items 14 / 3.
    found = mean_difference([1, 3, 10], [0, 0, 0], groups=["a", "a", "b"])
    assert (found.value, found.n) == (6.0, 2)
    assert found.units == (("b", 10.0), ("a", 2.0))


def test_what_is_missing_is_left_out_counted_and_may_leave_too_little():
    found = mean_difference([1.0, math.nan, 3.0], [0.0, 0.0, math.nan])
    assert (found.value, found.missing) == (1.0, 2)
    assert found.reason
    nothing = mean_ratio([math.nan], [1.0])
    assert math.isnan(nothing.value)
    assert nothing.reason == "no item was measured by both"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mean_ratio([1.0, 0.0], [1.0, 1.0]), "first has 0; expected measurements above 0, or NaN"),
        (lambda: mean_difference([], []), "a paired comparison needs at least one item: got none"),
        (lambda: mean_difference([1.0], [1.0, 2.0]), "first"),
    ],
)
def test_what_cannot_be_compared_is_refused(call, message):
    with pytest.raises(UsageError, match=message):
        call()
