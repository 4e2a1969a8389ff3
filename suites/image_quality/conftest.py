"""Stimuli of the image-quality suite, and the comparisons that its tests share."""

from __future__ import annotations

from functools import cache

import pytest

REPEATS = 3


@pytest.fixture(scope="module")
def renderings(stimuli):
    """Seven photographs, each rendered seven times with contrast and chroma varied independently."""
    return stimuli("renderings")


@pytest.fixture(scope="module")
def compare(vlm, renderings, prompts):
    """Compare the renderings of each photograph: ``compare("more_contrast")``; asked where a test calls it first."""
    return cache(lambda question: vlm.compare(renderings.pairs(within="scene"), prompts[question], repeats=REPEATS))


@pytest.fixture(scope="module")
def compare_with_standard(vlm, stimuli, prompts):
    """Compare renderings with more and more of an attribute with that which has least: the standard."""

    @cache
    def compare(attribute):
        steps = stimuli(f"{attribute}_steps")
        level = steps.reference(attribute)
        standard = min(level.values())
        pairs = [pair for pair in steps.pairs(within="scene") if standard in map(level.get, pair)]
        return vlm.compare(pairs, prompts[f"more_{attribute}"], repeats=REPEATS), level

    return compare
