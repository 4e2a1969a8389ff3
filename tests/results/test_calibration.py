"""A judge held against pictures of known content, and shares corrected for its errors."""

from __future__ import annotations

import json
import math

import pytest

from pytest_vlmperception import (
    Calibration,
    Inconclusive,
    Reply,
    Rubric,
    RubricQuestion,
    Stimulus,
    UsageError,
    checklist,
)
from pytest_vlmperception.records import Estimate, Picture, Scene, Shape

RUBRIC = Rubric(
    "checks",
    "",
    (
        RubricQuestion("there", "Is there a star?", skill="object"),
        RubricQuestion("three", "Are there three?", skill="counting", parents=("there",)),
    ),
)


def picture(name, **reference):
    data = name.encode()
    return Stimulus(name, Picture(name, lambda: ("image/png", data)), {}, reference)


def judge_by(wrong):
    """Answer what the name says, e.g. ``yes-no-7``, but for the questions of `wrong`, by name."""

    def answer(question):
        name = question.pictures[0].bytes.decode()
        said = dict(zip(("there", "three"), name.split("-"), strict=False))
        flip = {"yes": "no", "no": "yes"}
        said |= {each: flip[said[each]] for each in wrong.get(name, ())}
        return Reply("answered", json.dumps(said))

    return answer


def known(count, there="yes", three="yes"):
    truth = {"there": there == "yes", "three": three == "yes"}
    return [picture(f"{there}-{three}-{number}", truth=truth, right=all(truth.values())) for number in range(count)]


# 20 are right; 10 have another number, 10 nothing.
PICTURES = [*known(20), *known(10, three="no"), *known(10, there="no", three="no")]


def test_sensitivity_and_specificity_of_pictures_and_skills(ask):
    wrong = {f"yes-yes-{n}": ["three"] for n in range(2)} | {"yes-no-0": ["three"]} | {"no-no-0": ["there"]}
    calibration = Calibration.of(ask(judge_by(wrong)).grade(PICTURES, RUBRIC), "truth")
    pictures, counting = calibration.pictures, calibration.skills["counting"]
    # 18 of 20 right ones pass; of 20 wrong ones one passes: that with the wrong number.
    assert (pictures.sensitivity.value, pictures.specificity.value) == (0.9, 0.95)
    # A star seen where there is none leaves the number a no.
    assert (counting.sensitivity.value, counting.specificity.value) == (0.9, 0.95)
    assert (calibration.skills["object"].sensitivity.value, calibration.skills["object"].specificity.value) == (
        1.0,
        0.9,
    )
    # Of 40: 19 yes, 20 right; agreement 37 / 40 against 1 / 2 by chance.
    assert pictures.yes_bias.value == pytest.approx(-1 / 40)
    assert pictures.kappa.value == pytest.approx((37 / 40 - 0.5) / 0.5)
    assert pictures.youden.value == pytest.approx(0.85)
    # Newcombe (1998), Wilson's interval of 18 of 20: 0.699 to 0.972.
    assert (round(pictures.sensitivity.low, 3), round(pictures.sensitivity.high, 3)) == (0.699, 0.972)


def test_whole_pictures_may_be_all_that_is_known(ask):
    grades = ask(judge_by({})).grade(PICTURES, RUBRIC)
    calibration = Calibration.of(grades, "right")
    assert calibration.pictures.sensitivity.value == 1.0
    assert calibration.skills == {}
    with pytest.raises(UsageError, match="skill 'counting' was not calibrated; give the truth of every question"):
        calibration.correct(grades, "counting")


def test_a_share_is_corrected(ask):
    # Says yes to every fifth wrong number, and no to every tenth right one.
    wrong = {f"yes-yes-{n}": ["three"] for n in range(0, 20, 10)} | {f"yes-no-{n}": ["three"] for n in range(0, 10, 5)}
    judge = ask(judge_by(wrong))
    calibration = Calibration.of(judge.grade([*known(20), *known(10, three="no")], RUBRIC), "truth")
    graded = judge.grade([picture(f"yes-{'yes' if n < 27 else 'no'}-{100 + n}") for n in range(50)], RUBRIC)
    found = calibration.correct(graded)
    # (0.54 + 0.8 - 1) / (0.9 + 0.8 - 1)
    assert graded.share_passed().value == 0.54
    assert found.value == pytest.approx(0.34 / 0.7)
    assert found.low < 0.34 / 0.7 < found.high
    assert (found.name, found.n, found.unit) == ("corrected share", 50, "picture")
    assert found.method.startswith("raw share passed 0.54 [")
    assert "sensitivity 0.9 and specificity 0.8 (20 + 10 picture)" in found.method
    assert calibration.correct(graded.share_passed()) == found
    by_skill = calibration.correct(graded, "counting")
    assert by_skill.value == pytest.approx(0.34 / 0.7)
    assert by_skill.method.startswith("raw counting 0.54")
    with pytest.raises(UsageError, match=r"skill 'count' was not calibrated; did you mean 'counting'\?"):
        calibration.correct(graded, "count")


def test_two_generators_are_compared_by_one_calibration(ask):
    judge = ask(judge_by({"yes-yes-0": ["three"], "yes-no-0": ["three"]}))
    calibration = Calibration.of(judge.grade([*known(20), *known(20, three="no")], RUBRIC), "truth")
    corrected = []
    for right in (20, 30):
        pictures = [picture(f"yes-{'yes' if n < right else 'no'}-{n + 50}") for n in range(40)]
        named = {f"p{n}": each for n, each in enumerate(pictures)}
        grades = judge.grade([Stimulus(name, each.picture) for name, each in named.items()], RUBRIC)
        corrected.append(calibration.correct(grades))
    first, second = corrected
    assert first.design == second.design is not None
    assert first.design != judge.grade(known(3), RUBRIC).share_passed().design
    differences = [b - a for a, b in zip(first.replicates, second.replicates, strict=True)]
    # Ten of 40 more are right by all: about 0.25 / 0.9, whichever errors of the judge are drawn.
    assert sum(differences) / len(differences) == pytest.approx(0.25 / 0.9, abs=0.05)


def test_a_judge_no_better_than_chance_decides_nothing(ask):
    wrong = {each.id: ["three"] for each in PICTURES[:10] + PICTURES[20:25]}
    judge = ask(judge_by(wrong))
    calibration = Calibration.of(judge.grade([*known(20), *known(10, three="no")], RUBRIC), "truth")
    found = calibration.correct(judge.grade(known(50), RUBRIC))
    with pytest.raises(Inconclusive, match=r"the judge is not shown to be better than chance: Youden's J 0 \["):
        assert found >= 0.5
    assert math.isnan(found.value)


def test_failed_judgements_are_not_errors(ask):
    honest = judge_by({})

    def sometimes(question):
        name = question.pictures[0].bytes.decode()
        return Reply("answered", "cannot say") if name in ("yes-yes-0", "yes-no-0") else honest(question)

    calibration = Calibration.of(ask(sometimes).grade(PICTURES, RUBRIC), "truth")
    assert (calibration.pictures.sensitivity.value, calibration.pictures.sensitivity.missing) == (1.0, 1)
    assert calibration.skills["counting"].specificity.missing == 1
    few = Calibration.of(ask(sometimes).grade([*known(2), *known(2, three="no")], RUBRIC), "truth")
    with pytest.raises(Inconclusive, match=r"sensitivity: valid share 0.5 < 0.9"):
        assert few.correct(Estimate(0.5, 0.4, 0.6, 100)) >= 0.1


def test_without_wrong_pictures_nothing_is_known(ask):
    calibration = Calibration.of(ask(judge_by({})).grade(known(20), RUBRIC), "truth")
    with pytest.raises(Inconclusive, match="specificity: no picture is known to be wrong"):
        assert calibration.correct(Estimate(0.5, 0.4, 0.6, 100)) >= 0.1


def test_truth_comes_from_the_scene_that_is_drawn(ask):
    scenes = {
        "two": Scene((Shape("star", "red", 50, 50, 40), Shape("star", "red", 150, 50, 40))),
        "three": Scene(tuple(Shape("star", "red", 50 + 100 * n, 50, 40) for n in range(3))),
        "none": Scene((Shape("ring", "red", 50, 50, 40),)),
    }
    rubric = checklist({"include": [{"class": "star", "count": 3}], "exclude": [{"class": "star", "count": 4}]})

    def sees(question):
        count = {"two": 2, "three": 3, "none": 0}[question.pictures[0].bytes.decode()[:-1].rstrip("0123456789")]
        return Reply(
            "answered", json.dumps({"object_1": "yes" if count else "no", "count_1": "yes" if count == 3 else "no"})
        )

    pictures = [picture(f"{name}{n}", scene=scene) for n in range(10) for name, scene in scenes.items()]
    calibration = Calibration.of(ask(sees).grade(pictures, rubric), "scene")
    assert calibration.skills["object"].specificity.n == 10
    assert calibration.skills["counting"].specificity.n == 20
    assert calibration.pictures.youden.value == 1.0
    lines = str(calibration).splitlines()
    assert lines[0] == "calibration of fake/m"
    assert lines[1].startswith("  pictures: sensitivity 1 [0.722, 1], specificity 1 [0.839, 1], Cohen's kappa 1 [")
    assert [line.split(":")[0] for line in lines[1:]] == ["  pictures", "  object", "  counting"]


@pytest.mark.parametrize(
    ("truth", "message"),
    [
        ("yes", "truth of 'yes-yes-0' is 'yes'; expected True or False, a mapping"),
        (1, "is 1; expected True or False"),
        ({"there": True}, "the truth of 'yes-yes-0' and its rubric differ in 'three'"),
        ({"there": True, "three": True, "four": True}, "differ in 'four'"),
        ({"there": 1, "three": 1}, "expected True or False, a mapping from question"),
        (Scene(), "cannot be told from its scene: the observer cannot decide the check {}"),
    ],
)
def test_a_truth_that_is_none_is_refused(ask, truth, message):
    grades = ask(judge_by({})).grade(known(1), RUBRIC)
    with pytest.raises(UsageError, match=message):
        Calibration.of(grades, lambda stimulus: truth)


def test_only_yes_and_no_can_be_right_or_wrong(ask):
    judge = ask(lambda question: Reply("answered", json.dumps({"success": 9, "over_editing": 9})))
    grades = judge.grade([(picture("a"), picture("b", instruction="i"))], Rubric.shipped("editing"))
    with pytest.raises(UsageError, match="rubric 'editing' of 'b' gives scores; expected one whose questions"):
        Calibration.of(grades, lambda stimulus: True)


def test_another_judge_s_grades_are_not_corrected(ask):
    calibration = Calibration.of(ask(judge_by({})).grade(PICTURES, RUBRIC), "truth")
    other = ask(judge_by({}))
    other._caller.name = "fake/other"
    with pytest.raises(UsageError, match="fake/m was calibrated, and fake/other gave the grades; calibrate that one"):
        calibration.correct(other.grade(known(2), RUBRIC))
