"""What is preference made of? People weigh colorfulness above contrast; most models do so, too."""

from __future__ import annotations

import pytest

ATTRIBUTES = ["contrast", "colorfulness"]


@pytest.fixture(scope="module")
def preference(compare):
    """Weights of the two attributes, as the model sees them, in what it prefers."""
    scales = {attribute: compare(f"more_{attribute}").scale() for attribute in ATTRIBUTES}
    return compare("preferred").scale().weights(scales)


def test_follows_from_contrast_and_colorfulness(preference):
    assert preference.r2 >= 0.5


@pytest.mark.parametrize("attribute", ATTRIBUTES)
def test_rises_with_each(preference, attribute):
    assert preference.weights[attribute] > 0


def test_weighs_colorfulness_above_contrast(preference):
    assert preference.dominance("colorfulness", "contrast") >= 0.9
