"""Simulated experiments: observers with known scale values, noise, bias, weights and lapses.

Each function simulates one experiment on a number of scenes and returns the estimates by name.
"""

from __future__ import annotations

import itertools

import numpy as np
from scipy.special import ndtr

from pytest_vlmperception import analysis

RENDERINGS = 7
PAIRS = np.array(list(itertools.combinations(range(RENDERINGS), 2)))
# The physical contrast of the renderings, in steps as a viewer sees them.
LADDER = np.linspace(-1.5, 1.5, RENDERINGS)


def labels(scenes, each):
    return np.repeat([f"scene{i:05d}" for i in range(scenes)], each)


def judgements(random, scale, *, bias=0.0, orders=2, repeats=3):
    """Judge every pair of each scene in both orders: 1 where the pair's first stimulus was chosen.

    scale has shape (scenes, RENDERINGS), in standard deviations of a difference; bias, of each scene, is what being
    shown first adds to a percept. Returns shape (scenes, pairs, orders, repeats).
    """
    difference = scale[:, PAIRS[:, 0]] - scale[:, PAIRS[:, 1]]
    side = np.array([1.0, -1.0])[:orders]
    shift = np.broadcast_to(np.asarray(bias, dtype=float), len(scale))[:, None, None] * side
    chance = ndtr(difference[:, :, None] + shift)
    return (random.random((*chance.shape, repeats)) < chance[..., None]).astype(float)


def percepts(random, scenes, *, gain=1.0, spread=0.4, noise=0.4):
    """What an observer sees of the ladder in each scene: a scene of its own contrast, and an error of its own."""
    gains = gain * np.exp(spread * random.normal(size=(scenes, 1)))
    return gains * (LADDER + noise * random.normal(size=(scenes, RENDERINGS)))


def scaled(choices):
    """Case V scale values of each scene, shape (scenes, RENDERINGS): in a complete design the means of rows of z."""
    first, total = choices.sum(axis=(2, 3)).astype(int), choices[0, 0].size
    of_two = [analysis.scale_case_v([[0, wins], [total - wins, 0]]) for wins in range(total + 1)]
    z = np.array([one - other for one, other in of_two])[first]
    sums = np.zeros((len(choices), RENDERINGS))
    for pair, (i, j) in enumerate(PAIRS):
        sums[:, i] += z[:, pair]
        sums[:, j] -= z[:, pair]
    return np.round(sums / RENDERINGS, 12)


def correlations(statistic, random, scenes, options, *, gain=1.0, noise=0.4, estimands=("mean_of_groups", "pooled")):
    scale = scaled(judgements(random, percepts(random, scenes, gain=gain, noise=noise)))
    grouped = {"groups": labels(scenes, RENDERINGS), **options}
    return {
        f"{statistic.__name__}, {estimand}": statistic(
            scale.ravel(), np.tile(LADDER, scenes), estimand=estimand, **grouped
        )
        for estimand in estimands
    }


def spearmans(random, scenes, options):
    return correlations(analysis.spearman, random, scenes, options)


def kendalls(random, scenes, options):
    return correlations(analysis.kendall, random, scenes, options)


def pearsons(random, scenes, options):
    return correlations(analysis.pearson, random, scenes, options)


def correlations_near_one(random, scenes, options):
    clear = {"gain": 2.5, "noise": 0.12, "estimands": ("mean_of_groups",)}
    return {
        name: estimate
        for statistic in (analysis.spearman, analysis.kendall, analysis.pearson)
        for name, estimate in correlations(statistic, random, scenes, options, **clear).items()
    }


def correlations_of_means(random, scenes, options):
    # The observer's own error of each rendering, the same in every scene, keeps the limit off 1.
    own = np.array([0.9, -0.7, 0.2, 0.8, -0.9, 0.4, -0.7])
    scale = LADDER + own + 0.5 * random.normal(size=(scenes, RENDERINGS))
    grouped = {"groups": labels(scenes, RENDERINGS), "items": np.tile(np.arange(RENDERINGS), scenes), **options}
    return {
        "pearson, of_means": analysis.pearson(scale.ravel(), np.tile(LADDER, scenes), estimand="of_means", **grouped)
    }


def correlations_of_stimuli(random, scenes, options):
    """Each scene is one stimulus."""
    x = random.normal(size=scenes)
    y = x + 0.8 * random.normal(size=scenes)
    return {
        f"{name}, ungrouped": getattr(analysis, name)(x, y, **options) for name in ("spearman", "kendall", "pearson")
    }


def biases(random, scenes, options, *, bias=0.5, spread=0.4):
    choices = judgements(random, percepts(random, scenes), bias=bias + spread * random.normal(size=scenes))
    first = np.stack([choices[:, :, 0], 1.0 - choices[:, :, 1]], axis=2)
    return {
        "order_bias": analysis.order_bias(first.ravel(), groups=labels(scenes, first[0].size), unit="scene", **options)
    }


def biases_near_one(random, scenes, options):
    # Says A, whatever is shown, but for one answer in four hundred.
    first = (random.random((scenes, 42)) > 0.0025).astype(float)
    return {"order_bias": analysis.order_bias(first.ravel(), groups=labels(scenes, 42), **options)}


def shares(random, scenes, options, *, a=6.0, b=2.0):
    chance = random.beta(a, b, size=(scenes, 1))
    right = (random.random((scenes, 5)) < chance).astype(float)
    return {"share": analysis.share(right.ravel(), groups=labels(scenes, 5), **options)}


def shares_near_one(random, scenes, options):
    return shares(random, scenes, options, a=48.0, b=2.0)


def variabilities(random, scenes, options, *, gain=1.0):
    bias = 0.3 + 0.2 * random.normal(size=scenes)
    choices = judgements(random, percepts(random, scenes, gain=gain), bias=bias)
    found = analysis.intra_variability(
        choices.reshape(-1, 2, choices.shape[3]), groups=labels(scenes, len(PAIRS)), **options
    )
    names = ("minority_share", "flip_rate", "order_flips", "repeat_flips")
    return {f"intra_variability.{name}": getattr(found, name) for name in names}


def variabilities_near_zero(random, scenes, options):
    choices = (random.random((scenes * len(PAIRS), 2, 3)) > 0.001).astype(float)
    found = analysis.intra_variability(choices, groups=labels(scenes, len(PAIRS)), **options)
    return {
        "intra_variability.minority_share": found.minority_share,
        "intra_variability.flip_rate": found.flip_rate,
    }


def variabilities_between(random, scenes, options):
    seen = percepts(random, scenes)
    models = {
        name: judgements(random, gain * seen + 0.5 * random.normal(size=seen.shape), repeats=2).reshape(-1, 2, 2)
        for name, gain in (("a", 0.6), ("b", 1.0), ("c", 1.5))
    }
    found = analysis.inter_variability(models, groups=labels(scenes, len(PAIRS)), **options)
    return {
        "inter_variability.minority_share": found.minority_share,
        "inter_variability.flip_rate": found.flip_rate,
        "inter_variability.models[a].minority_share": found.models["a"].minority_share,
    }


def weights(random, scenes, options):
    contrast = random.normal(size=(scenes, RENDERINGS))
    colorfulness = 0.4 * contrast + 0.9 * random.normal(size=contrast.shape)
    # The weight of contrast differs between scenes.
    weight = 0.3 + 0.2 * random.normal(size=(scenes, 1))
    preference = weight * contrast + 0.6 * colorfulness + 0.6 * random.normal(size=contrast.shape)
    columns = {"contrast": contrast.ravel(), "colorfulness": colorfulness.ravel()}
    found = analysis.attribute_weights(preference.ravel(), columns, groups=labels(scenes, RENDERINGS), **options)
    return {
        "attribute_weights.weights[contrast]": found.weights["contrast"],
        "attribute_weights.weights[colorfulness]": found.weights["colorfulness"],
        "attribute_weights.relative[contrast]": found.relative["contrast"],
        "attribute_weights.r2": found.r2,
        "attribute_weights.collinearity": found.collinearity,
    }


def separabilities(random, scenes, options):
    human = np.sort(random.normal(size=(scenes, RENDERINGS)), axis=1)
    model = (0.8 + 0.2 * random.normal(size=(scenes, 1))) * human
    choices = judgements(random, model, repeats=1)
    pairs = np.stack([human[:, PAIRS[:, 0]], human[:, PAIRS[:, 1]]], axis=2)
    found = analysis.separability(
        choices.reshape(-1, 2, 1), pairs.reshape(-1, 2), groups=labels(scenes, len(PAIRS)), bins=2, **options
    )
    return {
        "separability.slope": found.slope,
        "separability.intercept": found.intercept,
        "separability.agreement": found.agreement,
        "separability.bins[0].agreement": found.bins[0].agreement,
    }


def differences(random, scenes, options):
    first = np.exp(random.normal(size=(scenes, 1)) + 0.5 * random.normal(size=(scenes, 6)))
    second = first * np.exp(0.2 + 0.4 * random.normal(size=(scenes, 1)) + 0.3 * random.normal(size=(scenes, 6)))
    grouped = {"groups": labels(scenes, 6), **options}
    logs = np.log(second).ravel(), np.log(first).ravel()
    return {
        "mean_difference": analysis.mean_difference(*logs, **grouped),
        "mean_ratio": analysis.mean_ratio(second.ravel(), first.ravel(), **grouped),
    }


def alphas(random, scenes, options):
    truth = 0.5 * random.normal(size=(scenes, 1)) + random.normal(size=(scenes, 20))
    ratings = truth.reshape(-1) + 0.8 * random.normal(size=(4, scenes * 20))
    grouped = {"groups": labels(scenes, 20), **options}
    steps = np.clip(np.round(ratings + 3), 1, 5)
    return {
        "krippendorff_alpha(interval)": analysis.krippendorff_alpha(ratings, level="interval", **grouped),
        "krippendorff_alpha(ordinal)": analysis.krippendorff_alpha(steps, level="ordinal", **grouped),
        "krippendorff_alpha(nominal)": analysis.krippendorff_alpha(steps, level="nominal", **grouped),
    }


def kappas(random, scenes, options):
    truth = random.integers(0, 4, size=(scenes, 5))
    hit = random.random((scenes, 5)) < random.beta(5, 2, size=(scenes, 1))
    answer = np.where(hit, truth, random.integers(0, 4, size=(scenes, 5)))
    grouped = {"groups": labels(scenes, 5), **options}
    return {"cohen_kappa": analysis.cohen_kappa(truth.ravel(), answer.ravel(), **grouped)}


def accuracies(random, scenes, options):
    classes = random.integers(0, 3, size=(scenes, 4))
    # The third class is missed more often, by the scenes differently.
    chance = np.array([0.9, 0.8, 0.5])[classes] + 0.2 * (random.random((scenes, 1)) - 0.5)
    right = (random.random(classes.shape) < chance).astype(float)
    return {
        "balanced_accuracy": analysis.balanced_accuracy(
            right.ravel(), classes.ravel(), groups=labels(scenes, 4), **options
        )
    }


def spreads(random, scenes, options):
    noise = np.exp(0.2 * random.normal(size=(scenes, 1, 1)))
    ratings = random.normal(size=(scenes, 4, 1)) + noise * random.normal(size=(scenes, 4, 3))
    stimuli = np.repeat(np.arange(scenes * 4), 3)
    return {"repeat_spread": analysis.repeat_spread(ratings.ravel(), stimuli, groups=labels(scenes, 12), **options)}


def ceilings(random, scenes, options):
    truth = 0.3 * random.normal(size=(scenes, 1)) + LADDER / 2 + 0.5 * random.normal(size=(scenes, RENDERINGS))
    votes = truth.reshape(-1) + random.normal(size=(8, scenes * RENDERINGS))
    found = analysis.noise_ceiling(votes, groups=labels(scenes, RENDERINGS), splits=20, **options)
    return {"noise_ceiling.split_half": found.split_half, "noise_ceiling.leave_one_out": found.leave_one_out}


def sensitivities(random, scenes, options):
    """One yes/no trial a scene with the signal and one without."""
    hits = int((random.random(scenes) < ndtr(0.3 + 0.6)).sum())
    alarms = int((random.random(scenes) < ndtr(0.3 - 0.6)).sum())
    return {"d_prime": analysis.d_prime(hits, scenes - hits, alarms, scenes - alarms)}


def discordances(random, scenes, options):
    new, old = random.random(scenes) < 0.8, random.random(scenes) < 0.5
    return {"mcnemar_exact": analysis.mcnemar_exact(int((new & ~old).sum()), int((old & ~new).sum()))}


def proportions(random, scenes, options):
    return {"wilson": analysis.wilson(int((random.random(scenes) < 0.7).sum()), scenes)}
