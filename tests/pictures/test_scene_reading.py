"""Scenes read from pixels: what was drawn, however it was sent; and where reading ends."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
import skimage.data
from PIL import Image, ImageDraw
from scipy import ndimage

from pytest_vlmperception.errors import CannotJudge, PictureError
from pytest_vlmperception.pictures import Pixels
from pytest_vlmperception.pictures.scene_reading import detect_shapes, read_lettering, read_scene
from pytest_vlmperception.pictures.scenes import Lottery, draw_scene, place
from pytest_vlmperception.records import COLOURS, KINDS, Detection, Lettering, Scene, Shape

Change = Callable[[Pixels], Pixels]


def random_scene(number: int) -> Scene:
    lottery = Lottery("reading", number)
    looks = [(lottery.choice(KINDS), lottery.choice(COLOURS)) for _ in range(1 + lottery.below(8))]
    return Scene(place(looks, lottery))


def found_where(shape: Shape, detections: tuple[Detection, ...], scale: float = 1.0) -> list[tuple[str, str]]:
    """What was found with its middle within a quarter of a shape's size of the shape's."""
    hits = []
    for each in detections:
        x, y = ((each.box[0] + each.box[2]) / 2 / scale, (each.box[1] + each.box[3]) / 2 / scale)
        if max(abs(x - shape.x), abs(y - shape.y)) < shape.size / 4:
            hits.append((each.kind, each.colour))
    return hits


def as_drawn(scene: Scene, pixels: Pixels) -> bool:
    detections = detect_shapes(pixels)
    scale = pixels.shape[1] / scene.width
    right = all(found_where(shape, detections, scale) == [(shape.kind, shape.colour)] for shape in scene.shapes)
    return right and len(detections) == len(scene.shapes)


def jpeg(quality: int) -> Change:
    def change(pixels: Pixels) -> Pixels:
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "JPEG", quality=quality)
        return np.asarray(Image.open(file).convert("RGB"))

    return change


def noise(sd: float) -> Change:
    def change(pixels: Pixels) -> Pixels:
        noisy = pixels + np.random.default_rng(5).normal(0, sd, pixels.shape)
        return np.clip(np.rint(noisy), 0, 255).astype(np.uint8)

    return change


def blur(sd: float) -> Change:
    return lambda pixels: np.rint(ndimage.gaussian_filter(pixels.astype(float), (sd, sd, 0))).astype(np.uint8)


def resize(factor: float) -> Change:
    def change(pixels: Pixels) -> Pixels:
        side = round(512 * factor)
        return np.asarray(Image.fromarray(pixels).resize((side, side), Image.Resampling.BICUBIC))

    return change


def cast(*factors: float) -> Change:
    return lambda pixels: np.clip(np.rint(pixels * np.array(factors)), 0, 255).astype(np.uint8)


CHANGES: dict[str, Change] = {
    "as drawn": lambda pixels: pixels,
    "JPEG 60": jpeg(60),
    "JPEG 20": jpeg(20),
    "noise": noise(10),
    "strong noise": noise(25),
    "blur": blur(1),
    "half": resize(0.5),
    "larger": resize(1.25),
    "warm": cast(1.15, 1.0, 0.85),
    "cool": cast(0.85, 1.0, 1.15),
}


@pytest.mark.parametrize("change", CHANGES)
def test_reads_what_was_drawn(change: str) -> None:
    for number in range(2 if "noise" in change else 4):
        scene = random_scene(number)
        assert as_drawn(scene, CHANGES[change](draw_scene(scene))), number


@pytest.mark.slow
@pytest.mark.parametrize(("change", "least"), [(name, 1.0 if name == "as drawn" else 0.98) for name in CHANGES])
def test_reads_what_was_drawn_in_many_scenes(change: str, least: float) -> None:
    right = [as_drawn(scene, CHANGES[change](draw_scene(scene))) for scene in map(random_scene, range(500))]
    assert np.mean(right) >= least


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_in_every_colour(kind: str) -> None:
    shapes = tuple(
        Shape(kind, colour, 50.0 + 80 * (i % 5), 50.0 + 80 * (i // 5), 40.0) for i, colour in enumerate(COLOURS)
    )
    scene = Scene(shapes, width=420, height=180)
    assert as_drawn(scene, draw_scene(scene))


def test_boxes_and_confidence() -> None:
    (shape,) = detect_shapes(draw_scene(Scene((Shape("heart", "pink", 200.0, 130.0, 80.0),))))
    assert shape.box == pytest.approx((160.0, 90.0, 240.0, 170.0), abs=2)
    assert shape.score == 1.0


def test_shapes_of_another_hand() -> None:
    picture = Image.new("RGB", (400, 300), "white")
    draw = ImageDraw.Draw(picture)
    draw.ellipse((40, 40, 120, 120), fill=(255, 0, 0))
    draw.rectangle((200, 60, 270, 130), fill=(0, 0, 255))
    draw.polygon([(80, 180), (130, 270), (30, 270)], fill=(0, 128, 0))
    draw.polygon([(300, 180), (345, 225), (300, 270), (255, 225)], fill=(0, 0, 0))
    found = {(each.kind, each.colour) for each in detect_shapes(np.asarray(picture))}
    assert found == {("circle", "red"), ("square", "blue"), ("triangle", "green"), ("diamond", "black")}


# Overlap


def overlapping(front: str, back: str, shift: float) -> Pixels:
    shapes = (Shape(back, "orange", 130.0, 150.0, 90.0), Shape(front, "blue", 130.0 + shift, 150.0, 90.0))
    return draw_scene(Scene(shapes, width=360, height=300))


@pytest.mark.parametrize("front", ["circle", "square", "diamond", "triangle"])
@pytest.mark.parametrize("back", ["circle", "square", "heart", "star"])
@pytest.mark.parametrize("shift", [45.0, 60.0])
def test_which_of_two_lies_in_front(front: str, back: str, shift: float) -> None:
    detections = detect_shapes(overlapping(front, back, shift))
    assert [(each.kind, each.colour) for each in detections] == [(back, "orange"), (front, "blue")]


@pytest.mark.parametrize("back", ["circle", "square", "heart"])
def test_parts_of_one_shape_behind_another(back: str) -> None:
    # What is seen through the ring and what is seen around it are one shape.
    shapes = (Shape(back, "green", 150.0, 150.0, 140.0), Shape("ring", "white", 150.0, 150.0, 110.0))
    found = detect_shapes(draw_scene(Scene(shapes, width=300, height=300)))
    assert [(each.kind, each.colour) for each in found] == [(back, "green"), ("ring", "white")]
    assert found[0].box == pytest.approx((80.0, 80.0, 220.0, 220.0), abs=2)


def test_two_of_one_colour_that_touch_are_seen_as_one() -> None:
    shapes = (Shape("square", "red", 100.0, 100.0, 60.0), Shape("circle", "red", 140.0, 100.0, 60.0))
    assert len(detect_shapes(draw_scene(Scene(shapes, width=240, height=200)))) <= 1


# Letters


@pytest.mark.parametrize("text", ["OPEN 24", "QUICK BROWN FOX", "JUMPS OVER", "THE LAZY DOG", "0123456789", "B8S5O0Z2"])
@pytest.mark.parametrize("change", ["as drawn", "JPEG 60", "noise", "larger"])
def test_reads_letters(text: str, change: str) -> None:
    scene = Scene((), (Lettering(text, "black", 256.0, 200.0, 36.0),), height=512)
    (line,) = read_lettering(CHANGES[change](draw_scene(scene)))
    assert (line.text, line.colour) == (text, "black")


def test_letters_lie_on_shapes_and_are_none() -> None:
    scene = Scene(
        (Shape("square", "blue", 150.0, 150.0, 200.0), Shape("circle", "red", 360.0, 150.0, 80.0)),
        (Lettering("STOP", "white", 150.0, 150.0, 42.0), Lettering("GO ON", "yellow", 256.0, 400.0, 28.0)),
    )
    read = read_scene(draw_scene(scene))
    assert [(each.kind, each.colour) for each in read.shapes] == [("square", "blue"), ("circle", "red")]
    assert [(each.text, each.colour) for each in read.texts] == [("STOP", "white"), ("GO ON", "yellow")]
    assert (read.texts[0].x, read.texts[0].y, read.texts[0].size) == pytest.approx((150.0, 150.0, 42.0), abs=2)


def test_shapes_are_no_letters() -> None:
    assert not any(read_lettering(draw_scene(random_scene(number))) for number in range(4))


# Nothing to see


def test_empty_pictures() -> None:
    for level in (0, 148, 255):
        assert read_scene(np.full((60, 80, 3), level, dtype=np.uint8)).shapes == ()
    assert detect_shapes(np.zeros((1, 1, 3), dtype=np.uint8)) == ()


@pytest.mark.parametrize("name", ["astronaut", "coffee", "rocket"])
def test_photographs_are_no_scenes(name: str) -> None:
    with pytest.raises(CannotJudge, match="the picture is no scene of shapes"):
        read_scene(getattr(skimage.data, name)())


def test_blots_are_no_shapes() -> None:
    # A thin frame: no outline that is known.
    pixels = np.full((200, 200, 3), 148, dtype=np.uint8)
    pixels[30:170, 30:170] = 16
    pixels[34:166, 34:166] = 148
    with pytest.raises(CannotJudge, match="most of it has none of the known outlines"):
        read_scene(pixels)


def test_large_pictures_are_read_in_their_own_pixels() -> None:
    scene = Scene((Shape("ring", "blue", 1500.0, 700.0, 600.0),), width=2400, height=1400)
    (ring,) = detect_shapes(draw_scene(scene))
    assert ring.kind == "ring"
    assert ring.box == pytest.approx((1200.0, 400.0, 1800.0, 1000.0), abs=5)


def test_what_is_no_picture() -> None:
    with pytest.raises(PictureError):
        detect_shapes(np.zeros((4, 4), dtype=np.uint8))
