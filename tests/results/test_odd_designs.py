"""Comparisons of designs and models that an experimenter meets: each has one plain outcome."""

from __future__ import annotations

import itertools

import pytest

from pytest_vlmperception import Inconclusive, Reply, Stimulus
from pytest_vlmperception.records import Picture


def stimulus(scene, level):
    name = f"{scene}{level}"
    return Stimulus(name, Picture(name, lambda: ("image/png", name.encode())), {"scene": scene}, {"level": level})


SETS = {scene: [stimulus(scene, level) for level in (1, 2, 3, 4)] for scene in ("cup", "tree")}
PAIRS = [pair for stimuli in SETS.values() for pair in itertools.combinations(stimuli, 2)]
LEVELS = {stimulus: stimulus.reference["level"] for stimuli in SETS.values() for stimulus in stimuli}


def shown(question):
    return [picture.bytes.decode() for picture in question.pictures]


def larger(question):
    first, second = shown(question)
    return Reply("answered", "A" if first[-1] > second[-1] else "B")


def test_pairs_that_were_not_asked_are_no_loss(ask):
    chains = [(stimuli[index], stimuli[index + 1]) for stimuli in SETS.values() for index in range(3)]
    comparisons = ask(larger).compare(chains, "level?")
    assert comparisons.valid_share() >= 1.0
    assert comparisons.scale().spearman(LEVELS).value == 1.0


def test_one_scene_has_its_stimuli_as_units(ask):
    pairs = PAIRS[:6]
    comparisons = ask(larger).compare(pairs, "level?", repeats=2, controls="stimulus")
    rho = comparisons.scale().spearman(LEVELS)
    assert (rho.value, rho.n, rho.unit) == (1.0, 4, "stimulus")
    validity = comparisons.validity()
    assert (validity.order_consistency.n, validity.order_consistency.unit) == (6, "pair")
    bias = comparisons.control_bias()
    assert (bias.n, bias.unit) == (4, "identical pair")


def test_a_scene_in_which_all_are_ties_is_left_out_and_named(ask):
    def sees_no_cups(question):
        return Reply("answered", "A") if shown(question)[0].startswith("cup") else larger(question)

    comparisons = ask(sees_no_cups, min_valid=0.5).compare(PAIRS, "level?")
    rho = comparisons.scale().spearman(LEVELS)
    assert (rho.value, rho.n) == (1.0, 1)
    assert "left out: cup" in rho.method
    assert comparisons.validity().order_consistency.units == (("cup", 0.0), ("tree", 1.0))


def test_a_model_that_always_says_a_has_bias_everywhere_and_no_order(ask):
    comparisons = ask(lambda question: Reply("answered", "A")).compare(PAIRS, "level?", controls="group")
    assert comparisons.order_bias().value == comparisons.control_bias().value == 1.0
    assert comparisons.validity().order_consistency.value == 0.0
    with pytest.raises(Inconclusive, match=r"the scale is constant \(0\): it has no rank order"):
        assert comparisons.scale().spearman(LEVELS) >= 0.5


def test_a_model_that_refuses_half_decides_nothing_but_its_refusals(ask):
    def refuses_trees(question):
        return Reply("refused", "no trees") if shown(question)[0].startswith("tree") else larger(question)

    comparisons = ask(refuses_trees).compare(PAIRS, "level?", repeats=2, controls="stimulus")
    validity = comparisons.validity()
    assert validity.refused.value == 0.5
    for undecided in (
        comparisons.scale().spearman(LEVELS),
        comparisons.order_bias(),
        comparisons.control_bias(),
        validity.order_consistency,
        validity.repeat_consistency,
        comparisons.share(lambda pair, choice: choice.chosen is pair[1]),
    ):
        with pytest.raises(Inconclusive, match=r"valid share 0.5 < 0.9.*refused: no trees"):
            assert undecided >= -1
