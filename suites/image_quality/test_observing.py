"""Is the model an observer whose answers mean anything: valid, free of a preference for a position, repeatable?"""

from __future__ import annotations

import pytest

QUESTIONS = ["more_contrast", "more_colorfulness", "preferred"]

pytestmark = pytest.mark.parametrize("question", QUESTIONS)


def test_gives_valid_answers(compare, question):
    assert compare(question).valid_share() >= 0.95


def test_prefers_no_position(compare, question):
    assert abs(compare(question).order_bias()) <= 0.1


def test_repeats_itself(compare, question):
    variability = compare(question).variability()
    assert variability.minority_share <= 20
    assert variability.repeat_flips <= 30
