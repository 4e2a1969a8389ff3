"""Bradley-Terry scale values, and the errors of both scales."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_vlmperception.analysis import (
    errors_bradley_terry,
    errors_case_v,
    scale_bradley_terry,
    scale_case_v,
)
from pytest_vlmperception.errors import UsageError

# American League, Eastern Division, 1987: Milwaukee, Detroit, Toronto, New York, Boston, Cleveland, Baltimore. Agresti,
# Categorical Data Analysis; estimates and errors (Baltimore = 0) in Turner and Firth (2012), Journal of Statistical
# Software 48 (9), doi 10.18637/jss.v048.i09.
BASEBALL = [
    [0, 7, 9, 7, 7, 9, 11],
    [6, 0, 7, 5, 11, 9, 9],
    [4, 6, 0, 7, 7, 8, 12],
    [6, 8, 6, 0, 6, 7, 10],
    [6, 2, 6, 7, 0, 7, 12],
    [4, 4, 5, 6, 6, 0, 6],
    [2, 4, 1, 3, 1, 7, 0],
]
WINS = [[0, 7, 3, 9], [2, 0, 5, 6], [6, 4, 0, 8], [0, 3, 1, 0]]
UNANIMOUS = [[0, 6, 6], [0, 0, 6], [0, 0, 0]]


def random_wins(random, n):
    wins = random.integers(1, 20, (n, n)).astype(float)
    np.fill_diagonal(wins, 0)
    return wins


def by_zermelo(wins, steps=20_000):
    """Zermelo's iteration (1929): strength = wins / sum of comparisons over the sum of both strengths."""
    wins = np.asarray(wins, dtype=float)
    strength = np.ones(len(wins))
    for _ in range(steps):
        strength = wins.sum(1) / ((wins + wins.T) / (strength[:, None] + strength[None, :])).sum(1)
        strength /= np.exp(np.log(strength).mean())
    return np.log(strength)


def test_published_example():
    scale = scale_bradley_terry(BASEBALL)
    expected = [1.5814, 1.4364, 1.2945, 1.2476, 1.1077, 0.6839, 0]
    np.testing.assert_allclose(scale - scale[-1], expected, atol=5e-5)


@pytest.mark.parametrize(
    ("prior", "expected"),
    # choix 0.4.1: opt_pairwise(4, data, alpha=prior, tol=1e-12), less its mean.
    [
        (0, [0.754409, -0.030268, 0.619276, -1.343417]),
        (1e-3, [0.754087, -0.030300, 0.619006, -1.342793]),
        (0.1, [0.724187, -0.032939, 0.593974, -1.285222]),
        (2, [0.447809, -0.035357, 0.366203, -0.778655]),
    ],
)
def test_agrees_with_choix(prior, expected):
    np.testing.assert_allclose(scale_bradley_terry(WINS, prior=prior), expected, atol=1e-6)


@pytest.mark.parametrize("n", [2, 3, 7, 20])
def test_agrees_with_zermelos_iteration(n):
    wins = random_wins(np.random.default_rng(n), n)
    np.testing.assert_allclose(scale_bradley_terry(wins), by_zermelo(wins), atol=1e-7)


@given(st.integers(2, 6), st.floats(1e-3, 10), st.integers(0, 2**32))
@settings(deadline=None, max_examples=40)
def test_no_other_values_have_a_higher_penalised_likelihood(n, prior, seed):
    # The formula of the docstring, word by word.
    random = np.random.default_rng(seed)
    wins = random.integers(0, 5, (n, n)) * (1 - np.eye(n))

    def objective(s):
        chance = 1 / (1 + np.exp(-(s[:, None] - s[None, :])))
        return (wins * np.log(chance)).sum() - prior * (s**2).sum()

    scale = scale_bradley_terry(wins, prior=prior)
    assert scale.sum() == pytest.approx(0, abs=1e-7)
    best = objective(scale)
    for step in random.normal(size=(20, n)) * 1e-3:
        assert objective(scale + step) < best


def test_two_stimuli_are_the_log_of_the_odds_apart():
    high, low = scale_bradley_terry([[0, 3], [1, 0]])
    assert high - low == pytest.approx(math.log(3))


def test_counts_and_prior_have_one_unit():
    one = scale_bradley_terry(WINS, prior=0.1)
    np.testing.assert_allclose(scale_bradley_terry(np.array(WINS) * 1e6, prior=1e5), one, atol=1e-8)
    np.testing.assert_allclose(scale_bradley_terry(np.array(WINS) / 1e3, prior=1e-4), one, atol=1e-8)


def test_order_of_the_stimuli_does_not_matter_and_ties_tie():
    order = [2, 0, 3, 1]
    mixed = scale_bradley_terry(np.array(WINS)[np.ix_(order, order)])
    np.testing.assert_allclose(mixed, scale_bradley_terry(WINS)[order], atol=1e-9)
    even = scale_bradley_terry([[0, 2, 5], [2, 0, 5], [1, 1, 0]])
    assert even[0] == even[1]


def test_a_prior_keeps_a_separated_scale_finite_and_the_weaker_the_wider():
    weak, strong = (scale_bradley_terry(UNANIMOUS, prior=prior) for prior in (1e-12, 0.1))
    for scale in (weak, strong):
        assert np.isfinite(scale).all()
        assert scale[0] > scale[1] == 0 > scale[2]
    assert weak[0] > 5 * strong[0]


def test_a_prior_centres_sets_that_were_never_compared():
    scale = scale_bradley_terry([[0, 3, 0, 0], [2, 0, 0, 0], [0, 0, 0, 3], [0, 0, 2, 0]], prior=0.1)
    assert scale[:2] == pytest.approx(scale[2:])
    np.testing.assert_array_equal(scale_bradley_terry(np.zeros((2, 2)), prior=1), [0, 0])


@pytest.mark.parametrize(
    ("wins", "options", "message"),
    [
        (UNANIMOUS, {}, r"stimuli 1, 2 never won against the rest.*infinite; give a prior, such as prior=0\.1, or use"),
        ([[0, 3, 2], [1, 0, 4], [0, 0, 0]], {}, "stimuli 2 never won against the rest"),
        (
            [[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]],
            {},
            r"never compared across the sets 0, 1 \| 2, 3; compare at least one pair",
        ),
        (
            [[0, 1e-300], [1, 0]],
            {},
            "did not converge in 100 steps: some wins are too few for the others; give a prior",
        ),
        (WINS, {"prior": -1}, "prior=-1; expected a finite number of at least 0"),
        (WINS, {"prior": math.inf}, "prior=inf; expected a finite number of at least 0"),
        (WINS, {"prior": "weak"}, "prior='weak'; expected a finite number"),
        ([[0, 1]], {}, r"wins has shape \(1, 2\); expected \(n, n\)"),
        ([[0, -1], [1, 0]], {}, r"wins\[0, 1\] = -1; expected a count"),
        ([[1, 1], [1, 0]], {}, r"wins\[0, 0\] = 1; expected 0"),
    ],
)
def test_refuses(wins, options, message):
    with pytest.raises(UsageError, match=message):
        scale_bradley_terry(wins, **options)


def test_published_errors():
    # The published ones are of differences to Baltimore.
    wins = np.array(BASEBALL)
    errors = errors_bradley_terry(wins)
    scale = scale_bradley_terry(wins)
    chance = 1 / (1 + np.exp(-(scale[:, None] - scale[None, :])))
    weights = (wins + wins.T) * chance * chance.T
    information = np.diag(weights.sum(1)) - weights
    covariance = np.linalg.pinv(information)
    np.testing.assert_allclose(errors, np.sqrt(np.diag(covariance)), atol=1e-8)
    differences = np.sqrt(np.diag(covariance) + covariance[-1, -1] - 2 * covariance[-1])
    np.testing.assert_allclose(differences[:6], [0.3433, 0.3396, 0.3367, 0.3359, 0.3339, 0.3319], atol=5e-5)


@pytest.mark.parametrize(
    ("scaled", "errors", "chance"),
    [
        (scale_case_v, errors_case_v, lambda d: 0.5 * (1 + np.vectorize(math.erf)(d / math.sqrt(2)))),
        (scale_bradley_terry, errors_bradley_terry, lambda d: 1 / (1 + np.exp(-d))),
    ],
)
def test_errors_are_the_spread_of_simulated_experiments(scaled, errors, chance):
    random, truth = np.random.default_rng(7), np.array([-0.8, -0.3, 0.2, 0.9])
    first, second = np.triu_indices(4, 1)
    found = []
    for _ in range(300):
        wins = np.zeros((4, 4))
        wins[first, second] = random.binomial(1000, chance(truth[first] - truth[second]))
        wins[second, first] = 1000 - wins[first, second]
        found.append((scaled(wins), errors(wins)))
    scales, errors_found = np.array(found).transpose(1, 0, 2)
    np.testing.assert_allclose(scales.std(axis=0), errors_found.mean(axis=0), rtol=0.12)


def test_errors_fall_with_the_root_of_the_number_of_trials():
    for errors in (errors_case_v, errors_bradley_terry):
        few, many = (errors(np.array(BASEBALL) * factor) for factor in (10, 1000))
        np.testing.assert_allclose(few / many, 10, rtol=0.02)


def test_a_unanimous_pair_is_not_certain():
    assert (errors_case_v(UNANIMOUS) > 0.1).all()
    with pytest.raises(UsageError, match="never compared across the sets"):
        errors_case_v(np.zeros((2, 2)))
    with pytest.raises(UsageError, match="never won against the rest"):
        errors_bradley_terry(UNANIMOUS)
