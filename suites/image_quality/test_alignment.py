"""Does the model order renderings of a photograph by contrast and by colorfulness as their physics does?"""

from __future__ import annotations

import pytest

ATTRIBUTES = ["contrast", "colorfulness"]


@pytest.mark.parametrize("attribute", ATTRIBUTES)
def test_orders_renderings_as_the_reference_does(compare, renderings, attribute):
    assert compare(f"more_{attribute}").scale().spearman(renderings.reference(attribute)) >= 0.8


@pytest.mark.parametrize("attribute", ATTRIBUTES)
def test_chooses_the_rendering_with_more_of_it(compare, renderings, attribute):
    level = renderings.reference(attribute)
    comparisons = compare(f"more_{attribute}")
    assert comparisons.share(lambda pair, choice: choice.proportion(max(pair, key=level.get)) > 0.5) >= 0.8


@pytest.mark.parametrize("attribute", ATTRIBUTES)
def test_agrees_the_more_the_farther_apart_renderings_are(compare, renderings, attribute):
    found = compare(f"more_{attribute}").separability(renderings.reference(attribute))
    # Where every answer agrees, nothing is left to rise.
    assert found.agreement == 1 or found.slope > 0
    assert found.bins[-1].agreement >= 0.9
