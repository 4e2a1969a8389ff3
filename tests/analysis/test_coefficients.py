"""Kendall's tau and Pearson's r beside Spearman's rho."""

import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_vlmperception.analysis import Design, kendall, pearson, spearman
from pytest_vlmperception.errors import Inconclusive, UsageError
from pytest_vlmperception.records import check_decidable

NAN = float("nan")
QUICK = {"replicates": 200}

OTHERS = {
    spearman: lambda x, y: scipy.stats.spearmanr(x, y).statistic,
    kendall: lambda x, y: scipy.stats.kendalltau(x, y).statistic,
    pearson: lambda x, y: scipy.stats.pearsonr(x, y).statistic,
}
COEFFICIENTS = pytest.mark.parametrize("coefficient", OTHERS, ids=lambda function: function.__name__)
LEVELS = st.lists(st.tuples(st.integers(-5, 5), st.integers(-5, 5)), min_size=3, max_size=20)


def scenes(random, n_scenes=6, n_items=7):
    """Two measures of `n_items` renderings of each scene, with some ties."""
    x = random.normal(size=(n_scenes, n_items)).round(1)
    y = (x + random.normal(size=x.shape)).round(1)
    return x, y, np.repeat([f"scene{i}" for i in range(n_scenes)], n_items), np.tile(range(n_items), n_scenes)


def test_tau_counts_pairs():
    # Pairs in the other order: 31 32 42 75 76 108 109 and 12 11, that is 8 + 0 of 66.
    two = [3, 1, 4, 2, 7, 5, 6, 10, 8, 9, 12, 11]
    assert kendall(range(12), two, **QUICK).value == pytest.approx((58 - 8) / 66)


def test_r_of_a_published_example():
    # Anscombe's first data set (1973), American Statistician 27, 17-21: r = 0.816.
    x = [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5]
    y = [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68]
    assert pearson(x, y, **QUICK).value == pytest.approx(0.816, abs=5e-4)


@COEFFICIENTS
@given(pairs=LEVELS)
@settings(deadline=None, max_examples=50)
def test_agrees_with_scipy(coefficient, pairs):
    x, y = np.array(pairs, dtype=float).T
    found = coefficient(x, y, replicates=2)
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        assert math.isnan(found.value)
        assert "is constant" in found.reason
    else:
        assert found.value == pytest.approx(OTHERS[coefficient](x, y), abs=1e-9)
        assert coefficient(-x, y, replicates=2).value == pytest.approx(-found.value, abs=1e-12)
        assert coefficient(3 * x - 7, y, replicates=2).value == pytest.approx(found.value, abs=1e-12)


@COEFFICIENTS
@pytest.mark.parametrize("n", [3, 5, 6])
def test_exact_p_counts_all_orders(coefficient, n):
    random = np.random.default_rng(n)
    x, y = random.integers(0, 4, n) + 0.1, random.normal(size=n)
    x[:2] = 0, 1
    exact = scipy.stats.permutation_test(
        (x,),
        lambda drawn: OTHERS[coefficient](drawn, y),
        permutation_type="pairings",
        alternative="greater",
        n_resamples=np.inf,
    )
    found = coefficient(x, y, **QUICK)
    assert (found.value, found.p) == (pytest.approx(exact.statistic), pytest.approx(exact.pvalue))
    assert "exact permutation p, one-sided" in found.method
    assert coefficient(range(9), range(9), **QUICK).p is None


def test_exact_p_of_tau_is_kendalls_table():
    # Kendall (1970), Rank Correlation Methods, table of the distribution of S: n = 5, S >= 8 (tau 0.8) p = 0.042;
    # n = 8, S >= 16 (tau 0.571) p = 0.031.
    assert kendall(range(5), [1, 0, 2, 3, 4], **QUICK).p == pytest.approx(0.042, abs=5e-4)
    assert kendall(range(8), [2, 1, 0, 5, 4, 3, 6, 7], **QUICK).p == pytest.approx(0.031, abs=5e-4)


@COEFFICIENTS
def test_mean_of_groups(coefficient):
    x, y, groups, _ = scenes(np.random.default_rng(1))
    found = coefficient(x.ravel(), y.ravel(), groups=groups, unit="scene", **QUICK)
    each = [OTHERS[coefficient](a, b) for a, b in zip(x, y, strict=True)]
    assert found.value == pytest.approx(np.mean(each))
    assert [value for _, value in found.units] == pytest.approx(sorted(each))
    assert found.low < found.value < found.high
    assert (found.n, found.unit, found.p, found.reason) == (6, "scene", None, "")
    assert found.method == "mean of groups; Student bootstrap by scene, 200 replicates"


@COEFFICIENTS
def test_replicates_are_the_statistic_of_the_drawn_groups(coefficient):
    x, y, groups, items = scenes(np.random.default_rng(2), n_scenes=3)
    drawn = Design.of(groups, replicates=6).indices
    common = {"groups": groups, "items": items, "replicates": 6}
    pooled = coefficient(x.ravel(), y.ravel(), estimand="pooled", **common)
    of_means = coefficient(x.ravel(), y.ravel(), estimand="of_means", **common)
    other = OTHERS[coefficient]
    assert pooled.value == pytest.approx(other(x.ravel(), y.ravel()))
    assert of_means.value == pytest.approx(other(x.mean(0).round(12), y.mean(0).round(12)))
    for b, rows in enumerate(drawn):
        assert pooled.replicates[b] == pytest.approx(other(x[rows].ravel(), y[rows].ravel()))
        assert of_means.replicates[b] == pytest.approx(other(x[rows].mean(0).round(12), y[rows].mean(0).round(12)))


@COEFFICIENTS
def test_groups_of_different_size_and_missing_data(coefficient):
    x, y, groups, _ = scenes(np.random.default_rng(3), n_scenes=4)
    x, y = x.ravel(), y.ravel()
    x[[1, 2, 12]] = NAN
    drawn = Design.of(groups, replicates=4).indices
    found = coefficient(x, y, groups=groups, estimand="pooled", replicates=4, min_valid=0.5)
    keep = [np.flatnonzero((groups == f"scene{i}") & ~np.isnan(x)) for i in range(4)]
    for b, rows in enumerate(drawn):
        chosen = np.concatenate([keep[row] for row in rows])
        assert found.replicates[b] == pytest.approx(OTHERS[coefficient](x[chosen], y[chosen]))
    assert found.missing == 3


@COEFFICIENTS
def test_many_data_are_worked_through_in_blocks(coefficient):
    random = np.random.default_rng(4)
    x = random.normal(size=1200)
    y = x + random.normal(size=1200)
    drawn = Design.of([f"{i:04d}" for i in range(1200)], replicates=3).indices
    found = coefficient(x, y, replicates=3)
    for b, rows in enumerate(drawn):
        assert found.replicates[b] == pytest.approx(OTHERS[coefficient](x[rows], y[rows]))


@pytest.mark.parametrize("scale", [1e-200, 1e-9, 1e9, 1e200])
@pytest.mark.parametrize("offset", [0.0, 1e6])
def test_pearson_does_not_depend_on_the_unit(scale, offset):
    random = np.random.default_rng(5)
    x, y = random.normal(size=20), random.normal(size=20)
    expected = np.corrcoef(x, y)[0, 1]
    assert pearson((x + offset) * scale, y, **QUICK).value == pytest.approx(expected, abs=1e-8)


def test_values_that_differ_by_rounding_only_do_not_vary():
    found = pearson([0.1 + 0.2, 0.3, 0.3, 0.3], [1, 2, 3, 4], **QUICK)
    assert math.isnan(found.value)
    assert found.reason == "x is constant (0.3): it has no variation"


def test_perfect_agreement_is_one_to_the_last_bit():
    for coefficient in OTHERS:
        found = coefficient([3.1, 0.7, 2.2, 9.4], [3.1, 0.7, 2.2, 9.4], **QUICK)
        assert (found.value, found.high) == (1.0, 1.0)


@COEFFICIENTS
def test_constant_ranks_are_nan_with_a_reason(coefficient):
    found = coefficient([2, 2, 2, 2], [1, 2, 3, 4], names=("the scale", "the reference"), **QUICK)
    assert all(map(math.isnan, (found.value, found.low, found.high, *found.replicates)))
    assert found.reason.startswith("the scale is constant (2): it has no ")
    with pytest.raises(Inconclusive, match=f"{found.name}: the scale is constant"):
        check_decidable(found)


@COEFFICIENTS
@pytest.mark.parametrize(
    ("data", "options", "message"),
    [
        (([1, 2], [1, 2]), {}, "a correlation needs at least 3 stimuli: got 2; add stimuli"),
        (([1, 2, 3], [1, 2]), {}, r"len\(x\)=3, len\(y\)=2; expected equal lengths"),
        (([1, 2, 3], [1, 2, 3]), {"estimand": "pool"}, r"did you mean 'pooled'\?"),
        (([1, 2, 3], [1, 2, 3]), {"min_valid": 2}, "min_valid=2; expected a number from 0 to 1"),
        (([1, 2, math.inf], [1, 2, 3]), {}, r"x\[2\] = inf; expected a finite number"),
    ],
)
def test_refuses(coefficient, data, options, message):
    with pytest.raises(UsageError, match=message):
        coefficient(*data, **options)
