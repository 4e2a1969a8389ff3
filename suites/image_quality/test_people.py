"""Does the model see what people see? Votes and pictures of an experiment: --vlm-data people=FOLDER."""

from __future__ import annotations

import pytest

from pytest_vlmperception import human_ceiling, human_scale

QUESTIONS = {"contrast": "more_contrast", "colorfulness": "more_colorfulness", "preference": "preferred"}


@pytest.fixture(scope="module")
def pictures(stimuli):
    """What people saw."""
    return stimuli("people")


@pytest.fixture(params=QUESTIONS)
def attribute(request, votes):
    """An attribute that people judged."""
    if request.param not in votes("people").attributes:
        pytest.skip(f"nobody voted on {request.param}; name it so in the column criterion, if somebody did")
    return request.param


@pytest.fixture
def comparisons(vlm, pictures, prompts, attribute):
    """The choices of the model."""
    return vlm.compare(pictures.pairs(within="scene"), prompts[QUESTIONS[attribute]], repeats=3)


@pytest.fixture
def people(votes, attribute):
    """The choices of people."""
    return votes("people").of(attribute=attribute)


def test_orders_pictures_as_people_do(comparisons, pictures, people):
    # The ceiling: where people disagree with each other, no model can agree with them.
    assert human_ceiling(people).split_half >= 0.7
    assert comparisons.scale().spearman(human_scale(people, pictures)) >= 0.8


def test_agrees_the_more_the_farther_apart_people_see_pictures(comparisons, pictures, people):
    found = comparisons.separability(human_scale(people, pictures))
    # Where every answer agrees, nothing is left to rise.
    assert found.agreement == 1 or found.slope > 0
    assert found.bins[-1].agreement >= 0.9
