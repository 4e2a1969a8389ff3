"""The observer and scenes of shapes: what it counts, names and places; its noise; what it declines."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
import pytest
import skimage.data

from pytest_vlmperception.models import create, parse
from pytest_vlmperception.models.observer_scenes import SCENE_JND, palette
from pytest_vlmperception.pictures import encode_png
from pytest_vlmperception.pictures.scenes import Lottery, draw_scene
from pytest_vlmperception.records import COLOURS, Hint, Picture, Question, Reply, Scene, Shape
from pytest_vlmperception.stimuli.scene_families import FAMILIES, LEVELS
from pytest_vlmperception.stimuli.scenes import scaled

SIDES = ("left", "right", "above", "below")
NUMBERS = tuple(map(str, range(11)))

# As the suite asks: verb, front matter, choices.
ASKED = {
    "count": ("rate", "count of circles", NUMBERS),
    "colour": ("classify", "colour of the star", COLOURS),
    "binding": ("classify", "colour of the square", COLOURS),
    "position": ("classify", "position of the star to the ring", SIDES),
    "overlap": ("classify", "in front", ("circle", "square")),
}


def picture(*shapes: Shape, side: int = 256) -> Picture:
    return shown(draw_scene(Scene(shapes, width=side, height=side)))


def shown(pixels: np.ndarray) -> Picture:
    data = encode_png(pixels)
    return Picture("x", lambda: ("image/png", data))


def ask(
    what: Picture | Sequence[Picture],
    attribute: str,
    choices: Sequence[str],
    verb: str = "classify",
    name: str = "observer",
    repeat: int = 0,
) -> Reply:
    pictures = (what,) if isinstance(what, Picture) else tuple(what)
    hint = Hint(verb, attribute, "", tuple(choices))
    return create(parse(name, trusted=True)).ask(Question("Q", pictures, tuple(choices), repeat, hint))


TWO = picture(Shape("star", "red", 60.0, 60.0, 60.0), Shape("ring", "blue", 190.0, 80.0, 70.0))
OVERLAP = picture(Shape("circle", "red", 110.0, 128.0, 90.0), Shape("square", "white", 160.0, 128.0, 90.0))


@pytest.mark.parametrize(
    ("attribute", "choices", "said"),
    [
        ("count of shapes", NUMBERS, "2"),
        ("number of stars", NUMBERS, "1"),
        ("count of red shapes", NUMBERS, "1"),
        ("count of red rings", NUMBERS, "0"),
        ("Count_of_crosses", NUMBERS, "0"),
        ("colour of the star", COLOURS, "red"),
        ("color of ring", ("Red", "Blue"), "Blue"),
        ("position of the star to the ring", SIDES, "left"),
        ("position of the ring relative to the star", ("left of", "right of"), "right of"),
        ("place of the blue shape to the red shape", ("above", "below"), "below"),
    ],
)
def test_answers(attribute: str, choices: tuple[str, ...], said: str) -> None:
    assert ask(TWO, attribute, choices).text == said


def test_what_lies_in_front() -> None:
    assert ask(OVERLAP, "in front", ("circle", "square")).text == "square"
    other = picture(Shape("square", "white", 160.0, 128.0, 90.0), Shape("circle", "red", 110.0, 128.0, 90.0))
    assert ask(other, "in front", ("the square", "the circle")).text == "the circle"


@pytest.mark.parametrize("family", FAMILIES)
def test_without_noise_every_level_is_solved(family: str) -> None:
    verb, attribute, choices = ASKED[family]
    for level in range(1, LEVELS + 1):
        for number in range(2):
            posed = FAMILIES[family](level, Lottery("observer", family, level, number))
            what = shown(draw_scene(scaled(posed.scene, 0.75)))
            assert ask(what, attribute, choices, verb).text == str(posed.answer), (level, number)


# Noise


def share(what: Picture, attribute: str, choices: Sequence[str], answer: str, noise: float, n: int = 400) -> float:
    observer = create(parse(f"observer?noise={noise}&seed=3", trusted=True))
    hint = Hint("classify", attribute, "", tuple(choices))
    replies = [observer.ask(Question("Q", (what,), tuple(choices), repeat, hint)).text for repeat in range(n)]
    return replies.count(answer) / n


def test_noise_of_number() -> None:
    eight = picture(*(Shape("circle", "red", 40.0 + 50 * (i % 4), 60.0 + 60 * (i // 4), 30.0) for i in range(8)))
    # 8 (1 + 0.11 z) is seen as 8 from 7.5 to 8.5.
    expected = 2 * NormalDist().cdf(0.5 / (8 * 0.11)) - 1
    assert share(eight, "count of circles", NUMBERS, "8", 1) == pytest.approx(expected, abs=0.08)
    one = picture(Shape("circle", "red", 128.0, 128.0, 60.0))
    assert share(one, "count of circles", NUMBERS, "1", 1) == 1.0


def test_noise_of_place() -> None:
    # 60 across and 40 down of 256; each end and direction with an SD of 0.02 * 2 * 256 = 10.24: 20 / (10.24 * 2).
    what = picture(Shape("star", "red", 70.0, 90.0, 40.0), Shape("ring", "blue", 130.0, 130.0, 40.0))
    expected = NormalDist().cdf(20 / (SCENE_JND["place"] * 2 * 256 * 2))
    assert share(what, "position of the star to the ring", SIDES, "left", 2) == pytest.approx(expected, abs=0.05)


def test_noise_of_colour() -> None:
    # Of two labels: half their distance along the line between them, over 2.3 times 8; the field is not small.
    what = picture(Shape("star", "blue", 128.0, 128.0, 90.0))
    tones = palette()
    expected = NormalDist().cdf(math.dist(tones["blue"], tones["purple"]) / 2 / (2.3 * 8))
    assert share(what, "colour of the star", ("blue", "purple"), "blue", 8) == pytest.approx(expected, abs=0.03)
    small = picture(Shape("star", "blue", 128.0, 128.0, 18.0))
    assert share(small, "colour of the star", ("blue", "purple"), "blue", 8) < 0.93


def test_close_neighbours_exchange_colours() -> None:
    def two(distance: float) -> Picture:
        return picture(
            Shape("square", "red", 80.0, 128.0, 30.0), Shape("circle", "white", 80.0 + distance, 128.0, 30.0)
        )

    shares = [share(two(distance), "colour of the square", COLOURS, "red", 3, 200) for distance in (34, 60, 150)]
    assert shares[0] < shares[1] - 0.1 < shares[2]
    assert shares[2] == 1.0


def test_noise_of_depth() -> None:
    assert share(OVERLAP, "in front", ("circle", "square"), "square", 1, 200) == 1.0
    touching = picture(Shape("circle", "red", 110.0, 128.0, 90.0), Shape("square", "white", 196.0, 128.0, 90.0))
    assert ask(touching, "in front", ("circle", "square")).text == "square"
    assert 0.5 < share(touching, "in front", ("circle", "square"), "square", 4, 200) < 0.9


def test_noise_is_the_same_for_the_same_question() -> None:
    said = [ask(TWO, "count of shapes", NUMBERS, name="observer?noise=4", repeat=repeat).text for repeat in range(20)]
    again = [ask(TWO, "count of shapes", NUMBERS, name="observer?noise=4", repeat=repeat).text for repeat in range(20)]
    assert said == again
    assert len(set(said)) > 1


# What it declines


@pytest.mark.parametrize(
    ("attribute", "choices", "verb", "why"),
    [
        ("count of cats", NUMBERS, "rate", "the observer knows no 'cats'; it knows circle, square"),
        ("colour of the heart", COLOURS, "classify", "the observer sees no heart in the picture"),
        ("colour of the star", ("red", "mauve"), "classify", "the observer knows no colour 'mauve'"),
        ("position of the star to the ring", ("left", "yonder"), "classify", "the observer knows no side 'yonder'"),
        ("in front", ("star", "ring"), "classify", "the star and the ring do not overlap: none is in front"),
        ("count of stars", ("none", "some"), "rate", "the observer counts in numbers; 'none' is none"),
        ("count of stars", NUMBERS, "compare", "answers 'count of stars' when asked to rate or classify, not compare"),
    ],
)
def test_declines(attribute: str, choices: tuple[str, ...], verb: str, why: str) -> None:
    reply = ask(TWO, attribute, choices, verb)
    assert reply.kind == "refused"
    assert why in reply.text


def test_declines_photographs_and_two_pictures() -> None:
    reply = ask(shown(skimage.data.astronaut()[:256, :256]), "count of circles", NUMBERS, "rate")
    assert (reply.kind, "no scene of shapes" in reply.text) == ("refused", True)
    reply = ask((TWO, TWO), "count of circles", NUMBERS, "rate")
    assert reply.text == "the observer looks at one scene at a time; it was shown 2"


def test_other_questions_are_answered_as_before() -> None:
    reply = ask(TWO, "expression", ("happy", "sad"))
    assert reply.kind == "refused"
    assert "face" in reply.text or "line drawing" in reply.text
