"""Does the model see contrast in the pictures of public data sets? Skipped without --vlm-data."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("name", ["csiq", "kadid10k", "tid2013"])
def test_orders_public_pictures_by_contrast(vlm, stimuli, prompts, name):
    pictures = stimuli(name)
    comparisons = vlm.compare(pictures.pairs(within="scene"), prompts["more_contrast"])
    assert comparisons.scale().spearman(pictures.reference("contrast")) >= 0.8


def test_prefers_the_contrast_that_people_prefer(vlm, stimuli, prompts):
    pictures = stimuli("tid2013")
    comparisons = vlm.compare(pictures.pairs(within="scene"), prompts["preferred"])
    assert comparisons.scale().spearman(pictures.reference("quality")) >= 0.6
