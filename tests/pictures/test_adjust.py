"""Contrast and chroma by known factors."""

from __future__ import annotations

import numpy as np
import pytest

from pytest_vlmperception.pictures import (
    gamut_safe_chroma,
    in_gamut,
    into_gamut,
    lab_from_rgb,
    mean_chroma,
    mean_lightness,
    render,
    rescale,
    rms_contrast,
)

# Soft gradients of moderate colour, which leave room in the gamut.
ROWS, COLUMNS = np.mgrid[0:1:48j, 0:1:64j]
SOFT = np.stack([60 + 120 * ROWS, 90 + 60 * COLUMNS, 150 - 80 * ROWS * COLUMNS], axis=-1).astype(np.uint8)
LAB = lab_from_rgb(SOFT)
VIVID = lab_from_rgb(np.random.default_rng(3).integers(0, 2, (40, 40, 3), dtype=np.uint8) * 255)
# Bright saturated yellow and black: yellow has no such chroma once it is darker.
YELLOW = lab_from_rgb(np.array([[[250, 240, 10]] * 20, [[0, 0, 0]] * 20], np.uint8))


def chroma(lab: np.ndarray) -> np.ndarray:
    return np.hypot(lab[..., 1], lab[..., 2])


def test_rescale_by_its_formula() -> None:
    # L* 20 and 60, mean 40: at contrast 0.5 they are 30 and 50. C* (3, 4) = 5 doubles to 10.
    lab = np.array([[20.0, 3, 4], [60, 0, 0]])
    assert rescale(lab, 0.5, 2).tolist() == [[30, 6, 8], [50, 0, 0]]
    assert lab.tolist() == [[20, 3, 4], [60, 0, 0]]


@pytest.mark.parametrize("contrast", [0.3, 0.55, 1.0])
@pytest.mark.parametrize("factor", [0.3, 0.7, 1.0])
def test_rendering_has_the_contrast_and_chroma_asked_for(contrast: float, factor: float) -> None:
    rendering = render(LAB, contrast, factor)
    assert rms_contrast(rendering) / rms_contrast(SOFT) == pytest.approx(contrast, rel=0.01)
    assert mean_chroma(rendering) / mean_chroma(SOFT) == pytest.approx(factor, rel=0.02)
    assert mean_lightness(rendering) == pytest.approx(mean_lightness(SOFT), abs=0.2)


def test_rendering_without_change_is_the_picture() -> None:
    assert (render(LAB, 1, 1) == SOFT).all()


def test_rendering_of_grey_stays_grey() -> None:
    grey = np.repeat((60 + 100 * ROWS).astype(np.uint8)[..., np.newaxis], 3, axis=2)
    rendering = render(lab_from_rgb(grey), 0.5, 0.5)
    assert (rendering == rendering[..., :1]).all()


def test_dark_picture_keeps_its_mean_chroma() -> None:
    # Eight bits leave a handful of colours below L* = 10: plain rounding is off by several per cent.
    dark = (SOFT / 9).astype(np.uint8)
    assert mean_chroma(render(lab_from_rgb(dark), 1, 0.6)) / mean_chroma(dark) == pytest.approx(0.6, rel=0.02)


@pytest.mark.parametrize("lab", [VIVID, YELLOW], ids=["primaries", "yellow"])
def test_base_chroma_leaves_the_share_in_gamut(lab: np.ndarray) -> None:
    contrasts, chromas = [1.0, 0.6, 0.3], [1.0, 0.8, 1.0]
    base = gamut_safe_chroma(lab, contrasts, chromas)
    assert 0.05 < base < 0.95
    for contrast, factor in zip(contrasts, chromas, strict=True):
        assert in_gamut(rescale(lab, contrast, base * factor)).mean() >= 0.995


def test_base_chroma_is_the_largest() -> None:
    base = gamut_safe_chroma(YELLOW, [0.3], [1])
    assert in_gamut(rescale(YELLOW, 0.3, base * 1.01)).mean() < 0.995


def test_picture_with_room_keeps_its_chroma() -> None:
    assert gamut_safe_chroma(LAB, [1, 0.5], [1, 0.4]) == 1


def test_share_is_what_may_leave() -> None:
    # One vivid pixel in a hundred: with a share of 0.99 it does not count, with 1 it decides.
    lab = np.tile([50.0, 5, 5], (100, 1))
    lab[0] = (50, 100, 100)
    assert gamut_safe_chroma(lab, [1], [1], share=0.99) == 1
    assert gamut_safe_chroma(lab, [1], [1], share=1) < 0.9


def test_series_have_as_many_contrasts_as_chromas() -> None:
    with pytest.raises(ValueError, match="shorter"):
        gamut_safe_chroma(LAB, [1, 1], [1])


def test_into_gamut_keeps_lightness_and_hue() -> None:
    lab = rescale(VIVID, 0.5, 1.3)
    fitted = into_gamut(lab)
    assert in_gamut(fitted).all()
    assert (fitted[..., 0] == lab[..., 0]).all()
    assert (chroma(fitted) <= chroma(lab) + 1e-9).all()
    assert fitted[..., 1] * lab[..., 2] == pytest.approx(fitted[..., 2] * lab[..., 1], abs=1e-6)
    kept = in_gamut(lab)
    assert (fitted[kept] == lab[kept]).all()
