"""The difference of two mean shares of the same units."""

from __future__ import annotations

import numpy as np
import pytest

from pytest_vlmperception import UsageError
from pytest_vlmperception.analysis import Discordance, mcnemar_exact, share_difference


def observers(gained, lost, n):
    """Yes/no items of two observers: `gained` that only the first gets right, `lost` that only the second does."""
    first = [1.0] * gained + [0.0] * lost + [1.0] * (n - gained - lost)
    second = [0.0] * gained + [1.0] * lost + [1.0] * (n - gained - lost)
    return first, second


@pytest.mark.parametrize(
    ("gained", "lost", "n", "level", "low", "high"),
    [
        # scoreci.mp of the R package PropCIs, as published by users of it.
        (28, 25, 618, 0.90, -0.0148, 0.0247),
        (48, 41, 549, 0.90, -0.0157, 0.0414),
        # Fagerland, Lydersen and Laake (2014), airway hyper-responsiveness before and after a transplantation.
        (1, 7, 21, 0.95, -0.517, -0.026),
    ],
)
def test_tangos_interval_as_published(gained, lost, n, level, low, high):
    found = share_difference(*observers(gained, lost, n), level=level)
    digits = len(str(abs(low))) - 2
    assert (round(found.low, digits), round(found.high, digits)) == (low, high)
    assert found.value == pytest.approx((gained - lost) / n)


@pytest.mark.parametrize("n", [2, 7, 24, 500])
def test_without_a_discordant_item_it_is_as_wide_as_n_demands(n):
    found = share_difference([1.0] * n, [1.0] * n)
    # z^2 / (n + z^2): where the score of no discordant item reaches z.
    z2 = 1.959964**2
    assert (found.value, found.p) == (0.0, 1.0)
    assert (found.low, found.high) == pytest.approx((-z2 / (n + z2), z2 / (n + z2)), abs=1e-6)


def test_p_of_items_is_mcnemars():
    found = share_difference(*observers(1, 9, 30))
    # (1 + 10) / 2^10.
    assert found.p == pytest.approx(11 / 1024)
    assert found.p == mcnemar_exact(1, 9, alternative="less").p


@pytest.mark.parametrize("n", [6, 7, 12, 24, 48])
def test_where_p_is_below_0_025_the_interval_is_below_0(n):
    for discordant in range(n + 1):
        for gained in range(discordant + 1):
            found = Discordance(gained / n, (discordant - gained) / n, n, float(n), True)
            if found.p < 0.025:
                assert found.interval()[1] < 0.0


def test_of_shares_p_and_interval_say_the_same():
    random = np.random.default_rng(3)
    signs = set()
    for _ in range(200):
        first, second = random.binomial(6, [[0.7], [0.85]], size=(2, 8)) / 6
        found = share_difference(first, second)
        assert (found.p < 0.025) == (found.high < 0.0)
        assert (found.p > 0.975) == (found.low > 0.0)
        signs.add(found.high < 0.0)
    assert signs == {True, False}


def test_swapping_the_observers_turns_the_sign():
    random = np.random.default_rng(4)
    for trials in (1, 5):
        first, second = random.binomial(trials, 0.8, size=(2, 20)) / trials
        one, other = share_difference(first, second), share_difference(second, first)
        assert (one.value, one.low, one.high) == pytest.approx((-other.value, -other.high, -other.low), abs=1e-9)


def test_units_that_vary_less_than_items_count_for_more():
    # Differences of 0.1 and 0.2 in turn: s = 0.0518, s^2 / n = 0.000335; lost 0.15: 0.15 - 0.15^2 = 0.1275 of one item.
    first, second = np.full(8, 0.7), np.tile([0.8, 0.9], 4)
    differences = first - second
    found = Discordance.of(first, second)
    assert found.items == pytest.approx((0.15 - 0.15**2) / (np.var(differences, ddof=1) / 8))
    assert found.items > 300
    low, high = found.interval()
    # Student's interval, 0.15 -/+ 2.365 * 0.0183, drawn a little towards one half as Wilson's is.
    assert (low, high) == pytest.approx((-0.15 - 0.0433, -0.15 + 0.0433), abs=0.008)


def test_it_stays_in_range():
    assert share_difference([1.0, 1.0, 1.0], [0.0, 0.0, 0.0]).high == pytest.approx(1.0)
    assert share_difference([0.0, 0.0, 0.0], [1.0, 1.0, 1.0]).low == pytest.approx(-1.0)


@pytest.mark.parametrize(
    ("first", "second", "match"),
    [
        ([1.0], [0.0], "at least two units: got 1; add units"),
        ([1.0, 0.0], [1.0], "expected equal lengths"),
        ([1.0, 1.5], [1.0, 1.0], r"first\[1\] = 1.5; expected a share from 0 to 1 of every unit"),
        ([1.0, 1.0], [1.0, float("nan")], r"second\[1\] = nan; expected a share from 0 to 1"),
    ],
)
def test_bad_input(first, second, match):
    with pytest.raises(UsageError, match=match):
        share_difference(first, second)
