"""How many units would settle a comparison."""

import math

import numpy as np
import pytest

from pytest_vlmperception.analysis import bounded_interval, share, wilson
from pytest_vlmperception.gate.sample_size import units_needed
from pytest_vlmperception.records import Estimate


@pytest.mark.parametrize(
    ("k", "n", "threshold"), [(9, 10, 0.8), (3, 20, 0.3), (10, 10, 0.9), (0, 12, 0.05), (55, 60, 0.95)]
)
def test_so_many_trials_settle_a_share_and_one_fewer_do_not(k, n, threshold):
    needed = units_needed(wilson(k, n), threshold)
    enough, short = (wilson(k / n * m, m) for m in (int(needed), int(needed) - 1))
    assert not enough.low < threshold < enough.high
    assert short.low < threshold < short.high


def test_wilson_at_nine_of_ten_by_hand():
    # 1.95996 ** 2 * 0.8 * 0.2 / 0.1 ** 2 = 61.5.
    assert units_needed(wilson(9, 10), 0.8) == 62
    assert units_needed(share([1] * 9 + [0], replicates=50), 0.8) == 62


def test_units_that_vary_less_than_trials_count_for_more():
    shares = np.array([0.85, 0.9, 0.95, 0.9, 0.8, 1.0, 0.9, 0.85, 0.95, 0.9])
    low, high = bounded_interval(shares)
    found = Estimate(0.9, low, high, n=10)
    # Ten such units know as much as m trials: 3.8415 * low (1 - low) / (0.9 - low)^2.
    m = 3.8415 * low * (1 - low) / (0.9 - low) ** 2
    assert m > 60
    assert units_needed(found, 0.89) == math.ceil(10 * 3.8415 * 0.89 * 0.11 / 0.01**2 / m)


@pytest.mark.parametrize("ratio", [1.01, 1.5, 4.0])
@pytest.mark.parametrize("n", [2, 3, 5, 20])
def test_other_intervals_shrink_with_students_t(n, ratio):
    # Upper 2.5 % points of Student's t.
    t = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 9: 2.262, 19: 2.093}
    found = Estimate(2.0, low=1.0, high=4.0, n=n)
    needed = units_needed(found, 2.0 - 1.0 / ratio)
    assert n < needed <= max(n + 1, math.ceil(n * ratio**2))
    if needed - 1 in t:
        assert t[needed - 1] / math.sqrt(needed) <= t[n - 1] / math.sqrt(n) / ratio + 1e-3


def test_two_scenes_do_not_ask_for_hundreds():
    # Half the width at t / sqrt(n) = 12.706 / sqrt(2) / 2 = 4.49, already reached by three: 4.303 / sqrt(3) = 2.48.
    assert units_needed(Estimate(0.5, low=-0.5, high=1.5, n=2), 0.0) == 3


def test_unbounded_and_unknown():
    assert units_needed(Estimate(2.0, low=1.0, high=math.inf, n=300), 3.0) > 1e6
    assert math.isnan(units_needed(Estimate(2.0, low=1.0, high=4.0), 3.0))
    assert units_needed(Estimate(2.0, low=1.0, high=4.0, n=5), 2.0) == math.inf
