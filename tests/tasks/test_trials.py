"""Prompt and stimuli become questions; a reply becomes a draw, or says why not."""

from __future__ import annotations

import pytest

from pytest_vlmperception import Prompt, Reply, Stimulus, UsageError
from pytest_vlmperception.records import Picture
from pytest_vlmperception.tasks import as_pairs, compare_trials, describe_trials, read_choice, read_text
from pytest_vlmperception.tasks.compare import parse_choice


def stimulus(name):
    return Stimulus(name, Picture(name, lambda: ("image/png", name.encode())))


X, Y = stimulus("x"), stimulus("y")
CONTRAST = Prompt("more_contrast", "Which has more contrast, A or B?", "contrast", "more")


@pytest.mark.parametrize("text", ["A", "a", " A\n", "A.", "(A)", "**A**", '"A"', "`A`", "Ａ", "[A]:"])
def test_a_letter_alone_is_an_answer(text):
    assert parse_choice(text) == "A"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "AB",
        "A or B",
        "A B",
        "Picture A",
        "Answer: A",
        "A, it is brighter",
        "C",
        "1",
        "А",
        "neither",
        '{"choice": "A"}',
        "<think>A</think>B",
        "AA",
        "Ä",
    ],
)
def test_anything_else_is_never_guessed(text):
    assert parse_choice(text) is None


def test_each_repeat_is_asked_in_both_orders():
    trials = compare_trials((X, Y), CONTRAST, 2, "both")
    assert [(t.question.repeat, t.order, [p.name for p in t.question.pictures]) for t in trials] == [
        (0, "given", ["x", "y"]),
        (0, "reversed", ["y", "x"]),
        (1, "given", ["x", "y"]),
        (1, "reversed", ["y", "x"]),
    ]
    assert {trial.question.prompt for trial in trials} == {CONTRAST.text}
    assert len(compare_trials((X, Y), CONTRAST, 2, "given")) == 2


def test_a_choice_is_read_in_terms_of_the_pair_as_given():
    given, reverse = compare_trials((X, Y), CONTRAST, 1, "both")
    assert read_choice(given, Reply("answered", "A")).value == "A"
    assert read_choice(reverse, Reply("answered", "A")).value == "B"


def test_a_plain_string_is_told_how_to_answer_and_a_prompt_is_not():
    (plain,) = compare_trials((X, Y), "Which has more contrast?", 1, "given")
    assert plain.question.prompt.startswith("Which has more contrast?\n\n")
    assert "A or B" in plain.question.prompt
    (trial,) = describe_trials(X, "What is it?", 1)
    assert trial.question.prompt == "What is it?"


@pytest.mark.parametrize(
    ("reply", "status", "kind", "reason"),
    [
        (Reply("refused", "I can't."), "refused", "refused", "refused: I can't."),
        (Reply("filtered", "", finish_reason="SAFETY"), "refused", "filtered", "filtered: SAFETY"),
        (Reply("truncated", "A"), "truncated", "truncated", "truncated: A"),
        (Reply("answered", "both\x1b[2J"), "unparsed", "unparsed", "unparsed: 'both [2J' is not A or B"),
    ],
)
def test_every_way_of_not_answering_has_a_status(reply, status, kind, reason):
    (trial,) = compare_trials((X, Y), CONTRAST, 1, "given")
    draw = read_choice(trial, reply)
    assert (draw.status, draw.kind, draw.reason, draw.value) == (status, kind, reason, None)


def test_blank_text_is_no_description():
    (trial,) = describe_trials(X, "What is it?", 1)
    assert read_text(trial, Reply("answered", " \n")).status == "unparsed"
    assert read_text(trial, Reply("answered", " a cup\n")).value == "a cup"


def test_a_pair_is_given_once_in_either_order():
    with pytest.raises(UsageError, match="the pair y / x twice; use repeats="):
        as_pairs([(X, Y), (Y, X)])
    with pytest.raises(UsageError, match="expected two different stimuli"):
        as_pairs([(X, X)])
