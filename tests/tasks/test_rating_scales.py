"""A reply is one point of the scale and nothing else, or it is none."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_vlmperception import Prompt, Reply, Stimulus, UsageError
from pytest_vlmperception.records import Picture
from pytest_vlmperception.tasks import as_scale, rate_trials, read_rating

CUP = Stimulus("cup", Picture("cup", lambda: ("image/png", b"cup")))
FIVE = as_scale((1, 5), 1, None, "How sharp?")
QUALITY = as_scale(None, 1, ["bad", "fair", "very good"], "How good?")


@pytest.mark.parametrize("text", ["4", " 4\n", "4.", "**4**", "4/5", "4 / 5", "(4)", "`4/5`", "４", "4.0", "04", "+4"])
def test_a_number_alone_or_over_the_upper_end_is_a_rating(text):
    assert FIVE.read(text) == 4


@pytest.mark.parametrize(
    "text",
    [
        "",
        "4 or 5",
        "4-5",
        "4,5",
        "4, 5",
        "4.5",
        "6",
        "0",
        "-4",
        "4/10",
        "4/5/5",
        "/5",
        "four",
        "4 stars",
        "Rating: 4",
        "4²",
        "½",
        "1e0",
        "nan",
        "٤",
        "4" * 100_000,
    ],
)
def test_anything_else_is_never_guessed(text):
    assert FIVE.read(text) is None


@pytest.mark.parametrize(
    ("scale", "step", "text", "value"),
    [
        ((0, 1), 0.1, "0.3", 0.3),
        ((0, 1), 0.1, ".3", 0.3),
        ((0, 1), 0.1, "0.30", 0.3),
        ((0, 1), 0.1, "1", 1.0),
        ((0, 1), 0.1, "0.35", None),
        # A stripped point would make 5 of a half.
        ((0, 10), 0.5, ".5", 0.5),
        ((-3, 3), 1, "-3", -3),
        ((-3, 3), 1, "\u22123", -3),
        ((-3, 3), 1, "-0", 0),
        ((0, 100), 5, "85", 85),
        ((0, 100), 5, "84", None),
        ((0, 100), 1, "85/100", 85),
        ((0, 100), 1, "42²", None),
        ((np.int64(1), np.float64(5)), np.int64(1), "2", 2),
    ],
)
def test_scales_of_other_ends_and_steps(scale, step, text, value):
    assert as_scale(scale, step, None, "?").read(text) == value


@given(st.integers(-50, 50), st.integers(1, 40), st.sampled_from([0.01, 0.1, 0.25, 0.5, 1, 2, 10]))
def test_every_point_is_read_as_itself(low, steps, step):
    scale = as_scale((low, low + steps * step), step, None, "?")
    assert len(scale.points) == steps + 1
    assert [scale.read(point) for point in scale.points] == list(scale.values)
    assert [scale.read(f"**{point}/{scale.points[-1]}**.") for point in scale.points[:2]] == (
        list(scale.values[:2]) if scale.points[-1][0] != "-" else [None, None]
    )


def test_categories_are_read_as_labels_and_count_from_one():
    assert QUALITY.read("Very Good.") == "very good"
    assert QUALITY.read("good") is None
    assert QUALITY.read("fair to very good") is None
    assert [QUALITY.number(value) for value in QUALITY.values] == [1.0, 2.0, 3.0]


def test_labels_of_the_front_matter_are_categories_unless_a_scale_is_given():
    prompt = Prompt("quality", "How good?", labels=("bad", "good"))
    assert as_scale(None, 1, None, prompt).points == ("bad", "good")
    assert as_scale((1, 3), 1, None, prompt).points == ("1", "2", "3")


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ((None, 1, None), r"rate\(\) got no scale; give scale=\(1, 5\), categories=\[...\], or labels"),
        (((1, 5), 1, ["bad", "good"]), r"rate\(\) got scale= and categories=; give one of them"),
        (((5, 1), 1, None), r"scale=\(5, 1\); expected two numbers \(low, high\), low < high, such as \(1, 5\)"),
        (((1, 1), 1, None), r"scale=\(1, 1\); expected two numbers"),
        ((5, 1, None), "scale=5; expected two numbers"),
        (((1, 2, 3), 1, None), r"scale=\(1, 2, 3\); expected two numbers"),
        ((("1", "5"), 1, None), "expected two numbers"),
        (((1, float("nan")), 1, None), "expected two numbers"),
        (((0, 10**400), 1, None), "expected two numbers"),
        (((False, True), 1, None), "expected two numbers"),
        (((1, 5), 0, None), "step=0; expected a positive number such as 1 or 0.5"),
        (((1, 5), -1, None), "step=-1; expected a positive number"),
        (((1, 5), "1", None), "step='1'; expected a positive number"),
        (((1, 5), 1e-12, None), "step=1e-12; expected a positive number"),
        (((1, 5), 3, None), r"step=3 over scale=\(1, 5\); expected 1 to 1000 equal steps"),
        (((0, 10_000), 1, None), r"step=1 over scale=\(0, 10000\); expected 1 to 1000 equal steps"),
        ((None, 1, ["bad", "Bad"]), "categories: 'bad' and 'Bad' are one answer"),
        ((None, 1, "bad good"), "categories='bad good'; expected a list of texts"),
    ],
)
def test_what_makes_no_scale_is_refused(given, match):
    with pytest.raises(UsageError, match=match):
        as_scale(*given, "How good?")


@pytest.mark.parametrize(
    ("scale", "instruction"),
    [
        (FIVE, "Answer with one whole number from 1 to 5, and nothing else."),
        (as_scale((0, 1), 0.1, None, "?"), "Answer with one number from 0 to 1 in steps of 0.1, and nothing else."),
        (QUALITY, "Answer with one of these categories only, in ascending order:\nbad\nfair\nvery good"),
    ],
)
def test_a_plain_string_is_told_the_scale_and_a_prompt_is_not(scale, instruction):
    (plain,) = rate_trials(CUP, "How sharp is it?", scale, 1)
    assert plain.question.prompt == f"How sharp is it?\n\n{instruction}"
    (word_by_word,) = rate_trials(CUP, Prompt("sharpness", "How sharp, 1 to 5?"), scale, 1)
    assert word_by_word.question.prompt == "How sharp, 1 to 5?"


@pytest.mark.parametrize(
    ("scale", "text", "reason"),
    [
        (FIVE, "6", "unparsed: '6' is not one whole number from 1 to 5"),
        (FIVE, "4 or 5", "unparsed: '4 or 5' is not one whole number from 1 to 5"),
        (QUALITY, "good", "unparsed: 'good' is not bad or fair or very good"),
    ],
)
def test_a_reply_off_the_scale_is_unparsed_with_what_was_expected(scale, text, reason):
    (trial,) = rate_trials(CUP, "How?", scale, 1)
    draw = read_rating(trial, Reply("answered", text), scale)
    assert (draw.status, draw.reason, draw.value) == ("unparsed", reason, None)


def test_repeats_are_questions_of_their_own():
    assert [trial.question.repeat for trial in rate_trials(CUP, "How?", FIVE, 3)] == [0, 1, 2]
    with pytest.raises(UsageError, match="repeats=0; expected a whole number of at least 1"):
        rate_trials(CUP, "How?", FIVE, 0)
