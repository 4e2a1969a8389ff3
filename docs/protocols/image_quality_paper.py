"""The protocol of "Vision-Language Models vs Human: Perceptual Image Quality Assessment" (arXiv:2603.24578).

Several models make the paired comparisons that people made: renderings of one scene, forced choice, on contrast,
colorfulness and overall preference, each pair three times. Put this file into ``suites/image_quality`` as
``test_paper.py``, beside the prompts and ``stimuli/people.toml``, which says how votes and pictures are laid out::

    pytest suites/image_quality/test_paper.py --vlm-data people=FOLDER --vlm-model NAME --vlm-model NAME ...

What is ours, because the paper is not that exact or because it is safer: every repeat shows both presentation orders;
scales are Thurstone's Case V, with the logistic rule for unanimous pairs; rho is the mean over scenes; variability is
the minority share; a model's preference is regressed on its own two scales; all limits.
"""

from __future__ import annotations

import pytest

from pytest_vlmperception import human_scale

PROMPTS = {"contrast": "more_contrast", "colorfulness": "more_colorfulness", "preference": "preferred"}

of_every_attribute = pytest.mark.parametrize("attribute", PROMPTS)


@pytest.fixture(scope="module")
def judge(stimuli, prompts):
    pairs = stimuli("people").pairs(within="scene")
    return lambda vlm, attribute: vlm.compare(pairs, prompts[PROMPTS[attribute]], repeats=3)


@pytest.fixture(scope="module")
def human(stimuli, votes):
    return lambda attribute: human_scale(votes("people"), stimuli("people"), attribute)


@of_every_attribute
def test_alignment_with_people(vlm, judge, human, attribute):
    assert judge(vlm, attribute).scale().spearman(human(attribute)) >= 0.8


@of_every_attribute
def test_variability_within_a_model(vlm, judge, attribute):
    assert judge(vlm, attribute).variability().minority_share <= 20


@of_every_attribute
def test_variability_between_models(vlms, judge, attribute):
    first, *others = [judge(vlm, attribute) for vlm in vlms.values()]
    assert first.inter_variability(*others).minority_share <= 25


@of_every_attribute
def test_agreement_rises_with_separability(vlm, judge, human, attribute):
    found = judge(vlm, attribute).separability(human(attribute))
    assert found.agreement > 0.5
    assert found.agreement == 1 or found.slope > 0  # Where every answer agrees, nothing is left to rise.


def test_attribute_weights_of_preference(vlm, judge):
    scales = {attribute: judge(vlm, attribute).scale() for attribute in PROMPTS}
    weights = scales.pop("preference").weights(scales)
    assert weights.r2 >= 0.5
    assert weights.dominance("colorfulness", "contrast") >= 0.9
