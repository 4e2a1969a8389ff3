"""Scenes drawn: what is where, in which colour, and the same on every machine."""

from __future__ import annotations

import hashlib
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_vlmperception.errors import StimulusError
from pytest_vlmperception.pictures import lab_from_rgb
from pytest_vlmperception.pictures.scenes import BACKGROUND_SRGB, SRGB, Lottery, draw_scene, place
from pytest_vlmperception.records import COLOURS, KINDS, Lettering, Scene, Shape

GREY = BACKGROUND_SRGB["grey"]


def one(kind: str, size: float = 80.0, colour: str = "blue") -> np.ndarray:
    return draw_scene(Scene((Shape(kind, colour, 50.0, 50.0, size),), width=100, height=100))


# Areas as shares of the square around a shape, from its geometry. Circle: pi / 4. Cross: two bars of a third. Ring:
# pi / 4 less the hole of 0.55 times the radius. Heart: the area of its curve is 3.6618 of a box of 2.2781 x 2.2367.
# Star: by the shoelace formula over the ten corners with inner radius 0.45, 10/2 * 0.45 * sin 36, over 1.9021 x 1.8090.
AREAS = {
    "circle": 0.7854,
    "square": 1.0,
    "triangle": 0.5,
    "diamond": 0.5,
    "star": 0.3843,
    "cross": 0.5556,
    "ring": 0.5478,
    "heart": 0.7187,
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_shape_fills_its_share_of_its_square(kind: str) -> None:
    distance = np.abs(one(kind).astype(float) - GREY).sum(axis=-1)
    share = distance.sum() / np.abs(np.subtract(SRGB["blue"], GREY)).sum() / 80**2
    assert share == pytest.approx(AREAS[kind], abs=0.004)


@pytest.mark.parametrize("kind", KINDS)
def test_a_shape_touches_all_sides_of_its_square(kind: str) -> None:
    rows, columns = np.nonzero((one(kind) != GREY).any(axis=-1))
    # From 10 to 90, of which a sharp tip leaves the last pixel empty.
    assert rows.min() <= 11
    assert rows.max() >= 88
    assert columns.min() <= 11
    assert columns.max() >= 88
    assert min(rows.min(), columns.min()) >= 10
    assert max(rows.max(), columns.max()) <= 89


@pytest.mark.parametrize("kind", KINDS)
def test_shapes_are_the_same_mirrored(kind: str) -> None:
    picture = one(kind)
    assert (picture == picture[:, ::-1]).all()


def test_what_comes_later_lies_in_front() -> None:
    below, above = Shape("square", "red", 40.0, 50.0, 40.0), Shape("circle", "white", 60.0, 50.0, 40.0)
    picture = draw_scene(Scene((below, above), width=100, height=100))
    assert tuple(picture[50, 50]) == SRGB["white"]
    picture = draw_scene(Scene((above, below), width=100, height=100))
    assert tuple(picture[50, 50]) == SRGB["red"]


def test_edges_are_mixtures() -> None:
    # A square from 10.25 to 89.75: a quarter of the first pixel's width stays background.
    picture = draw_scene(Scene((Shape("square", "black", 50.0, 50.0, 79.5),), width=100, height=100))
    assert picture[50, 10, 0] == pytest.approx(0.75 * 16 + 0.25 * 148, abs=1)


def test_shapes_beyond_the_edge_are_cut_off() -> None:
    picture = draw_scene(Scene((Shape("square", "red", 0.0, 0.0, 40.0),), width=100, height=60))
    assert picture.shape == (60, 100, 3)
    assert tuple(picture[19, 19]) == SRGB["red"]
    assert tuple(picture[21, 21]) == GREY
    outside = draw_scene(Scene((Shape("square", "red", -50.0, 300.0, 40.0),), width=100, height=60))
    assert (outside == GREY).all()


def test_colours_are_far_apart() -> None:
    assert set(SRGB) == set(COLOURS)
    tones = lab_from_rgb(np.array([*SRGB.values(), *BACKGROUND_SRGB.values()], dtype=np.uint8))
    assert min(float(np.linalg.norm(a - b)) for a, b in combinations(tones, 2)) > 36
    assert not any(52 < tone[0] < 69 for tone in tones[:-1])
    assert 60 < tones[-1, 0] < 62


def test_pictures_stay_the_same() -> None:
    # Answers are stored by the pictures' bytes: whoever changes this changes every one of them.
    scene = Scene(
        tuple(
            Shape(kind, colour, 40.0 + 50 * place, 60.3, 44.5)
            for place, (kind, colour) in enumerate(zip(KINDS, COLOURS, strict=False))
        ),
        (Lettering("THE 5 QUICK", "white", 220.0, 130.0, 30.0),),
        width=440,
        height=160,
    )
    digest = hashlib.sha256(draw_scene(scene).tobytes()).hexdigest()
    assert digest[:16] == "1372a47ced9ae763"


# Letters


def test_a_letter_has_its_cells() -> None:
    # Seven cells of four pixels; the T has a bar on top and a stem in the third of five columns.
    picture = draw_scene(Scene((), (Lettering("T", "white", 20.0, 24.0, 28.0),), width=40, height=48))
    bright = (picture == SRGB["white"]).all(axis=-1)
    assert bright[10:14, 10:30].all()
    assert bright[14:38, 18:22].all()
    assert bright.sum() == 4 * 20 + 24 * 4


@pytest.mark.parametrize("text", ["lower", "", "  ", "A-B", "É"])
def test_what_cannot_be_written(text: str) -> None:
    with pytest.raises(StimulusError, match=r"cannot be drawn; expected capitals A-Z, digits and blanks"):
        draw_scene(Scene((), (Lettering(text, "white", 20.0, 20.0, 28.0),)))


# Refusals


def test_what_cannot_be_drawn() -> None:
    with pytest.raises(StimulusError, match="there is no shape 'cirle'; did you mean 'circle'"):
        draw_scene(Scene((Shape("cirle", "red", 1.0, 1.0, 9.0),)))
    with pytest.raises(StimulusError, match="there is no colour 'rad'; did you mean 'red'"):
        draw_scene(Scene((Shape("circle", "rad", 1.0, 1.0, 9.0),)))
    with pytest.raises(StimulusError, match="there is no background 'gray'; did you mean 'grey'"):
        draw_scene(Scene(background="gray"))
    with pytest.raises(StimulusError, match="a scene of 0 x 512 pixels; expected 1 to 4096 each"):
        draw_scene(Scene(width=0))
    for size in (0.0, -3.0, float("nan"), 1e9):
        with pytest.raises(StimulusError, match=r"expected numbers, and a size above 0"):
            draw_scene(Scene((Shape("circle", "red", 1.0, 1.0, size),)))


# Places


@given(seed=st.integers(0, 2**32), n=st.integers(1, 8))
@settings(max_examples=30, deadline=None)
def test_placed_shapes_lie_apart_and_within(seed: int, n: int) -> None:
    shapes = place([("circle", "red")] * n, Lottery(seed), sizes=(40, 90), gap=8)
    for shape in shapes:
        assert 40 <= shape.size <= 90
        assert shape.x - shape.size / 2 >= 8
        assert shape.x + shape.size / 2 <= 504
    for a, b in combinations(shapes, 2):
        assert max(abs(a.x - b.x), abs(a.y - b.y)) >= (a.size + b.size) / 2 + 8


def test_places_keep_the_order_of_looks() -> None:
    looks = [("circle", "red"), ("star", "blue"), ("ring", "white")]
    assert [(shape.kind, shape.colour) for shape in place(looks, Lottery(5))] == looks
    # No place in the row goes along with a size.
    largest = [max(range(3), key=lambda i: place(looks, Lottery(s))[i].size) for s in range(60)]
    assert all(largest.count(place_) > 8 for place_ in range(3))


def test_no_room() -> None:
    with pytest.raises(StimulusError, match="9 shapes of 80 to 90 pixels find no room in 200 x 200; give fewer"):
        place([("circle", "red")] * 9, Lottery(1), sizes=(80, 90), width=200, height=200)


# Lotteries


def test_a_lottery_repeats_itself_and_differs_by_its_words() -> None:
    assert Lottery(1, "a").uniform() == Lottery(1, "a").uniform()
    assert len({Lottery(1, word).uniform() for word in "abcdef"}) == 6
    # From hashlib directly: the first eight bytes of the hash of '[1, "a"] 0', 53 bits of them.
    number = int.from_bytes(hashlib.sha256(b'[1, "a"] 0').digest()[:8], "big") >> 11
    assert Lottery(1, "a").uniform() == number / 2**53


def test_a_lottery_is_fair() -> None:
    lottery = Lottery("fair")
    counts = np.bincount([lottery.below(4) for _ in range(4000)], minlength=4)
    # 1000 each, SD 27.
    assert np.abs(counts - 1000).max() < 110
    assert sorted(lottery.sample("abcd", 4)) == list("abcd")
