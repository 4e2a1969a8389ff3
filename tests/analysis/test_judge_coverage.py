"""How often the corrected share's 95 % interval contains the truth. Run with ``-m slow -s`` for the table."""

from __future__ import annotations

import numpy as np
import pytest

from pytest_vlmperception.analysis import rogan_gladen, sensitivity_specificity, share

pytestmark = pytest.mark.slow

SEED, RUNS, PICTURES = 20261121, 1000, 120

# Sensitivity and specificity of the judge, and the share of pictures that are right.
JUDGES = [(0.95, 0.9), (0.8, 0.8), (0.9, 0.99)]
TRUTHS = [0.1, 0.5, 0.7, 0.95]


def said(random, right, se, sp):
    return np.where(right, random.random(len(right)) < se, random.random(len(right)) >= sp).astype(float)


def calibrated(random, pictures, se, sp):
    """Scenes drawn right and wrong: half of the pictures each."""
    right = np.arange(pictures) % 2 == 0
    scenes = np.arange(pictures) // 2
    return sensitivity_specificity(said(random, right, se, sp), right, groups=scenes, replicates=1)


def graded(random, truth, a_prompt, se, sp):
    """Pictures of prompts that are more or less difficult: with several of each, right ones go together (ICC 1/3)."""
    prompts = np.repeat(np.arange(PICTURES // a_prompt), a_prompt)
    chances = random.beta(2 * truth, 2 * (1 - truth), PICTURES // a_prompt) if a_prompt > 1 else [truth] * PICTURES
    right = random.random(PICTURES) < np.asarray(chances)[prompts]
    return share(said(random, right, se, sp), groups=prompts, replicates=1)


@pytest.mark.parametrize("a_prompt", [1, 4])
@pytest.mark.parametrize("calibration", [100, 200])
@pytest.mark.parametrize(("se", "sp"), JUDGES)
def test_the_corrected_interval_contains_the_truth(se, sp, calibration, a_prompt):
    random = np.random.default_rng(SEED)
    print(f"\nse {se}, sp {sp}, {calibration} calibrated, {PICTURES} graded, {a_prompt} a prompt, {RUNS} runs")
    wrong = []
    for truth in TRUTHS:
        runs = []
        for _ in range(RUNS):
            judge = calibrated(random, calibration, se, sp)
            raw = graded(random, truth, a_prompt, se, sp)
            found = rogan_gladen(raw, judge.sensitivity, judge.specificity)
            runs.append((found.value, found.low, found.high, raw.low <= truth <= raw.high))
        values, lows, highs, uncorrected = np.array(runs).T
        coverage = np.mean((lows <= truth) & (truth <= highs))
        row = f"truth {truth:4.2f}: {coverage:.3f} (mean {values.mean():.3f}, width {np.mean(highs - lows):.3f})"
        print(f"{row}, uncorrected {uncorrected.mean():.3f}")
        if not 0.92 <= coverage <= 0.98:
            wrong.append(row)
    assert not wrong
