"""Does the model order renderings of a photograph by contrast and by colorfulness as their physics does?"""

from __future__ import annotations

import pytest

REPEATS = 3


@pytest.mark.parametrize("attribute", ["contrast", "colorfulness"])
def test_orders_renderings_as_the_reference_does(vlm, renderings, prompts, attribute):
    comparisons = vlm.compare(renderings.pairs(within="scene"), prompts[f"more_{attribute}"], repeats=REPEATS)
    assert comparisons.scale().spearman(renderings.reference(attribute)) >= 0.8


@pytest.mark.parametrize("attribute", ["contrast", "colorfulness"])
def test_chooses_the_rendering_with_more_of_it(vlm, renderings, prompts, attribute):
    comparisons = vlm.compare(renderings.pairs(within="scene"), prompts[f"more_{attribute}"], repeats=REPEATS)
    level = renderings.reference(attribute)
    assert comparisons.share(lambda pair, choice: choice.proportion(max(pair, key=level.get)) > 0.5) >= 0.8
