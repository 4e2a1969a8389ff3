"""Conversions against published values, a second implementation, and themselves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from skimage import color

from pytest_vlmperception.errors import PictureError
from pytest_vlmperception.pictures import check_pixels, in_gamut, lab_from_rgb, rgb_from_lab, to_8bit
from pytest_vlmperception.pictures.colour import (
    lab_from_xyz,
    linear_from_rgb,
    linear_from_xyz,
    rgb_from_linear,
    xyz_from_lab,
    xyz_from_linear,
)

# CIELAB, D65, of the sRGB primaries: Lindbloom's calculator, http://www.brucelindbloom.com/ColorCalculator.html
PUBLISHED = [
    ((255, 0, 0), (53.2408, 80.0925, 67.2032)),
    ((0, 255, 0), (87.7347, -86.1827, 83.1793)),
    ((0, 0, 255), (32.2970, 79.1875, -107.8602)),
    ((255, 255, 255), (100, 0, 0)),
    ((0, 0, 0), (0, 0, 0)),
    # Y = ((119/255 + 0.055) / 1.055)^2.4 = 0.184475, L = 116 Y^(1/3) - 16 = 50.034
    ((119, 119, 119), (50.034, 0, 0)),
]

ALL_8BIT = np.random.default_rng(20260325).integers(0, 256, (64, 64, 3), dtype=np.uint8)


@pytest.mark.parametrize(("rgb", "lab"), PUBLISHED)
def test_lab_of_known_colours(rgb: tuple[int, ...], lab: tuple[float, ...]) -> None:
    assert lab_from_rgb(np.array(rgb, np.uint8)) == pytest.approx(lab, abs=2e-3)


def test_agrees_with_skimage() -> None:
    # skimage rounds the matrix and the white point in other places.
    assert np.abs(lab_from_rgb(ALL_8BIT) - color.rgb2lab(ALL_8BIT)).max() < 0.02


def test_linear_light_of_iec_61966() -> None:
    # By the standard's two branches: 10/255 = 0.03922 <= 0.04045; 128/255 = 0.50196.
    linear = linear_from_rgb(np.array([0, 10, 128], np.uint8))
    assert linear == pytest.approx([0, 10 / 255 / 12.92, ((128 / 255 + 0.055) / 1.055) ** 2.4], rel=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_floats_are_read_as_8_bit_is(dtype: type) -> None:
    assert lab_from_rgb((ALL_8BIT / 255).astype(dtype)) == pytest.approx(lab_from_rgb(ALL_8BIT), abs=1e-3)


def test_greys_have_no_chroma() -> None:
    greys = np.repeat(np.arange(256, dtype=np.uint8)[:, np.newaxis], 3, axis=1)
    assert np.abs(lab_from_rgb(greys)[:, 1:]).max() < 1e-9


def test_8_bit_colours_survive_the_round_trip() -> None:
    assert (to_8bit(rgb_from_lab(lab_from_rgb(ALL_8BIT))) == ALL_8BIT).all()


colours = arrays(np.float64, st.tuples(st.integers(1, 4), st.just(3)), elements=st.floats(-0.5, 1.5))


@settings(deadline=None)
@given(colours)
def test_round_trips_beyond_the_gamut(values: np.ndarray) -> None:
    assert linear_from_xyz(xyz_from_linear(values)) == pytest.approx(values, abs=1e-9)
    assert linear_from_rgb(rgb_from_linear(values)) == pytest.approx(values, abs=1e-6)
    assert xyz_from_lab(lab_from_xyz(values)) == pytest.approx(values, abs=1e-9)


def test_gamut() -> None:
    # White is the lightest colour; L* = 50 with C*ab = 150 is far outside, at any hue.
    hues = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    vivid = np.stack([np.full(24, 50.0), 150 * np.cos(hues), 150 * np.sin(hues)], axis=-1)
    assert not in_gamut(vivid).any()
    assert in_gamut(lab_from_rgb(ALL_8BIT)).all()
    assert not in_gamut(np.array([101.0, 0, 0]))
    unclipped = rgb_from_lab(vivid)
    assert ((unclipped < 0) | (unclipped > 1)).any(axis=-1).all()


def test_8_bit_conversion_clips_and_rounds() -> None:
    assert to_8bit(np.array([-1.0, 0.5, 2.0])).tolist() == [0, 128, 255]


def test_other_numbers_are_refused() -> None:
    with pytest.raises(PictureError, match=r"colours are int64; expected uint8, or floats"):
        lab_from_rgb(np.zeros((2, 2, 3), np.int64))
    with pytest.raises(PictureError, match=r"colours have shape \(2, 4\); expected \(\.\.\., 3\)"):
        lab_from_rgb(np.zeros((2, 4), np.uint8))


@pytest.mark.parametrize("shape", [(4, 4), (4, 4, 4), (0, 4, 3), (3,)])
def test_pixels_of_other_shapes_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(
        PictureError, match=r"pixels are uint8 of shape .*; expected uint8 of shape \(height, width, 3\)"
    ):
        check_pixels(np.zeros(shape, np.uint8))
