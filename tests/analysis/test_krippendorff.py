"""Krippendorff's alpha, Cohen's kappa."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_vlmperception.analysis import Design, cohen_kappa, krippendorff_alpha
from pytest_vlmperception.errors import Inconclusive, UsageError
from pytest_vlmperception.records import check_decidable

NAN = float("nan")
QUICK = {"replicates": 200}
LEVELS = ("nominal", "ordinal", "interval", "ratio")

# Four observers, twelve units: Krippendorff (2011), Computing Krippendorff's alpha-reliability, example C.
PUBLISHED = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, NAN, NAN, NAN],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NAN, 3],
    [NAN, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NAN],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NAN],
]


def by_coincidences(ratings, level):
    """Alpha from the coincidence matrix, loop by loop, as the paper builds it."""
    units = [[v for v in unit if not math.isnan(v)] for unit in np.transpose(np.asarray(ratings, dtype=float))]
    known = sorted({v for unit in units if len(unit) > 1 for v in unit})
    o = np.zeros((len(known), len(known)))
    for unit in units:
        for i, a in enumerate(unit):
            for j, b in enumerate(unit):
                if i != j:
                    o[known.index(a), known.index(b)] += 1 / (len(unit) - 1)
    n = o.sum(0)

    def squared(c, k):
        a, b = known[c], known[k]
        if level == "nominal":
            return float(a != b)
        if level == "interval":
            return (a - b) ** 2
        if level == "ratio":
            return ((a - b) / (a + b)) ** 2 if a + b else 0.0
        low, high = min(c, k), max(c, k)
        return (n[low : high + 1].sum() - (n[c] + n[k]) / 2) ** 2 if c != k else 0.0

    cells = [(c, k) for c in range(len(known)) for k in range(len(known))]
    observed = sum(o[c, k] * squared(c, k) for c, k in cells)
    expected = sum(n[c] * n[k] * squared(c, k) for c, k in cells) / (n.sum() - 1)
    return 1 - observed / expected if expected else NAN


@pytest.mark.parametrize(
    ("level", "alpha"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)]
)
def test_published_values(level, alpha):
    found = krippendorff_alpha(PUBLISHED, level=level, **QUICK)
    assert found.value == pytest.approx(alpha, abs=5e-4)
    assert found.low < found.value < found.high
    # Eleven units have two ratings; seven ratings are not there, and that of unit 12 pairs with none.
    assert (found.n, found.unit, found.missing, found.reason) == (11, "unit", 8, "")
    assert found.method.startswith(f"{level}, 4 observers; Student bootstrap by unit")


@pytest.mark.parametrize("level", LEVELS)
@given(
    ratings=st.lists(
        st.lists(st.one_of(st.integers(0, 4).map(float), st.just(NAN)), min_size=8, max_size=8), min_size=2, max_size=4
    )
)
@settings(deadline=None, max_examples=30)
def test_agrees_with_the_coincidence_matrix(level, ratings):
    found = krippendorff_alpha(ratings, level=level, min_valid=0, replicates=2)
    expected = by_coincidences(ratings, level)
    assert found.value == pytest.approx(expected, abs=1e-9, nan_ok=True)
    assert bool(found.reason) == math.isnan(expected)


@pytest.mark.parametrize("level", LEVELS)
def test_replicates_are_alpha_of_the_drawn_groups(level):
    random = np.random.default_rng(1)
    ratings = random.integers(0, 5, (3, 20)).astype(float)
    ratings[random.random(ratings.shape) < 0.15] = NAN
    groups = np.repeat(list("abcd"), [3, 5, 4, 8])
    drawn = Design.of(groups, replicates=8).indices
    found = krippendorff_alpha(ratings, level=level, groups=groups, replicates=8, min_valid=0.5)
    assert (found.n, found.unit) == (4, "group")
    for b, rows in enumerate(drawn):
        chosen = np.concatenate([np.flatnonzero(groups == "abcd"[row]) for row in rows])
        assert found.replicates[b] == pytest.approx(by_coincidences(ratings[:, chosen], level))


def test_levels_mean_what_they_say():
    ratings = np.array(PUBLISHED)

    def alpha(values, level):
        return krippendorff_alpha(values, level=level, replicates=2).value

    assert alpha(np.exp(ratings), "ordinal") == pytest.approx(alpha(ratings, "ordinal"))
    assert alpha(1e9 + 1e-3 * ratings, "interval") == pytest.approx(alpha(ratings, "interval"), rel=1e-3)
    assert alpha(ratings * 1e200, "interval") == pytest.approx(alpha(ratings, "interval"))
    assert alpha(ratings / 7, "ratio") == pytest.approx(alpha(ratings, "ratio"))
    relabelled = np.choose(np.nan_to_num(ratings).astype(int), [NAN, 50, 10, 40, 20, 30])
    assert alpha(relabelled, "nominal") == pytest.approx(alpha(ratings, "nominal"))


def test_full_agreement_is_one_and_opposition_below_zero():
    found = krippendorff_alpha([[1, 2, 3], [1, 2, 3]], **QUICK)
    assert found.value == 1
    assert krippendorff_alpha([[0, 1, 0, 1], [1, 0, 1, 0]], **QUICK).value < 0


def test_undefined_alpha_is_nan_with_a_reason():
    equal = krippendorff_alpha([[3, 3, 3], [3, 3, 3]], **QUICK)
    assert math.isnan(equal.value)
    assert equal.reason == "all ratings are equal (3): chance would agree as well"
    with pytest.raises(Inconclusive, match="Krippendorff's alpha: all ratings are equal"):
        check_decidable(equal)
    alone = krippendorff_alpha([[1, NAN], [NAN, 2]], **QUICK)
    assert (alone.reason, alone.n, alone.missing) == ("no unit has two ratings", 0, 4)
    few = krippendorff_alpha([[1, 2, 3, NAN, NAN], [1, 2, 2, 1, 2]], **QUICK)
    assert few.reason == "valid share 0.6 < 0.9: 3 of 5 data usable"


@pytest.mark.parametrize(
    ("ratings", "options", "message"),
    [
        ([[1, 2, 3]], {}, "ratings has one observer; agreement needs at least two rows"),
        ([1, 2, 3], {}, r"ratings has shape \(3,\); expected \(n_observers, n_units\), NaN for no answer"),
        ([[1, -2], [1, 2]], {"level": "ratio"}, "ratings has -2; a ratio scale has no values below 0: use level='int"),
        ([[1, 2], [1, 2]], {"level": "ordnal"}, r"did you mean 'ordinal'\? known: interval, nominal, ordinal, ratio"),
        ([[1, 2], [1, 2]], {"groups": ["a"]}, r"len\(units\)=2, len\(groups\)=1; expected equal lengths"),
        ([[1, math.inf], [1, 2]], {}, r"ratings.ravel\(\)\[1\] = inf; expected a finite number"),
        ([[1, 2], [1, 2]], {"min_valid": 3}, "min_valid=3; expected"),
    ],
)
def test_alpha_refuses(ratings, options, message):
    with pytest.raises(UsageError, match=message):
        krippendorff_alpha(ratings, **options)


def listed(table, names=None):
    """Two lists of labels that have the given confusion table."""
    cells = [(i, j) for i, row in enumerate(table) for j, count in enumerate(row) for _ in range(count)]
    names = names or range(len(table))
    return [names[i] for i, _ in cells], [names[j] for _, j in cells]


# Wives' and husbands' answers: Hout et al. (1987), R package vcd, Kappa(SexualFun): 0.1293; equal spacing 0.2374.
FUN = [[7, 7, 2, 3], [2, 8, 3, 7], [1, 5, 4, 9], [2, 8, 9, 14]]
ANSWERS = ["never", "fairly often", "very often", "almost always"]


@pytest.mark.parametrize(
    ("weights", "kappa"),
    [(None, 0.1293), ("linear", 0.2374), ("quadratic", 0.3320)],  # the last: vcd, weights="Fleiss-Cohen"
)
def test_published_kappas(weights, kappa):
    found = cohen_kappa(*listed(FUN, ANSWERS), weights=weights, categories=ANSWERS, **QUICK)
    assert found.value == pytest.approx(kappa, abs=5e-5)
    assert found.low < found.value < found.high
    assert (found.n, found.unit, found.missing, found.name) == (91, "stimulus", 0, "Cohen's kappa")
    assert cohen_kappa(*listed(FUN), weights=weights, **QUICK).value == pytest.approx(kappa, abs=5e-5)


def by_shares(first, second):
    """Unweighted kappa from its definition."""
    labels = set(first) | set(second)
    agreed = np.mean([a == b for a, b in zip(first, second, strict=True)])
    chance = sum(list(first).count(label) * list(second).count(label) for label in labels) / len(first) ** 2
    return (agreed - chance) / (1 - chance)


def test_replicates_are_kappa_of_the_drawn_groups():
    random = np.random.default_rng(2)
    first, second = random.integers(0, 3, (2, 40))
    groups = np.repeat(list("abcde"), [8, 6, 10, 4, 12])
    drawn = Design.of(groups, replicates=8).indices
    found = cohen_kappa(first, second, groups=groups, replicates=8)
    assert (found.n, found.unit) == (5, "group")
    for b, rows in enumerate(drawn):
        chosen = np.concatenate([np.flatnonzero(groups == "abcde"[row]) for row in rows])
        assert found.replicates[b] == pytest.approx(by_shares(first[chosen], second[chosen]))


def test_missing_labels_are_left_out_in_pairs():
    first = ["happy", "sad", None, "happy", "sad"] * 4
    second = ["happy", "sad", "sad", NAN, "happy"] * 4
    found = cohen_kappa(first, second, min_valid=0.5, **QUICK)
    assert found.value == cohen_kappa(["happy", "sad", "sad"] * 4, ["happy", "sad", "happy"] * 4, **QUICK).value
    assert found.missing == 8
    assert cohen_kappa(first, second, **QUICK).reason == "valid share 0.6 < 0.9: 12 of 20 data usable"


def test_undefined_kappa_is_nan_with_a_reason():
    same = cohen_kappa(["happy"] * 5, ["happy"] * 5, **QUICK)
    assert math.isnan(same.value)
    assert same.reason == "both raters gave one category throughout: chance would agree as well"
    assert cohen_kappa([None], ["happy"], **QUICK).reason == "no datum has both labels"
    assert cohen_kappa(["happy"] * 5, ["sad"] * 5, **QUICK).value == 0


def test_a_category_that_nobody_gave_counts_as_a_step():
    first, second = [1, 2, 4, 4], [1, 4, 4, 2]
    near = cohen_kappa(first, second, weights="linear", **QUICK).value
    far = cohen_kappa(first, second, weights="linear", categories=[1, 2, 3, 4], **QUICK).value
    # Steps 1 and 1 of expected: labels 1, 2, 4 -> places 0, 1, 2 or 0, 1, 3.
    assert near == pytest.approx(1 - (2 / 4) / (2 * (0.25 * 0.25 * 1 + 0.25 * 0.5 * 2 + 0.25 * 0.5 * 1)))
    assert far == pytest.approx(1 - (4 / 4) / (2 * (0.25 * 0.25 * 1 + 0.25 * 0.5 * 3 + 0.25 * 0.5 * 2)))


@pytest.mark.parametrize(
    ("data", "options", "message"),
    [
        (([], []), {}, "kappa needs at least one datum: got none; give two labels per stimulus"),
        ((["a"], ["a", "b"]), {}, r"len\(first\)=1, len\(second\)=2; expected equal lengths"),
        (("abc", "abc"), {}, "first='abc'; expected a sequence with one label per stimulus"),
        ((["a"], [["a"]]), {}, r"second\[0\] = \['a'\]; expected one label, or None for no answer"),
        ((["a"], ["b"]), {"weights": "linear"}, "weights='linear' needs the order of the categories; give categories="),
        ((["a"], ["b"]), {"weights": "cubic"}, "weights='cubic'; known: linear, quadratic"),
        ((["happy"], ["hapy"]), {"categories": ["happy", "sad"]}, r"second has 'hapy'.*did you mean 'happy'\?"),
        ((["a"], ["b"]), {"categories": ["a", "b", "a"]}, "categories names 'a' more than once"),
        ((["a"], ["b"]), {"groups": ["g", "h"]}, r"len\(first\)=1, len\(groups\)=2"),
    ],
)
def test_kappa_refuses(data, options, message):
    with pytest.raises(UsageError, match=message):
        cohen_kappa(*data, **options)
