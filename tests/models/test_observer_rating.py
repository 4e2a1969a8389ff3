"""The observer's ratings: a fixed mapping from its measures to the points of a scale."""

from __future__ import annotations

import io
import math
from statistics import NormalDist

import numpy as np
import pytest
from PIL import Image

from pytest_vlmperception.models import create, parse
from pytest_vlmperception.models.observer import JND, NORMS, measure
from pytest_vlmperception.records import Hint, Picture, Question

FIVE = ("1", "2", "3", "4", "5")


def greys(spread):
    """A picture half dark, half light."""
    pixels = np.full((16, 16, 3), 128 - spread, np.uint8)
    pixels[:, 8:] = 128 + spread
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    content = buffer.getvalue()
    return Picture(f"grey{spread}", lambda: ("image/png", content))


def rate(picture, *, attribute="contrast", direction="", points=FIVE, name="observer", repeat=0, prompt="Q"):
    question = Question(prompt, (picture,), points, repeat, Hint("rate", attribute, direction, points))
    return create(parse(name, trusted=True)).ask(question)


@pytest.mark.parametrize("spread", range(0, 128, 8))
@pytest.mark.parametrize("points", [FIVE, ("low", "high"), tuple(map(str, range(101)))])
def test_a_rating_is_the_share_of_photographs_with_less(spread, points):
    picture = greys(spread)
    z = (measure("contrast", picture) - 20.0) / 8.0
    share = 0.5 * (1.0 + math.erf(z / math.sqrt(2.0)))
    assert rate(picture, points=points).text == points[min(int(len(points) * share), len(points) - 1)]


def test_more_contrast_is_never_rated_lower_and_all_of_the_scale_is_used():
    ratings = [int(rate(greys(spread)).text) for spread in range(0, 128, 4)]
    assert ratings == sorted(ratings)
    assert set(ratings) == {1, 2, 3, 4, 5}


def test_asked_for_less_the_scale_is_turned_round():
    for spread in (0, 40, 127):
        more, less = (int(rate(greys(spread), direction=direction).text) for direction in ("more", "less"))
        assert more + less == 6


def test_a_plain_prompt_is_read():
    prompt = "How much contrast has it?\n\nAnswer with one whole number from 1 to 5, and nothing else."
    assert rate(greys(127), attribute="", prompt=prompt).text == "5"


@pytest.mark.parametrize("attribute", sorted(set(NORMS) - {"valence"}))  # the valence of a face needs a face
def test_every_measure_has_a_scale(attribute):
    assert rate(greys(60), attribute=attribute).text in FIVE


def test_noise_has_the_size_that_it_says():
    # A picture in the middle of the scale of two points is rated high in half of the repeats; one that is a
    # percept's standard deviation above it in Phi(1) = 0.84 of them.
    picture = greys(60)
    away = abs(measure("contrast", picture) - NORMS["contrast"].mean) / JND["contrast"]
    above = measure("contrast", picture) > NORMS["contrast"].mean
    high = sum(
        rate(picture, points=("low", "high"), name=f"observer?noise={away}&seed=1", repeat=repeat).text == "high"
        for repeat in range(1000)
    )
    expected = 1000 * NormalDist().cdf(1.0 if above else -1.0)
    assert abs(high - expected) < 4 * math.sqrt(1000 * 0.84 * 0.16)


def test_what_it_cannot_rate_it_refuses():
    reply = rate(greys(60), attribute="sharpness")
    assert (reply.kind, reply.text) == (
        "refused",
        "the observer cannot judge 'sharpness'; it judges colorfulness, contrast, preference, valence",
    )
    two = Question("Q", (greys(1), greys(2)), FIVE, 0, Hint("rate", "contrast", "", FIVE))
    assert create(parse("observer", trusted=True)).ask(two).text == "the observer rates one picture; it was shown 2"


@pytest.mark.parametrize("verb", ["classify", "describe"])
def test_of_anything_but_an_expression_it_finds_no_words(verb):
    question = Question("Q", (greys(60),), ("pale", "vivid"), 0, Hint(verb, "contrast", "", ("pale", "vivid")))
    reply = create(parse("observer", trusted=True)).ask(question)
    message = "the observer describes expressions; it was asked to describe 'contrast'"
    assert (reply.kind, reply.text) == ("refused", message)
