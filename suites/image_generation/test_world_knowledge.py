"""Does a picture show what its prompt says only indirectly? WISE's categories and grades."""

from __future__ import annotations

import pytest

from pytest_vlmperception import Rubric, beside, published
from pytest_vlmperception.stimuli import WISE_WEIGHTS

CATEGORIES = ("culture", "time", "space", "biology", "physics", "chemistry")


def graded(image_model, judge, prompts):
    return judge.grade(image_model.generate(prompts).stimuli, Rubric.shipped("wise"))


def test_everyday_knowledge(image_model, judge, prompt_sets):
    grades = graded(image_model, judge, prompt_sets("everyday_knowledge"))
    assert grades.wiscore(WISE_WEIGHTS["own"]) >= 0.5


@pytest.fixture(scope="module")
def wise(image_model, judge, prompt_sets):
    """The 1,000 prompts of WISE; needs ``--vlm-data wise=PATH``."""
    return graded(image_model, judge, prompt_sets("wise"))


@pytest.mark.parametrize("category", CATEGORIES)
def test_category(wise, category):
    assert wise.by("category")[category].score() >= 0.4


def test_wiscore(wise, request):
    edition = next(iter(wise)).groups["edition"]
    overall = wise.wiscore(WISE_WEIGHTS[edition])
    scores = {category: part.score() for category, part in wise.by("category").items()}
    table = published("wise" if edition == "legacy" else "wise_verified")
    rows = beside({**scores, "overall": overall}, table, model="as graded by the judge")
    request.node.user_properties.append(("published", "\n".join(rows)))
    assert overall >= 0.4
