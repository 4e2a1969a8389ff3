"""How far can the judge be believed, and what remains of the generator's scores when its errors are corrected?"""

from __future__ import annotations

import pytest

from pytest_vlmperception import checklist

SKILLS = ("object", "counting", "colour", "position", "attribute binding")


@pytest.fixture(scope="module")
def grades(judge, pictures):
    return judge.grade(pictures.stimuli, checklist)


@pytest.mark.parametrize("skill", SKILLS)
def test_the_judge_sees_what_is_there(calibration, skill):
    assert calibration.skills[skill].sensitivity >= 0.8


@pytest.mark.parametrize("skill", SKILLS)
def test_the_judge_sees_what_is_missing(calibration, skill):
    assert calibration.skills[skill].specificity >= 0.8


def test_the_judge_agrees_beyond_chance(calibration, request):
    request.node.user_properties.append(("published", str(calibration)))
    assert calibration.pictures.kappa >= 0.6


def test_pictures_pass_as_the_judge_sees_them(grades):
    assert grades.share_passed() >= 0.8


def test_pictures_pass_when_its_errors_are_corrected(grades, calibration):
    assert calibration.correct(grades) >= 0.8


@pytest.mark.parametrize("skill", SKILLS)
def test_skills_when_its_errors_are_corrected(grades, calibration, skill):
    assert calibration.correct(grades, skill) >= 0.8
