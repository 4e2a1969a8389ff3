"""Grades of pictures: gates, majorities, shares, scores, and what is missing."""

from __future__ import annotations

import csv
import json
import math

import pytest

from pytest_vlmperception import Inconclusive, Refused, Reply, Rubric, RubricQuestion, Stimulus, Unparsed, UsageError
from pytest_vlmperception.errors import CallError, PromptError
from pytest_vlmperception.records import Picture

CHECKLIST = Rubric(
    "checks",
    "Look.",
    (
        RubricQuestion("there", "Is there a star?", skill="object"),
        RubricQuestion("three", "Are there three?", skill="counting", parents=("there",)),
        RubricQuestion("red", "Are all three red?", skill="colour", parents=("there", "three")),
    ),
)


def picture(name, groups=(), **reference):
    data = name.encode()
    return Stimulus(name, Picture(name, lambda: ("image/png", data)), dict(groups), reference)


def says(answers, default=("yes", "yes", "yes")):
    """Answer by the name of the last picture: the answers in the rubric's order, or a text as it is."""

    def answer(question):
        name = question.pictures[-1].bytes.decode()
        given = answers.get(name, default)
        given = given[question.repeat] if isinstance(given, list) else given
        if isinstance(given, Exception):
            raise given
        ids = json.loads(question.schema)["required"]
        text = given if isinstance(given, str) else json.dumps(dict(zip(ids, given, strict=True)))
        return Reply("answered", text)

    return answer


def test_all_questions_are_one_call(ask):
    judge = ask(says({}))
    grades = judge.grade([picture("a"), picture("b")], CHECKLIST)
    assert [grade.value for grade in grades.values()] == [True, True]
    assert len(ask.fakes[0].asked) == 2
    assert grades["a"].answers == {"there": True, "three": True, "red": True}


def test_below_a_no_all_is_no_and_is_not_judged(ask):
    grades = ask(says({"a": ("no", "yes", "yes"), "b": ("yes", "no", "yes")})).grade(
        [picture("a"), picture("b")], CHECKLIST
    )
    assert grades["a"].answers == {"there": False, "three": False, "red": False}
    assert grades["a"].judged == ("there",)
    assert grades["b"].answers == {"there": True, "three": False, "red": False}
    assert grades["b"].judged == ("there", "three")
    assert not grades["b"].passed
    assert grades["b"].score == pytest.approx(1 / 3)
    assert (float(grades.skill("object")), float(grades.skill("counting"))) == (0.5, 0.0)


def test_a_scale_below_a_no_is_at_its_low_end(ask):
    rubric = Rubric(
        "r", "", (RubricQuestion("there", "?"), RubricQuestion("round", "?", (1, 5), parents=("there",))), "weighted"
    )
    grades = ask(says({"a": ("no", 5), "b": ("yes", 3)})).grade([picture("a"), picture("b")], rubric)
    assert grades["a"].answers == {"there": False, "round": 1.0}
    assert grades["a"].score == 0.0
    # Yes is 1, and 3 of 1 to 5 is a half.
    assert grades["b"].score == 0.75


@pytest.mark.parametrize(
    ("given", "answers", "passed"),
    [
        ([("yes",) * 3, ("yes", "yes", "no"), ("yes",) * 3], {"there": True, "three": True, "red": True}, True),
        ([("no", "no", "no"), ("yes",) * 3, ("no", "no", "no")], {"there": False, "three": False, "red": False}, False),
        # The draw that failed counts among those of which a majority is wanted.
        ([("yes",) * 3, "what?", ("yes", "no", "no")], {"there": True, "three": None, "red": None}, None),
    ],
)
def test_repeats_are_decided_by_a_strict_majority_for_each_question(ask, given, answers, passed):
    grade = ask(says({"a": given})).grade([picture("a")], CHECKLIST, repeats=3)["a"]
    assert grade.answers == answers
    if passed is None:
        with pytest.raises(Inconclusive, match="no strict majority among 3 draws on question 'three'"):
            _ = grade.passed
        with pytest.raises(Inconclusive, match="no strict majority"):
            _ = grade.score
    else:
        assert grade.passed is passed


def test_a_question_that_is_no_decides_whatever_is_tied(ask):
    given = [("yes", "no", "no"), ("no", "no", "no")]
    rubric = Rubric("r", "", (RubricQuestion("one", "?"), RubricQuestion("two", "?"), RubricQuestion("three", "?")))
    assert ask(says({"a": given})).grade([picture("a")], rubric, repeats=2)["a"].passed is False


def test_points_of_repeats_are_averaged(ask):
    given = [(2, 1, 0), (1, 1, 0)]
    grade = ask(says({"a": given})).grade(
        [picture("a", prompt="p", explanation="e")], Rubric.shipped("wise"), repeats=2
    )["a"]
    assert grade.answers == {"consistency": 1.5, "realism": 1.0, "aesthetic_quality": 0.0}
    # (0.7 * 1.5 + 0.2 * 1 + 0.1 * 0) / 2
    assert grade.score == pytest.approx(0.625)


# WISE and editing


def test_wiscore_of_a_picture_and_of_all(ask):
    # Categories in which every picture has what GPT-4o has there (GPT-ImgEval, 2504.02782 v2: .81 .71 .89 .83 .79 .74,
    # whose weighted mean is .797) cannot be had of integers; so one category fails here, and the weights show.
    names = ("culture", "time", "space", "biology", "physics", "chemistry")
    pictures = [picture(name, {"category": name}, prompt="p", explanation="e") for name in names]
    grades = ask(says({"time": (0, 0, 0), "space": (1, 2, 0)}, (2, 2, 2))).grade(pictures, Rubric.shipped("wise"))
    # Space: (0.7 * 1 + 0.2 * 2) / 2 = 0.55
    assert grades["space"].value == pytest.approx(0.55)
    assert grades.wiscore().value == pytest.approx(0.4 + 0.133 * 0.55 + 0.3)
    assert (grades.wiscore().name, grades.wiscore().n) == ("WiScore", 6)
    with pytest.raises(UsageError, match="stratum 'chemistry' has no weight"):
        grades.wiscore(dict.fromkeys(names[:5], 1.0))
    with pytest.raises(UsageError, match="'culture' has no group 'kategory'; did you mean 'category'"):
        grades.wiscore(group="kategory")


def test_a_category_without_any_grade_is_not_zero(ask):
    names = ("culture", "time", "space", "biology", "physics", "chemistry")
    pictures = [
        picture(f"{name}{n}", {"category": name}, prompt="p", explanation="e") for name in names for n in (1, 2)
    ]
    failing = {"time1": "I cannot say", "time2": "2 2 2"}
    grades = ask(says(failing, (2, 2, 2)), min_valid=0.5).grade(pictures, Rubric.shipped("wise"))
    score = grades.wiscore()
    assert math.isnan(score.value)
    assert score.missing == 2
    with pytest.raises(Inconclusive, match="WiScore: 'time' has no value"):
        assert score >= 0.5


def test_an_edit_has_the_lower_of_two_scores(ask):
    before, after = picture("before"), picture("after", instruction="Make the ring red.")
    grades = ask(says({"after": (9, 4)})).grade([(before, after)], Rubric.shipped("editing"))
    assert grades[after].score == grades["after"].score == grades[before, after].score == 0.4
    question = ask.fakes[0].asked[0]
    assert [each.bytes for each in question.pictures] == [b"before", b"after"]
    assert 'this instruction, as a JSON string: "Make the ring red."' in question.prompt


# Missing


def test_a_judgement_that_failed_is_missing(ask):
    pictures = [picture(name) for name in "abcdefghijkl"]
    failing = {"a": "-1", "b": json.dumps({"there": 0, "three": 0, "red": 0})}
    grades = ask(says(failing), min_valid=0.8).grade(pictures, CHECKLIST)
    share = grades.share_passed()
    assert (share.value, share.n, share.missing, share.name) == (1.0, 10, 2, "share passed")
    assert (grades.score().value, grades.score().missing) == (1.0, 2)
    assert grades.skill("colour").value == 1.0
    with pytest.raises(Unparsed, match="is not the JSON that was asked for"):
        _ = grades["a"].value
    with pytest.raises(Unparsed, match="is not the JSON"):
        _ = grades["a"].answers


@pytest.mark.parametrize("measure", [lambda g: g.share_passed(), lambda g: g.score(), lambda g: g.skill("object")])
def test_too_many_missing_decide_nothing(ask, measure):
    pictures = [picture(name) for name in "abcd"]
    estimate = measure(ask(says({"a": "what?"})).grade(pictures, CHECKLIST))
    with pytest.raises(Inconclusive, match=r"valid share 0\.75 < 0\.9"):
        assert estimate >= 0.5


def test_grades_that_could_not_be_had_are_unavailable(ask):
    grades = ask(says({"a": CallError("no key", "key", whole_model=True)})).grade([picture("a")], CHECKLIST)
    assert (grades["a"].status, grades.share_passed().unavailable, grades.score().unavailable) == (
        "unavailable",
        True,
        True,
    )


def test_a_refusal_is_one(ask):
    judge = ask(lambda question: Reply("refused", "I would rather not."))
    with pytest.raises(Refused, match="I would rather not"):
        _ = judge.grade([picture("a")], CHECKLIST)["a"].passed


# Units, parts, rows


def test_pictures_of_one_scene_are_one_unit(ask):
    pictures = [picture(f"{scene}{n}", {"scene": scene}) for scene in ("cup", "tree") for n in range(4)]
    grades = ask(says({"cup0": ("no",) * 3})).grade(pictures, CHECKLIST)
    assert (grades.share_passed().n, grades.share_passed().unit) == (2, "scene")
    assert (grades.score().n, grades.score().value) == (2, 0.875)


TASKS = [
    picture(f"{task}{n}", {"task": task}) for task, count in (("single", 8), ("counting", 2)) for n in range(count)
]


def test_the_parts_of_a_set(ask):
    judge = ask(says({"counting0": ("yes", "no", "no")}))
    grades = judge.grade(TASKS, CHECKLIST)
    parts = grades.by("task")
    assert {task: part.share_passed().value for task, part in parts.items()} == {"single": 1.0, "counting": 0.5}
    assert list(parts["counting"]) == TASKS[8:]
    assert len(parts["counting"].rows()) == 2
    # Not asked again.
    assert len(ask.fakes[0].asked) == 10
    with pytest.raises(UsageError, match="'single0' has no group 'tag'"):
        grades.by("tag")


def test_the_overall_score_is_that_of_tasks_not_of_pictures(ask):
    # GenEval's summary: the unweighted mean of the task scores, here (1 + 0.5) / 2, not 9 of 10.
    grades = ask(says({"counting0": ("yes", "no", "no")})).grade(TASKS, CHECKLIST)
    overall = grades.mean_over("task")
    assert overall.value == 0.75
    assert overall.low < 0.75 < overall.high
    assert overall.name == "mean over task"


def test_skills_are_those_of_the_questions(ask):
    grades = ask(says({})).grade([picture("a")], CHECKLIST)
    assert grades.skills == ("object", "counting", "colour")
    with pytest.raises(UsageError, match=r"no question tests the skill 'color'; did you mean 'colour'\?"):
        grades.skill("color")


def test_a_rubric_may_differ_by_picture(ask):
    def rubric(stimulus):
        return Rubric(
            stimulus.id, "", (RubricQuestion("kind", f"Is it a {stimulus.reference['kind']}?", skill="object"),)
        )

    grades = ask(says({}, ("yes",))).grade([picture("a", kind="ring"), picture("b", kind="star")], rubric)
    assert [each.questions[0].text for each in grades.rubrics.values()] == ["Is it a ring?", "Is it a star?"]
    assert grades.share_passed().value == 1.0


def test_a_skill_that_few_pictures_test(ask):
    other = Rubric("other", "", (RubricQuestion("a", "?", skill="text"),))
    pictures = [picture(name) for name in "abcd"]
    grades = ask(says({"d": ("no",)}, ("yes", "yes", "yes"))).grade(
        pictures, lambda stimulus: other if stimulus.id == "d" else CHECKLIST
    )
    assert (grades.skill("text").value, grades.skill("text").n) == (0.0, 1)
    assert (grades.skill("object").value, grades.skill("object").n) == (1.0, 3)


def test_a_missing_reference_value_is_named(ask):
    with pytest.raises(PromptError, match=r"rubric 'wise' asks for \{prompt\}, which 'a' has no value of"):
        ask(says({})).grade([picture("a")], Rubric.shipped("wise"))


def test_rows_name_the_questions(ask, tmp_path):
    ask(says({"a": ("no", "yes", "no")})).grade([picture("a")], CHECKLIST).to_csv(tmp_path / "grades.csv")
    (row,) = csv.DictReader((tmp_path / "grades.csv").read_text().splitlines())
    assert (row["rubric"], row["questions"], row["value"]) == ("checks", "there three red", "(False, True, False)")
