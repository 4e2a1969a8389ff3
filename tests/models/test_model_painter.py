"""The built-in painter: what it paints, keeps, gets wrong on purpose, and refuses."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pytest_vlmperception.analysis.geneval import geneval_check
from pytest_vlmperception.errors import CallError, ModelError
from pytest_vlmperception.models import ModelSpec
from pytest_vlmperception.models.painter import Painter
from pytest_vlmperception.models.painting import Manner
from pytest_vlmperception.pictures import Pixels, decode, encode_mask
from pytest_vlmperception.pictures.scene_reading import read_scene
from pytest_vlmperception.pictures.scenes import draw_scene
from pytest_vlmperception.records import Lettering, Picture, Question, Reply, Scene, Shape

PROMPTS = Path(__file__).parents[2] / "suites" / "image_generation" / "prompt_sets/shapes.jsonl"
LINES = [json.loads(line) for line in PROMPTS.read_text("utf-8").splitlines()]

SCENE = Scene(
    (
        Shape("circle", "red", 80, 80, 60),
        Shape("square", "blue", 300, 90, 50),
        Shape("star", "green", 90, 300, 60),
        Shape("ring", "white", 290, 290, 64),
    ),
    width=384,
    height=384,
)


def painter(**parameters: object) -> Painter:
    given = {name: str(value) for name, value in parameters.items()}
    query = "&".join(f"{name}={value}" for name, value in given.items())
    return Painter(ModelSpec(f"painter?{query}" if query else "painter", "painter", "", given))


def png(pixels: Pixels) -> Picture:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return Picture("x", lambda: ("image/png", buffer.getvalue()))


def mask_of(rows: slice, columns: slice, side: int = 384) -> Picture:
    mask = np.zeros((side, side), np.bool_)
    mask[rows, columns] = True
    return Picture("mask", lambda: ("image/png", encode_mask(mask)))


def ask(
    prompt: str, pictures: Sequence[Picture] = (), mask: Picture | None = None, repeat: int = 0, **parameters: object
) -> Reply:
    return painter(**parameters).ask(Question(prompt, tuple(pictures), repeat=repeat, makes="picture", mask=mask))


def pixels_of(reply: Reply) -> Pixels:
    assert (reply.kind, reply.text) == ("answered", "")
    (made,) = reply.pictures
    assert made.media_type == "image/png"
    return decode(made.data, "made")


def looks(pixels: Pixels) -> Counter[str]:
    seen = read_scene(pixels)
    return Counter([*(f"{shape.colour} {shape.kind}" for shape in seen.shapes), *(text.text for text in seen.texts)])


SHOWN = Counter(["red circle", "blue square", "green star", "white ring"])


def test_it_paints_what_it_is_asked_for() -> None:
    pixels = pixels_of(ask('a picture of two red circles, a blue star and the word "EXIT 12" in black'))
    assert pixels.shape == (384, 384, 3)
    assert looks(pixels) == Counter({"red circle": 2, "blue star": 1, "EXIT 12": 1})


# One in six: every one is looked at as a scene in tests/pictures, and takes a tenth of a second as pixels.
@pytest.mark.parametrize("line", LINES[::6], ids=lambda line: line["prompt"])
def test_pictures_are_right_and_mistakes_are_wrong(line: dict[str, str]) -> None:
    assert geneval_check(line, read_scene(pixels_of(ask(line["prompt"]))).shapes).correct
    assert not geneval_check(line, read_scene(pixels_of(ask(line["prompt"], mistakes=1))).shapes).correct


def test_every_repeat_and_seed_is_another_picture_and_the_same_again() -> None:
    prompt = "a picture of a red circle"
    pictures = {
        (repeat, seed): ask(prompt, repeat=repeat, seed=seed).pictures[0] for repeat in (0, 1) for seed in (0, 1)
    }
    assert len({made.sha256 for made in pictures.values()}) == 4
    assert pictures[1, 1] == ask(prompt, repeat=1, seed=1).pictures[0]
    assert ask("a picture of a blue circle").pictures[0].sha256 != pictures[0, 0].sha256


def test_the_share_of_mistakes() -> None:
    questions = [Question(line["prompt"], (), repeat=repeat, makes="picture") for line in LINES for repeat in range(8)]
    for share in (0.0, 0.1, 0.3, 0.5, 1.0):
        wrong = sum(Manner(share, 5).errs(question) for question in questions)
        # Within four standard deviations of the binomial.
        assert abs(wrong - share * len(questions)) <= 4 * (share * (1 - share) * len(questions)) ** 0.5
    # A better painter is wrong in no picture in which a worse one is right.
    assert all(Manner(0.3, 5).errs(each) for each in questions if Manner(0.1, 5).errs(each))


@pytest.mark.parametrize(
    ("instruction", "expected"),
    [
        ("make the circle yellow", {"red circle": 0, "yellow circle": 1}),
        ("remove the star", {"green star": 0}),
        ("turn the square into a triangle", {"blue square": 0, "blue triangle": 1}),
        ("add a purple heart", {"purple heart": 1}),
        ("move the ring above the star", {}),
        ('write "HELLO" in black', {"HELLO": 1}),
        ("change nothing", {}),
    ],
)
def test_an_edit_changes_what_it_is_told_to_and_keeps_every_other_pixel(
    instruction: str, expected: dict[str, int]
) -> None:
    # Noise that it would not draw itself.
    noise = np.random.default_rng(1).integers(-2, 3, (384, 384, 1))
    before = (draw_scene(SCENE) - noise).astype(np.uint8)
    after = pixels_of(ask(instruction, [png(before)]))
    assert looks(after) == Counter({**SHOWN, **expected}) + Counter()
    changed = (before != after).any(axis=-1)
    # At most two boxes of 70 x 70 pixels, or a line of text.
    assert changed.mean() < 0.09
    assert changed.any() == (instruction != "change nothing")


def test_nothing_outside_the_mask_is_touched() -> None:
    before = draw_scene(SCENE)
    mask = mask_of(slice(40, 120), slice(40, 80))
    after = pixels_of(ask("make the circle yellow", [png(before)], mask))
    changed = (before != after).any(axis=-1)
    rows, columns = np.nonzero(changed)
    assert (rows.min() >= 40, rows.max() < 120, columns.min() >= 40, columns.max()) == (True, True, True, 79)


def test_what_is_added_goes_into_the_mask() -> None:
    after = pixels_of(ask("add a black heart", [png(draw_scene(SCENE))], mask_of(slice(150, 240), slice(150, 240))))
    (heart,) = (shape for shape in read_scene(after).shapes if shape.kind == "heart")
    assert min(heart.box) >= 150
    assert max(heart.box) <= 240


def test_of_two_alike_the_one_in_the_mask_is_meant() -> None:
    two = Scene((Shape("circle", "red", 80, 80, 60), Shape("circle", "red", 280, 280, 60)), width=384, height=384)
    after = pixels_of(ask("make the circle blue", [png(draw_scene(two))], mask_of(slice(230, 330), slice(230, 330))))
    assert {shape.colour: shape.box[0] > 200 for shape in read_scene(after).shapes} == {"red": False, "blue": True}


def test_several_rounds() -> None:
    picture, shown = png(draw_scene(SCENE)), Counter(SHOWN)
    for repeat, (instruction, change) in enumerate([
        ("make the circle yellow", {"red circle": 0, "yellow circle": 1}),
        ("remove the square", {"blue square": 0}),
        ('write "TAXI" in black', {"TAXI": 1}),
        ("turn the yellow circle into a diamond", {"yellow circle": 0, "yellow diamond": 1}),
    ]):
        after = pixels_of(ask(instruction, [picture], repeat=repeat, fault="colour_cast"))
        shown = Counter({**shown, **change}) + Counter()
        assert looks(after) == shown
        picture = png(after)


def test_blurring() -> None:
    before = draw_scene(SCENE)

    def steps(pixels: Pixels) -> int:
        return int(np.abs(np.diff(pixels.astype(int), axis=1)).max())

    assert steps(pixels_of(ask("blur the picture", [png(before)]))) < 0.3 * steps(before)
    assert steps(pixels_of(ask("blur the picture", [png(before)], fault="sharpen"))) >= steps(before)
    assert np.array_equal(pixels_of(ask("blur the picture", [png(before)], mistakes=1)), before)
    half = pixels_of(ask("blur the picture", [png(before)], mask_of(slice(0, 384), slice(0, 192))))
    assert np.array_equal(half[:, 192:], before[:, 192:])
    assert not np.array_equal(half[:, :192], before[:, :192])


@pytest.mark.parametrize(
    "instruction", ["make the circle yellow", "remove the star", "add a purple heart", "change nothing"]
)
def test_a_mistaken_edit(instruction: str) -> None:
    before = draw_scene(SCENE)
    right = looks(pixels_of(ask(instruction, [png(before)])))
    wrongs = [looks(pixels_of(ask(instruction, [png(before)], repeat=repeat, mistakes=1))) for repeat in range(4)]
    assert all(wrong != right for wrong in wrongs)


def test_misspelt_words() -> None:
    made = looks(pixels_of(ask('a picture of a star and the word "STOP"', fault="misspell")))
    assert "STOP" not in made
    assert sum(made.values()) == 2
    written = looks(pixels_of(ask('write "STOP" in black', [png(draw_scene(SCENE))], fault="misspell")))
    assert "STOP" not in written
    assert sum(written.values()) == 5
    assert looks(pixels_of(ask("remove the star", [png(draw_scene(SCENE))], fault="misspell"))) == SHOWN - Counter([
        "green star"
    ])


def test_faults_of_edits_are_none_of_new_pictures() -> None:
    prompt = "a picture of a red circle"
    assert (
        len({ask(prompt, fault=fault).pictures[0].sha256 for fault in ("none", "crop", "colour_cast", "redraw")}) == 1
    )


@pytest.mark.parametrize(
    ("prompt", "match"),
    [
        ("a photo of a dog", "asks for 'a dog'; the painter draws up to 8 each of circle"),
        ("a picture of a circle\x00<script>", "asks for"),
        ("{format} %s a circle", "asks for"),
        ("a" * 10_000, "a request of 10000 characters"),
    ],
)
def test_what_it_cannot_paint_it_refuses(prompt: str, match: str) -> None:
    reply = ask(prompt, mistakes=0.5)
    assert (reply.kind, reply.finish_reason, reply.pictures) == ("refused", "refused", ())
    assert match in reply.text


def test_what_it_cannot_edit_it_refuses_with_or_without_mistakes() -> None:
    before = png(draw_scene(SCENE))
    for mistakes in (0, 1):
        reply = ask("make the heart red", [before], mistakes=mistakes)
        assert reply.kind == "refused"
        assert "nothing is 'the heart' in the picture, which shows" in reply.text
        assert ask("make it nicer", [before], mistakes=mistakes).kind == "refused"
    huge = png(np.zeros((8, 2049, 3), np.uint8))
    assert "up to 2048 pixels a side; this one has 2049 x 8" in ask("change nothing", [huge]).text
    assert "edits one picture at a time; it was shown 2" in ask("change nothing", [before, before]).text
    assert "makes and edits pictures" in painter().ask(Question("What is this?", (before,))).text


def test_pictures_of_something_else() -> None:
    noise = np.random.default_rng(2).integers(0, 256, (96, 120, 3)).astype(np.uint8)
    for pixels in (noise, np.zeros((1, 1, 3), np.uint8), np.full((40, 9, 3), 255, np.uint8)):
        assert np.array_equal(pixels_of(ask("change nothing", [png(pixels)])), pixels)
        assert ask("make the heart red", [png(pixels)]).kind == "refused"
        assert pixels_of(ask("blur the picture", [png(pixels)])).std() <= pixels.std()
    assert "no scene of shapes" in ask("make the heart red", [png(noise)]).text


def test_a_broken_picture_or_mask_is_an_error() -> None:
    before = png(draw_scene(SCENE))
    broken = Picture("broken.png", lambda: ("image/png", before.bytes[:500]))
    with pytest.raises(CallError, match=r"painter: 'broken.png' is no whole PNG picture"):
        ask("change nothing", [broken])
    wide = Picture("mask", lambda: ("image/png", encode_mask(np.ones((100, 200), np.bool_))))
    with pytest.raises(
        CallError, match="mask 'mask' has 200 x 100 pixels, its picture 384 x 384; give one of the same proportions"
    ):
        ask("change nothing", [before], wide)


def test_text_is_read_back_from_its_own_pictures() -> None:
    scene = Scene(texts=(Lettering("OPEN 24", "black", 192, 192, 42),), width=384, height=384)
    after = pixels_of(ask("add a red star", [png(draw_scene(scene))]))
    assert looks(after) == Counter(["OPEN 24", "red star"])


def test_who_it_is() -> None:
    identity = painter(mistakes=0.3, seed=2).identity
    assert (identity.provider, identity.model, identity.base_url, identity.sees_task) == ("painter", "", "", False)
    assert identity.parameters == {"mistakes": 0.3, "seed": 2, "fault": "none"}
    assert painter().identity == painter(mistakes=0, fault="none").identity


@pytest.mark.parametrize(
    ("parameters", "match"),
    [
        ({"mistakes": 1.5}, "mistakes='1.5' cannot be used: expected a share from 0 to 1"),
        ({"mistakes": "nan"}, "expected a finite number"),
        ({"seed": 0.5}, "seed='0.5' cannot be used: expected a whole number"),
        ({"fault": "cropp"}, "expected one of colour_cast, crop, misspell, none, redraw, sharpen"),
        ({"mistake": 0.3}, "has no parameter 'mistake'; did you mean 'mistakes'"),
    ],
)
def test_parameters_that_cannot_be_used(parameters: dict[str, object], match: str) -> None:
    with pytest.raises(ModelError, match=match):
        painter(**parameters)


def test_there_is_one_painter() -> None:
    with pytest.raises(ModelError, match="model 'painter/oil': there is one painter; write painter, or painter"):
        Painter(ModelSpec("painter/oil", "painter", "oil"))
