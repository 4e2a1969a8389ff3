"""How often 95 % intervals contain the truth, in simulated experiments. Run with ``-m slow -s`` for the tables.

The truth is the same statistic in the limit of many scenes, or what the answers were drawn from.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
import simulated
from scipy.special import expit, ndtr

from pytest_vlmperception import analysis
from pytest_vlmperception.analysis import Design, bootstrap_means, fit_psychometric

pytestmark = pytest.mark.slow

SEED, RUNS, REPLICATES = 20261121, 1000, 500

# Of the truth: sets of many scenes, and the scenes of one.
SETS, MANY = 100, 200

# Coverage asked for with 20 scenes; near a bound; with six.
USUAL, NEAR_BOUND, AT_SIX = (0.92, 0.98), (0.90, 1.0), (0.90, 1.0)

# Rank correlation of n stimuli is biased towards 0 by 1 / n (Kendall 1948): they are no scenes, and cheaper.
SCENES = {"correlations_of_stimuli": 40}

# Largest bias, in standard deviations of the estimate.
BIAS = 0.2

NEAR = {"biases_near_one", "correlations_near_one", "shares_near_one", "variabilities_near_zero"}
CASES = [
    "accuracies",
    "alphas",
    "biases",
    "ceilings",
    "correlations_of_means",
    "correlations_of_stimuli",
    "differences",
    "kappas",
    "kendalls",
    "pearsons",
    "separabilities",
    "shares",
    "spearmans",
    "spreads",
    "variabilities",
    "variabilities_between",
    "weights",
    *sorted(NEAR),
]


def truths(case):
    """The statistics over many scenes, which are the known ones but for a few per cent of their standard error."""
    random = np.random.default_rng(SEED)
    found = [case(random, MANY, {"replicates": 1}) for _ in range(SETS)]
    return {name: float(np.mean([one[name].value for one in found])) for name in found[0]}


def measured(case, scenes, truth):
    """Return name, bias in SD, coverage, and misses on either side, of each estimate; and print them."""
    random = np.random.default_rng(SEED + scenes)
    runs = [case(random, scenes, {"replicates": REPLICATES}) for _ in range(RUNS)]
    print(f"\n{case.__name__}: {scenes} scenes, {RUNS} runs, {REPLICATES} replicates, seed {SEED}")
    print(f"{'estimate':48s} {'truth':>8s} {'bias/SD':>8s} {'coverage':>9s} {'below':>6s} {'above':>6s}")
    for name, true in truth.items():
        values, lows, highs = np.array([(run[name].value, run[name].low, run[name].high) for run in runs]).T
        assert np.isfinite(values).all()
        # An interval below the truth, or above it, misses.
        below, above = np.mean(highs < true - 1e-9), np.mean(lows > true + 1e-9)
        bias, coverage = (values.mean() - true) / values.std(), 1 - below - above
        print(f"{name:48s} {true:8.4f} {bias:+8.2f} {coverage:9.3f} {below:6.3f} {above:6.3f}")
        yield name, bias, coverage


@pytest.mark.parametrize("name", CASES)
def test_coverage(name):
    case = getattr(simulated, name)
    truth = truths(case)
    least, most = NEAR_BOUND if name in NEAR else USUAL
    wrong = []
    for scenes, low, high in ((6, *AT_SIX), (SCENES.get(name, 20), least, most)):
        for estimate, bias, coverage in measured(case, scenes, truth):
            if not low <= coverage <= high or (scenes >= 20 and abs(bias) > BIAS):
                wrong.append(f"{estimate}, {scenes} scenes: coverage {coverage:.3f}, bias {bias:+.2f} SD")
    assert not wrong


# The smallest number of trials at which normal and exact intervals of yes/no trials are to hold.
TRIALS = {
    "proportions": (60, {"wilson": 0.7}),
    # 1 / 2 + z(0.9) - z(-0.3): hits and false alarms come from percepts 1.2 SD apart.
    "sensitivities": (60, {"d_prime": 1.2}),
    # Only the first: 0.8 * 0.5 of trials; only the second: 0.2 * 0.5.
    "discordances": (60, {"mcnemar_exact": 0.8}),
}


@pytest.mark.parametrize("name", TRIALS)
def test_coverage_of_trials(name):
    trials, truth = TRIALS[name]
    case = getattr(simulated, name)
    for _, bias, coverage in measured(case, trials, truth):
        assert 0.92 <= coverage <= 0.985
        assert abs(bias) <= BIAS


@pytest.mark.parametrize("method", ["case_v", "bradley_terry"])
def test_coverage_of_scale_values(method):
    random, trials = np.random.default_rng(SEED), 150
    true = np.array([-0.7, -0.5, -0.3, 0.0, 0.3, 0.5, 0.7])
    difference = true[:, None] - true[None, :]
    first = np.triu(np.ones((7, 7)), k=1) > 0
    chance = ndtr(difference) if method == "case_v" else expit(difference)
    scale, errors = getattr(analysis, f"scale_{method}"), getattr(analysis, f"errors_{method}")
    values, covered = [], []
    for _ in range(RUNS):
        wins = np.zeros((7, 7))
        wins[first] = random.binomial(trials, chance[first])
        wins.T[first] = trials - wins[first]
        values.append(scale(wins))
        covered.append(np.abs(values[-1] - true) <= 1.96 * errors(wins))
    bias = (np.mean(values, axis=0) - true) / np.std(values, axis=0)
    coverage = np.mean(covered, axis=0)
    print(f"\nscale_{method}: 7 stimuli, {trials} trials a pair, {RUNS} runs, seed {SEED}")
    print("bias/SD", bias.round(2), "coverage", coverage.round(3), "mean", coverage.mean().round(3))
    assert 0.92 <= coverage.mean() <= 0.98
    assert np.abs(bias).max() <= BIAS


DISTRIBUTIONS = {
    "normal": (0.0, lambda random, shape: random.normal(size=shape)),
    "skewed": (1 - 1.5 / 5.5, lambda random, shape: 1 - random.beta(1.5, 4, size=shape)),
    "very skewed": (0.9, lambda random, shape: random.beta(1.8, 0.2, size=shape)),
}


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_coverage_of_a_mean_of_few_units(distribution):
    truth, draw = DISTRIBUTIONS[distribution]
    runs = 2000
    print(f"\nmean of {distribution} units, {runs} runs, {RUNS} replicates, seed {SEED}")
    print(f"{'n':>3s} {'percentile':>11s} {'used':>6s}")
    for n in (2, 3, 4, 5, 6, 8, 10, 15, 20, 40):
        design, random = Design.of(range(n), replicates=RUNS), np.random.default_rng(SEED + n)
        covered = np.zeros(2)
        for values in draw(random, (runs, n)):
            boot = bootstrap_means(values, design)
            for kind, (low, high) in enumerate([np.quantile(boot.replicates, [0.025, 0.975]), boot.interval()]):
                covered[kind] += low <= truth <= high
        plain, used = covered / runs
        print(f"{n:3d} {plain:11.3f} {used:6.3f}")
        assert used >= plain
        # Half of all samples of such units contain no low one: nothing but more of them can tell.
        if distribution != "very skewed":
            assert used >= 0.915


@pytest.mark.parametrize(
    ("name", "levels", "guess", "lapse", "shape"),
    [
        ("two alternatives", 8, 0.5, 0.02, "logistic"),
        ("two alternatives, given lapse rate", 8, 0.5, 0.02, "logistic"),
        ("yes or no", 8, 0.0, 0.03, "normal"),
    ],
)
def test_coverage_of_psychometric_functions(name, levels, guess, lapse, shape):
    x, trials, threshold, width = np.arange(float(levels)), np.full(levels, 200), 3.5, 4.0
    f, spread = {"logistic": (expit, 2 * math.log(19)), "normal": (ndtr, 2 * 1.6448536269514722)}[shape]
    p = guess + (1 - guess - lapse) * f(spread * (x - threshold) / width)
    steepness = {"logistic": 0.25, "normal": 1 / math.sqrt(2 * math.pi)}[shape]
    truth = {"threshold": threshold, "width": width, "slope": steepness * spread / width, "lapse": lapse}
    given = lapse if "given" in name else "free"
    random = np.random.default_rng(SEED)
    fits = [
        fit_psychometric(x, random.binomial(trials, p), trials, guess=guess, lapse=given, shape=shape, replicates=0)
        for _ in range(RUNS)
    ]
    fits = [fit for fit in fits if not fit.threshold.reason]
    print(f"\n{name}: {levels} levels of 200 trials, {len(fits)} of {RUNS} runs fitted, seed {SEED}")
    assert len(fits) >= 0.99 * RUNS
    for field, true in truth.items():
        found = [getattr(fit, field) for fit in fits]
        values = np.array([estimate.value for estimate in found])
        covered = np.mean([estimate.low <= true <= estimate.high for estimate in found])
        bias = (values.mean() - true) / max(values.std(), 1e-12)
        print(f"{field:10s} truth {true:.3f} bias/SD {bias:+.2f} coverage {covered:.3f}")
        if field == "lapse" and given != "free":
            continue
        assert abs(bias) <= BIAS
        assert covered >= (0.90 if field == "lapse" else 0.92)
        assert covered <= 0.98
