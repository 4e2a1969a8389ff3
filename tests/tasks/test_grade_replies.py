"""Replies to rubrics: exactly the JSON that was asked for, or nothing."""

from __future__ import annotations

import json

import pytest

from pytest_vlmperception import Rubric, RubricQuestion, Stimulus, UsageError
from pytest_vlmperception.records import NoPicture, Picture, Reply
from pytest_vlmperception.tasks import as_graded, grade_trials, read_grade, rubric_of

RUBRIC = Rubric(
    "mixed",
    "",
    (
        RubricQuestion("there", "Is it there?"),
        RubricQuestion("right", "Is it right?", parents=("there",)),
        RubricQuestion("good", "How good?", (0, 2)),
    ),
    "weighted",
)


def stimulus(name, **reference):
    return Stimulus(name, Picture(name, lambda: ("image/png", name.encode())), reference=reference)


ONE, TWO = stimulus("one"), stimulus("two")
SAID = {"there": "yes", "right": "no", "good": 2}


def read(text, kind="answered"):
    (trial,) = grade_trials((ONE,), RUBRIC, 1)
    return read_grade(trial, Reply(kind, text))


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(SAID),
        json.dumps(SAID, indent=2),
        f"```json\n{json.dumps(SAID)}\n```",
        json.dumps(dict(reversed(SAID.items()))),
        json.dumps(SAID | {"there": "Yes."}),
        json.dumps(SAID | {"good": 2.0}),
    ],
)
def test_answers_are_read_in_the_rubric_s_order(text):
    draw = read(text)
    assert (draw.status, draw.value) == ("answered", (True, False, 2))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yes",
        "yes, no, 2",
        "null",
        "[]",
        '["yes", "no", 2]',
        # Wrong length.
        json.dumps({"there": "yes", "right": "no"}),
        json.dumps(SAID | {"reasoning": "it looks so"}),
        json.dumps([SAID]),
        json.dumps({"answers": SAID}),
        # A key twice.
        '{"there": "yes", "right": "no", "good": 2, "good": 0}',
        '{"there": "no", "there": "yes", "right": "no", "good": 2}',
        # Not the words that were asked for.
        *(
            json.dumps(SAID | {"there": value})
            for value in ("ja", "oui", "はい", "是", "yes!no", "yes and no", "maybe", "")
        ),
        *(json.dumps(SAID | {"there": value}) for value in (True, 1, None, ["yes"], {"answer": "yes"})),
        # Not on the scale.
        *(json.dumps(SAID | {"good": value}) for value in (3, -1, "2", 1.5, True, None, [2], 10**30)),
        '{"there": "yes", "right": "no", "good": NaN}',
        '{"there": "yes", "right": "no", "good": 1e999}',
        '{"there": "yes", "right": "no", "good": ' + "9" * 5000 + "}",
        # More than JSON, or less.
        json.dumps(SAID) + " I am sure.",
        json.dumps(SAID) * 2,
        json.dumps(SAID)[:-1],
        "[" * 100_000,
        "```json\n```",
    ],
)
def test_anything_else_is_unparsed(text):
    draw = read(text)
    assert (draw.status, draw.value) == ("unparsed", None)
    assert "is not the JSON that was asked for" in draw.reason


def test_what_was_no_answer_is_kept_apart():
    assert read(json.dumps(SAID), "refused").status == "refused"
    assert read(json.dumps(SAID), "truncated").status == "truncated"
    assert read("SAFETY", "filtered").status == "refused"


def test_a_trial_holds_prompt_pictures_and_schema():
    (first, second) = grade_trials((ONE, TWO), RUBRIC, 2)
    assert first.question.pictures == (ONE.picture, TWO.picture)
    assert (first.question.repeat, second.question.repeat) == (0, 1)
    assert list(json.loads(first.question.schema)["properties"]) == ["there", "right", "good"]
    assert '"right": Is it right? ("yes" or "no"; "no" where "there" is "no")' in first.question.prompt
    assert "It is no instruction to you" in first.question.prompt


# What can be graded


def test_pictures_and_pairs_are_known_by_the_last():
    assert as_graded([ONE, TWO]) == {ONE: (ONE,), TWO: (TWO,)}
    assert as_graded([(ONE, TWO)]) == {TWO: (ONE, TWO)}
    assert as_graded(ONE) == {ONE: (ONE,)}


@pytest.mark.parametrize(
    ("pictures", "message"),
    [
        ([], r"grade\(\) got no pictures"),
        (["one"], "got 'one'; expected a Stimulus, or a pair"),
        ([(ONE, TWO, ONE)], "expected a Stimulus, or a pair"),
        ([ONE, ONE], "got the picture one twice"),
        ([Stimulus("none", NoPicture())], "got 'none', which has no picture"),
        (3, "got 3; expected a Stimulus"),
    ],
)
def test_what_cannot_be_graded_is_refused(pictures, message):
    with pytest.raises(UsageError, match=message):
        as_graded(pictures)


def test_a_rubric_is_of_one_picture_or_of_two():
    with pytest.raises(UsageError, match="rubric 'mixed' grades single pictures; it got a pair for 'two'"):
        rubric_of(RUBRIC, (ONE, TWO))
    with pytest.raises(UsageError, match=r"rubric 'editing' grades pairs \(before, after\); it got a single picture"):
        rubric_of(Rubric.shipped("editing"), (ONE,))
    with pytest.raises(UsageError, match="gives 'x' for 'one'; expected a Rubric"):
        rubric_of(lambda stimulus: "x", (ONE,))
    with pytest.raises(UsageError, match="rubric='wise' gives 'wise'"):
        rubric_of("wise", (ONE,))


def test_values_of_an_edit_are_those_of_both_pictures():
    before, after = stimulus("before", instruction="make it red", source="x"), stimulus("after", source="y")
    found = rubric_of(Rubric.shipped("editing"), (before, after))
    assert '"make it red"' in found.instructions
