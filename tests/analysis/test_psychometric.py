"""Psychometric functions, fitted."""

import math
import time

import numpy as np
import pytest
import scipy.optimize
import scipy.special
import scipy.stats

from pytest_vlmperception.analysis import fit_psychometric
from pytest_vlmperception.errors import Inconclusive, UsageError
from pytest_vlmperception.records import check_decidable

LEVELS = [0, 2, 4, 6, 8, 10]
PLAIN = {"replicates": 0}
SHAPES = {"logistic": scipy.special.expit, "normal": scipy.special.ndtr}
# Distance between the 0.05 and 0.95 quantiles of each.
SPREAD = {"logistic": 2 * math.log(19), "normal": 2 * 1.6448536269514722}


def proportions(levels, threshold, width, *, guess, lapse, shape="logistic"):
    f = SHAPES[shape](SPREAD[shape] * (np.asarray(levels) - threshold) / width)
    return guess + (1 - guess - lapse) * f


@pytest.mark.parametrize(
    ("successes", "threshold", "scale", "lapse", "deviance"),
    [
        # psignifit 3, tests/interface_test.py, TestMapestimate.test_old_doctest.
        ([34, 32, 40, 48, 50, 48], 2.75180624, 1.45717745, 0.01555658, 8.07133136),
        # psignifit 3, src/tests_all.cc, OptimizerSolution 2AFC; within 1e-4 there.
        ([24, 32, 40, 48, 50, 48], 3.2967, 0.959167, 0.0191328, 3.98476),
    ],
)
def test_published_fits(successes, threshold, scale, lapse, deviance):
    fit = fit_psychometric(LEVELS, successes, [50] * 6, guess=0.5, **PLAIN)
    assert fit.threshold.value == pytest.approx(threshold, abs=3e-4)
    # psignifit 3 gives b of 1 / (1 + exp(-(x - a) / b)).
    assert fit.width.value == pytest.approx(2 * math.log(19) * scale, rel=1e-4)
    assert fit.slope.value == pytest.approx(1 / (4 * scale), rel=1e-4)
    assert fit.lapse.value == pytest.approx(lapse, abs=5e-6)
    assert fit.deviance.value == pytest.approx(deviance, abs=1e-4)
    assert (fit.threshold.n, fit.threshold.unit, fit.threshold.reason) == (300, "trial", "")


def second_implementation(levels, successes, trials, guess, shape, held=None):
    """Maximise by Nelder-Mead from many starts; return -ln L and threshold, width, lapse."""

    def cost(parameters):
        threshold, log_width, lapse = np.insert(parameters, *held) if held else parameters
        if not 0 <= lapse <= 0.25 or abs(log_width) > 5 or abs(threshold) > 20:
            return 1e9
        p = proportions(levels, threshold, math.exp(log_width), guess=guess, lapse=lapse, shape=shape)
        return -scipy.stats.binom.logpmf(successes, trials, np.clip(p, 1e-12, 1 - 1e-12)).sum()

    starts = [(t, w, 0.03) for t in np.quantile(levels, [0.3, 0.5, 0.7]) for w in np.log([1.0, 3.0, 8.0])]
    if held:
        starts = [np.delete(start, held[0]) for start in starts]
    options = {"xatol": 1e-8, "fatol": 1e-10, "maxiter": 4000}
    found = [scipy.optimize.minimize(cost, start, method="Nelder-Mead", options=options) for start in starts]
    best = min(found, key=lambda result: result.fun)
    return best.fun, best.x


@pytest.mark.parametrize("shape", ["logistic", "normal"])
@pytest.mark.parametrize(("guess", "seed"), [(0.0, 1), (0.25, 2), (0.5, 3)])
def test_a_second_implementation_finds_the_same_maximum_and_interval(shape, guess, seed):
    levels, trials = np.arange(8.0), np.full(8, 60)
    p = proportions(levels, 3.4, 4.0, guess=guess, lapse=0.03, shape=shape)
    successes = np.random.default_rng(seed).binomial(trials, p)
    fit = fit_psychometric(levels, successes, trials, guess=guess, shape=shape, **PLAIN)
    cost, (threshold, log_width, lapse) = second_implementation(levels, successes, trials, guess, shape)
    assert fit.threshold.value == pytest.approx(threshold, abs=1e-4)
    assert fit.width.value == pytest.approx(math.exp(log_width), rel=1e-4)
    assert fit.lapse.value == pytest.approx(lapse, abs=1e-5)
    # The interval ends where twice the ln likelihood ratio is the 5 % point of chi-square, 3.841.
    for end in (fit.threshold.low, fit.threshold.high):
        held, _ = second_implementation(levels, successes, trials, guess, shape, held=(0, end))
        assert 2 * (held - cost) == pytest.approx(3.841459, abs=2e-3)


def test_width_and_slope_are_those_of_the_sigmoid_without_asymptotes():
    fit = fit_psychometric(LEVELS, [24, 32, 40, 48, 50, 48], [50] * 6, guess=0.5, **PLAIN)
    t, w, rise = fit.threshold.value, fit.width.value, 1 - 0.5 - fit.lapse.value
    ends = fit.proportion([t - w / 2, t, t + w / 2])
    assert (ends - 0.5) / rise == pytest.approx([0.05, 0.5, 0.95])
    step = 1e-6
    assert np.diff(fit.proportion([t - step, t + step]))[0] / (2 * step) == pytest.approx(fit.slope.value * rise)


def test_level_at_a_proportion():
    fit = fit_psychometric(LEVELS, [24, 32, 40, 48, 50, 48], [50] * 6, guess=0.5)
    at = fit.level_at(0.75)
    assert fit.proportion([at.value])[0] == pytest.approx(0.75)
    assert at.low < at.value < at.high
    assert (at.name, len(at.replicates), at.n) == ("level at 0.75", 400, 300)
    middle = 0.5 + (0.5 - fit.lapse.value) / 2
    assert fit.level_at(middle).value == pytest.approx(fit.threshold.value)
    for outside in (0.5, 0.3, 0.99):
        with pytest.raises(Inconclusive, match=r"lies outside the asymptotes, 0\.5 and 0\.9809"):
            check_decidable(fit.level_at(outside))
    with pytest.raises(UsageError, match=r"proportion=75; expected a number between 0 and 1"):
        fit.level_at(75)


def test_a_given_lapse_rate_is_kept():
    fit = fit_psychometric(LEVELS, [24, 32, 40, 48, 50, 48], [50] * 6, guess=0.5, lapse=0.02, replicates=50)
    assert (fit.lapse.value, fit.lapse.low, fit.lapse.high, fit.lapse.method) == (0.02, 0.02, 0.02, "given")
    assert fit.lapse.replicates is None
    assert fit.level_at(0.75).low < fit.threshold.high


def test_replicates_judge_the_goodness_of_fit():
    good = fit_psychometric(LEVELS, [26, 30, 38, 45, 49, 49], [50] * 6, guess=0.5)
    # Every second level is off by far more than chance.
    bad = fit_psychometric(range(8), [5, 30, 10, 70, 40, 95, 97, 100], [100] * 8, guess=0)
    assert good.deviance.p > 0.2
    assert bad.deviance.p == pytest.approx(1 / 401)
    assert (good.deviance.n, good.deviance.unit) == (6, "level")
    assert len(good.threshold.replicates) == len(good.deviance.replicates) == 400
    # Replicates of two fits are no pairs.
    assert good.threshold.design is None


def test_replicates_scatter_as_the_answers_do():
    levels, trials = np.arange(8), [80] * 8
    p = proportions(levels, 3.5, 4, guess=0, lapse=0)
    fit = fit_psychometric(levels, np.round(80 * p), trials, guess=0, lapse=0.0)
    random = np.random.default_rng(5)
    again = [
        fit_psychometric(levels, random.binomial(80, p), trials, guess=0, lapse=0.0, **PLAIN).threshold.value
        for _ in range(50)
    ]
    # An SD from 50 has a standard error of 10 %.
    assert np.std(fit.threshold.replicates) == pytest.approx(np.std(again), rel=0.3)


def test_same_seed_same_replicates_another_seed_others():
    def replicates(**options):
        fit = fit_psychometric(LEVELS, [24, 32, 40, 48, 50, 48], [50] * 6, guess=0.5, replicates=60, **options)
        return fit.threshold.replicates

    assert replicates() == replicates(seed=0) != replicates(seed=1)


def test_scale_order_and_division_of_the_data_do_not_matter():
    levels, successes = np.array([1.0, 2.0, 3.0, 4.0, 5.0]), np.array([11, 13, 17, 19, 20])
    plain = fit_psychometric(levels, successes, [20] * 5, guess=0.5, **PLAIN)
    order = [3, 0, 4, 2, 1]
    mixed = fit_psychometric(levels[order], successes[order], [20] * 5, guess=0.5, **PLAIN)
    shifted = fit_psychometric(1e-6 * levels - 3e-5, successes, [20] * 5, guess=0.5, **PLAIN)
    parts = fit_psychometric(
        [*levels, *levels, 9], [*(successes - 9), *[9] * 5, 0], [*[11] * 5, *[9] * 5, 0], guess=0.5, **PLAIN
    )
    for other in (mixed, parts):
        assert (other.threshold.value, other.width.high) == (plain.threshold.value, plain.width.high)
    assert shifted.threshold.value == pytest.approx(1e-6 * plain.threshold.value - 3e-5)
    assert shifted.width.value == pytest.approx(1e-6 * plain.width.value)
    assert shifted.slope.value == pytest.approx(1e6 * plain.slope.value)


def test_falling_success_is_fitted_with_levels_negated():
    falling = [20, 19, 17, 13, 11]
    with pytest.raises(Inconclusive, match=r"falls with the level \(trend z = -\d\.\d\d\); where .* negate the levels"):
        check_decidable(fit_psychometric([1, 2, 3, 4, 5], falling, [20] * 5, guess=0.5).threshold)
    fit = fit_psychometric([-1, -2, -3, -4, -5], falling, [20] * 5, guess=0.5, **PLAIN)
    mirrored = fit_psychometric([1, 2, 3, 4, 5], falling[::-1], [20] * 5, guess=0.5, **PLAIN)
    assert fit.threshold.value == pytest.approx(mirrored.threshold.value - 6)


@pytest.mark.parametrize(
    ("successes", "guess", "options", "reason"),
    [
        ([20] * 5, 0.5, {}, "all of 100 trials succeeded: the levels do not reach down to the threshold; add lower levels"),
        ([0] * 5, 0, {}, "none of 100 trials succeeded: the levels do not reach up to the threshold; add higher levels"),
        ([10, 11, 9, 12, 8], 0.5, {}, "success does not rise with the level (trend z = -0.42 < 1.645): there is no threshold to find"),
        ([10] * 5, 0.5, {}, "success does not rise with the level (trend z = 0.00 < 1.645): there is no threshold to find"),
        ([0, 0, 0, 20, 20], 0, {}, "success rises in one step between 3 and 4, too steep to fit; add levels there"),
        ([0, 0, 10, 20, 20], 0, {}, "success rises in one step between 2 and 4, too steep to fit; add levels there"),
        ([10, 9, 11, 20, 20], 0.5, {}, "success rises in one step between 2 and 4, too steep to fit; add levels there"),
        ([0, 1, 2, 4, 7], 0, {"lapse": 0}, "the threshold lies above the levels, 1 to 5; add higher levels"),
        ([15, 17, 18, 19, 20], 0, {"lapse": 0}, "the threshold lies below the levels, 1 to 5; add lower levels"),
        ([1, 6, 14, 15, 14], 0, {}, "the lapse rate is at its limit of 0.25: the highest levels fail too often; add higher levels"),
    ],
)  # fmt: skip
def test_what_has_no_threshold_says_why(successes, guess, options, reason):
    fit = fit_psychometric([1, 2, 3, 4, 5], successes, [20] * 5, guess=guess, **options)
    for estimate in (fit.threshold, fit.slope, fit.width, fit.lapse, fit.deviance, fit.level_at(0.75)):
        assert all(map(math.isnan, (estimate.value, estimate.low, estimate.high)))
        assert (estimate.reason, estimate.n, estimate.replicates) == (reason, 100, None)
    assert np.isnan(fit.proportion([1.0, 2.0])).all()


def test_levels_without_trials_are_left_out():
    fit = fit_psychometric([1, 2, 3, 4, 5], [5, 9, 10, 0, 0], [10, 10, 10, 0, 0], guess=0.5)
    assert fit.threshold.reason == "3 of 5 levels have trials; a fit needs 4"
    unanswered = fit_psychometric([1, 2, 3, 4], [0] * 4, [0] * 4, guess=0.5)
    assert (unanswered.threshold.n, unanswered.threshold.reason) == (0, "0 of 4 levels have trials; a fit needs 4")


def test_what_the_answers_do_not_bound_is_infinite():
    # Two trials are all that tells this from a step between 3 and 4.
    fit = fit_psychometric([1, 2, 3, 4, 5], [0, 0, 1, 19, 20], [20] * 5, guess=0, **PLAIN)
    assert (fit.width.low, fit.slope.high) == (0, math.inf)
    assert fit.slope.value == pytest.approx(1.48, abs=0.01)
    assert 3 <= fit.threshold.low < fit.threshold.high <= 4


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (([1, 2, 3], [1, 2, 3], [3, 3, 3]), {}, "with a free lapse rate needs at least 4 levels: got 3; add levels"),
        (([1, 2, 2], [1, 2, 3], [3, 3, 3]), {"lapse": 0}, "a psychometric fit needs at least 3 levels: got 2"),
        (([1, 2, 3, 4], [1, 2, 3], [3] * 4), {}, r"len\(levels\)=4, len\(successes\)=3, len\(trials\)=4; expected equal"),
        (([1, 2, 3, math.nan], [1] * 4, [3] * 4), {}, r"levels\[3\] = nan; expected the level of the stimulus"),
        (([1, 2, 3, 4], [1, 4, 1, 1], [3] * 4), {}, r"successes\[1\] = 4 of trials\[1\] = 3; expected whole numbers with 0"),
        (([1, 2, 3, 4], [-1, 1, 1, 1], [3] * 4), {}, r"successes\[0\] = -1 of trials\[0\] = 3"),
        (([1, 2, 3, 4], [0.5, 1, 1, 1], [3] * 4), {}, r"successes\[0\] = 0.5 of trials\[0\] = 3"),
        (([1, 2, 3, 4], [1, None, 1, 1], [3] * 4), {}, r"successes\[1\] = nan of trials\[1\] = 3"),
        (([1, 2, 3, 4], [1] * 4, [3, 3, 3, math.inf]), {}, r"trials\[3\] = inf; expected a finite number"),
        (([1, 2, 3, 4], [1] * 4, [3] * 4), {"guess": 1}, r"guess=1; expected a proportion from 0 to below 1, such as 0\.5"),
        (([1, 2, 3, 4], [1] * 4, [3] * 4), {"guess": "0.5"}, "guess='0.5'; expected a proportion"),
        (([1, 2, 3, 4], [1] * 4, [3] * 4), {"lapse": "fixed"}, r"lapse='fixed'; expected 'free', or a proportion"),
        (([1, 2, 3, 4], [1] * 4, [3] * 4), {"lapse": 0.5}, r"lapse=0\.5; .* from 0 to below 1 - guess = 0\.5"),
        (([1, 2, 3, 4], [1] * 4, [3] * 4), {"lapse": None}, "lapse=None; expected 'free'"),
        (([1, 2, 3, 4], [1] * 4, [3] * 4), {"shape": "logit"}, "shape='logit'; did you mean 'logistic'?"),
        (([1, 2, 3, 4], [1] * 4, [3] * 4), {"replicates": -1}, "replicates=-1; expected a whole number of at least 0"),
        (([1, 2, 3, 4], [1] * 4, [3] * 4), {"seed": -1}, "seed=-1; expected a whole number of at least 0"),
    ],
)  # fmt: skip
def test_refuses(arguments, options, message):
    with pytest.raises(UsageError, match=message):
        fit_psychometric(*arguments, **{"guess": 0.5, **options})


def test_levels_may_be_all_different():
    random = np.random.default_rng(8)
    levels = random.uniform(0, 10, size=400)
    answers = random.random(400) < proportions(levels, 5, 6, guess=0.5, lapse=0.02)
    fit = fit_psychometric(levels, answers, np.ones(400), guess=0.5, **PLAIN)
    _, (threshold, log_width, _) = second_implementation(levels, answers, np.ones(400), 0.5, "logistic")
    assert (fit.threshold.value, fit.width.value) == pytest.approx((threshold, math.exp(log_width)), abs=2e-3)
    assert fit.threshold.low < 5 < fit.threshold.high


def test_a_fit_takes_far_less_than_five_seconds():
    levels = np.arange(10.0)
    successes = np.round(50 * proportions(levels, 4.5, 5, guess=0.5, lapse=0.02))
    start = time.process_time()
    fit_psychometric(levels, successes, [50] * 10, guess=0.5)
    assert time.process_time() - start < 5
