"""Separability: agreement as a function of the difference of reference values."""

import itertools
import math

import numpy as np
import pytest
import scipy.optimize

from pytest_vlmperception.analysis import Design, separability
from pytest_vlmperception.analysis.logistic import firth_logistic
from pytest_vlmperception.errors import Inconclusive, UsageError
from pytest_vlmperception.records import check_decidable

NAN = float("nan")
QUICK = {"replicates": 200}
PAIRS = list(itertools.combinations(range(7), 2))


def experiment(random, n_scenes=10, slope=1.5, shape=(2, 3)):
    """Choices that agree the more often the farther apart the reference sees a pair."""
    scale = random.normal(size=(n_scenes, 7))
    reference = np.array([[scene[i], scene[j]] for scene in scale for i, j in PAIRS])
    chance = 1 / (1 + np.exp(-slope * (reference[:, 0] - reference[:, 1])))
    choices = random.binomial(1, np.broadcast_to(chance[:, None, None], (len(chance), *shape))).astype(float)
    return choices, reference, np.repeat([f"scene{i:02d}" for i in range(n_scenes)], len(PAIRS))


def by_search(x, successes, trials):
    """Intercept and slope with the highest penalised likelihood, by scipy's simplex."""

    def loss(ab):
        log_odds = ab[0] + ab[1] * x
        variance = trials * np.exp(-np.logaddexp(0, log_odds) - np.logaddexp(0, -log_odds))
        columns = np.column_stack([np.ones_like(x), x])
        penalty = np.linalg.slogdet(columns.T @ (variance[:, None] * columns))[1] / 2
        return -(successes * log_odds - trials * np.logaddexp(0, log_odds)).sum() - penalty

    options = {"xatol": 1e-9, "fatol": 1e-12, "maxiter": 4000}
    return scipy.optimize.minimize(loss, [0, 0], method="Nelder-Mead", options=options).x


@pytest.mark.parametrize("slope", [0, 1, 4])
def test_curve_agrees_with_a_direct_search(slope):
    random = np.random.default_rng(slope)
    x = random.exponential(size=30)
    trials = random.integers(1, 8, 30).astype(float)
    successes = random.binomial(trials.astype(int), 1 / (1 + np.exp(-slope * x))).astype(float)
    np.testing.assert_allclose(
        firth_logistic(x, successes[None], trials[None])[0], by_search(x, successes, trials), atol=1e-5
    )


def test_curve_of_a_two_by_two_table_adds_half_a_trial_to_each_cell():
    # Firth (1993): for a saturated logit model the penalty is that of adding 1/2 to every count.
    ((intercept, slope),) = firth_logistic(np.array([0.0, 1.0]), np.array([[2.0, 9.0]]), np.array([[10.0, 10.0]]))
    assert intercept == pytest.approx(math.log(2.5 / 8.5))
    assert intercept + slope == pytest.approx(math.log(9.5 / 1.5))


def test_curve_of_separated_data_is_finite():
    x, trials = np.arange(8.0), np.full(8, 3.0)
    successes = np.where(x > 3, 3.0, 0.0)
    found = firth_logistic(x, successes[None], trials[None])[0]
    np.testing.assert_allclose(found, by_search(x, successes, trials), atol=1e-4)


def test_curve_of_few_steep_data_converges():
    random, undefined = np.random.default_rng(1), 0
    for _ in range(100):
        x = random.exponential(size=random.integers(3, 30))
        trials = random.integers(0, 8, (50, len(x)))
        trials[:, :2] = 1
        log_odds = random.normal(size=2) * 3 @ np.array([np.ones_like(x), x])
        successes = random.binomial(trials, 1 / (1 + np.exp(-np.clip(log_odds, -50, 50))))
        undefined += np.isnan(firth_logistic(x, successes.astype(float), trials.astype(float))).any(axis=1).sum()
    assert undefined == 0


def test_agrees_with_the_search_on_an_experiment():
    choices, reference, groups = experiment(np.random.default_rng(2))
    choices[:3, 0] = NAN
    found = separability(choices, reference, groups=groups, unit="scene", **QUICK)
    difference = reference[:, 0] - reference[:, 1]
    agreed = np.where(np.isnan(choices), NAN, choices == (difference > 0)[:, None, None])
    successes, trials = np.nansum(agreed, axis=(1, 2)), (~np.isnan(agreed)).sum(axis=(1, 2))
    expected = by_search(np.abs(difference), successes, trials)
    assert (found.intercept.value, found.slope.value) == (
        pytest.approx(expected[0], abs=1e-5),
        pytest.approx(expected[1]),
    )
    by_scene = [
        np.nanmean(agreed[groups == scene].mean(axis=(1, 2), where=~np.isnan(agreed[groups == scene])))
        for scene in np.unique(groups)
    ]
    assert found.agreement.value == pytest.approx(np.mean(by_scene))
    assert found.slope.low < found.slope.value < found.slope.high
    assert (found.slope.n, found.slope.unit, found.slope.missing, found.slope.reason) == (10, "scene", 9, "")
    assert found.slope.design == found.agreement.design == found.bins[0].agreement.design


def test_replicates_are_the_fit_to_the_drawn_groups():
    choices, reference, groups = experiment(np.random.default_rng(3), n_scenes=4)
    drawn = Design.of(groups, replicates=5).indices
    found = separability(choices, reference, groups=groups, replicates=5)
    for b, rows in enumerate(drawn):
        chosen = np.concatenate([np.flatnonzero(groups == f"scene{row:02d}") for row in rows])
        again = separability(choices[chosen], reference[chosen], replicates=1)
        assert found.slope.replicates[b] == pytest.approx(again.slope.value)


def test_bins():
    # Differences 1 1 2 3 4: half of the pairs in each of two bins, the edge at the median.
    reference = [[1, 0], [0, 1], [2, 0], [0, 3], [4, 0]]
    choices = np.array([[1, 0], [1, 1], [1, 1], [0, 0], [1, 0]])[:, None, :]
    found = separability(choices, reference, bins=2, **QUICK)
    assert [(one.low, one.high, one.pairs, one.agreement.value) for one in found.bins] == [
        (1, 2, 2, 0.25),
        (2, 4, 3, pytest.approx(2.5 / 3)),
    ]
    wide = separability(choices, reference, bins=[0, 1.5, 10, 20], **QUICK).bins
    assert [(one.low, one.high, one.pairs) for one in wide] == [(0, 1.5, 2), (1.5, 10, 3), (10, 20, 0)]
    assert wide[2].agreement.reason == "no pair that the reference tells apart was answered"
    assert math.isnan(wide[2].agreement.value)


def test_which_stimulus_is_first_does_not_matter():
    choices, reference, groups = experiment(np.random.default_rng(4), n_scenes=4)
    swapped, turned = choices.copy(), reference.copy()
    swapped[::2], turned[::2] = 1 - swapped[::2], turned[::2, ::-1]
    one, two = (separability(c, r, groups=groups, **QUICK) for c, r in ((choices, reference), (swapped, turned)))
    assert two.slope.replicates == pytest.approx(one.slope.replicates)


def test_slope_is_per_unit_of_the_reference():
    choices, reference, _ = experiment(np.random.default_rng(5), n_scenes=4)
    one = separability(choices, reference, **QUICK).slope.value
    for unit, offset in ((10, 1e3), (1e-3, 0), (1e200, 0)):
        assert separability(choices, reference * unit + offset, **QUICK).slope.value == pytest.approx(one / unit)


def test_each_scene_may_have_a_scale_of_its_own():
    choices, reference, groups = experiment(np.random.default_rng(6), n_scenes=4)
    moved = reference + np.repeat(np.arange(4) * 100, len(PAIRS))[:, None]
    one, two = (separability(choices, values, groups=groups, **QUICK).slope.value for values in (reference, moved))
    assert two == pytest.approx(one)


def test_constant_agreement_has_no_slope_through_the_origin_in_disguise():
    # 75 % at every difference: above one half, but not rising.
    reference = np.column_stack([np.linspace(0.1, 3, 40), np.zeros(40)])
    choices = np.tile([[[1, 1, 1, 0]]], (40, 1, 1))
    found = separability(choices, reference, **QUICK)
    assert found.slope.value == pytest.approx(0, abs=1e-6)
    assert found.agreement.value == 0.75


def test_a_model_that_always_says_a_agrees_half_the_time_at_every_distance():
    _, reference, groups = experiment(np.random.default_rng(7))
    always_a = np.broadcast_to(np.array([[1.0], [0.0]]), (len(reference), 2, 3))
    found = separability(always_a, reference, groups=groups, **QUICK)
    assert (found.slope.value, found.agreement.value) == (pytest.approx(0, abs=1e-9), 0.5)


def test_pairs_that_the_reference_does_not_tell_apart_are_left_out():
    choices, reference, groups = experiment(np.random.default_rng(8), n_scenes=4)
    ties = np.zeros((10, 2)) + 3
    with_ties = separability(
        np.concatenate([choices, choices[:10]]),
        np.concatenate([reference, ties]),
        groups=[*groups, *groups[:10]],
        **QUICK,
    )
    without = separability(choices, reference, groups=groups, **QUICK)
    assert with_ties.slope.value == without.slope.value
    assert (with_ties.slope.missing, with_ties.slope.reason) == (0, "")


def test_pairs_without_a_reference_are_missing():
    choices, reference, groups = experiment(np.random.default_rng(9), n_scenes=4)
    reference[:5, 1] = NAN
    found = separability(choices, reference, groups=groups, **QUICK)
    assert (found.slope.missing, found.slope.reason) == (30, "")
    reference[:20, 1] = NAN
    found = separability(choices, reference, groups=groups, **QUICK)
    assert found.slope.reason == found.agreement.reason == "valid share 0.76 < 0.9: 384 of 504 data usable"


@pytest.mark.parametrize(
    ("choose", "reason"),
    [
        (lambda first: first, "all judgements agree with the reference: nothing can rise"),
        (lambda first: 1 - first, "no judgement agrees with the reference: nothing can rise"),
        (lambda first: first * NAN, "no pair that the reference tells apart was answered"),
    ],
)
def test_agreement_without_variation_has_no_slope(choose, reason):
    _, reference, groups = experiment(np.random.default_rng(10), n_scenes=4)
    first = (reference[:, 0] > reference[:, 1]).astype(float)[:, None, None]
    found = separability(choose(first), reference, groups=groups, **QUICK)
    for estimate in (found.slope, found.intercept):
        assert all(map(math.isnan, (estimate.value, estimate.low, estimate.high)))
        assert estimate.reason == reason
    with pytest.raises(Inconclusive, match=f"separability slope: {reason}"):
        check_decidable(found.slope)


def test_differences_without_variation_have_no_slope():
    found = separability([[[1]], [[0]], [[1]]], [[1, 0], [1, 0], [3, 2]], **QUICK)
    assert found.slope.reason == "all pairs differ by 1 in the reference: nothing can rise"
    assert found.agreement.value == pytest.approx(2 / 3)
    assert [(one.low, one.high, one.pairs) for one in found.bins] == [(1, 1, 3)]
    flat = separability([[[1]], [[0]]], [[2, 2], [5, 5]], **QUICK)
    assert flat.slope.reason == flat.agreement.reason == "no pair that the reference tells apart was answered"
    assert flat.bins == ()


@pytest.mark.parametrize(
    ("data", "options", "message"),
    [
        (([[[1]]], [1, 0]), {}, r"reference_scale has shape \(2,\); expected \(n_pairs, 2\)"),
        (([[[1]]], [[1, 0, 2]]), {}, r"reference_scale has shape \(1, 3\); expected \(n_pairs, 2\): first and second"),
        (([[[1]]], [[1, 0], [2, 0]]), {}, r"len\(model_choices\)=1, len\(reference_scale\)=2; expected equal lengths"),
        (([1], [[1, 0]]), {}, r"model_choices has shape \(1,\); expected \(n_pairs, n_orders, n_repeats\)"),
        (([[[1]]], [["x", 0]]), {}, r"reference_scale.ravel\(\)\[0\] = 'x'; expected a number"),
        (([[[1]]], [[1, 0]]), {"bins": 0}, "bins=0; expected a whole number of at least 1"),
        (([[[1]]], [[1, 0]]), {"bins": [1, 1]}, r"bins=\[1, 1\]; expected a number of bins, or at least two edges"),
        (([[[1]]], [[1, 0]]), {"groups": []}, r"len\(model_choices\)=1, len\(groups\)=0"),
        (([[[1]]], [[1, 0]]), {"min_valid": 3}, "min_valid=3; expected a number from 0 to 1"),
    ],
)
def test_refuses(data, options, message):
    with pytest.raises(UsageError, match=message):
        separability(*data, **options)
