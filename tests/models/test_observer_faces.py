"""The observer and schematic faces: sentences, labels, valence, noise, and what it declines."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
import skimage.data

from pytest_vlmperception.analysis import read_description
from pytest_vlmperception.models import create, parse
from pytest_vlmperception.models.face_signs import EMOTIONS
from pytest_vlmperception.pictures import encode_png
from pytest_vlmperception.pictures.faces import IDENTITIES, PROTOTYPES, draw_face, parse_units, polarity, valence
from pytest_vlmperception.records import Hint, Picture, Question, Reply

SIX = ("anger", "disgust", "fear", "happiness", "sadness", "surprise")


def picture(code: str, identity: str = "ada", letter: str = "D", name: str = "x", *, mirrored: bool = False) -> Picture:
    data = encode_png(draw_face(parse_units(code, "here", letter), IDENTITIES[identity], 384, mirrored=mirrored))
    return Picture(name, lambda: ("image/png", data))


def ask(
    *pictures: Picture,
    verb: str = "describe",
    attribute: str = "expression",
    labels: tuple[str, ...] = (),
    prompt: str = "Q",
    name: str = "observer",
    repeat: int = 0,
) -> Reply:
    hint = Hint(verb, attribute, "", labels)
    return create(parse(name, trusted=True)).ask(Question(prompt, pictures, labels, repeat, hint))


# Descriptions


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("", ["The eyebrows are level, the eyes are open, and the mouth is straight.", "The expression is neutral."]),
        ("1+2+4+5+7+20+26", ["eyebrows are raised and drawn together", "eyes are wide open", "stretched", "fear"]),
        ("4+5+7+23", ["eyebrows are lowered and drawn together", "lips are pressed tightly together", "anger"]),
        ("9+10+17", ["nose is wrinkled", "upper lip is raised", "chin is pushed up", "disgust"]),
        ("6+12+25", ["cheeks are raised", "corners of the open mouth are turned up in a smile", "happiness"]),
        ("1+4+15", ["inner corners of the eyebrows are raised", "corners of the mouth are turned down", "sadness"]),
        ("1+2+5+26", ["eyebrows are raised,", "eyes are wide open", "mouth is open", "surprise; the overall"]),
        (
            "R12+R14",
            ["one corner of the mouth is raised and tightened", "contempt; the overall impression is negative"],
        ),
        ("L12+L14", ["one corner of the mouth is raised and tightened", "contempt"]),
        ("43E", ["the eyes are closed"]),
        ("6A+12A", ["slight happiness"]),
        ("6E+12E", ["strong happiness"]),
    ],
)
def test_sentences_name_features_and_emotion(code: str, said: list[str]) -> None:
    reply = ask(picture(code))
    assert reply.kind == "answered"
    for words in said:
        assert words in reply.text


@pytest.mark.parametrize("letter", "CDE")
@pytest.mark.parametrize("emotion", PROTOTYPES)
def test_descriptions_are_read_as_what_was_drawn(emotion: str, letter: str) -> None:
    expression = parse_units(PROTOTYPES[emotion], "here", letter)
    for identity in IDENTITIES:
        percept = read_description(ask(picture(PROTOTYPES[emotion], identity, letter)).text)
        assert percept.polarity == polarity(expression), identity
        assert percept.leading == emotion, identity
        assert {"brows", "eyes", "mouth"} <= set(percept.features)
        assert not percept.names_person


def test_a_name_says_nothing() -> None:
    smile = picture("6+12+25")
    liar = Picture("sad-1+4+15.png", lambda: ("image/png", smile.bytes))
    assert ask(liar).text == ask(smile).text


# Labels


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_labels(emotion: str) -> None:
    for identity in IDENTITIES:
        reply = ask(picture(PROTOTYPES[emotion], identity), verb="classify", labels=EMOTIONS)
        assert (reply.kind, reply.text) == ("answered", emotion)


def test_labels_in_other_words_and_too_few() -> None:
    words = ("Happy", "Sad", "Angry", "Neutral")
    assert ask(picture("6+12"), verb="classify", labels=words).text == "Happy"
    # Labels need not be all emotions there are.
    assert ask(picture("1+2+5+26"), verb="classify", labels=("sad", "surprised", "joy")).text == "surprised"
    reply = ask(picture("6+12"), verb="classify", labels=("happy", "hungry"))
    assert reply.kind == "refused"
    assert "does not know the label 'hungry'; it knows anger, contempt" in reply.text


# Valence


def test_comparing_by_valence() -> None:
    smile, frown = picture("6+12+25"), picture("1+4+15")
    assert ask(smile, frown, verb="compare", attribute="valence").text == "A"
    assert ask(frown, smile, verb="compare", attribute="valence").text == "B"
    assert ask(frown, smile, verb="compare", attribute="", prompt="Which has the higher valence?").text == "B"


def test_rating_by_valence() -> None:
    points = tuple("1234567")
    ratings = [
        int(ask(picture(code), verb="rate", attribute="valence", labels=points).text) for code in ("1+4+15", "", "12")
    ]
    assert ratings[0] < ratings[1] == 4 < ratings[2]


def test_valence_follows_the_action_units() -> None:
    codes = ["12E", "12C", "12B", "", "15B+4B", "1C+4C+15C", "4E+15E+1E"]
    faces = [picture(code) for code in codes]
    drawn = [valence(parse_units(code, "here")) for code in codes]
    assert drawn == sorted(drawn, reverse=True)
    for first, second in pairwise(faces):
        assert ask(first, second, verb="compare", attribute="valence").text == "A"


# Noise


def said(name: str, code: str, repeats: int) -> list[str]:
    face, observer = picture(code, letter="C"), create(parse(name, trusted=True))
    hint = Hint("classify", "expression", "", EMOTIONS)
    questions = [Question("Q", (face,), EMOTIONS, repeat, hint) for repeat in range(repeats)]
    return [observer.ask(question).text for question in questions]


def test_noise_is_reproducible_and_differs_by_repeat_and_seed() -> None:
    assert said("observer?noise=2&seed=1", "1+4+15", 20) == said("observer?noise=2&seed=1", "1+4+15", 20)
    assert said("observer?noise=2&seed=1", "1+4+15", 20) != said("observer?noise=2&seed=2", "1+4+15", 20)


def test_more_noise_is_more_errors() -> None:
    right = [Counter(said(f"observer?noise={noise}", "9+10+17", 60))["disgust"] / 60 for noise in (0, 1, 5)]
    assert right[0] == 1.0
    assert right[0] >= right[1] > right[2]
    # Far below what it has without noise, but above the eighth that guessing gives.
    assert 1 / 8 < right[2] < 0.9


def test_describing_and_labelling_are_one_percept() -> None:
    face = picture("1+4+15", letter="B")
    for repeat in range(10):
        name = "observer?noise=2"
        label = ask(face, verb="classify", labels=EMOTIONS, name=name, repeat=repeat).text
        assert label in ask(face, name=name, repeat=repeat).text


# What it declines


def other(pixels: np.ndarray) -> Picture:
    data = encode_png(pixels)
    return Picture("other", lambda: ("image/png", data))


@pytest.mark.parametrize("verb", ["describe", "classify"])
@pytest.mark.parametrize(
    ("pixels", "why"),
    [(np.full((300, 300, 3), 255, np.uint8), "no line drawing"), (skimage.data.astronaut(), "as photographs do")],
)
def test_pictures_that_are_no_schematic_face(pixels: np.ndarray, why: str, verb: str) -> None:
    reply = ask(other(pixels), verb=verb, labels=SIX)
    assert reply.kind == "refused"
    assert why in reply.text


def test_valence_of_no_face() -> None:
    nothing = other(np.full((300, 300, 3), 255, np.uint8))
    reply = ask(nothing, picture("12"), verb="compare", attribute="valence")
    assert reply.kind == "refused"
    assert "no line drawing" in reply.text


@pytest.mark.parametrize("count", [0, 2])
def test_it_looks_at_one_face(count: int) -> None:
    reply = ask(*[picture("12")] * count)
    assert reply.kind == "refused"
    assert f"one face at a time; it was shown {count}" in reply.text


@pytest.mark.parametrize(
    ("attribute", "prompt", "message"),
    [
        ("sharpness", "Q", "describes expressions; it was asked to describe 'sharpness'"),
        ("", "Describe the picture.", "names no expression or emotion"),
    ],
)
def test_other_questions(attribute: str, prompt: str, message: str) -> None:
    reply = ask(picture("12"), attribute=attribute, prompt=prompt)
    assert reply.kind == "refused"
    assert message in reply.text


@pytest.mark.parametrize(
    ("attribute", "prompt"),
    [("", "Describe the facial expression."), ("", "Which emotion is this?"), ("Facial-Expression", "Q")],
)
def test_questions_about_the_expression(attribute: str, prompt: str) -> None:
    assert "happiness" in ask(picture("6+12"), attribute=attribute, prompt=prompt).text
