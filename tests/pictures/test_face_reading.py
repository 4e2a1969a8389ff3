"""Schematic faces read from pixels: whoever drew them, however they were sent, and nothing else."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import skimage.data
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from pytest_vlmperception.errors import CannotJudge
from pytest_vlmperception.pictures import Pixels
from pytest_vlmperception.pictures.face_reading import FaceGeometry, read_face
from pytest_vlmperception.pictures.faces import IDENTITIES, draw_face, parse_units

SIDE_PX = 384


def face(code: str, identity: str = "ada", **changes: object) -> Pixels:
    return draw_face(parse_units(code, "here"), replace(IDENTITIES[identity], **changes), SIDE_PX)


def drawn_by_hand(mouth: str, brows: str = "level") -> Pixels:
    """A face drawn with other tools, in other proportions, than those of the package."""
    picture = Image.new("RGB", (300, 360), "white")
    draw = ImageDraw.Draw(picture)
    draw.ellipse((30, 20, 270, 340), outline="black", width=5)
    for x in (100, 200):
        draw.ellipse((x - 25, 148, x + 25, 172), outline="black", width=4)
        draw.ellipse((x - 10, 150, x + 10, 170), fill="black")
    inner, outer = {"level": (120, 118), "sad": (102, 122), "angry": (138, 114)}[brows]
    draw.line((118, inner, 75, outer), fill="black", width=7)
    draw.line((182, inner, 225, outer), fill="black", width=7)
    draw.arc((138, 190, 162, 225), 20, 160, fill="black", width=4)
    if mouth == "smile":
        draw.arc((105, 215, 195, 285), 20, 160, fill="black", width=5)
    elif mouth == "frown":
        draw.arc((105, 255, 195, 325), 200, 340, fill="black", width=5)
    elif mouth == "open":
        draw.ellipse((115, 240, 185, 295), fill="black")
    else:
        draw.line((110, 265, 190, 265), fill="black", width=5)
    return np.asarray(picture)


# What is read


def test_lengths_of_a_face_drawn_by_hand() -> None:
    # In its own pixels: eyes 100 apart; lids 12 from the corners to the middle of the line, less half its width; brows at
    # rows 120 and 118 with the corners of the eyes at 160; ends of the mouth at 110 and 190.
    read = read_face(drawn_by_hand("flat"))
    assert read.brow_inner == pytest.approx(0.40, abs=0.03)
    assert read.brow_outer == pytest.approx(0.42, abs=0.03)
    assert read.brow_gap == pytest.approx(0.64, abs=0.08)
    assert read.upper_lid == pytest.approx(0.10, abs=0.03)
    assert read.lower_lid == pytest.approx(0.10, abs=0.03)
    assert read.mouth_width == pytest.approx(0.80, abs=0.05)
    assert read.corner_left == read.corner_right == pytest.approx(0.0, abs=0.02)


def test_expressions_drawn_by_hand() -> None:
    smile, frown = read_face(drawn_by_hand("smile")), read_face(drawn_by_hand("frown"))
    assert min(smile.corner_left, smile.corner_right) > 0.1
    assert max(frown.corner_left, frown.corner_right) < -0.1
    assert read_face(drawn_by_hand("open")).opening == pytest.approx(0.53, abs=0.05)
    sad, angry = (read_face(drawn_by_hand("flat", brows)) for brows in ("sad", "angry"))
    assert sad.brow_inner - sad.brow_outer == pytest.approx(0.20, abs=0.04)
    assert angry.brow_inner - angry.brow_outer == pytest.approx(-0.24, abs=0.04)


@pytest.mark.parametrize("identity", ["bela", "chidi", "dana"])
@pytest.mark.parametrize(
    ("code", "sign"),
    [
        ("1C", lambda read: read.brow_inner),
        ("2C", lambda read: read.brow_outer),
        ("4C", lambda read: -read.brow_gap),
        ("4C", lambda read: read.frown),
        ("5C", lambda read: read.upper_lid),
        ("6C", lambda read: read.cheek_lines),
        ("6C", lambda read: read.eye_wrinkles),
        ("7C", lambda read: -read.lower_lid),
        ("9C", lambda read: read.nose_wrinkles),
        ("10C", lambda read: read.folds),
        ("12C", lambda read: min(read.corner_left, read.corner_right)),
        ("R12C", lambda read: read.corner_left),
        ("L12C", lambda read: read.corner_right),
        ("R14C", lambda read: read.dimple_left),
        ("15C", lambda read: -max(read.corner_left, read.corner_right)),
        ("17C", lambda read: read.chin),
        ("20C", lambda read: read.mouth_width),
        ("23C", lambda read: -read.mouth_width),
        ("26C", lambda read: read.opening),
        ("43C", lambda read: -read.upper_lid),
        ("43E", lambda read: -read.upper_lid),
    ],
)
def test_movements_are_found(code: str, sign: Callable[[FaceGeometry], float], identity: str) -> None:
    rest, moved = (sign(read_face(face(units, identity))) for units in ("", code))
    assert moved > rest + 0.03


def test_more_of_a_movement_is_more() -> None:
    smiles = [read_face(face(f"12{letter}")).corner_left for letter in "ABCDE"]
    assert smiles == sorted(smiles)
    assert smiles[0] > 0.02


# However it was sent


def as_jpeg(pixels: Pixels, quality: int) -> Pixels:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file).convert("RGB"))


def resized(pixels: Pixels, factor: float) -> Pixels:
    size = (round(pixels.shape[1] * factor), round(pixels.shape[0] * factor))
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC))


def rotated(pixels: Pixels) -> Pixels:
    corner = tuple(int(level) for level in pixels[0, 0])
    return np.asarray(Image.fromarray(pixels).rotate(2, Image.Resampling.BICUBIC, fillcolor=corner))


CHANGES: dict[str, Callable[[Pixels], Pixels]] = {
    "jpeg 60": lambda pixels: as_jpeg(pixels, 60),
    "smaller": lambda pixels: resized(pixels, 0.8),
    "larger": lambda pixels: resized(pixels, 1.25),
    "smaller jpeg": lambda pixels: as_jpeg(resized(pixels, 0.8), 60),
    "paler": lambda pixels: (pixels * 0.7 + 20).astype(np.uint8),
    "grey": lambda pixels: np.asarray(Image.fromarray(pixels).convert("L").convert("RGB")),
    "wider margins": lambda pixels: np.pad(pixels, ((40, 10), (0, 60), (0, 0)), mode="edge"),
    "turned by 2 degrees": rotated,
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize(("code", "identity"), [("1+2+4+5+7+20+26", "chidi"), ("6+12+25", "dana"), ("R12+R14", "ada")])
def test_it_reads_the_same_after(change: str, code: str, identity: str) -> None:
    before = read_face(face(code, identity))
    after = read_face(CHANGES[change](face(code, identity)))
    for name, value in vars(before).items():
        assert getattr(after, name) == pytest.approx(value, abs=0.04), name


@pytest.mark.parametrize("line", [0.03, 0.065])
def test_lines_of_other_widths(line: float) -> None:
    thin, other = read_face(face("4+5+7+23")), read_face(face("4+5+7+23", line=line))
    for name, value in vars(thin).items():
        assert getattr(other, name) == pytest.approx(value, abs=0.06), name


def test_a_mirrored_face_is_read_mirrored() -> None:
    read, mirrored = read_face(face("R12+R14")), read_face(face("R12+R14")[:, ::-1])
    assert mirrored.corner_right == pytest.approx(read.corner_left, abs=0.01)
    assert mirrored.dimple_right == pytest.approx(read.dimple_left, abs=0.01)
    assert mirrored.dimple_left == 0


# What is refused


def canvas(draw: Callable[[ImageDraw.ImageDraw], object]) -> Pixels:
    picture = Image.new("RGB", (400, 400), "white")
    draw(ImageDraw.Draw(picture))
    return np.asarray(picture)


def smiley(draw: ImageDraw.ImageDraw) -> None:
    draw.ellipse((50, 50, 350, 350), fill="yellow", outline="black", width=6)
    for x in (130, 240):
        draw.ellipse((x, 140, x + 30, 170), fill="black")
    draw.arc((120, 150, 280, 290), 20, 160, fill="black", width=6)


def page(draw: ImageDraw.ImageDraw) -> None:
    for row in range(14):
        draw.text((9, 28 * row), "a happy, smiling face", "black", ImageFont.load_default(24))


def house(draw: ImageDraw.ImageDraw) -> None:
    draw.rectangle((50, 100, 350, 380), outline="black", width=6)
    for x in (80, 250):
        draw.rectangle((x, 150, x + 70, 200), outline="black", width=4)
    draw.rectangle((160, 250, 240, 380), outline="black", width=4)


def without(part: str) -> Pixels:
    pixels = drawn_by_hand("flat").copy()
    rows, columns = {"brows": (slice(100, 145), slice(60, 240)), "mouth": (slice(255, 275), slice(100, 200))}.get(
        part, (slice(185, 230), slice(130, 170))
    )
    pixels[rows, columns] = 255
    return pixels


OTHERS = {
    "white": (lambda: np.full((300, 300, 3), 255, np.uint8), "no dark lines on lighter areas"),
    "black": (lambda: np.zeros((300, 300, 3), np.uint8), "no dark lines on lighter areas"),
    "text": (
        lambda: canvas(lambda draw: draw.text((20, 40), "a very happy face :-)", "black", ImageFont.load_default(30))),
        "no line runs around a head",
    ),
    "page": (
        lambda: canvas(page),
        "separate lines",
    ),
    "portrait": (lambda: skimage.data.astronaut(), "few plain areas, as photographs do"),
    "face of a portrait": (lambda: skimage.data.astronaut()[20:220, 130:320], "few plain areas"),
    "cat": (lambda: skimage.data.chelsea(), "few plain areas"),
    "rocket": (lambda: skimage.data.rocket(), "no line runs around a head"),
    "noise": (lambda: np.random.default_rng(7).integers(0, 256, (200, 200, 3), np.uint8), "few plain areas"),
    "smiley": (lambda: canvas(smiley), "no eyes with brows above them"),
    "house": (lambda: canvas(house), "no eyes with brows above them"),
    "upside down": (lambda: drawn_by_hand("smile")[::-1], "no mouth below the eyes"),
    "no brows": (lambda: without("brows"), "no eyes with brows above them"),
    "no mouth": (lambda: without("mouth"), "no mouth below the eyes"),
    "no nose": (lambda: without("nose"), "no nose between the eyes and the mouth"),
    "tiny": (lambda: drawn_by_hand("smile")[::4, ::4], r"75 x 90 pixels; a face is read from 96 on"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_other_pictures_are_refused(name: str) -> None:
    make, message = OTHERS[name]
    with pytest.raises(CannotJudge, match=message):
        read_face(np.ascontiguousarray(make()))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 40))
def test_random_drawings_are_read_or_refused(seed: int, lines: int) -> None:
    rng = np.random.default_rng(seed)

    def scribble(draw: ImageDraw.ImageDraw) -> None:
        draw.ellipse((30, 30, 370, 370), outline="black", width=6)
        for x0, y0, x1, y1 in rng.integers(60, 340, (lines, 4)).tolist():
            draw.line((x0, y0, (x0 + x1) / 2, (y0 + y1) / 2), fill="black", width=5)

    try:
        read = read_face(canvas(scribble))
    except CannotJudge:
        return
    assert all(np.isfinite(value) for value in vars(read).values())


def test_reading_knows_nothing_of_drawing() -> None:
    code = (
        "import sys, pytest_vlmperception.pictures.face_reading.geometry, pytest_vlmperception.models.observer_faces;"
        "print([name for name in sys.modules if '.pictures.faces' in name])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
