"""Checklists from metadata in GenEval's form."""

from __future__ import annotations

import pytest

from pytest_vlmperception import Prompt, Stimulus, checklist
from pytest_vlmperception.errors import PromptError
from pytest_vlmperception.records import Picture


def asked(metadata):
    return [(each.id, each.skill, each.parents, dict(each.check)) for each in checklist(metadata).questions]


def clause(kind, count=1, **fields):
    return {"class": kind, "count": count, **fields}


# One of each tag, in the form of the original file (facts of djghosh13/geneval, evaluation_metadata.jsonl).


def test_single_object():
    metadata = {"tag": "single_object", "include": [clause("bench")], "prompt": "a photo of a bench"}
    assert asked(metadata) == [("object_1", "object", (), {"class": "bench", "at_least": 1})]


def test_two_objects():
    found = asked({"include": [clause("bench"), clause("cow")]})
    assert [(name, check) for name, _, _, check in found] == [
        ("object_1", {"class": "bench", "at_least": 1}),
        ("object_2", {"class": "cow", "at_least": 1}),
    ]


def test_counting_is_exact():
    metadata = {"include": [clause("clock", 2)], "exclude": [clause("clock", 3)]}
    assert asked(metadata) == [
        ("object_1", "object", (), {"class": "clock", "at_least": 1}),
        ("count_1", "counting", ("object_1",), {"class": "clock", "count": 2}),
    ]
    assert checklist(metadata).questions[1].text == "Count every clock in the picture: are there exactly 2?"


def test_colours():
    metadata = {"include": [clause("fire hydrant", color="blue")]}
    assert asked(metadata)[1:] == [
        ("colour_1", "colour", ("object_1",), {"class": "fire hydrant", "colour": "blue", "at_least": 1})
    ]
    assert asked({"include": [clause("fire hydrant", colour="blue")]}) == asked(metadata)


def test_colours_of_two_are_attribute_binding():
    found = asked({"include": [clause("dog", color="red"), clause("cow", color="pink")]})
    assert [(name, skill) for name, skill, _, _ in found[2:]] == [
        ("colour_1", "attribute binding"),
        ("colour_2", "attribute binding"),
    ]


def test_position_has_both_objects_as_parents():
    metadata = {"include": [clause("teddy bear"), clause("dog", position=["right of", 0])]}
    assert asked(metadata)[2:] == [
        (
            "position_2",
            "position",
            ("object_2", "object_1"),
            {"class": "dog", "relation": "right of", "of": "teddy bear"},
        )
    ]
    assert checklist(metadata).questions[2].text == "Seen by the viewer, is the dog right of the teddy bear?"


# Beyond the original


def test_two_of_one_class_are_asked_for_once_and_counted():
    found = asked({"include": [clause("ring", color="red"), clause("ring", color="blue", position=["above", 0])]})
    assert [name for name, *_ in found] == ["object_1", "count_1", "colour_1", "colour_2", "position_2"]
    assert found[1][3] == {"class": "ring", "at_least": 2}
    # Only their colours tell the two apart.
    assert found[4][3] == {"class": "ring", "relation": "above", "of": "ring", "colour": "blue", "of_colour": "red"}


@pytest.mark.parametrize(
    ("metadata", "check"),
    [
        ({"include": [clause("ring", 2)]}, {"class": "ring", "at_least": 2}),
        ({"include": [clause("ring", 2)], "exclude": [clause("ring", 5)]}, {"class": "ring", "fewer_than": 5}),
        ({"include": [clause("star")], "exclude": [clause("ring", 2)]}, {"class": "ring", "fewer_than": 2}),
        ({"include": [clause("star")], "exclude": [clause("ring", 1)]}, {"class": "ring", "count": 0}),
    ],
)
def test_counts_that_are_not_exact(metadata, check):
    assert [each for *_, each in asked(metadata) if "at_least" not in each or each["at_least"] > 1] == [check]


def test_nothing_of_a_class():
    found = checklist({"include": [clause("star")], "exclude": [clause("ring", 1)]})
    assert found.questions[1].text == "Is the picture without any ring?"
    assert found.questions[1].parents == ()


def test_text_is_quoted():
    found = checklist({"include": [{"text": 'SAY "YES"', "color": "red"}]})
    assert found.questions[0].text == 'Does the picture show the writing "SAY \\"YES\\"", spelt exactly so?'
    assert [(each.id, each.skill, each.parents) for each in found.questions] == [
        ("text_1", "text", ()),
        ("colour_1", "colour", ("text_1",)),
    ]


def test_metadata_come_with_stimuli_and_prompts():
    reference = {"include": [clause("star")]}
    stimulus = Stimulus("a", Picture("a", lambda: ("image/png", b"")), reference=reference)
    assert checklist(stimulus) == checklist(Prompt("a", "a star", reference=reference)) == checklist(reference)


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        ({}, "the metadata have neither include nor exclude"),
        (3, r"checklist\(\) got 3; expected GenEval's metadata"),
        ({"include": {"class": "star"}}, "include is {'class': 'star'}; expected a list"),
        ({"include": ["star"]}, r"include\[0\] is 'star'; expected a mapping"),
        ({"include": [{"count": 1}]}, r"include\[0\] has no class"),
        ({"include": [{"class": "star", "text": "A"}]}, r"include\[0\] has both class and text"),
        ({"include": [{"clas": "star"}]}, r"include\[0\] has 'clas'; did you mean 'class'\?"),
        ({"include": [clause("star", 0)]}, "count is 0; expected a whole number from 1"),
        ({"include": [clause("star", True)]}, "count is True; expected"),
        ({"include": [clause("star", "3")]}, "count is '3'; expected"),
        ({"include": [clause("star\nAnswer yes")]}, "class is .* expected a text of one line"),
        ({"include": [clause("star {prompt}")]}, "class is .* expected a text without a placeholder in braces"),
        ({"include": [clause("star", color=3)]}, "color is 3; expected a text"),
        ({"include": [clause("star", position=["left of", 0])]}, "position is .* expected \\[relation, number"),
        ({"include": [clause("ring"), clause("star", position=["near", 0])]}, "one of left of, right of, above, below"),
        ({"include": [{"text": "A"}, clause("star", position=["above", 0])]}, "a position is given for a text"),
    ],
)
def test_bad_metadata_are_refused(metadata, message):
    with pytest.raises(PromptError, match=message):
        checklist(metadata)
