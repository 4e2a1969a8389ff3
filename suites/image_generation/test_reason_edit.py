"""The photographs and instructions of Reason-Edit, graded by the judge; needs ``--vlm-data reason_edit=FOLDER``."""

from __future__ import annotations

import pytest

from pytest_vlmperception import Rubric, beside, measured, pixels_of, published
from pytest_vlmperception.analysis import mean_of_strata
from pytest_vlmperception.pictures import decode_mask
from pytest_vlmperception.pictures.editing import psnr


@pytest.fixture(scope="module")
def sources(stimuli):
    return stimuli("reason_edit")


@pytest.fixture(scope="module")
def results(image_model, sources):
    return image_model.edit(sources, {each: each.reference["instruction"] for each in sources})


@pytest.fixture(scope="module")
def grades(judge, sources, results):
    return judge.grade([(each, results[each].stimuli[0]) for each in sources], Rubric.shipped("editing"))


def test_follows_instructions_and_nothing_else(grades, request):
    score = grades.score()
    rows = beside({"overall": score}, published("reason_edit"), model="as graded by the judge")
    request.node.user_properties.append(("published", "\n".join(rows)))
    assert score >= 0.5


def test_keeps_the_background(sources, results):
    def outside(before):
        mask, source = before.reference["mask"], pixels_of(before)
        after = pixels_of(results[before].stimuli[0])
        return min(psnr(source, after, decode_mask(mask.bytes, mask.name, source)), 50.0) / 50.0

    kept = [measured(outside, each) for each in sources]
    assert mean_of_strata(kept, ["all"] * len(kept), name="PSNR outside, of 50 dB") >= 0.4
