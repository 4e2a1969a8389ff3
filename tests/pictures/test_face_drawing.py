"""Schematic faces as they are drawn: codes, prototypes, valence, and where the pixels move."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_vlmperception.errors import StimulusError
from pytest_vlmperception.pictures import Pixels
from pytest_vlmperception.pictures.faces import (
    ACTION_UNITS,
    IDENTITIES,
    INTENSITIES,
    ONE_SIDED,
    PROTOTYPES,
    draw_face,
    parse_units,
    polarity,
    valence,
)

LOOK = IDENTITIES["bela"]
SIDE_PX = 256


def drawn(code: str, default: str = "E", **changes: object) -> Pixels:
    return draw_face(parse_units(code, "here", default), replace(LOOK, **changes), SIDE_PX)


def dark_rows(pixels: Pixels, left: float, right: float, top: float, bottom: float) -> np.ndarray:
    """Rows, as shares of the side, of the dark pixels within a part of the picture."""
    rows, columns = np.nonzero(pixels.mean(axis=2) < 100)
    rows, columns = rows / SIDE_PX, columns / SIDE_PX
    return rows[(columns > left) & (columns < right) & (rows > top) & (rows < bottom)]


# Codes


def test_codes() -> None:
    fear = parse_units("1 + 2+4+5B+26", "here", "D")
    # Letters in five equal steps: B is 0.4, D is 0.8.
    assert (fear[1], fear[5], fear[26], fear[12]) == (0.8, 0.4, 0.8, 0.0)
    contempt = parse_units("R12A+R14A", "here")
    assert (contempt[12], contempt.both(12), contempt.one_sided(14)) == (0.2, 0.0, 0.2)
    assert contempt.left.get(12) is None
    assert parse_units("", "here")[1] == 0.0


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("smile", r"here: 'smile' is no action unit; expected a code such as 12, 5B or R12A"),
        ("12F", r"here: '12F' is no action unit"),
        ("12-", r"here: '12-' is no action unit"),
        ("3", r"here: action unit 3 cannot be drawn; .*known: 1, 10, 12"),
        ("L4", r"here: 'L4': action unit 4 is drawn on both sides; on one side: 10, 12, 14, 15"),
    ],
)
def test_codes_that_cannot_be_drawn(code: str, message: str) -> None:
    with pytest.raises(StimulusError, match=message):
        parse_units(code, "here")


# Prototypes and valence


def test_prototypes_are_the_published_ones() -> None:
    # EMFACS as listed by Friesen and Ekman (1983): happiness 6+12, sadness 1+4+15, surprise 1+2+5+26,
    # fear 1+2+4+5+7+20+26, anger 4+5+7+23, contempt R12+R14. Du, Tao and Martinez (2014): disgust 9+10+17.
    assert {name: set(code.split("+")) - {""} for name, code in PROTOTYPES.items()} == {
        "anger": {"4", "5", "7", "23"},
        "contempt": {"R12", "R14"},
        "disgust": {"9", "10", "17"},
        "fear": {"1", "2", "4", "5", "7", "20", "26"},
        "happiness": {"6", "12", "25"},
        "neutral": set(),
        "sadness": {"1", "4", "15"},
        "surprise": {"1", "2", "5", "26"},
    }


@pytest.mark.parametrize("letter", INTENSITIES)
@pytest.mark.parametrize(
    ("emotion", "expected"),
    [
        ("anger", "negative"),
        ("contempt", "negative"),
        ("disgust", "negative"),
        ("fear", "negative"),
        ("happiness", "positive"),
        ("neutral", "neutral"),
        ("sadness", "negative"),
        ("surprise", "neutral"),
    ],
)
def test_polarity_of_prototypes(emotion: str, expected: str, letter: str) -> None:
    assert polarity(parse_units(PROTOTYPES[emotion], "here", letter)) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        # P - N by hand, with the weights of the docstring.
        ("12E", 0.9),
        ("6E", 0.0),
        ("6E+12E", 1 - 0.1 * 0.8),
        ("4E", -0.5),
        ("4E+15E", -(1 - 0.5 * 0.5)),
        ("12C+4C", 0.9 * 0.6 - 0.5 * 0.6),
        ("R12E", -0.4),
        ("1E+2E+5E+26E", 0.0),
    ],
)
def test_valence(code: str, expected: float) -> None:
    assert valence(parse_units(code, "here")) == pytest.approx(expected)


codes = st.lists(
    st.tuples(st.sampled_from(sorted(ACTION_UNITS)), st.sampled_from("ABCDE")).map(lambda pair: f"{pair[0]}{pair[1]}"),
    max_size=8,
).map("+".join)


@given(codes)
def test_valence_is_bounded_and_grows_with_the_smile(code: str) -> None:
    value = valence(parse_units(code, "here"))
    assert -1 <= value <= 1
    assert valence(parse_units(f"{code}+12E", "here")) >= value - 1e-12


# Pictures


def test_a_face_is_the_same_every_time() -> None:
    assert (drawn("1+2+5+26") == drawn("1+2+5+26")).all()
    assert drawn("").shape == (SIDE_PX, SIDE_PX, 3)


def test_edges_are_smooth() -> None:
    # Black lines on white: without antialiasing there would be two levels.
    assert len(np.unique(drawn("", ink=(0, 0, 0)))) > 16


def test_mirrored_faces_are_mirrored() -> None:
    code = parse_units("R12E+R14E", "here")
    left, right = draw_face(code, LOOK, SIDE_PX), draw_face(code, LOOK, SIDE_PX, mirrored=True)
    assert (left == right[:, ::-1]).all()
    assert (left != right).any()


def test_right_is_the_right_side_of_the_face() -> None:
    smirk = drawn("R12E")
    left, right = dark_rows(smirk, 0.35, 0.45, 0.65, 0.85), dark_rows(smirk, 0.55, 0.65, 0.65, 0.85)
    # The corner goes up on the side of the picture's left.
    assert left.min() < right.min() - 0.02


BROWS, EYES, MOUTH = (0.3, 0.45, 0.3, 0.43), (0.3, 0.45, 0.4, 0.53), (0.38, 0.43, 0.66, 0.85)


@pytest.mark.parametrize(
    ("code", "part", "up"),
    [("1", BROWS, True), ("2", BROWS, True), ("5", EYES, True), ("12", MOUTH, True), ("15", MOUTH, False)],
)
def test_movements_go_where_their_names_say(code: str, part: tuple[float, ...], up: bool) -> None:
    rest, moved = (dark_rows(drawn(units), *part) for units in ("", code))
    assert (moved.min() < rest.min() - 0.01) if up else (moved.max() > rest.max() + 0.01)


@pytest.mark.parametrize("unit", sorted(ACTION_UNITS))
def test_every_unit_shows_and_more_at_higher_intensity(unit: int) -> None:
    rest = drawn("").astype(int)
    changes = [np.abs(drawn(str(unit), letter).astype(int) - rest).sum() for letter in "CE"]
    assert 0 < changes[0] < changes[1]


@pytest.mark.parametrize("unit", sorted(ONE_SIDED))
def test_one_sided_units_leave_the_other_side_alone(unit: int) -> None:
    rest, moved = drawn("", taper=0.0).astype(int), drawn(f"L{unit}", taper=0.0).astype(int)
    changed = np.nonzero(np.abs(moved - rest).sum(axis=(0, 2)))[0]
    # The line between the lips bends as a whole; but most of the change is at the picture's right.
    assert np.median(changed) > SIDE_PX / 2


def test_identities_differ() -> None:
    faces = [draw_face(parse_units("", "here"), look, SIDE_PX) for look in IDENTITIES.values()]
    assert len({face.tobytes() for face in faces}) == len(IDENTITIES) >= 4
