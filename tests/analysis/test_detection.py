"""d' and McNemar's test."""

import math

import pytest
import scipy.stats

from pytest_vlmperception.analysis import d_prime, mcnemar_exact
from pytest_vlmperception.errors import Inconclusive, UsageError
from pytest_vlmperception.records import check_decidable


@pytest.mark.parametrize(
    ("hit_rate", "alarm_rate", "expected"),
    # Macmillan and Creelman, Detection Theory, tables of z: z(.9) 1.282, z(.8) 0.842, z(.69) 0.496, z(.01) -2.326.
    [(0.8, 0.2, 1.684), (0.9, 0.2, 2.124), (0.69, 0.31, 0.992), (0.5, 0.01, 2.326)],
)
def test_tables_of_z(hit_rate, alarm_rate, expected):
    n = 100_000
    hits, alarms = round(hit_rate * n), round(alarm_rate * n)
    for correction in ("loglinear", "clip"):
        found = d_prime(hits, n - hits, alarms, n - alarms, correction=correction)
        assert found.value == pytest.approx(expected, abs=2e-3)
    assert (found.n, found.unit, found.name) == (2 * n, "trial", "d'")


@pytest.mark.parametrize("counts", [(20, 5, 10, 15), (25, 0, 0, 25), (3, 1, 0, 9)])
def test_loglinear_adds_half_a_trial_to_each_answer(counts):
    hits, misses, alarms, rejections = counts
    z = scipy.stats.norm.ppf
    expected = z((hits + 0.5) / (hits + misses + 1)) - z((alarms + 0.5) / (alarms + rejections + 1))
    assert d_prime(*counts).value == pytest.approx(expected)


def test_clip_moves_extreme_rates_only():
    z = scipy.stats.norm.ppf
    assert d_prime(25, 0, 0, 25, correction="clip").value == pytest.approx(z(1 - 1 / 50) - z(1 / 50))
    assert d_prime(20, 5, 10, 15, correction="clip").value == pytest.approx(z(0.8) - z(0.4))


def test_interval_has_gourevitch_and_galanters_variance():
    found = d_prime(20, 5, 10, 15, correction="clip")
    norm = scipy.stats.norm
    variance = 0.8 * 0.2 / (25 * norm.pdf(norm.ppf(0.8)) ** 2) + 0.4 * 0.6 / (25 * norm.pdf(norm.ppf(0.4)) ** 2)
    assert found.high - found.value == pytest.approx(1.959964 * math.sqrt(variance))
    assert found.value - found.low == pytest.approx(found.high - found.value)
    wide = d_prime(20, 5, 10, 15, correction="clip", level=0.99)
    assert (wide.high - wide.value) / (found.high - found.value) == pytest.approx(2.575829 / 1.959964)
    assert wide.level == 0.99


def test_saying_yes_more_readily_is_no_sensitivity():
    for yes in (0, 10, 40, 50):
        found = d_prime(yes, 50 - yes, yes, 50 - yes)
        assert (found.value, math.isfinite(found.low)) == (0, True)


@pytest.mark.parametrize(
    ("counts", "reason"), [((0, 0, 3, 4), "no trial with the signal"), ((3, 4, 0, 0), "no trial without the signal")]
)
def test_a_kind_of_trial_that_is_missing_is_nan_with_a_reason(counts, reason):
    found = d_prime(*counts)
    assert all(map(math.isnan, (found.value, found.low, found.high)))
    assert found.reason == reason
    with pytest.raises(Inconclusive, match=f"d': {reason}"):
        check_decidable(found)


@pytest.mark.parametrize(
    ("counts", "options", "message"),
    [
        ((-1, 2, 3, 4), {}, "hits=-1; expected a whole number of at least 0"),
        ((1, 2.5, 3, 4), {}, "misses=2.5; expected a whole number"),
        ((1, 2, True, 4), {}, "false_alarms=True; expected a whole number"),
        ((1, 2, 3, "4"), {}, "correct_rejections='4'; expected a whole number"),
        ((1, 2, 3, 4), {"correction": "log"}, r"correction='log'.*known: clip, loglinear"),
        ((1, 2, 3, 4), {"level": 1}, "level=1; expected a number between 0 and 1, ends excluded"),
    ],
)
def test_d_prime_refuses(counts, options, message):
    with pytest.raises(UsageError, match=message):
        d_prime(*counts, **options)


@pytest.mark.parametrize("b", [0, 1, 5, 12, 30])
@pytest.mark.parametrize("c", [0, 1, 5, 12, 29])
@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
def test_p_agrees_with_the_binomial_test(b, c, alternative):
    found = mcnemar_exact(b, c, alternative=alternative)
    if b + c == 0:
        assert found.p == 1
        return
    other = scipy.stats.binomtest(b, b + c, 0.5, alternative=alternative)
    assert found.p == pytest.approx(other.pvalue)
    low, high = scipy.stats.binomtest(b, b + c, 0.5).proportion_ci(method="exact")
    assert (found.low, found.high) == (pytest.approx(low, abs=1e-9), pytest.approx(high, abs=1e-9))
    assert (found.value, found.n, found.unit) == (b / (b + c), b + c, "discordant item")


def test_p_by_hand():
    # Of 10 fair tosses 1 or none, or 9 or all: 2 (1 + 10) / 1024.
    assert mcnemar_exact(1, 9).p == pytest.approx(22 / 1024)
    assert mcnemar_exact(9, 1, alternative="greater").p == pytest.approx(11 / 1024)
    assert mcnemar_exact(5, 5).p == 1


def test_no_discordant_item_says_nothing():
    found = mcnemar_exact(0, 0)
    assert all(map(math.isnan, (found.value, found.low, found.high)))
    assert (found.n, found.p, found.reason) == (0, 1, "no item is discordant")


def test_many_items_are_no_trouble():
    # (b - c)^2 / (b + c) = 4: the normal approximation has p = 0.0455.
    assert mcnemar_exact(501_000, 499_000).p == pytest.approx(0.0455, abs=2e-4)


@pytest.mark.parametrize(
    ("counts", "options", "message"),
    [
        ((-1, 2), {}, "b=-1; expected a whole number of at least 0"),
        ((1, 0.5), {}, "c=0.5; expected a whole number of at least 0"),
        ((1, 2), {"alternative": "grater"}, r"did you mean 'greater'\? known: greater, less, two-sided"),
        ((1, 2), {"level": 95}, "level=95; expected a number between 0 and 1"),
    ],
)
def test_mcnemar_refuses(counts, options, message):
    with pytest.raises(UsageError, match=message):
        mcnemar_exact(*counts, **options)
