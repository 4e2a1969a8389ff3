"""Intervals from replicates."""

import math

import numpy as np
import pytest
import scipy.special
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from pytest_vlmperception.analysis import (
    Bootstrap,
    Design,
    balanced_accuracy,
    bootstrap,
    bootstrap_means,
    cohen_kappa,
    expanded_interval,
    krippendorff_alpha,
)
from pytest_vlmperception.analysis.intervals import FEW, acceleration, agreement_interval, influences
from pytest_vlmperception.errors import UsageError


@pytest.mark.parametrize(
    ("n", "t"),
    # Two-sided 5 % points of Student's t with n - 1 degrees of freedom, as in every printed table.
    [(10, 2.262), (20, 2.093), (31, 2.042)],
)
def test_expanded_levels_come_from_the_t_table(n, t):
    # Replicates 0 ... 1 in equal steps: the bounds are the levels themselves.
    low, high = expanded_interval(np.linspace(0, 1, 100_001), n)
    assert low == pytest.approx(0.5 * math.erfc(t * math.sqrt(n / (n - 1)) / math.sqrt(2)), abs=5e-5)
    assert low + high == pytest.approx(1)


@pytest.mark.parametrize("n", [2, 3, 6, 9])
def test_of_few_units_the_mean_has_students_interval(n):
    values = np.random.default_rng(n).normal(size=n)
    boot = bootstrap_means(values, Design.of(range(n), replicates=50_000))
    even = Bootstrap(boot.replicates, n, boot.value)
    expected = scipy.stats.t.interval(0.95, n - 1, loc=values.mean(), scale=scipy.stats.sem(values))
    # 50,000 replicates know their SD to 0.3 %.
    assert np.subtract(even.interval(), values.mean()) == pytest.approx(np.subtract(expected, values.mean()), rel=0.01)


def test_of_few_units_an_outlier_draws_the_interval_to_its_side():
    boot = bootstrap_means(np.array([0.9, 0.95, 0.92, 0.94, 0.3]), Design.of(range(5)))
    low, high = boot.interval()
    assert boot.value - low > 2 * (high - boot.value) > 0


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_percentiles_are_those_of_a_second_implementation_of_bca(seed):
    n, values = 24, np.random.default_rng(seed).gamma(1.5, size=24)
    boot = bootstrap_means(values, Design.of(range(n), replicates=20_000))
    reach = math.sqrt(n / (n - 1)) * scipy.stats.t.ppf(0.975, n - 1)
    expected = scipy.stats.bootstrap(
        (values,),
        np.mean,
        confidence_level=1 - 2 * scipy.stats.norm.cdf(-reach),
        n_resamples=20_000,
        method="BCa",
        rng=np.random.default_rng(seed),
    ).confidence_interval
    # Tails of 20,000 replicates are known to some hundredths of the standard error.
    assert boot.interval() == pytest.approx(tuple(expected), abs=0.1 * scipy.stats.sem(values))


def test_acceleration_of_a_mean_is_a_sixth_of_its_skewness():
    values = np.random.default_rng(4).exponential(size=15)
    expected = scipy.stats.skew(values) / (6 * math.sqrt(15))
    boot = bootstrap_means(values, Design.of(range(15), replicates=40_000))
    assert boot.acceleration == pytest.approx(expected)
    assert acceleration(influences(boot.replicates, Design.of(range(15), replicates=40_000).indices)) == pytest.approx(
        expected, rel=0.1
    )


def test_a_general_statistic_has_its_acceleration_from_its_replicates():
    values = np.random.default_rng(5).exponential(size=12)
    design = Design.of(range(12), replicates=4000)
    general = bootstrap(lambda drawn: float(values[drawn].mean()), design, 12)
    means = bootstrap_means(values, design)
    assert general.value == pytest.approx(means.value)
    assert general.acceleration == pytest.approx(means.acceleration, rel=0.3)
    assert general.interval() == pytest.approx(means.interval(), abs=0.05)


def test_units_without_influence_have_no_acceleration():
    assert acceleration(np.zeros(5)) == 0
    assert acceleration(np.array([])) == 0
    assert acceleration(np.array([1e-200, -1e-200, 0])) == 0
    assert not influences(np.full(3, math.nan), np.zeros((3, 2), dtype=np.int32)).any()


def test_expanded_interval_tends_to_the_plain_percentiles():
    assert expanded_interval(np.linspace(0, 1, 1001), 10**6) == pytest.approx((0.025, 0.975), abs=1e-5)


@pytest.mark.parametrize("n", [5, 10])
def test_a_lower_level_gives_a_narrower_interval(n):
    replicates = np.linspace(0, 1, 1001)
    low, high = expanded_interval(replicates, n, level=0.8)
    assert expanded_interval(replicates, n)[0] < low < high < expanded_interval(replicates, n)[1]


@pytest.mark.parametrize("n", [2, 5, FEW, 30])
@given(st.lists(st.integers(0, 20), min_size=4, max_size=30))
def test_the_value_lies_in_the_interval_whatever_the_data(n, drawn):
    values = np.resize(np.array(drawn, dtype=float), n)
    boot = bootstrap_means(values, Design.of(range(n), replicates=60))
    low, high = boot.interval()
    assert low <= boot.value <= high


@pytest.mark.parametrize("n", [0, 1])
def test_one_unit_has_no_interval(n):
    assert all(map(math.isnan, expanded_interval(np.ones(2000), n)))


def test_too_few_replicates_have_no_interval():
    assert all(map(math.isnan, expanded_interval(np.linspace(0, 1, 39), 7)))
    assert not any(map(math.isnan, expanded_interval(np.linspace(0, 1, 40), 7)))


def test_undefined_replicates_are_left_out_of_the_interval():
    replicates = np.linspace(0, 1, 1001)
    for n in (7, 20):
        assert expanded_interval(np.append(replicates, np.full(9, np.nan)), n) == expanded_interval(replicates, n)


@pytest.mark.parametrize("level", [0, 1, 95, float("nan"), "0.95", None])
def test_level_must_lie_between_0_and_1(level):
    with pytest.raises(UsageError, match=r"level=.*; expected a number between 0 and 1, ends excluded"):
        expanded_interval(np.ones(100), 7, level=level)


def test_the_interval_stays_within_the_range_of_the_statistic():
    values, design = np.array([0.6, 0.99]), Design.of(["a", "b"])
    assert bootstrap_means(values, design).interval()[1] > 1
    bounded = bootstrap_means(values, design, bounds=(-1.0, 1.0))
    low, high = bounded.interval()
    assert -1 <= low < bounded.value < high <= 1
    for n in (4, 20):
        half = bootstrap_means(np.resize([0.1, 5.0], n), Design.of(range(n)), bounds=(2.0, math.inf))
        assert half.interval()[0] >= 2


@pytest.mark.parametrize("n", [5, 20])
def test_a_statistic_with_two_bounds_has_students_interval_on_the_logit_scale(n):
    values = np.resize([0.7, 0.9, 0.95, 0.8, 0.92], n)
    boot = bootstrap_means(values, Design.of(range(n), replicates=50_000), bounds=(-1.0, 1.0))
    # With p = (1 + v) / 2: logit p -/+ t SE / 2 / (p (1 - p)).
    p = (1 + values.mean()) / 2
    margin = scipy.stats.t.ppf(0.975, n - 1) * scipy.stats.sem(values) / 2 / (p * (1 - p))
    expected = 2 * scipy.special.expit(scipy.special.logit(p) + np.array([-margin, margin])) - 1
    assert boot.interval() == pytest.approx(tuple(expected), abs=0.003)


def test_a_value_next_to_its_bound_has_a_finite_interval_within():
    for values in ([1.0, 1.0 - 1e-15], [1.0 - 1e-9, -1.0]):
        low, high = bootstrap_means(np.array(values), Design.of(["a", "b"]), bounds=(-1.0, 1.0)).interval()
        assert -1 <= low <= np.mean(values) <= high <= 1
    low, high = bootstrap_means(np.array([1e-300, 1e-9]), Design.of(["a", "b"]), bounds=(0.0, math.inf)).interval()
    assert 0 <= low < 5e-10 < high < math.inf
    low, high = bootstrap_means(np.array([-1e-9, -5.0]), Design.of(["a", "b"]), bounds=(-math.inf, 0.0)).interval()
    assert -math.inf < low < -2.5 < high <= 0


def test_units_that_agree_leave_room_for_those_not_seen():
    # Rule of three (Hanley and Lippman-Hand 1983): none of 100 leaves 3 %.
    low, high = agreement_interval(0.0, 100, 1.0, (0.0, 1.0))
    assert (low, high) == (0.0, pytest.approx(0.0295, abs=5e-4))
    boot = bootstrap_means(np.full(100, 0.5), Design.of(range(100), replicates=50))
    assert boot.interval(step=0.1) == pytest.approx((0.5 - 0.00295, 0.5 + 0.00295), abs=5e-5)
    assert boot.interval() == (0.5, 0.5)


@pytest.mark.parametrize(
    ("statistic", "one_other"),
    [
        # One of twenty differs: kappa = 1 - 0.05 / 0.5, accuracy 0.95.
        (lambda: cohen_kappa(["a", "b"] * 10, ["a", "b"] * 10, replicates=50), 0.9),
        (lambda: balanced_accuracy([1] * 20, ["a", "b"] * 10, replicates=50), 0.95),
        # D_o = 2 / 40, D_e = 2 * 19 * 21 / (40 * 39).
        (lambda: krippendorff_alpha([[1, 2] * 10] * 2, replicates=50), 1 - 0.05 / (798 / 1560)),
        (lambda: krippendorff_alpha([[3, 1] * 10] * 2, level="ordinal", replicates=50), 1 - 0.05 / (798 / 1560)),
    ],
)
def test_full_agreement_on_twenty_stimuli_leaves_room_for_some_that_differ(statistic, one_other):
    found = statistic()
    # Rule of three: at most 1 - 0.05 ** (1 / 20) = 13.9 % of the twenty.
    assert (found.value, found.high) == (1, 1)
    assert found.low == pytest.approx(1 - 0.1391 * 20 * (1 - one_other), abs=1e-3)


def test_one_unit_that_agrees_with_itself_has_no_interval():
    boot = bootstrap_means(np.array([1.0]), Design.of(["a"]), bounds=(-1.0, 1.0))
    assert all(map(math.isnan, boot.interval(step=0.5)))


def test_the_method_is_named():
    few, many = (bootstrap_means(np.arange(float(n)), Design.of(range(n), replicates=50)) for n in (FEW - 1, FEW))
    assert few.describe("scene") == "Student bootstrap by scene, 50 replicates"
    assert many.describe("scene") == "expanded BCa bootstrap by scene, 50 replicates"
    bounded = bootstrap_means(np.arange(30.0), Design.of(range(30), replicates=50), bounds=(0.0, 30.0))
    assert bounded.describe("scene") == "Student bootstrap by scene, 50 replicates"
