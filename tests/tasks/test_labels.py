"""A reply is one label and nothing else, or it is none."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_vlmperception import Prompt, Reply, Stimulus, UsageError
from pytest_vlmperception.records import Picture
from pytest_vlmperception.tasks import as_labels, classify_trials, find_label, read_label

FACE = Stimulus("face", Picture("face", lambda: ("image/png", b"face")))
LABELS = ("happy", "very happy", "sad")
ASKED = Prompt("expression", "What does the face express?", labels=("happy", "sad"))


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("happy", "happy"),
        ("Happy.", "happy"),
        ("**HAPPY**", "happy"),
        ('"sad"', "sad"),
        ("“sad”", "sad"),
        ("ｓａｄ", "sad"),
        (" very\n happy ", "very happy"),
        ("`very happy`", "very happy"),
    ],
)
def test_case_markup_and_compatible_forms_do_not_count(text, label):
    assert find_label(text, LABELS) == label


@pytest.mark.parametrize(
    "text",
    [
        "",
        "happy or sad",
        "happy, sad",
        "happy (not sad)",
        "unhappy",
        "not happy",
        "angry",
        "The face is happy",
        "Label: happy",
        '{"label": "happy"}',
        "happy\nsad",
        "veryhappy",
    ],
)
def test_two_labels_or_none_are_never_guessed(text):
    assert find_label(text, LABELS) is None


@pytest.mark.parametrize(
    ("label", "text"),
    [
        ("幸せ", "「幸せ」。"),
        ("Überraschung", unicodedata.normalize("NFD", "ÜBERRASCHUNG")),
        ("ΛΥΠΗ ΟΔΟΣ", "λυπη οδος"),
        ("می‌خندد", "می‌خندد"),
        ("👩‍🦰", "👩‍🦰"),
        ("no, never", "No, never."),
        ("C++", "c++"),
        (".5", ".5"),
    ],
)
def test_labels_of_any_script(label, text):
    labels = as_labels([label, "other"], "Which?")
    assert find_label(text, labels) == label


@given(st.lists(st.text(), min_size=2, max_size=6))
def test_every_usable_label_is_found_as_itself(labels):
    try:
        checked = as_labels(labels, "Which?")
    except UsageError:
        return
    assert [find_label(label, checked) for label in labels] == list(checked)


@pytest.mark.parametrize(
    ("labels", "match"),
    [
        (None, r"no labels are given; give labels=\[...\], or labels: \[...\] in the prompt's front matter"),
        ("happy", "labels='happy'; expected a list of texts in a fixed order"),
        ({"happy", "sad"}, "expected a list of texts in a fixed order"),
        (["happy"], r"labels=\['happy'\]; expected at least two"),
        ([], r"labels=\[\]; expected at least two"),
        (["happy", "Happy.", "sad"], "'happy' and 'Happy.' are one answer, as case and punctuation do not count"),
        (["happy", ""], "labels: '' cannot be an answer; expected a text of one line, with a letter or digit"),
        (["happy", "..."], r"labels: '...' cannot be an answer"),
        (["happy", "sad\nangry"], r"labels: 'sad\\nangry' cannot be an answer"),
        (["happy", 3], "labels: 3 cannot be an answer"),
    ],
)
def test_labels_that_cannot_be_told_apart_are_refused(labels, match):
    with pytest.raises(UsageError, match=match):
        as_labels(labels, "Which?")


def test_labels_come_from_the_prompts_front_matter_unless_given():
    assert as_labels(None, ASKED) == ("happy", "sad")
    assert as_labels(["a", "b"], ASKED) == ("a", "b")


def test_a_point_before_a_number_belongs_to_it():
    assert find_label("5", [".5", "1"]) is None


def test_a_plain_string_is_told_the_labels_and_a_prompt_is_not():
    (plain,) = classify_trials(FACE, "What does the face express?", LABELS, 1)
    assert plain.question.prompt == (
        "What does the face express?\n\nAnswer with one of these labels only, and nothing else:\nhappy\nvery happy\nsad"
    )
    trials = classify_trials(FACE, ASKED, LABELS, 2)
    assert [(trial.question.prompt, trial.question.repeat) for trial in trials] == [(ASKED.text, 0), (ASKED.text, 1)]
    assert {trial.question.choices for trial in trials} == {LABELS}


def test_an_answer_is_spelt_as_the_suite_does_and_a_wrong_one_is_named():
    (trial,) = classify_trials(FACE, "Which?", LABELS, 1)
    assert read_label(trial, Reply("answered", "*VERY HAPPY*")).value == "very happy"
    draw = read_label(trial, Reply("answered", "happy or sad"))
    assert (draw.status, draw.reason) == ("unparsed", "unparsed: 'happy or sad' is not happy or very happy or sad")


def test_of_many_labels_a_message_names_some():
    many = tuple(f"class {number}" for number in range(1000))
    (trial,) = classify_trials(FACE, "Which?", many, 1)
    assert read_label(trial, Reply("answered", "Class 999")).value == "class 999"
    reason = read_label(trial, Reply("answered", "dog")).reason
    assert reason == "unparsed: 'dog' is not one of 1000 answers: class 0, class 1 ... class 999"
