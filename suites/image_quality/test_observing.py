"""Is the model an observer whose answers mean anything: valid, and free of a preference for a position?"""

from __future__ import annotations

import pytest

QUESTIONS = ["more_contrast", "more_colorfulness", "preferred"]
REPEATS = 3


@pytest.mark.parametrize("question", QUESTIONS)
def test_gives_valid_answers(vlm, renderings, prompts, question):
    comparisons = vlm.compare(renderings.pairs(within="scene"), prompts[question], repeats=REPEATS)
    assert comparisons.valid_share() >= 0.95


@pytest.mark.parametrize("question", QUESTIONS)
def test_prefers_no_position(vlm, renderings, prompts, question):
    comparisons = vlm.compare(renderings.pairs(within="scene"), prompts[question], repeats=REPEATS)
    assert abs(comparisons.order_bias()) <= 0.1
