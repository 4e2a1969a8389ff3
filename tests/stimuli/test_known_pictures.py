"""Drawings that are known to be right or wrong, the pixels of stimuli, and numbers that may be missing."""

from __future__ import annotations

import math

import numpy as np
import pytest

from pytest_vlmperception import Prompt, Refused, Stimulus, StimulusSet, measured, pixels_of
from pytest_vlmperception.analysis import geneval_check
from pytest_vlmperception.errors import NotMadeError, PictureError, StimulusError
from pytest_vlmperception.pictures import encode_png
from pytest_vlmperception.pictures.scene_reading import detect_shapes, read_lettering
from pytest_vlmperception.records import Picture
from pytest_vlmperception.stimuli import known_pictures

STARS = {"include": [{"class": "star", "count": 3}], "exclude": [{"class": "star", "count": 4}]}
RELATION = {"include": [{"class": "star", "count": 1}, {"class": "ring", "count": 1, "position": ["left of", 0]}]}
PROMPTS = [
    Prompt("three", "a picture of three stars", groups={"task": "counting"}, reference={"metadata": STARS}),
    Prompt(
        "beside", "a picture of a ring left of a star", groups={"task": "position"}, reference={"metadata": RELATION}
    ),
]


def made(read):
    return Stimulus("x", Picture("x", read))


def fails_with(error):
    def fail(*_):
        raise error

    return fail


def test_each_prompt_has_a_right_and_a_wrong_picture() -> None:
    known = known_pictures(PROMPTS)
    assert isinstance(known, StimulusSet)
    assert [each.id for each in known] == ["three-right", "three-wrong", "beside-right", "beside-wrong"]
    assert [each.groups["skill"] for each in known] == ["counting", "counting", "position", "position"]
    assert [(each.groups["prompt"], each.groups["task"]) for each in known[::2]] == [
        ("three", "counting"),
        ("beside", "position"),
    ]
    # By the rules of GenEval on what is detected in the pixels.
    seen = [geneval_check(each.reference["metadata"], detect_shapes(pixels_of(each))).correct for each in known]
    assert seen == [each.reference["right"] for each in known] == [True, False, True, False]


def test_a_wrong_word_is_misspelt() -> None:
    right, wrong = known_pictures([Prompt("stop", 'a picture of the word "STOP"')])
    spelt = [read_lettering(pixels_of(each))[0].text for each in (right, wrong)]
    assert spelt[0] == "STOP" != spelt[1]


def test_a_seed_draws_other_pictures_and_the_same_one_the_same() -> None:
    first, again, other = ([each.sha256 for each in known_pictures(PROMPTS, seed=seed)] for seed in (1, 1, 2))
    assert first == again
    assert not set(first) & set(other)


def test_what_cannot_be_drawn_is_named() -> None:
    with pytest.raises(StimulusError, match=r"prompt 'cat' has no known picture: .*a photograph of a cat"):
        known_pictures([Prompt("cat", "a photograph of a cat")])


def test_pixels_are_those_that_were_encoded() -> None:
    pixels = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    assert np.array_equal(pixels_of(made(lambda: ("image/png", encode_png(pixels)))), pixels)


def test_pixels_of_what_is_no_picture_raise() -> None:
    broken = encode_png(np.zeros((8, 8, 3), np.uint8))[:40]
    with pytest.raises(PictureError, match="x"):
        pixels_of(made(lambda: ("image/png", broken)))


@pytest.mark.parametrize(
    "error", [NotMadeError("x was not made", "refused", "refused"), Refused("no"), PictureError("no PNG")]
)
def test_what_is_missing_is_no_number(error) -> None:
    assert math.isnan(measured(fails_with(error), 1))


def test_a_measure_is_a_number_and_its_mistakes_are_raised() -> None:
    assert (measured(max, 1, 2), measured(lambda: True)) == (2.0, 1.0)
    with pytest.raises(ZeroDivisionError):
        measured(fails_with(ZeroDivisionError("x")))
