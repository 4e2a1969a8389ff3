"""Mean recall over classes."""

from __future__ import annotations

import math
import random

import pytest

from pytest_vlmperception import UsageError
from pytest_vlmperception.analysis import balanced_accuracy

NAN = math.nan


def plainly(correct, classes):
    """The definition, over classes in plain Python."""
    recalls = []
    for name in set(classes):
        answered = [c for c, k in zip(correct, classes, strict=True) if k == name and not math.isnan(c)]
        recalls.append(sum(answered) / len(answered))
    return sum(recalls) / len(recalls)


def test_sklearns_example():
    # scikit-learn's documentation of balanced_accuracy_score: y_true = [0, 1, 0, 0, 1, 0],
    # y_pred = [0, 1, 0, 0, 0, 1] gives 0.625.
    truth, said = [0, 1, 0, 0, 1, 0], [0, 1, 0, 0, 0, 1]
    correct = [float(a == b) for a, b in zip(truth, said, strict=True)]
    assert balanced_accuracy(correct, truth).value == 0.625


@pytest.mark.parametrize("classes", [2, 3, 7])
def test_one_answer_for_all_is_one_in_k(classes):
    truth = [number % classes for number in range(20 * classes)] + [0] * 300
    estimate = balanced_accuracy([float(kind == 0) for kind in truth], truth)
    assert estimate.value == pytest.approx(1 / classes)


def test_against_the_definition():
    rng = random.Random(3)
    for _ in range(50):
        classes = [str(rng.randrange(4)) for _ in range(60)] + list("0123")
        correct = [rng.choice([0.0, 1.0, NAN]) for _ in range(60)] + [1.0, 0.0, 1.0, 1.0]
        estimate = balanced_accuracy(correct, classes, replicates=40)
        assert estimate.value == pytest.approx(plainly(correct, classes))
        assert estimate.missing == sum(map(math.isnan, correct))


def test_units_are_resampled_and_named():
    estimate = balanced_accuracy(
        [1, 1, 0, 1], ["x", "y", "x", "y"], groups=["cup", "cup", "tree", "tree"], unit="scene"
    )
    # x: one of two; y: both.
    assert (estimate.value, estimate.n, estimate.unit) == (0.75, 2, "scene")
    assert estimate.units == (("tree", 0.5), ("cup", 1.0))
    # Drawn are cup twice, tree twice, or one of each.
    assert set(estimate.replicates) == {1.0, 0.5, 0.75}


def test_a_replicate_is_the_mean_over_the_classes_that_it_drew():
    estimate = balanced_accuracy([1, 0], ["x", "y"], groups=["a", "b"])
    assert set(estimate.replicates) == {1.0, 0.0, 0.5}


def test_a_class_without_an_answer_gives_no_number():
    estimate = balanced_accuracy([1, 1, NAN], ["x", "x", "y"])
    assert math.isnan(estimate.value)
    assert math.isnan(estimate.low)
    assert estimate.reason == "no stimulus that is 'y' has an answer"
    assert estimate.missing == 1


@pytest.mark.parametrize(
    ("correct", "classes", "match"),
    [
        ([], [], "a balanced accuracy needs at least one answer: got none"),
        ([1, 0], ["x"], r"len\(correct\)=2, len\(classes\)=1"),
        ([0.5], ["x"], r"correct\[0\] = 0.5; expected 1 \(yes\), 0 \(no\) or NaN"),
    ],
)
def test_bad_input(correct, classes, match):
    with pytest.raises(UsageError, match=match):
        balanced_accuracy(correct, classes)


@pytest.mark.slow
@pytest.mark.parametrize("units", [20, 40])
def test_coverage(units):
    """95 % intervals cover the truth in 92 to 98 % of 1000 simulated models; seeds 0 to 999."""
    recall = {"x": 0.9, "y": 0.7, "z": 0.5}
    truth = sum(recall.values()) / 3
    covered = 0
    for seed in range(1000):
        rng = random.Random(seed)
        correct, classes, groups = [], [], []
        for unit in range(units):
            shift = rng.uniform(-0.1, 0.1)
            for name, chance in recall.items():
                for _ in range(4):
                    correct.append(float(rng.random() < chance + shift))
                    classes.append(name)
                    groups.append(unit)
        estimate = balanced_accuracy(correct, classes, groups=groups, replicates=400)
        covered += estimate.low <= truth <= estimate.high
    print(f"balanced accuracy, {units} units: coverage {covered / 10:.1f} %")
    assert 920 <= covered <= 980
