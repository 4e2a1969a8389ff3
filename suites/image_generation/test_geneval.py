"""Does a picture show what its prompt asks for? The six tasks of GenEval, over shapes that are detected in pixels."""

from __future__ import annotations

import pytest

from pytest_vlmperception import beside, measured, pixels_of, published
from pytest_vlmperception.analysis import geneval_check, geneval_scores
from pytest_vlmperception.pictures.scene_reading import detect_shapes

TASKS = ("single_object", "two_object", "counting", "colors", "position", "color_attr")


def is_right(picture):
    return geneval_check(picture.reference, detect_shapes(pixels_of(picture))).correct


@pytest.fixture(scope="module")
def scores(pictures):
    made = pictures.stimuli
    tasks, prompts = ([picture.groups[name] for picture in made] for name in ("task", "prompt"))
    return geneval_scores(tasks, [measured(is_right, picture) for picture in made], prompts)


@pytest.mark.parametrize("task", TASKS)
def test_draws_what_was_asked_for(scores, task):
    assert scores.tasks[task] >= 0.8


def test_overall(scores, pictures, request):
    rows = beside({**scores.tasks, "overall": scores.overall}, published("geneval"), model=pictures.model)
    request.node.user_properties.append(("published", "\n".join(rows)))
    assert scores.overall >= 0.8


def test_makes_a_picture_of_each_prompt(pictures):
    assert pictures.valid_share() >= 0.95
