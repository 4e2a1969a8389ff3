"""Answers to five questions about scenes of shapes, which the tests share."""

from __future__ import annotations

from functools import cache

import pytest

# Numbers that can be answered where something is counted.
NUMBERS = (0, 10)


@pytest.fixture(scope="module")
def scenes(stimuli):
    """Scenes of five skills, each on six levels of difficulty."""
    return stimuli("scenes")


@pytest.fixture(scope="module")
def ask(vlm, scenes, prompts):
    """Ask the question of a skill about its scenes: ``ask("count")``; asked where a test calls it first."""

    @cache
    def answers(skill):
        shown = scenes.select(lambda scene: scene.groups["skill"] == skill)
        if skill == "count":
            return vlm.rate(shown, prompts["count"], scale=NUMBERS)
        return vlm.classify(shown, prompts[skill])

    return answers
