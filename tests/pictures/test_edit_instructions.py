"""Instructions to edit pictures of shapes: what is read out of them, and what becomes of a scene."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_vlmperception.errors import PromptError
from pytest_vlmperception.pictures.prompted import (
    ACTIONS,
    Instruction,
    Item,
    Words,
    box_of,
    edited,
    misunderstood,
    parse_instruction,
)
from pytest_vlmperception.pictures.scenes import Lottery
from pytest_vlmperception.records import Scene, Shape

SCENE = Scene(
    (
        Shape("circle", "red", 80, 80, 60),
        Shape("circle", "blue", 300, 80, 60),
        Shape("star", "green", 80, 300, 60),
        Shape("ring", "white", 300, 300, 60),
    ),
    width=384,
    height=384,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("make the circle red", Instruction("recolour", Item("circle"), colour="red")),
        (
            "Change the colour of the blue circle to pink.",
            Instruction("recolour", Item("circle", "blue"), colour="pink"),
        ),
        ("please paint the star orange", Instruction("recolour", Item("star"), colour="orange")),
        ("let the ring be black", Instruction("recolour", Item("ring"), colour="black")),
        ("Remove the star", Instruction("remove", Item("star"))),
        ("turn the square into a triangle", Instruction("replace", Item("square"), Item("triangle"))),
        (
            "replace the red circle with a blue heart",
            Instruction("replace", Item("circle", "red"), Item("heart", "blue")),
        ),
        (
            "move the ring to the left of the red circle",
            Instruction("move", Item("ring"), relation="left of", anchor=Item("circle", "red")),
        ),
        ("add a blue square", Instruction("add", item=Item("square", "blue"))),
        (
            "add an orange square below the star",
            Instruction("add", item=Item("square", "orange"), relation="below", anchor=Item("star")),
        ),
        ('write "HELLO" in red', Instruction("write", words=Words("HELLO", "red"))),
        ("add the word \u201cEXIT 4\u201d", Instruction("write", words=Words("EXIT 4"))),
        ("blur the whole image", Instruction("blur")),
        ("make the picture blurry", Instruction("blur")),
        ("change nothing", Instruction("nothing")),
        ("Don\u2019t change anything!", Instruction("nothing")),
        ("Keep the picture exactly as it is.", Instruction("nothing")),
        ("remove the star. Do not change anything else.", Instruction("remove", Item("star"))),
        ("remove the star, and keep everything else the same", Instruction("remove", Item("star"))),
    ],
)
def test_what_an_instruction_asks_for(text: str, expected: Instruction) -> None:
    assert parse_instruction(text) == expected
    assert expected.action in ACTIONS


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("make the dog blue", "asks for 'dog'; the painter draws"),
        ("make the circle grey", "grey is the background"),
        ("make the circles red", "'circles' is neither one shape nor a number of them"),
        ("make the two circles red", "one shape at a time; expected one of: make the circle red; remove the star"),
        ("make it nicer", "'make it nicer' is no edit that the painter knows; expected one of: make the circle red"),
        ("remove the star and add a ring", "asks for 'star and add a ring'"),
        ('write "hello"', "cannot write 'hello'"),
        ('write something like "HELLO" there', "says not what to write"),
        ("", "an empty request"),
        ("blur " * 100, "at most 300"),
    ],
)
def test_what_cannot_be_done_is_refused(text: str, match: str) -> None:
    with pytest.raises(PromptError, match=match):
        parse_instruction(text)


WORDS = [
    "make",
    "turn",
    "the",
    "circle",
    "red",
    "into",
    "a",
    "move",
    "left of",
    "add",
    "write",
    '"STOP"',
    "blur",
    "picture",
]


@given(st.lists(st.sampled_from(WORDS)))
def test_any_text_is_read_or_refused(words: list[str]) -> None:
    with suppress(PromptError):
        assert parse_instruction(" ".join(words)).action in ACTIONS


def done(text: str, **settings: object) -> Scene:
    return edited(SCENE, parse_instruction(text), **settings)


def test_a_shape_changes_and_the_others_stay() -> None:
    assert done("make the star black").shapes == (
        *SCENE.shapes[:2],
        replace(SCENE.shapes[2], colour="black"),
        SCENE.shapes[3],
    )
    assert done("turn the blue circle into a heart").shapes[1] == replace(SCENE.shapes[1], kind="heart")
    assert done("turn the ring into a black heart").shapes[3] == replace(SCENE.shapes[3], kind="heart", colour="black")
    assert done("remove the ring").shapes == SCENE.shapes[:3]
    assert done("change nothing") == done("blur the picture") == SCENE


@pytest.mark.parametrize("relation", ["left of", "right of", "above", "below"])
def test_things_are_put_where_they_are_asked_for(relation: str) -> None:
    middle = Scene((Shape("circle", "red", 192, 192, 60), Shape("star", "green", 60, 60, 50)), width=384, height=384)
    added = edited(middle, parse_instruction(f"add a blue heart {relation} the circle")).shapes[-1]
    moved = edited(middle, parse_instruction(f"move the star {relation} the circle")).shapes[-1]
    for shape in (added, moved):
        right, down = shape.x - 192, shape.y - 192
        along, across = {
            "left of": (-right, down),
            "right of": (right, down),
            "above": (-down, right),
            "below": (down, right),
        }[relation]
        # GenEval's rule asks for cos 60 degrees; this is far inside it.
        assert along > 2 * abs(across)
    assert (moved.kind, moved.colour) == ("star", "green")


def test_what_is_added_touches_nothing() -> None:
    for text in ("add a blue square", 'write "HELLO" in black'):
        scene = done(text)
        *others, new = [*map(box_of, scene.shapes), *map(box_of, scene.texts)]
        gaps = [max(new[0] - box[2], box[0] - new[2], new[1] - box[3], box[1] - new[3]) for box in others]
        assert min(gaps) >= 6
        assert min(new[:2]) >= 0.08 * 384
        assert max(new[2:]) <= 0.92 * 384


def test_a_mask_says_where_and_which() -> None:
    within = (240.0, 20.0, 360.0, 140.0)
    assert done("make the circle black", within=within).shapes[1].colour == "black"
    corner = (150.0, 150.0, 234.0, 234.0)
    assert box_of(done("add a pink heart", within=corner).shapes[-1])[0] >= 150
    (line,) = done('write "I" in red', within=corner).texts
    # A capital of whole cells, seven of them, as high as in a picture painted anew.
    assert (line.text, line.colour, line.size) == ("I", "red", 42.0)
    assert all(150 <= edge <= 234 for edge in box_of(line))


@pytest.mark.parametrize(
    ("text", "settings", "match"),
    [
        (
            "make the heart red",
            {},
            "nothing is 'the heart' in the picture, which shows red circle, blue circle, green star",
        ),
        ("remove the circle", {}, "2 shapes are 'the circle' in the picture"),
        ("add a heart left of the cross", {}, "nothing is 'the cross'"),
        (
            "add a heart",
            {"within": (0.0, 0.0, 20.0, 20.0)},
            "no room for 'orange heart' in the picture; ask for less, or mask",
        ),
        ('write "HELLO"', {"within": (0.0, 0.0, 20.0, 20.0)}, "no room for 'HELLO'"),
    ],
)
def test_what_has_no_place(text: str, settings: dict[str, object], match: str) -> None:
    with pytest.raises(PromptError, match=match):
        done(text, **settings)


@pytest.mark.parametrize(
    "text", ["make the star black", "remove the ring", "add a pink heart", 'write "STOP"', "change nothing"]
)
def test_a_misunderstood_instruction_does_something_else(text: str) -> None:
    right = parse_instruction(text)
    for seed in range(20):
        wrong = misunderstood(right, SCENE, Lottery(seed))
        assert wrong != right
        assert edited(SCENE, wrong) != (edited(SCENE, right) if text != "change nothing" else SCENE)
