"""The 553 prompts of GenEval, graded by the judge; needs ``--vlm-data geneval=PATH``."""

from __future__ import annotations

import pytest

from pytest_vlmperception import beside, checklist, published

TASKS = ("single_object", "two_object", "counting", "colors", "position", "color_attr")
PICTURES = 4


@pytest.fixture(scope="module")
def grades(image_model, judge, prompt_sets):
    return judge.grade(image_model.generate(prompt_sets("geneval"), repeats=PICTURES).stimuli, checklist)


@pytest.mark.parametrize("task", TASKS)
def test_draws_what_was_asked_for(grades, task):
    assert grades.by("task")[task].share_passed() >= 0.4


def test_overall(grades, request):
    tasks = {task: part.share_passed() for task, part in grades.by("task").items()}
    overall = grades.mean_over("task")
    rows = beside({**tasks, "overall": overall}, published("geneval"), model="as graded by the judge")
    request.node.user_properties.append(("published", "\n".join(rows)))
    assert overall >= 0.5


def test_overall_when_the_errors_of_the_judge_are_corrected(grades, calibration):
    # Calibrated with drawings of shapes: photographs may be harder for it.
    assert calibration.correct(grades) >= 0.5
