"""Spearman's rho over stimuli and over groups."""

import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_vlmperception.analysis import Design, average_ranks, kendall, pearson, rank_correlation, spearman
from pytest_vlmperception.errors import Inconclusive, UsageError
from pytest_vlmperception.records import check_decidable

NAN = float("nan")
QUICK = {"replicates": 200}

# Ten people, IQ and hours of television: https://en.wikipedia.org/wiki/Spearman's_rank_correlation_coefficient#Example
IQ = [106, 100, 86, 101, 99, 103, 97, 113, 112, 110]
HOURS = [7, 27, 2, 50, 28, 29, 20, 12, 6, 17]


def scenes(random, n_scenes=6, n_items=7, noise=1.0):
    """Two measures of `n_items` renderings of each scene."""
    x = random.normal(size=(n_scenes, n_items))
    y = x + noise * random.normal(size=x.shape)
    groups = np.repeat([f"scene{i}" for i in range(n_scenes)], n_items)
    items = np.tile([f"item{i}" for i in range(n_items)], n_scenes)
    return x, y, groups, items


def test_published_example():
    rho = spearman(IQ, HOURS, **QUICK)
    assert rho.value == pytest.approx(-29 / 165)
    assert (rho.n, rho.unit, rho.name, rho.p, rho.units, rho.missing) == (10, "stimulus", "Spearman rho", None, (), 0)


@pytest.mark.parametrize(
    ("swaps", "rho", "p"),
    # Exact one-sided p at n = 7; D = sum of squared differences, rho = 1 - D / 56.
    [
        ([1, 2, 3, 4, 5, 6, 7], 1.0, 0.0002),
        ([2, 1, 3, 4, 5, 6, 7], 0.964, 0.0014),
        ([2, 1, 4, 3, 5, 6, 7], 0.929, 0.0034),
        ([2, 1, 4, 3, 6, 5, 7], 0.893, 0.0062),
        ([3, 2, 1, 4, 5, 6, 7], 0.857, 0.012),
        ([3, 2, 1, 5, 4, 6, 7], 0.821, 0.017),
        ([3, 2, 1, 5, 4, 7, 6], 0.786, 0.024),
        ([3, 2, 1, 6, 5, 4, 7], 0.714, 0.044),
    ],
)
def test_exact_p_at_seven(swaps, rho, p):
    found = spearman(range(1, 8), swaps, **QUICK)
    assert found.value == pytest.approx(rho, abs=5e-4)
    assert found.p == pytest.approx(p, rel=0.04)
    assert "exact permutation p, one-sided (H1: rho > 0)" in found.method


@pytest.mark.parametrize("n", [3, 5, 6])
def test_exact_p_counts_ties_as_a_second_implementation_does(n):
    random = np.random.default_rng(n)
    x, y = random.integers(0, 4, n), random.permutation(n)
    x[:2] = 0, 1
    exact = scipy.stats.permutation_test(
        (x,),
        lambda drawn: scipy.stats.spearmanr(drawn, y).statistic,
        permutation_type="pairings",
        alternative="greater",
        n_resamples=np.inf,
    )
    rho = spearman(x, y, **QUICK)
    assert (rho.value, rho.p) == (pytest.approx(exact.statistic), pytest.approx(exact.pvalue))


def test_no_exact_p_beyond_eight():
    assert spearman(range(8), range(8), **QUICK).p == pytest.approx(1 / math.factorial(8))
    assert spearman(range(9), range(9), **QUICK).p is None
    assert spearman([*range(8), 9], [*range(8), NAN], min_valid=0.8, **QUICK).p is not None


values = st.lists(st.tuples(st.integers(-5, 5), st.integers(-5, 5)), min_size=3, max_size=30)


@given(values)
@settings(deadline=None)
def test_rho_agrees_with_scipy(pairs):
    x, y = np.array(pairs, dtype=float).T
    rho = rank_correlation(x, y)
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        assert math.isnan(rho)
    else:
        assert rho == pytest.approx(scipy.stats.spearmanr(x, y).statistic, abs=1e-12)
        assert -1 <= rho <= 1
        assert rank_correlation(-x, y) == -rho
        assert rank_correlation(np.exp(x), 3 * y - 7) == rho
    np.testing.assert_array_equal(average_ranks(x), scipy.stats.rankdata(x))


def test_rho_of_a_short_decimal_is_that_decimal():
    assert spearman([1, 2, 3, 4], [1, 3, 2, 4], **QUICK).value == 0.8
    grouped = spearman([1, 2, 3, 4] * 7, [1, 3, 2, 4] * 7, groups=np.repeat(range(7), 4), **QUICK)
    assert {grouped.value, *grouped.replicates} == {0.8}


@pytest.mark.parametrize(
    ("statistic", "swap"),
    # Two neighbours of seven change places: rho = 1 - 2 / 56, tau = 1 - 2 / 21.
    [(spearman, 12 / 336), (kendall, 2 / 21), (pearson, 0.0)],
)
def test_scenes_that_all_agree_leave_room_for_a_few_that_do_not(statistic, swap):
    perfect = statistic([*range(7)] * 10, [*range(7)] * 10, groups=np.repeat(range(10), 7), **QUICK)
    # Rule of three: at most 1 - 0.05 ** (1 / 10) = 25.9 % of scenes.
    assert (perfect.low, perfect.high) == pytest.approx((1 - 0.2589 * swap, 1), abs=1e-4)


def test_stimuli_in_perfect_order_leave_room_for_a_few_that_are_not():
    perfect = spearman(range(10), range(10), **QUICK)
    # At most 25.9 % of the ten with a neighbour in their place, each 12 / 990.
    assert (perfect.low, perfect.high) == pytest.approx((1 - 0.2589 * 10 * 12 / 990, 1), abs=1e-4)


def test_mean_of_groups():
    x, y, groups, _ = scenes(np.random.default_rng(1))
    rho = spearman(x.ravel(), y.ravel(), groups=groups, unit="scene", **QUICK)
    each = [scipy.stats.spearmanr(a, b).statistic for a, b in zip(x, y, strict=True)]
    assert rho.value == pytest.approx(np.mean(each))
    assert rho.low < rho.value < rho.high
    assert (rho.n, rho.unit, rho.p, rho.missing, rho.reason) == (6, "scene", None, 0, "")
    assert [value for _, value in rho.units] == pytest.approx(sorted(each))
    assert rho.units[0][0] == f"scene{int(np.argmin(each))}"
    assert rho.method == "mean of groups; Student bootstrap by scene, 200 replicates"
    assert len(rho.replicates) == 200


def test_pooled_and_of_means_are_other_numbers():
    x, y, groups, items = scenes(np.random.default_rng(1))
    common = {"groups": groups, "items": items, **QUICK}
    pooled = spearman(x.ravel(), y.ravel(), estimand="pooled", **common)
    of_means = spearman(x.ravel(), y.ravel(), estimand="of_means", **common)
    assert pooled.value == pytest.approx(scipy.stats.spearmanr(x.ravel(), y.ravel()).statistic)
    assert of_means.value == pytest.approx(scipy.stats.spearmanr(x.mean(0), y.mean(0)).statistic)
    assert (pooled.n, of_means.n) == (6, 6)
    assert pooled.method.startswith("pooled; ")
    assert of_means.method.startswith("of means; ")
    assert pooled.units == of_means.units == spearman(x.ravel(), y.ravel(), **common).units


def test_replicates_of_pooled_and_of_means_resample_whole_groups():
    x, y, groups, items = scenes(np.random.default_rng(2), n_scenes=3)
    drawn = Design.of(groups, replicates=5).indices
    common = {"groups": groups, "items": items, "replicates": 5}
    pooled = spearman(x.ravel(), y.ravel(), estimand="pooled", **common)
    of_means = spearman(x.ravel(), y.ravel(), estimand="of_means", **common)
    for b, rows in enumerate(drawn):
        expected = scipy.stats.spearmanr(x[rows].ravel(), y[rows].ravel()).statistic
        assert pooled.replicates[b] == pytest.approx(expected)
        expected = scipy.stats.spearmanr(x[rows].mean(0), y[rows].mean(0)).statistic
        assert of_means.replicates[b] == pytest.approx(expected)


def test_means_of_items_use_what_was_answered():
    # Item c has no answer in group g; its mean is that of group h.
    x, y = [1, 2, NAN, 3, 4, 3.4], [1, 2, 3, 1, 2, 1.5]
    groups, items = list("ggghhh"), list("abcabc")
    rho = spearman(x, y, groups=groups, items=items, estimand="of_means", min_valid=0.5, **QUICK)
    # Means of x: a 2, b 3, c 3.4; of y over the same data: a 1, b 2, c 1.5.
    assert rho.value == pytest.approx(0.5)
    assert rho.missing == 1


def test_means_that_differ_by_rounding_only_tie():
    # Items a and b have 0.1, 0.2, 0.3 in another order: the sums differ in the last bit.
    x = [0.1, 0.3, 0.9, 0.2, 0.2, 0.9, 0.3, 0.1, 0.9]
    y = [1, 2, 3] * 3
    rho = spearman(x, y, groups=list("ggghhhiii"), items=list("abc") * 3, estimand="of_means", **QUICK)
    assert rho.value == pytest.approx(math.sqrt(0.75))


def test_estimands_are_one_number_without_groups():
    numbers = {spearman(IQ, HOURS, estimand=e, **QUICK).value for e in ("mean_of_groups", "pooled", "of_means")}
    assert len(numbers) == 1


def test_estimates_of_one_design_can_be_paired():
    x, y, groups, _ = scenes(np.random.default_rng(3))
    old = spearman(x.ravel(), y.ravel(), groups=groups, **QUICK)
    y[0] = NAN
    new = spearman(x.ravel(), y.ravel(), groups=groups, **QUICK)
    assert old.design == new.design
    assert new.n == 5
    assert spearman(x.ravel(), y.ravel(), groups=groups, seed=1, **QUICK).design != old.design


def test_data_are_left_out_in_pairs_and_counted():
    rho = spearman([*IQ, NAN, 5], [*HOURS, 3, None], min_valid=0.8, **QUICK)
    assert rho.value == pytest.approx(-29 / 165)
    assert (rho.missing, rho.n, rho.reason) == (2, 10, "")


def test_too_few_valid_data_decide_nothing():
    x = [1, 2, 3, 4, 5, NAN, NAN]
    rho = spearman(x, range(7), **QUICK)
    assert rho.value == 1
    assert rho.reason == "valid share 0.71 < 0.9: 5 of 7 data usable"
    with pytest.raises(Inconclusive, match=r"valid share 0\.71 < 0\.9"):
        check_decidable(rho)


def test_a_constant_group_is_a_missing_unit_and_named():
    x, y, groups, _ = scenes(np.random.default_rng(4), n_scenes=12)
    y[5] = 3.0
    rho = spearman(x.ravel(), y.ravel(), groups=groups, **QUICK)
    each = [scipy.stats.spearmanr(a, b).statistic for i, (a, b) in enumerate(zip(x, y, strict=True)) if i != 5]
    assert rho.value == pytest.approx(np.mean(each))
    assert (rho.n, rho.missing, rho.reason) == (11, 7, "")
    assert "left out: scene5 (constant)" in rho.method
    assert "scene5" not in dict(rho.units)


def test_missing_units_below_the_valid_share_decide_nothing():
    # Two of four groups, but only 6 of 46 data, have no rank order.
    groups = ["a"] * 20 + ["b"] * 20 + ["c"] * 3 + ["d"] * 3
    y = [*range(20), *range(20), 1, 1, 1, 2, 2, 2]
    rho = spearman(range(46), y, groups=groups, min_valid=0.8, unit="scene", **QUICK)
    assert rho.value == 1
    assert rho.reason == "valid share 0.5 < 0.8: 2 of 4 units (scene) usable"


def test_groups_without_data_are_units_of_the_design():
    x, y, groups, _ = scenes(np.random.default_rng(5))
    every = sorted({*groups, "never asked"})
    rho = spearman(x.ravel(), y.ravel(), groups=groups, units=every, **QUICK)
    assert (rho.n, rho.reason) == (6, "valid share 0.86 < 0.9: 6 of 7 units (group) usable")
    assert "left out: never asked (0 valid)" in rho.method


@pytest.mark.parametrize(
    ("x", "y", "reason"),
    [
        ([2, 2, 2, 2], [1, 2, 3, 4], r"x is constant (2): it has no rank order"),
        ([1, 2, 3, NAN], [5, 5, 5, 1], r"y is constant (5): it has no rank order"),
        ([1, 2, NAN, NAN], [1, 2, 3, 4], "2 of 4 data are valid; a correlation needs 3"),
        ([NAN] * 4, [1, 2, 3, 4], "0 of 4 data are valid; a correlation needs 3"),
    ],
)
def test_undefined_is_nan_with_a_reason(x, y, reason):
    rho = spearman(x, y, **QUICK)
    assert all(map(math.isnan, (rho.value, rho.low, rho.high, *rho.replicates)))
    assert (rho.reason, rho.p) == (reason, None)
    with pytest.raises(Inconclusive, match="Spearman rho: "):
        check_decidable(rho)


def test_no_group_with_a_rank_order_is_nan():
    x, y = [1, 1, 1, 4, 5, NAN], [1, 2, 3, 1, 2, 3]
    rho = spearman(x, y, groups=list("ggghhh"), **QUICK)
    assert math.isnan(rho.value)
    assert rho.reason == "no unit has a rank order: g (constant), h (2 valid)"
    assert (rho.n, rho.missing, rho.units) == (0, 6, ())


def test_constant_item_means_are_nan():
    x, y = [1, 2, 3, 3, 2, 1], [1, 2, 3, 1, 2, 3]
    rho = spearman(x, y, groups=list("ggghhh"), items=list("abcabc"), estimand="of_means", **QUICK)
    assert math.isnan(rho.value)
    assert rho.reason == "the means of items are constant, or fewer than 3: they have no rank order"


def test_one_group_has_a_value_but_no_interval():
    rho = spearman(range(5), range(5), groups=["only"] * 5, **QUICK)
    assert (rho.value, rho.n) == (1, 1)
    assert math.isnan(rho.low)
    assert math.isnan(rho.high)


def test_order_of_the_data_does_not_matter():
    x, y, groups, items = scenes(np.random.default_rng(6))
    order = np.random.default_rng(7).permutation(x.size)
    for estimand in ("mean_of_groups", "pooled", "of_means"):
        common = {"estimand": estimand, **QUICK}
        plain = spearman(x.ravel(), y.ravel(), groups=groups, items=items, **common)
        mixed = spearman(x.ravel()[order], y.ravel()[order], groups=groups[order], items=items[order], **common)
        assert mixed.replicates == pytest.approx(plain.replicates)
        assert (mixed.value, mixed.units) == (pytest.approx(plain.value), plain.units)


def test_estimate_holds_plain_python_numbers():
    rho = spearman(np.arange(5), np.array([0, 2, 1, 3, 4]), groups=["g"] * 5, **QUICK)
    assert {type(v) for v in (rho.value, rho.low, rho.high, *rho.replicates, rho.units[0][1])} == {float}
    assert {type(rho.n), type(rho.missing)} == {int}
    assert float(rho) == rho.value


@pytest.mark.parametrize(
    ("data", "options", "message"),
    [
        (([1, 2], [1, 2]), {}, "a correlation needs at least 3 stimuli: got 2; add stimuli"),
        (([], []), {}, "a correlation needs at least 3 stimuli: got 0"),
        (([1, 2, 3, 4], [1, 2, 3, 4]), {"groups": list("aabb")}, "got 2 in the largest of 2 groups; add stimuli"),
        (([1, 2], [1, 2]), {"groups": list("ab"), "estimand": "pooled"}, "needs at least 3 stimuli: got 2; add"),
        (([], []), {"groups": []}, "no units; give at least one unit id"),
        (
            ([1, 2, 3, 4], [1, 2, 3, 4]),
            {"groups": list("aabb"), "items": list("xyxy"), "estimand": "of_means"},
            "got 2 different items; add stimuli",
        ),
        (([1, 2, 3], [1, 2]), {}, r"len\(x\)=3, len\(y\)=2; expected equal lengths"),
        (([1, 2, 3], [1, 2, 3]), {"groups": ["a"]}, r"len\(x\)=3, len\(groups\)=1; expected equal lengths"),
        (([1, 2, 3], [1, 2, 3]), {"items": ["a"]}, r"len\(x\)=3, len\(items\)=1; expected equal lengths"),
        (([1, 2, 3], [1, 2, 3]), {"units": ["a"]}, r"len\(x\)=3, len\(units\)=1; expected equal lengths"),
        (([1, 2, 3], [1, 2, 3]), {"units": list("aba")}, "units names 'a' more than once; average repeats"),
        (([1, 2, 3], [1, 2, 3]), {"groups": "abc"}, "groups='abc' is one text"),
        (([1, 2, 3], [1, 2, 3]), {"groups": ["a", "b", None]}, r"groups\[2\] = None; expected a label"),
        (([1, 2, 3], [1, 2, 3]), {"groups": list("aaa"), "units": ["b"]}, "label 'a' is no unit of the design"),
        (([1, 2, 3], [1, 2, 3]), {"groups": list("aaa"), "estimand": "of_means"}, "give items=, one label per datum"),
        (([1, 2, 3], [1, 2, 3]), {"estimand": "mean_of_group"}, r"did you mean 'mean_of_groups'\?"),
        (([[1, 2, 3]], [1, 2, 3]), {}, r"x has shape \(1, 3\); expected one dimension, one number per datum"),
        ((None, [1, 2, 3]), {}, r"x has shape \(\)"),
        (([[1], [2, 3]], [1, 2, 3]), {}, "x is ragged; expected one dimension"),
        (([1, "2", 3], [1, 2, 3]), {}, r"x\[0\] = '1'; expected a number, or NaN for no answer"),
        (([1, 2, 3], [1, 2 + 1j, 3]), {}, r"y\[0\] = \(1\+0j\); expected a number"),
        (([1, 2, 10**400], [1, 2, 3]), {}, r"x\[2\] = 1000+; expected a number"),
        (([1, 2, math.inf], [1, 2, 3]), {}, r"x\[2\] = inf; expected a finite number, or NaN for no answer"),
        (([1, 2, 3], [1, 2, 3]), {"replicates": 0}, "replicates=0; expected a whole number of at least 1"),
        (([1, 2, 3], [1, 2, 3]), {"min_valid": 90}, "min_valid=90; expected a number from 0 to 1"),
    ],
)
def test_refuses(data, options, message):
    with pytest.raises(UsageError, match=message):
        spearman(*data, **options)


def test_masked_values_are_missing():
    x = np.ma.masked_array([1.0, 2.0, 3.0, -99.0], mask=[0, 0, 0, 1])
    assert spearman(x, [1, 2, 3, 4], min_valid=0.5, **QUICK).missing == 1
