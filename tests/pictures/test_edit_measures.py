"""Measures of edits: known values, and that each tells one thing only."""

from __future__ import annotations

import io
import math
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from skimage import color, data
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from pytest_vlmperception.errors import CannotJudge, PictureError, PromptError
from pytest_vlmperception.pictures import Mask, Pixels, decode_mask, encode_mask
from pytest_vlmperception.pictures.editing import (
    Framing,
    cast_of,
    changed_share,
    compare_edit,
    edit_succeeded,
    framing_of,
    psnr,
    registered,
    sharpness,
    sharpness_ratio,
    ssim,
)
from pytest_vlmperception.pictures.prompted import blurred, cropped, sharpened, swung, warmed
from pytest_vlmperception.pictures.scenes import draw_scene
from pytest_vlmperception.records import Edit, Lettering, Picture, Scene, Shape

PHOTO: Pixels = np.ascontiguousarray(data.astronaut()[::2, ::2])
SCENE = Scene(
    (
        Shape("circle", "red", 90, 80, 60),
        Shape("square", "blue", 280, 110, 50),
        Shape("star", "green", 110, 280, 60),
        Shape("ring", "white", 270, 260, 64),
    ),
    width=384,
    height=384,
)


def noisy(pixels: Pixels, sd: float, seed: int = 0) -> Pixels:
    noise = np.random.default_rng(seed).normal(0, sd, pixels.shape)
    return np.clip(pixels + noise + 0.5, 0, 255).astype(np.uint8)


def boxed(shape: tuple[int, ...], rows: slice, columns: slice) -> Mask:
    mask = np.zeros(shape[:2], np.bool_)
    mask[rows, columns] = True
    return mask


def test_psnr_of_a_known_error() -> None:
    before = np.full((10, 20, 3), 100, np.uint8)
    # Five steps everywhere: 20 log10(255 / 5).
    assert psnr(before, before + np.uint8(5)) == pytest.approx(20 * math.log10(255 / 5))
    assert psnr(PHOTO, noisy(PHOTO, 9)) == pytest.approx(peak_signal_noise_ratio(PHOTO, noisy(PHOTO, 9)))


def test_psnr_of_identical_pictures_is_that_of_one_step() -> None:
    before = np.full((10, 20, 3), 100, np.uint8)
    one = before.copy()
    one[3, 4, 1] += 1
    assert psnr(before, before) == psnr(before, one) == pytest.approx(10 * math.log10(255**2 * 600))


def test_what_is_masked_counts_neither_for_nor_against() -> None:
    before, mask = PHOTO, boxed(PHOTO.shape, slice(50, 150), slice(40, 160))
    after = noisy(PHOTO, 9)
    repainted = after.copy()
    repainted[mask] = 0
    for measure in (psnr, ssim, changed_share):
        assert measure(before, after, mask) == measure(before, repainted, mask)
    # Over the pixels outside alone, and not over a frame whose masked part is blanked in both.
    squared = (before[~mask].astype(float) - after[~mask]) ** 2
    assert psnr(before, after, mask) == pytest.approx(10 * math.log10(255**2 / squared.mean()))


def test_ssim_is_that_of_the_paper() -> None:
    luma = np.array([0.299, 0.587, 0.114])
    after = noisy(PHOTO, 12)
    # scikit-image's, set to Wang et al. (2004), over the whole map.
    _, expected = structural_similarity(
        PHOTO @ luma,
        after @ luma,
        data_range=255,
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
        full=True,
    )
    assert ssim(PHOTO, after) == pytest.approx(expected.mean())
    mask = boxed(PHOTO.shape, slice(0, 256), slice(0, 128))
    # The windows at columns up to 128 + 5 see a masked pixel.
    assert ssim(PHOTO, after, mask) == pytest.approx(expected[:, 133:].mean())
    assert ssim(PHOTO, PHOTO) == pytest.approx(1.0)


def test_changed_share_counts_what_was_painted() -> None:
    before = draw_scene(SCENE)
    after = draw_scene(replace(SCENE, shapes=(replace(SCENE.shapes[0], colour="blue"), *SCENE.shapes[1:])))
    # A disc with a diameter of 60 pixels.
    assert changed_share(before, after) == pytest.approx(math.pi * 30**2 / 384**2, rel=0.05)
    assert changed_share(before, after, boxed(before.shape, slice(45, 115), slice(55, 125))) == 0.0


def test_noise_compression_and_half_a_pixel_are_no_change() -> None:
    before = draw_scene(SCENE)
    file = io.BytesIO()
    Image.fromarray(before).save(file, "JPEG", quality=90)
    moved = draw_scene(replace(SCENE, shapes=tuple(replace(shape, x=shape.x + 0.5) for shape in SCENE.shapes)))
    for after in (noisy(before, 3), np.asarray(Image.open(file)), moved):
        assert changed_share(before, after) < 0.001
    farther = draw_scene(replace(SCENE, shapes=tuple(replace(shape, x=shape.x + 4) for shape in SCENE.shapes)))
    assert changed_share(before, farther) > 0.005


@pytest.mark.parametrize("source", [PHOTO, draw_scene(SCENE)], ids=["photograph", "scene"])
@pytest.mark.parametrize(
    "cut",
    [(0.0, 0.0, 1.0, 1.0), (0.06, 0.06, 1.0, 1.0), (0.0, 0.1, 1.0, 0.9), (0.12, 0.1, 0.9, 0.92), (0.05, 0.0, 1.0, 1.0)],
)
def test_a_crop_is_found(source: Pixels, cut: tuple[float, float, float, float]) -> None:
    height, width = source.shape[:2]
    left, top, right, bottom = cut
    box = (left * width, top * height, right * width, bottom * height)
    after = np.asarray(Image.fromarray(source).resize((width, height), Image.Resampling.BICUBIC, box=box))
    framing = framing_of(source, after)
    assert framing.kept == pytest.approx((right - left) * (bottom - top), abs=0.012)
    assert framing.undone(0.0, 0.0) == pytest.approx((left, top), abs=0.01)
    assert framing.undone(1.0, 1.0) == pytest.approx((right, bottom), abs=0.01)


def test_sizes_and_proportions() -> None:
    larger = np.asarray(Image.fromarray(PHOTO).resize((512, 512)))
    assert framing_of(PHOTO, larger).aspect == 1.0
    assert framing_of(PHOTO, larger).kept == pytest.approx(1.0, abs=0.005)
    # The middle three quarters of the height.
    wide = PHOTO[32:224]
    assert framing_of(PHOTO, wide).aspect == pytest.approx(4 / 3)
    assert framing_of(PHOTO, wide).kept == pytest.approx(0.75, abs=0.01)
    # Squeezed: all of it can be seen.
    squeezed = np.asarray(Image.fromarray(PHOTO).resize((256, 192)))
    assert framing_of(PHOTO, squeezed).aspect == pytest.approx(4 / 3)
    assert framing_of(PHOTO, squeezed).kept == pytest.approx(1.0, abs=0.005)


def test_another_picture_has_no_known_frame() -> None:
    other = np.ascontiguousarray(data.coffee()[:256, :256])
    framing = framing_of(PHOTO, other)
    assert math.isnan(framing.kept)
    laid, there = registered(PHOTO, other, framing)
    assert np.array_equal(laid, other)
    assert there.all()


def test_a_crop_is_undone() -> None:
    after = cropped(PHOTO)
    laid, there = registered(PHOTO, after, framing_of(PHOTO, after))
    assert there.mean() == pytest.approx(0.94**2, abs=0.01)
    assert psnr(PHOTO, laid, ~there) > psnr(PHOTO, after) + 10


def test_a_cast_is_the_mean_difference() -> None:
    lab = color.rgb2lab(PHOTO)
    after = (np.clip(color.lab2rgb(lab + np.array([1.0, -2.0, 6.0])), 0, 1) * 255 + 0.5).astype(np.uint8)
    # Where colours are not clipped by the gamut.
    inside = (after > 8).all(axis=-1) & (after < 247).all(axis=-1)
    cast = cast_of(PHOTO, after, ~inside)
    assert (cast.lightness, cast.a, cast.b) == pytest.approx((1.0, -2.0, 6.0), abs=0.1)
    assert cast.strength == pytest.approx(math.sqrt(41), abs=0.1)


def test_a_local_edit_is_no_cast() -> None:
    before = draw_scene(SCENE)
    after = draw_scene(replace(SCENE, shapes=(replace(SCENE.shapes[0], colour="blue"), *SCENE.shapes[1:])))
    assert cast_of(before, after).strength == 0.0


def test_sharpness_falls_with_blur_and_is_zero_of_a_plain_picture() -> None:
    ratios = [sharpness_ratio(PHOTO, noisy(PHOTO, 8)), 1.0, sharpness_ratio(PHOTO, blurred(PHOTO))]
    assert ratios == sorted(ratios, reverse=True)
    assert sharpness(np.full((20, 20, 3), 90, np.uint8)) == 0.0
    # One white pixel on black: the Laplacian of L* is -400 there and 100 at four places.
    dot = np.zeros((10, 10, 3), np.uint8)
    dot[5, 5] = 255
    assert sharpness(dot) == pytest.approx((400**2 + 4 * 100**2) / 100, rel=1e-3)


FAULTS = {
    "none": lambda pixels: pixels,
    "crop": cropped,
    "cast": warmed,
    "redraw": lambda pixels: draw_scene(swung(SCENE)),
    "sharpen": sharpened,
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_measure_tells_one_fault(fault: str) -> None:
    before = draw_scene(SCENE)
    found = compare_edit(before, FAULTS[fault](before))
    assert (found.framing.kept < 0.95) == (fault == "crop")
    assert (abs(found.cast.b) > 2) == (fault == "cast")
    # What is sharpened is painted anew along every edge.
    assert (found.changed > 0.012) == (fault in ("redraw", "sharpen"))
    assert (found.sharpness > 1.5) == (fault == "sharpen")
    assert max(abs(found.cast.lightness), abs(found.cast.a)) < 0.5


def test_faults_are_told_apart_where_there_are_several() -> None:
    before = draw_scene(SCENE)
    edited = draw_scene(replace(SCENE, shapes=(replace(SCENE.shapes[0], colour="yellow"), *SCENE.shapes[1:])))
    mask = boxed(before.shape, slice(40, 120), slice(50, 130))
    found = compare_edit(before, warmed(cropped(edited)), mask)
    assert found.framing.kept == pytest.approx(0.94**2, abs=0.01)
    assert found.cast.b == pytest.approx(8, abs=0.5)
    assert found.changed < 0.002


def test_a_picture_of_another_size_is_brought_to_that_of_its_source() -> None:
    found = compare_edit(PHOTO, np.asarray(Image.fromarray(PHOTO).resize((300, 280), Image.Resampling.BICUBIC)))
    assert found.changed < 0.01
    assert found.framing.kept == pytest.approx(1.0, abs=0.01)
    assert found.psnr > 25
    assert psnr(PHOTO, enlarged(PHOTO)) > 30
    assert ssim(PHOTO, enlarged(PHOTO)) > 0.98
    assert changed_share(PHOTO, enlarged(PHOTO)) < 0.01
    assert cast_of(PHOTO, enlarged(PHOTO)).strength < 0.1


def enlarged(pixels: Pixels) -> Pixels:
    """Return a picture at twice its size, as generators return those of scenes."""
    height, width = pixels.shape[:2]
    return np.asarray(Image.fromarray(pixels).resize((2 * width, 2 * height), Image.Resampling.BICUBIC))


PLAIN = np.full((32, 32, 3), 90, np.uint8)


@pytest.mark.parametrize(
    ("measure", "arguments", "match"),
    [
        (psnr, (PLAIN, PLAIN, np.zeros((32, 31), np.bool_)), "the mask has 31 x 32 pixels, its picture 32 x 32"),
        (changed_share, (PLAIN, PLAIN, np.ones((32, 32), np.bool_)), "the mask covers the whole picture"),
        (ssim, (PLAIN[:10], PLAIN[:10]), "SSIM of 32 x 10 pixels; expected at least 11 x 11"),
        (
            ssim,
            (PLAIN, PLAIN, boxed((32, 32), slice(0, 30), slice(0, 32))),
            "no window of 11 x 11 pixels was to be kept",
        ),
        (sharpness_ratio, (PLAIN, PLAIN), "the source is one plain colour"),
        (psnr, (PLAIN.astype(float), PLAIN), "pixels are float64"),
    ],
)
def test_what_cannot_be_measured(measure: object, arguments: tuple[object, ...], match: str) -> None:
    with pytest.raises(PictureError, match=match):
        measure(*arguments)


def picture(data_: bytes) -> Picture:
    return Picture("mask", lambda: ("image/png", data_))


RECOLOUR = Edit(
    "make the circle yellow",
    SCENE,
    replace(SCENE, shapes=(replace(SCENE.shapes[0], colour="yellow"), *SCENE.shapes[1:])),
    picture(encode_mask(boxed((384, 384), slice(40, 120), slice(50, 130)))),
)


def test_whether_an_edit_was_done() -> None:
    before, after = draw_scene(SCENE), draw_scene(RECOLOUR.target)
    assert edit_succeeded(RECOLOUR, before, after)
    assert not edit_succeeded(RECOLOUR, before, before)
    # Cropped, warmed or drawn a little elsewhere, it is done; of another colour, or to another shape, it is not.
    for spoil in (cropped, warmed):
        assert edit_succeeded(RECOLOUR, before, spoil(after))
    assert edit_succeeded(RECOLOUR, before, draw_scene(swung(RECOLOUR.target)))
    pink, other = (list(SCENE.shapes) for _ in range(2))
    pink[0], other[1] = replace(pink[0], colour="pink"), replace(other[1], colour="yellow")
    for shapes in (pink, other):
        assert not edit_succeeded(RECOLOUR, before, draw_scene(replace(SCENE, shapes=tuple(shapes))))


def test_whether_an_edit_of_a_larger_picture_was_done() -> None:
    before, after = draw_scene(SCENE), draw_scene(RECOLOUR.target)
    for source in (before, enlarged(before)):
        assert edit_succeeded(RECOLOUR, source, enlarged(after))
        assert not edit_succeeded(RECOLOUR, source, enlarged(before))


def test_a_larger_or_a_lost_picture_is_not_a_blurred_one() -> None:
    before, blur = draw_scene(SCENE), Edit("blur the picture", SCENE, SCENE)
    # Scaling there and back softens edges by half, not more.
    assert 0.4 < sharpness_ratio(before, enlarged(before)) < 1.0
    assert edit_succeeded(blur, before, enlarged(blurred(before)))
    assert not edit_succeeded(blur, before, enlarged(before))
    assert not edit_succeeded(blur, before, np.full_like(before, 255))


def test_what_happens_outside_the_mask_is_another_question() -> None:
    less = replace(RECOLOUR.target, shapes=RECOLOUR.target.shapes[:3])
    assert edit_succeeded(RECOLOUR, draw_scene(SCENE), draw_scene(less))
    assert not edit_succeeded(replace(RECOLOUR, mask=None), draw_scene(SCENE), draw_scene(less))


def test_whether_something_was_moved_blurred_or_written() -> None:
    before = draw_scene(SCENE)
    above = replace(SCENE, shapes=(*SCENE.shapes[:3], replace(SCENE.shapes[3], x=190, y=70)))
    moved = Edit("move the ring to the right of the circle", SCENE, above)
    assert edit_succeeded(moved, before, draw_scene(above))
    assert not edit_succeeded(moved, before, before)
    blur = Edit("blur the picture", SCENE, SCENE)
    assert edit_succeeded(blur, before, blurred(before))
    assert not edit_succeeded(blur, before, sharpened(before))
    lines = [replace(SCENE, texts=(Lettering(text, "black", 190, 350, 28),)) for text in ("STOP", "SOTP")]
    written = Edit('write "STOP" in black', SCENE, lines[0])
    assert [edit_succeeded(written, before, draw_scene(line)) for line in (*lines, SCENE)] == [True, False, False]
    nothing = Edit("change nothing", SCENE, SCENE)
    assert edit_succeeded(nothing, before, before)
    assert not edit_succeeded(nothing, before, draw_scene(above.__class__(SCENE.shapes[:3], width=384, height=384)))


def test_what_cannot_be_decided() -> None:
    with pytest.raises(CannotJudge, match="no scene of shapes"):
        edit_succeeded(
            replace(RECOLOUR, mask=None), draw_scene(SCENE), noisy(np.ascontiguousarray(data.astronaut()), 40)
        )
    with pytest.raises(PromptError, match="no edit that the painter knows"):
        edit_succeeded(replace(RECOLOUR, instruction="make it nicer"), draw_scene(SCENE), draw_scene(SCENE))


def test_masks_are_written_and_read() -> None:
    mask = boxed((20, 30), slice(3, 9), slice(10, 30))
    assert np.array_equal(decode_mask(encode_mask(mask), "m"), mask)
    # Nearly white, as JPEG leaves it, is white; what is transparent is not to be edited, whatever its colour.
    rgba = np.zeros((20, 30, 4), np.uint8)
    rgba[mask] = (250, 251, 240, 255)
    rgba[0, 0] = (255, 255, 255, 0)
    file = io.BytesIO()
    Image.fromarray(rgba).save(file, "PNG")
    assert np.array_equal(decode_mask(file.getvalue(), "m"), mask)


def test_a_mask_fits_a_larger_version_of_its_picture() -> None:
    mask = boxed((16, 16), slice(2, 6), slice(8, 16))
    expected = boxed((32, 32), slice(4, 12), slice(16, 32))
    assert np.array_equal(decode_mask(encode_mask(mask), "m", PLAIN), expected)


def test_masks_that_cannot_be_used() -> None:
    with pytest.raises(
        PictureError, match="mask 'm' has 30 x 20 pixels, its picture 32 x 32; give one of the same proportions"
    ):
        decode_mask(encode_mask(np.ones((20, 30), np.bool_)), "m", PLAIN)
    with pytest.raises(
        PictureError, match=r"a mask is uint8 of shape \(3, 4\); expected bool of shape \(height, width\)"
    ):
        encode_mask(np.ones((3, 4), np.uint8))
    with pytest.raises(PictureError, match="'m' is text that starts 'no picture'; expected a still picture"):
        decode_mask(b"no picture", "m")


def test_the_same_frame() -> None:
    assert framing_of(PHOTO, PHOTO) == Framing(correlation=pytest.approx(1.0))
