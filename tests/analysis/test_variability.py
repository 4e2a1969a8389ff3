"""Variability within one model and between models."""

import itertools
import math

import numpy as np
import pytest

from pytest_vlmperception.analysis import bounded_interval, inter_variability, intra_variability, wilson
from pytest_vlmperception.errors import Inconclusive, UsageError
from pytest_vlmperception.records import check_decidable

NAN = float("nan")
QUICK = {"replicates": 200}
FIELDS = ("minority_share", "flip_rate", "order_flips", "repeat_flips")


def values(found):
    return [getattr(found, field).value for field in FIELDS]


def by_counting(grid):
    """The four numbers of one pair, shape (n_orders, n_repeats), by listing all pairs of judgements."""
    judgements = [(order, c) for order, row in enumerate(grid) for c in row if not math.isnan(c)]
    chosen = sum(c for _, c in judgements)
    pairs = list(itertools.combinations(judgements, 2))
    kinds = [pairs, [p for p in pairs if p[0][0] != p[1][0]], [p for p in pairs if p[0][0] == p[1][0]]]
    shares = [100 * sum(a[1] != b[1] for a, b in kind) / len(kind) if kind else NAN for kind in kinds]
    return [100 * min(chosen, len(judgements) - chosen) / len(judgements), *shares]


@pytest.mark.parametrize(
    ("repeats", "minority", "flips"),
    # Of R judgements of one pair, a against b: min(a, b) / R and 1 - (a (a - 1) + b (b - 1)) / (R (R - 1)).
    [
        ([1, 0], 50, 100),
        ([1, 1], 0, 0),
        ([1, 0, 1], 100 / 3, 200 / 3),
        ([0, 0, 0, 1], 25, 50),
        ([1, 1, 0, 0, 0], 40, 60),
    ],
)
def test_both_definitions(repeats, minority, flips):
    found = intra_variability([[repeats]], **QUICK)
    assert found.minority_share.value == pytest.approx(minority)
    assert found.flip_rate.value == found.repeat_flips.value == pytest.approx(flips)


def test_agrees_with_listing_all_pairs_of_judgements():
    random = np.random.default_rng(1)
    choices = random.integers(0, 2, (30, 2, 4)).astype(float)
    choices[random.random(choices.shape) < 0.1] = NAN
    found = intra_variability(choices, min_valid=0.5, **QUICK)
    expected = np.nanmean([by_counting(grid) for grid in choices], axis=0)
    np.testing.assert_allclose(values(found), expected)


def test_a_model_that_always_says_a_flips_with_the_order_and_not_with_the_repeat():
    always_a = np.broadcast_to(np.array([[1.0], [0.0]]), (21, 2, 3))
    found = intra_variability(always_a, **QUICK)
    # Of 15 pairs of 6 judgements 9 are in different orders, and all of those differ.
    assert values(found) == pytest.approx([50, 60, 100, 0])


def test_a_model_that_guesses_flips_alike():
    guesses = np.random.default_rng(2).integers(0, 2, (4000, 2, 3))
    assert values(intra_variability(guesses, **QUICK))[1:] == pytest.approx([50, 50, 50], abs=2)


def test_a_steady_model_has_none_but_is_not_known_to_be_steady_for_ever():
    found = intra_variability(np.ones((20, 2, 3)), **QUICK)
    assert values(found) == [0, 0, 0, 0]
    for field in FIELDS:
        estimate = getattr(found, field)
        # Wilson, 0 of 20.
        assert (estimate.low, estimate.high) == (0, pytest.approx(100 * wilson(0, 20).high))


def test_mean_of_groups_worst_first():
    choices = [[[1, 0]], [[1, 1]], [[1, 1]], [[1, 1]], [[0, 1]]]
    found = intra_variability(choices, groups=["p", "p", "p", "p", "q"], unit="scene", **QUICK).flip_rate
    assert found.value == pytest.approx((25 + 100) / 2)
    assert found.units == (("q", 100.0), ("p", 25.0))
    assert (found.n, found.unit, found.name) == (2, "scene", "flip rate %")
    assert len(found.replicates) == 200
    assert set(np.round(found.replicates, 6)) <= {25, 62.5, 100}


def test_which_stimulus_is_first_does_not_matter():
    choices = np.random.default_rng(3).integers(0, 2, (12, 2, 3)).astype(float)
    swapped = choices.copy()
    swapped[::2] = 1 - swapped[::2]
    assert values(intra_variability(swapped, **QUICK)) == pytest.approx(values(intra_variability(choices, **QUICK)))


def test_what_was_not_asked_is_nan_with_a_reason():
    once_each = intra_variability(np.ones((4, 2, 1)), **QUICK)
    assert math.isnan(once_each.repeat_flips.value)
    assert once_each.repeat_flips.reason == ("nothing was repeated in the same order; compare with repeats=2 or more")
    assert once_each.order_flips.value == 0
    one_order = intra_variability(np.ones((4, 1, 2)), **QUICK)
    assert one_order.order_flips.reason == "pairs were shown in one order; compare with orders='both'"
    with pytest.raises(Inconclusive, match="order flips %: pairs were shown in one order"):
        check_decidable(one_order.order_flips)


def test_unanswered_trials_are_left_out_counted_and_below_nine_tenths_inconclusive():
    choices = np.ones((10, 2, 3))
    choices[0, 0, :2] = NAN
    found = intra_variability(choices, **QUICK).flip_rate
    assert (found.missing, found.value, found.reason) == (2, 0, "")
    choices[:2] = NAN
    found = intra_variability(choices, **QUICK).flip_rate
    assert (found.missing, found.n, found.reason) == (12, 8, "valid share 0.8 < 0.9: 48 of 60 data usable")
    choices[:] = NAN
    found = intra_variability(choices, **QUICK)
    assert all(map(math.isnan, values(found)))
    assert found.flip_rate.reason == "no trial was answered"
    choices[:, 0, 0] = 1
    assert intra_variability(choices, **QUICK).flip_rate.reason == "no pair was judged twice"


@pytest.mark.parametrize(
    ("choices", "options", "message"),
    [
        (np.ones((3, 1, 1)), {}, "one trial per pair; variability needs a second: compare with repeats=2 or more"),
        (np.ones((3, 2)), {}, r"choices has shape \(3, 2\); expected \(n_pairs, n_orders, n_repeats\), NaN for no"),
        (np.ones((0, 2, 3)), {}, r"choices has shape \(0, 2, 3\)"),
        (np.ones((3, 3, 2)), {}, "choices has 3 orders; expected 1 or 2"),
        ([[[1, 0], [1]]], {}, "choices is ragged; expected"),
        ([[[1, 2]]], {}, r"choices.ravel\(\)\[1\] = 2; expected 1 \(yes\), 0 \(no\) or NaN"),
        ([[["A", "B"]]], {}, r"choices.ravel\(\)\[0\] = 'A'; expected a number"),
        (np.ones((3, 2, 2)), {"groups": ["a", "b"]}, r"len\(choices\)=3, len\(groups\)=2; expected equal lengths"),
        (np.ones((3, 2, 2)), {"min_valid": -1}, "min_valid=-1; expected a number from 0 to 1"),
        (np.ones((3, 2, 2)), {"replicates": 0}, "replicates=0; expected a whole number"),
    ],
)
def test_intra_refuses(choices, options, message):
    with pytest.raises(UsageError, match=message):
        intra_variability(choices, **options)


def test_none_and_masked_values_are_missing():
    assert intra_variability([[[1, None, 1]]], min_valid=0.5, **QUICK).flip_rate.missing == 1
    masked = np.ma.masked_array(np.ones((1, 1, 3)), mask=[[[0, 1, 0]]])
    assert intra_variability(masked, min_valid=0.5, **QUICK).flip_rate.missing == 1


def of(*chosen):
    """Choices of one model: one judgement of each pair."""
    return np.array(chosen, dtype=float)[:, None, None]


def test_each_model_against_the_majority_of_the_rest():
    found = inter_variability({"a": of(1, 1, 1, 0), "b": of(1, 1, 0, 0), "c": of(1, 0, 0, 1)}, **QUICK)
    # a: the rest agrees on pairs 0 (1) and 2 (0): a is against it on the second. b: a and c agree on pair 0 only.
    # c: a and b agree on pairs 0 (1), 1 (1) and 3 (0): c is against it on two.
    against = {model: numbers.minority_share.value for model, numbers in found.models.items()}
    assert against == {"a": 50, "b": 0, "c": pytest.approx(200 / 3)}
    # Mean over models that have a majority to be held against, then over pairs: 0, 1 (c), 1 (a), 1 (c).
    assert found.minority_share.value == pytest.approx(75)
    # a differs from b on pair 2, from c on 1, 2, 3; b from c on 1 and 3.
    flips = {model: numbers.flip_rate.value for model, numbers in found.models.items()}
    assert flips == pytest.approx({"a": 50, "b": 37.5, "c": 62.5})
    assert found.flip_rate.value == pytest.approx(50)


def test_flip_rate_is_the_chance_that_two_judgements_differ():
    random = np.random.default_rng(4)
    a, b = random.integers(0, 2, (20, 2, 3)), random.integers(0, 2, (20, 1, 5))
    found = inter_variability({"a": a, "b": b}, **QUICK)
    listed = [np.mean([x != y for x in one.ravel() for y in two.ravel()]) for one, two in zip(a, b, strict=True)]
    for numbers in (found, found.models["a"], found.models["b"]):
        assert numbers.flip_rate.value == pytest.approx(100 * np.mean(listed))


def test_two_models_are_each_the_rest_of_the_other():
    found = inter_variability({"a": of(1, 1, 1, 1), "b": of(1, 1, 1, 0)}, groups=list("ppqq"), **QUICK)
    assert found.minority_share.value == found.flip_rate.value == 25
    assert found.minority_share.units == (("q", 50.0), ("p", 0.0))
    assert list(found.models) == ["a", "b"]


def test_a_tie_of_thirds_is_a_tie():
    # p = 1/3 and 2/3: one half but for rounding.
    found = inter_variability(
        {"a": np.ones((1, 1, 1)), "b": [[[1, 0, 0]]], "c": [[[1, 1, 0]]]}, min_valid=0, **QUICK
    ).models["a"]
    assert math.isnan(found.minority_share.value)
    assert found.minority_share.reason == "the rest ties on every pair"
    assert found.flip_rate.value == pytest.approx(50)


def test_a_model_that_refused_all_has_no_number_and_the_others_theirs():
    found = inter_variability({"a": of(1, 0), "b": of(NAN, NAN), "c": of(1, 1)}, min_valid=0.5, **QUICK)
    assert found.models["b"].minority_share.reason == "no trial was answered"
    assert found.models["a"].minority_share.value == 50
    assert (found.minority_share.missing, found.minority_share.value) == (2, 50)
    silent = inter_variability({"a": of(1, 0), "b": of(NAN, NAN)}, min_valid=0, **QUICK)
    assert silent.models["a"].flip_rate.reason == "the rest has no answer to the same pairs"
    strict = inter_variability({"a": of(1, 0), "b": of(NAN, NAN), "c": of(1, 1)}, **QUICK).minority_share
    assert strict.reason == "valid share 0.67 < 0.9: 4 of 6 data usable"


@pytest.mark.parametrize(
    ("models", "message"),
    [
        ({"a": of(1)}, r"choices_by_model has 1 model\(s\); variability between models needs at least 2"),
        ({"a": of(1), "b": of(1, 0)}, r"different numbers of pairs \(a 1, b 2\); give the same pairs of each"),
        ([of(1), of(1)], "choices_by_model is a list; expected a mapping of each model's name to its choices"),
        ({"a": of(1), "b": [1]}, r"choices of b has shape \(1,\); expected"),
    ],
)
def test_inter_refuses(models, message):
    with pytest.raises(UsageError, match=message):
        inter_variability(models)


def test_interval_is_wilsons_for_yes_and_no():
    shares = np.array([1.0] * 5 + [0.0] * 15)
    low, high = bounded_interval(shares)
    # The same but for the effective number: 20 (z / t)^2 with t of 19 degrees of freedom = 2.0930.
    assert (low, high) == pytest.approx(bounds_of(0.25, 20 * (1.959964 / 2.093024) ** 2), abs=1e-5)


def test_interval_narrows_with_the_effective_number_of_answers():
    shares = np.array([0.4, 0.5, 0.6, 0.5, 0.45, 0.55])
    effective = 0.25 / (np.var(shares, ddof=1) / 6) * (1.959964 / 2.570582) ** 2
    assert bounded_interval(shares) == pytest.approx(bounds_of(0.5, effective), abs=1e-5)


def bounds_of(p, n, z=1.959964):
    """Wilson's interval, from its formula in shares."""
    middle, spread = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return (middle - spread) / (1 + z * z / n), (middle + spread) / (1 + z * z / n)


def test_interval_at_the_ends_and_without_spread():
    assert bounded_interval(np.zeros(20)) == (0, pytest.approx(wilson(0, 20).high))
    assert bounded_interval(np.ones(20))[1] == 1
    assert bounded_interval(np.array([0.3, 0.3, NAN])) == (0.3, 0.3)
    assert all(map(math.isnan, bounded_interval(np.array([0.3, NAN]))))


@pytest.mark.slow
@pytest.mark.parametrize(("units", "least"), [(20, 0.90), (6, 0.90)])
@pytest.mark.parametrize("share", [0.003, 0.01, 0.05, 0.2, 0.5])
def test_interval_covers(units, least, share):
    random, covered = np.random.default_rng(20260101), 0
    for _ in range(1000):
        chances = random.beta(share * 5, (1 - share) * 5, units)
        low, high = bounded_interval(random.binomial(21, chances) / 21)
        covered += low <= share <= high
    print(f"coverage at {units} units, share {share}: {covered / 1000}")
    assert covered / 1000 >= least
