"""How long the analyses of one experiment take."""

import itertools
import time

import numpy as np
import pytest

from pytest_vlmperception import analysis

SCENES, ITEMS, ATTRIBUTES = 10, 7, 3
PAIRS = np.array(list(itertools.combinations(range(ITEMS), 2)))


def experiment(random):
    """Scale values, shape (scenes, items), and choices of 21 pairs a scene, 2 orders, 3 repeats."""
    scale = random.normal(size=(SCENES, ITEMS))
    difference = (scale[:, PAIRS[:, 0]] - scale[:, PAIRS[:, 1]]).ravel()
    chance = np.broadcast_to(1 / (1 + np.exp(-1.5 * difference))[:, None, None], (difference.size, 2, 3))
    return scale, [random.binomial(1, chance).astype(float) for _ in range(2)]


def analysed(scale, reference, choices, others):
    """Run each analysis with its 2,000 replicates."""
    by_pair, by_item = np.repeat(range(SCENES), len(PAIRS)), np.repeat(range(SCENES), ITEMS)
    for scene in choices.reshape(SCENES, len(PAIRS), -1):
        wins = np.zeros((ITEMS, ITEMS))
        wins[PAIRS[:, 0], PAIRS[:, 1]] = scene.sum(axis=1)
        wins[PAIRS[:, 1], PAIRS[:, 0]] = scene.shape[1] - scene.sum(axis=1)
        analysis.scale_case_v(wins)
        analysis.scale_bradley_terry(wins, prior=0.1)
    for coefficient in (analysis.spearman, analysis.kendall, analysis.pearson):
        for estimand in ("mean_of_groups", "pooled", "of_means"):
            items = np.tile(range(ITEMS), SCENES)
            coefficient(scale.ravel(), reference.ravel(), groups=by_item, items=items, estimand=estimand)
    analysis.intra_variability(choices, groups=by_pair)
    analysis.inter_variability({"one": choices, "other": others}, groups=by_pair)
    analysis.separability(choices, reference[:, PAIRS].reshape(-1, 2), groups=by_pair)
    analysis.krippendorff_alpha(choices.reshape(len(choices), -1).T, groups=by_pair)
    analysis.order_bias(np.abs(choices - [[0], [1]]).ravel(), groups=np.repeat(by_pair, 6))


@pytest.mark.slow
def test_all_analyses_of_one_experiment_take_less_than_two_seconds():
    random = np.random.default_rng(1)
    drawn = [experiment(random) for _ in range(ATTRIBUTES)]
    references = [scale + 0.4 * random.normal(size=scale.shape) for scale, _ in drawn]
    # Imports aside: intervals load scipy.
    analysis.order_bias([1, 0, 1, 0])
    # Processor time: what else the machine does is not ours.
    start = time.process_time()
    for (scale, (choices, others)), reference in zip(drawn, references, strict=True):
        analysed(scale, reference, choices, others)
    contrast, color, preference = (scale.ravel() for scale, _ in drawn)
    groups = np.repeat(range(SCENES), ITEMS)
    analysis.attribute_weights(preference, {"contrast": contrast, "color": color}, groups=groups)
    taken = time.process_time() - start
    print(f"all analyses took {taken:.2f} s")
    assert taken < 2
