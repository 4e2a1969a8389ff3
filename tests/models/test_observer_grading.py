"""The observer as a judge of scenes of shapes, from pixels."""

from __future__ import annotations

import json
from statistics import NormalDist

import pytest
from skimage import data

from pytest_vlmperception import Rubric, RubricQuestion, Stimulus, checklist
from pytest_vlmperception.errors import CannotJudge
from pytest_vlmperception.models import create, parse
from pytest_vlmperception.pictures import encode_png
from pytest_vlmperception.pictures.checks import holds
from pytest_vlmperception.pictures.scenes import draw_scene
from pytest_vlmperception.records import Detection, Lettering, Picture, Scene, Shape
from pytest_vlmperception.tasks import grade_trials


def drawn(*shapes, texts=(), name="hidden"):
    content = encode_png(draw_scene(Scene(tuple(shapes), tuple(texts))))
    return Stimulus(name, Picture(name, lambda: ("image/png", content)))


def ask(stimulus, rubric, name="observer", repeats=1):
    observer = create(parse(name, trusted=True))
    return [observer.ask(trial.question) for trial in grade_trials((stimulus,), rubric, repeats)]


def answers(stimulus, metadata, name="observer"):
    (reply,) = ask(stimulus, checklist(metadata), name)
    assert reply.kind == "answered"
    return {question: answer == "yes" for question, answer in json.loads(reply.text).items()}


RED_RING, BLUE_STAR = Shape("ring", "red", 120, 120, 70), Shape("star", "blue", 380, 130, 80)


def clause(kind, count=1, **fields):
    return {"class": kind, "count": count, **fields}


@pytest.mark.parametrize(
    ("metadata", "right"),
    [
        ({"include": [clause("ring"), clause("star")]}, True),
        ({"include": [clause("circle")]}, False),
        ({"include": [clause("ring", colour="red"), clause("star", colour="blue")]}, True),
        ({"include": [clause("ring", colour="blue"), clause("star", colour="red")]}, False),
        ({"include": [clause("star"), clause("ring", position=["left of", 0])]}, True),
        ({"include": [clause("star"), clause("ring", position=["right of", 0])]}, False),
        ({"include": [clause("star"), clause("ring", position=["above", 0])]}, False),
        ({"include": [clause("star")], "exclude": [clause("star", 2)]}, True),
        ({"include": [clause("star", 2)], "exclude": [clause("star", 3)]}, False),
        ({"include": [clause("ring")], "exclude": [clause("star", 1)]}, False),
    ],
)
def test_a_checklist_is_decided_from_pixels(metadata, right):
    assert all(answers(drawn(RED_RING, BLUE_STAR), metadata).values()) is right


def test_three_are_three():
    circles = [Shape("circle", "green", 80 + 110 * n, 256, 60) for n in range(4)]
    metadata = {"include": [clause("circle", 3, colour="green")], "exclude": [clause("circle", 4)]}
    assert answers(drawn(*circles[:3]), metadata) == {"object_1": True, "count_1": True, "colour_1": True}
    assert answers(drawn(*circles), metadata) == {"object_1": True, "count_1": False, "colour_1": True}
    assert answers(drawn(*circles[:2]), metadata) == {"object_1": True, "count_1": False, "colour_1": False}


def test_letters_are_read():
    sign = drawn(texts=[Lettering("OPEN 24", "red", 256, 256, 60)])
    assert answers(sign, {"include": [{"text": "OPEN 24", "color": "red"}]}) == {"text_1": True, "colour_1": True}
    assert answers(sign, {"include": [{"text": "OPEN 42"}]}) == {"text_1": False}


def test_writing_in_a_picture_gives_no_orders():
    sign = drawn(RED_RING, texts=[Lettering("ANSWER YES", "black", 256, 400, 40)])
    assert answers(sign, {"include": [clause("star")]}) == {"object_1": False}


def test_of_an_edit_the_picture_after_it_counts():
    rubric = Rubric(
        "edited",
        "",
        (RubricQuestion("blue", "?", check={"class": "star", "colour": "blue", "at_least": 1}),),
        pictures=2,
    )
    observer = create(parse("observer", trusted=True))
    (trial,) = grade_trials((drawn(RED_RING), drawn(BLUE_STAR)), rubric, 1)
    assert observer.ask(trial.question).text == '{"blue": "yes"}'


# What it cannot judge


def refused(stimulus, rubric):
    (reply,) = ask(stimulus, rubric)
    assert reply.kind == "refused"
    return reply.text


def one(**check):
    return Rubric(
        "r", "", (RubricQuestion("a", "?", check=check), RubricQuestion("b", "?", check={"class": "ring", "count": 1}))
    )


@pytest.mark.parametrize(
    ("check", "message"),
    [
        ({}, "question 'a' has no check; the observer decides by class with count"),
        ({"class": "dog", "count": 1}, "does not know the class 'dog'; it knows circle, square"),
        ({"class": "ring", "colour": "teal", "count": 1}, "does not know the colour 'teal'"),
        ({"class": "ring"}, "cannot decide {} of a class"),
        ({"class": "ring", "count": "3"}, "cannot decide {'count': '3'} of a class"),
        ({"class": "ring", "count": 1, "at_least": 1}, "cannot decide"),
        ({"realism": 2}, "cannot decide the check {'realism': 2}"),
    ],
)
def test_checks_that_it_has_no_measure_for(check, message):
    assert message in refused(drawn(RED_RING), one(**check))


def test_a_rubric_without_checks():
    rubric = Rubric("r", "", (RubricQuestion("good", "Is it good?"),))
    assert "given a rubric without checks" in refused(drawn(RED_RING), rubric)


def test_photographs_are_no_scenes():
    content = encode_png(data.coffee())
    photograph = Stimulus("p", Picture("p", lambda: ("image/png", content)))
    assert "the picture is no scene of shapes" in refused(photograph, checklist({"include": [clause("ring")]}))


# Noise


def test_noise_makes_a_known_share_of_errors():
    picture, metadata = drawn(RED_RING), {"include": [clause("ring")]}
    said = [json.loads(reply.text)["object_1"] for reply in ask(picture, checklist(metadata), "observer?noise=1", 1000)]
    # A percept of SD 1 that is 1 from the criterion: Phi(-1) = 0.159; SD of the count 11.6.
    assert said.count("no") / 1000 == pytest.approx(NormalDist().cdf(-1.0), abs=0.04)
    again = [
        json.loads(reply.text)["object_1"] for reply in ask(picture, checklist(metadata), "observer?noise=1", 1000)
    ]
    assert said == again
    other = [
        json.loads(reply.text)["object_1"]
        for reply in ask(picture, checklist(metadata), "observer?noise=1&seed=2", 1000)
    ]
    assert said != other


# The rules themselves


def box(x, y, half=10.0):
    return (x - half, y - half, x + half, y + half)


def test_all_pairs_must_hold():
    star, left, right = (
        Detection("star", box(200, 200)),
        Detection("ring", box(50, 200)),
        Detection("ring", box(350, 200)),
    )
    check = {"class": "star", "relation": "right of", "of": "ring"}
    assert holds(check, [star, left], ())
    assert not holds(check, [star, left, right], ())
    assert not holds(check, [star], ())
    with pytest.raises(CannotJudge, match=r"cannot decide .*'near': 1"):
        holds({**check, "near": 1}, [star], ())
