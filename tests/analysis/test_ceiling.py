"""How well observers agree with each other."""

import itertools
import math

import numpy as np
import pytest

from pytest_vlmperception.analysis import Design, noise_ceiling
from pytest_vlmperception.errors import Inconclusive, UsageError
from pytest_vlmperception.records import check_decidable

NAN = float("nan")
QUICK = {"replicates": 200}


def people(random, n_observers=4, n_items=40, noise=1.0):
    """Ratings of observers who see the same, each with noise."""
    return random.normal(size=n_items) + noise * random.normal(size=(n_observers, n_items))


def correlation(a, b):
    both = ~(np.isnan(a) | np.isnan(b))
    return np.corrcoef(a[both], b[both])[0, 1]


def mean(votes):
    """Mean over observers of what was given; NaN where nothing was."""
    given = (~np.isnan(votes)).sum(axis=0)
    return np.where(given > 0, np.nansum(votes, axis=0) / np.maximum(given, 1), NAN)


def by_all_splits(votes):
    n = len(votes)
    halves = [half for half in itertools.combinations(range(n), n // 2) if n % 2 or 0 in half]
    rest = [[o for o in range(n) if o not in half] for half in halves]
    return np.mean([
        correlation(mean(votes[list(one)]), mean(votes[two])) for one, two in zip(halves, rest, strict=True)
    ])


def by_leaving_out(votes):
    return np.mean([correlation(votes[o], mean(np.delete(votes, o, axis=0))) for o in range(len(votes))])


@pytest.mark.parametrize("n_observers", [2, 3, 4, 5])
def test_agrees_with_a_loop_over_all_splits(n_observers):
    votes = people(np.random.default_rng(n_observers), n_observers)
    found = noise_ceiling(votes, **QUICK)
    r = by_all_splits(votes)
    assert found.split_half.value == pytest.approx(2 * r / (1 + r))
    assert found.leave_one_out.value == pytest.approx(by_leaving_out(votes))
    assert (found.split_half.n, found.split_half.unit) == (40, "item")
    assert found.split_half.low < found.split_half.value < found.split_half.high


def test_two_observers_are_the_formula_of_spearman_and_brown():
    # r = 0.8, see test_correlation; 2 * 0.8 / 1.8.
    found = noise_ceiling([[1, 2, 3, 4], [1, 3, 2, 4]], **QUICK)
    assert found.split_half.value == pytest.approx(0.889, abs=5e-4)
    assert found.leave_one_out.value == pytest.approx(0.8)
    assert "Spearman-Brown, 1 split(s)" in found.split_half.method


def test_random_splits_come_near_all_splits():
    votes = people(np.random.default_rng(6), n_observers=8)
    r = by_all_splits(votes)
    few, all_of_them = noise_ceiling(votes, splits=20, **QUICK), noise_ceiling(votes, splits=35, **QUICK)
    assert all_of_them.split_half.value == pytest.approx(2 * r / (1 + r))
    assert few.split_half.value == pytest.approx(all_of_them.split_half.value, abs=0.02)
    assert few.split_half.value != all_of_them.split_half.value
    assert "20 split(s)" in few.split_half.method
    again = noise_ceiling(votes, splits=20, **QUICK)
    assert again.split_half.replicates == few.split_half.replicates
    assert noise_ceiling(votes, splits=20, seed=1, **QUICK).split_half.value != few.split_half.value


@pytest.mark.parametrize("n_observers", [4, 18])
def test_recovers_the_reliability_of_the_mean(n_observers):
    # Variance 1 of items and of noise: reliability n / (n + 1); one with the mean of n - 1: 1 / sqrt(2 (1 + 1 / (n - 1))).
    votes = people(np.random.default_rng(7), n_observers, n_items=4000)
    found = noise_ceiling(votes, **QUICK)
    assert found.split_half.value == pytest.approx(n_observers / (n_observers + 1), abs=0.01)
    assert found.leave_one_out.value == pytest.approx(1 / math.sqrt(2 * (1 + 1 / (n_observers - 1))), abs=0.02)


def test_replicates_are_the_ceiling_of_the_drawn_groups():
    votes = people(np.random.default_rng(8), n_items=24)
    votes[0, 3] = votes[2, [5, 6]] = NAN
    groups = np.repeat(list("abcd"), 6)
    drawn = Design.of(groups, replicates=6).indices
    found = noise_ceiling(votes, groups=groups, unit="scene", replicates=6)
    for b, rows in enumerate(drawn):
        chosen = np.concatenate([np.flatnonzero(groups == "abcd"[row]) for row in rows])
        r = by_all_splits(votes[:, chosen])
        assert found.split_half.replicates[b] == pytest.approx(2 * r / (1 + r))
        assert found.leave_one_out.replicates[b] == pytest.approx(by_leaving_out(votes[:, chosen]))
    assert (found.split_half.n, found.split_half.unit, found.split_half.missing) == (4, "scene", 3)


def test_people_who_contradict_each_other_are_below_zero():
    found = noise_ceiling([[1, 2, 3, 4], [4, 3, 2, 1]], **QUICK)
    assert (found.split_half.value, found.leave_one_out.value) == (-1, -1)


def test_votes_for_pairs_are_votes():
    votes = [[1, 0, 1, 1, 0, 1], [1, 0, 1, 0, 0, 1], [1, 1, 1, 1, 0, 1]]
    assert noise_ceiling(votes, **QUICK).leave_one_out.value == pytest.approx(by_leaving_out(np.array(votes, float)))


def test_an_observer_without_variation_is_left_out():
    votes = np.vstack([people(np.random.default_rng(9), 3), np.full(40, 2.5)])
    rest = [correlation(votes[o], mean(np.delete(votes, o, axis=0))) for o in range(3)]
    assert noise_ceiling(votes, **QUICK).leave_one_out.value == pytest.approx(np.mean(rest))


def test_undefined_is_nan_with_a_reason():
    for votes, reason in (
        (np.ones((3, 5)), "votes do not vary over items"),
        (np.full((3, 5), NAN), "0 of 5 items have two votes"),
        ([[1, 2, NAN, NAN, 5], [NAN, NAN, 3, 4, 5]], "1 of 5 items have two votes"),
    ):
        found = noise_ceiling(votes, **QUICK)
        for estimate in (found.split_half, found.leave_one_out):
            assert all(map(math.isnan, (estimate.value, estimate.low)))
            assert estimate.reason == reason
        with pytest.raises(Inconclusive, match=f"split-half reliability: {reason}"):
            check_decidable(found.split_half)


def test_too_few_items_with_two_votes_decide_nothing():
    votes = people(np.random.default_rng(10), 2, n_items=10)
    votes[0, :2] = NAN
    assert noise_ceiling(votes, **QUICK).split_half.reason == "valid share 0.8 < 0.9: 8 of 10 data usable"


def test_unit_of_the_votes_does_not_matter():
    votes = people(np.random.default_rng(11))
    one, two = noise_ceiling(votes, **QUICK), noise_ceiling(1e3 + votes * 1e-3, **QUICK)
    assert two.split_half.value == pytest.approx(one.split_half.value, abs=1e-6)
    assert noise_ceiling(votes * 1e200, **QUICK).split_half.value == pytest.approx(one.split_half.value)


@pytest.mark.parametrize(
    ("votes", "options", "message"),
    [
        ([[1, 2, 3]], {}, r"votes has shape \(1, 3\); a noise ceiling needs 2 observers \(rows\) and 3 items"),
        ([[1, 2], [2, 1]], {}, r"votes has shape \(2, 2\); a noise ceiling needs"),
        ([1, 2, 3], {}, r"votes has shape \(3,\); expected \(n_observers, n_items\)"),
        ([[1, 2, 3], [1, 3, 2]], {"splits": 0}, "splits=0; expected a whole number of at least 1"),
        ([[1, 2, 3], [1, 3, 2]], {"groups": ["a"]}, r"len\(items\)=3, len\(groups\)=1"),
        ([[1, 2, 3], [1, 3, 2]], {"min_valid": 2}, "min_valid=2; expected"),
    ],
)
def test_refuses(votes, options, message):
    with pytest.raises(UsageError, match=message):
        noise_ceiling(votes, **options)
