"""Thurstone Case V."""

import math
from itertools import pairwise
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pytest_vlmperception.analysis import compared_sets, scale_case_v
from pytest_vlmperception.errors import UsageError

quantile, normal_cdf = NormalDist().inv_cdf, NormalDist().cdf

# Guilford, J. P. (1954), Psychometric Methods: share of 148 judges who prefer the column to the row, as in
# R's psychTools::vegetables: turnips, cabbage, beets, asparagus, carrots, spinach, string beans, peas, corn.
VEGETABLES = np.array([
    [0.500, 0.818, 0.770, 0.811, 0.878, 0.892, 0.899, 0.892, 0.926],
    [0.182, 0.500, 0.601, 0.723, 0.743, 0.736, 0.811, 0.845, 0.858],
    [0.230, 0.399, 0.500, 0.561, 0.736, 0.676, 0.845, 0.797, 0.818],
    [0.189, 0.277, 0.439, 0.500, 0.561, 0.588, 0.676, 0.601, 0.730],
    [0.122, 0.257, 0.264, 0.439, 0.500, 0.493, 0.574, 0.709, 0.764],
    [0.108, 0.264, 0.324, 0.412, 0.507, 0.500, 0.628, 0.682, 0.628],
    [0.101, 0.189, 0.155, 0.324, 0.426, 0.372, 0.500, 0.527, 0.642],
    [0.108, 0.155, 0.203, 0.399, 0.291, 0.318, 0.473, 0.500, 0.628],
    [0.074, 0.142, 0.182, 0.270, 0.236, 0.372, 0.358, 0.372, 0.500],
])
# What psych::thurstone prints for them, from the least preferred.
VEGETABLES_SCALE = [0.00, 0.52, 0.65, 0.98, 1.12, 1.14, 1.40, 1.44, 1.63]

# https://bookdown.org/nana/ep5221_2_scalingexample: five items, and what psych::thurstone prints.
CLASS = np.array([
    [0.50, 0.75, 0.85, 0.80, 0.90],
    [0.25, 0.50, 0.55, 0.60, 0.65],
    [0.15, 0.45, 0.50, 0.70, 0.70],
    [0.20, 0.40, 0.30, 0.50, 0.80],
    [0.10, 0.35, 0.30, 0.20, 0.50],
])
CLASS_SCALE = [0.00, 0.75, 0.79, 0.92, 1.37]


def wins_from(share, judges):
    """Turn the share of judges who prefer the column into counts."""
    return judges * (share.T - 0.5 * np.eye(len(share)))


@pytest.mark.parametrize(
    ("share", "published", "judges"), [(VEGETABLES, VEGETABLES_SCALE, 148), (CLASS, CLASS_SCALE, 20)]
)
def test_published_scales(share, published, judges):
    scale = scale_case_v(wins_from(share, judges))
    np.testing.assert_allclose(scale - scale.min(), published, atol=0.0051)


def exact_wins(scale, total):
    """Give counts that follow the model exactly."""
    wins = np.array([[total * normal_cdf(a - b) for b in scale] for a in scale])
    np.fill_diagonal(wins, 0)
    return wins


@given(st.lists(st.floats(-2, 2), min_size=2, max_size=8), st.sampled_from(["logistic", "half", "clip"]))
@settings(deadline=None, max_examples=40)
def test_recovers_counts_that_follow_the_model(values, rule):
    scale = scale_case_v(exact_wins(values, 1000), unanimous=rule)
    np.testing.assert_allclose(scale, np.array(values) - np.mean(values), atol=1e-9)


def test_recovers_a_simulated_observer():
    truth = np.array([-1.0, -0.4, 0.1, 0.3, 1.0])
    random = np.random.default_rng(2026)
    wins = np.zeros((5, 5))
    for i in range(5):
        for j in range(i):
            wins[i, j] = random.binomial(2000, normal_cdf(truth[i] - truth[j]))
            wins[j, i] = 2000 - wins[i, j]
    # SD of one z is at most 0.05 at p = .98; that of a mean of five is about 0.02: four SD.
    np.testing.assert_allclose(scale_case_v(wins), truth, atol=0.08)


# Slope a and z of a pair with N of N wins: computed apart from this package, for N judgements.
LOGISTIC = {
    10: (0.6918, 2.106),
    15: (0.6612, 2.271),
    20: (0.6436, 2.390),
    25: (0.6319, 2.484),
    30: (0.6233, 2.562),
    40: (0.6115, 2.687),
    60: (0.5979, 2.868),
}


def unanimous_z(total, rule):
    """Two stimuli, one always chosen: their distance is z."""
    scale = scale_case_v([[0, total], [0, 0]], unanimous=rule)
    return scale[0] - scale[1]


@pytest.mark.parametrize("total", LOGISTIC)
def test_logistic_rule(total):
    slope, z = LOGISTIC[total]
    assert unanimous_z(total, "logistic") == pytest.approx(z, abs=5e-4)
    assert unanimous_z(total, "logistic") / math.log(2 * total + 1) == pytest.approx(slope, abs=5e-5)


@pytest.mark.parametrize(("total", "half", "clip"), [(10, 1.691, 1.645), (20, 1.981, 1.960), (40, 2.251, 2.241)])
def test_half_and_clip_rules(total, half, clip):
    assert unanimous_z(total, "half") == pytest.approx(half, abs=5e-4)
    assert unanimous_z(total, "clip") == pytest.approx(clip, abs=5e-4)


@pytest.mark.parametrize("total", [1, 2, 3])
def test_few_judgements_take_the_slope_of_three(total):
    # f = 1 of 3: quantile -0.4307, logit ln(1.5 / 2.5); f = 2 is its mirror image, so that this is the slope.
    slope = -0.430727 / math.log(1.5 / 2.5)
    assert unanimous_z(total, "logistic") == pytest.approx(slope * math.log(2 * total + 1), abs=1e-5)


@pytest.mark.parametrize("rule", ["logistic", "half", "clip"])
def test_more_unanimous_judgements_are_further_apart(rule):
    distances = [unanimous_z(total, rule) for total in range(2, 80)]
    assert all(a < b for a, b in pairwise(distances))


@pytest.mark.parametrize("rule", ["logistic", "half", "clip"])
@pytest.mark.parametrize("total", [3, 5, 10, 60])
def test_unanimous_is_beyond_nearly_unanimous(rule, total):
    scale = scale_case_v([[0, total - 1], [1, 0]], unanimous=rule)
    assert unanimous_z(total, rule) > scale[0] - scale[1]


@pytest.mark.parametrize(("up_to", "relative"), [(20, 0.022), (60, 0.062)])
def test_the_logistic_for_all_cells_is_close_to_the_quantile(up_to, relative):
    """The docstring's claim about the practice in colour science."""
    for total in range(3, up_to + 1):
        slope = unanimous_z(total, "logistic") / math.log(2 * total + 1)
        for f in range(total // 2 + 1, total):
            logit = math.log((f + 0.5) / (total - f + 0.5))
            assert slope * logit == pytest.approx(quantile(f / total), rel=relative)


def test_complete_design_is_the_row_mean():
    wins = np.array([[0, 7, 9, 6], [3, 0, 8, 2], [1, 2, 0, 5], [4, 8, 5, 0]], dtype=float)
    share = wins / np.where(wins + wins.T == 0, 1, wins + wins.T) + 0.5 * np.eye(4)
    expected = [np.mean([quantile(p) for p in row]) for row in share]
    np.testing.assert_allclose(scale_case_v(wins), expected, atol=1e-11)


def least_squares(wins):
    """Solve the pairs as a plain regression: an independent path to the same estimate."""
    n = len(wins)
    pairs = [(i, j) for i in range(n) for j in range(i) if wins[i, j] + wins[j, i]]
    design = np.zeros((len(pairs) + 1, n))
    for row, (i, j) in enumerate(pairs):
        design[row, i], design[row, j] = 1, -1
    design[-1] = 1  # centred
    z = [quantile(wins[i, j] / (wins[i, j] + wins[j, i])) for i, j in pairs]
    return np.linalg.lstsq(design, np.array([*z, 0.0]), rcond=None)[0]


@pytest.mark.parametrize("left_out", [[(0, 3)], [(0, 3), (1, 2)], [(0, 1), (0, 2)]])
def test_incomplete_design_is_the_least_squares_solution(left_out):
    wins = np.array([[0, 7, 9, 6], [3, 0, 8, 2], [1, 2, 0, 5], [4, 8, 5, 0]], dtype=float)
    for i, j in left_out:
        wins[i, j] = wins[j, i] = 0
    scale = scale_case_v(wins)
    np.testing.assert_allclose(scale, least_squares(wins), atol=1e-10)
    assert scale.sum() == pytest.approx(0, abs=1e-10)


def test_a_chain_of_pairs_adds_up():
    wins = exact_wins([0.0, 0.5, 1.2], 100)
    wins[0, 2] = wins[2, 0] = 0
    np.testing.assert_allclose(np.diff(scale_case_v(wins)), [0.5, 0.7], atol=1e-9)


counts = st.integers(2, 6).flatmap(lambda n: arrays(np.int64, (n, n), elements=st.integers(1, 9)))


@given(counts, st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=40)
def test_scale_is_centred_antisymmetric_and_follows_its_stimuli(wins, random):
    np.fill_diagonal(wins, 0)
    scale = scale_case_v(wins)
    order = list(range(len(wins)))
    random.shuffle(order)
    assert scale.sum() == pytest.approx(0, abs=1e-9)
    np.testing.assert_allclose(scale_case_v(wins.T), -scale, atol=1e-10)
    np.testing.assert_allclose(scale_case_v(wins[np.ix_(order, order)]), scale[order], atol=1e-10)


def test_stimuli_that_were_judged_alike_tie():
    # 0 and 1 win alike against the rest, in another order of columns.
    wins = np.array([[0, 5, 7, 1, 3], [5, 0, 1, 7, 3], [3, 9, 0, 4, 6], [9, 3, 6, 0, 6], [7, 7, 4, 4, 0]], dtype=float)
    scale = scale_case_v(wins)
    assert scale[0] == scale[1]


@pytest.mark.parametrize("wins", [[[0, 2, 2], [2, 0, 2], [2, 2, 0]], [[0, 3, 1], [3, 0, 0], [1, 3, 0]]])
def test_the_middle_of_the_scale_is_not_negative_zero(wins):
    scale = scale_case_v(wins)
    assert scale[0] == 0
    assert not np.signbit(scale[scale == 0]).any()


def test_fractions_are_counts():
    # A tie that gives half to each is the same as one vote each out of two.
    np.testing.assert_array_equal(scale_case_v([[0, 0.5], [0.5, 0]]), [0, 0])
    assert scale_case_v([[0, 1.5], [0.5, 0]])[0] == pytest.approx(quantile(0.75) / 2)


def test_arguments_are_not_changed():
    wins = np.array([[0.0, 3.0], [1.0, 0.0]])
    scale_case_v(wins)
    assert wins.tolist() == [[0, 3], [1, 0]]


@pytest.mark.parametrize(
    ("wins", "message"),
    [
        ([[0]], r"wins has shape \(1, 1\); expected \(n, n\) with at least 2 stimuli"),
        ([], r"wins has shape \(0,\)"),
        ([[0, 1, 2], [1, 0, 2]], r"wins has shape \(2, 3\); expected \(n, n\)"),
        ([[0, 1], [1]], "wins is no matrix of numbers"),
        ([["a", "b"], ["c", "d"]], "wins is no matrix of numbers"),
        (None, r"wins has shape \(\)"),
        ([[0, math.nan], [1, 0]], r"wins\[0, 1\] = nan; expected a count, finite and not negative"),
        ([[0, math.inf], [1, 0]], r"wins\[0, 1\] = inf; expected a count"),
        ([[0, 1], [-1, 0]], r"wins\[1, 0\] = -1; expected a count"),
        ([[0, 1], [1, 4]], r"wins\[1, 1\] = 4; expected 0, as no stimulus is compared with itself"),
        ([[0, 0], [0, 0]], r"never compared across the sets 0 \| 1; compare at least one pair between them"),
        (
            [[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]],
            r"never compared across the sets 0, 1 \| 2, 3;",
        ),
    ],
)
def test_refuses(wins, message):
    with pytest.raises(UsageError, match=message):
        scale_case_v(wins)


def test_refuses_an_unknown_rule():
    with pytest.raises(UsageError, match=r"unanimous='logit'; did you mean 'logistic'\? known: clip, half, logistic"):
        scale_case_v([[0, 1], [1, 0]], unanimous="logit")


def test_clip_cannot_scale_single_judgements():
    with pytest.raises(UsageError, match=r"makes a pair judged 1 time\(s\) a tie; use 'logistic' or 'half'"):
        scale_case_v([[0, 1], [0, 0]], unanimous="clip")


def test_compared_sets_follow_chains():
    wins = np.zeros((5, 5))
    wins[0, 4] = wins[4, 2] = wins[1, 3] = 1
    assert compared_sets(wins) == ((0, 2, 4), (1, 3))
