"""How small a difference of contrast or of chroma does the model see? Method of constant stimuli, on photographs."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("attribute", ["contrast", "colorfulness"])
def test_sees_a_fifth_more_of_it(compare_with_standard, attribute):
    comparisons, level = compare_with_standard(attribute)
    assert comparisons.threshold(level) <= 0.2
