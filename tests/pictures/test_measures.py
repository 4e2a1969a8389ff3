"""Measures by hand."""

from __future__ import annotations

import numpy as np
import pytest

from pytest_vlmperception.errors import PictureError
from pytest_vlmperception.pictures import colorfulness, mean_chroma, mean_lightness, rms_contrast


def halves(left: tuple[int, int, int], right: tuple[int, int, int]) -> np.ndarray:
    picture = np.empty((6, 8, 3), np.uint8)
    picture[:, :4], picture[:, 4:] = left, right
    return picture


GREY = halves((119, 119, 119), (119, 119, 119))
BLACK_WHITE = halves((0, 0, 0), (255, 255, 255))
RED_BLUE = halves((255, 0, 0), (0, 0, 255))


def test_constant_grey_has_neither_contrast_nor_colour() -> None:
    assert rms_contrast(GREY) == pytest.approx(0, abs=1e-12)
    assert colorfulness(GREY) == 0
    assert mean_chroma(GREY) == pytest.approx(0, abs=1e-9)
    # L* of the middle grey as in test_colour.py
    assert mean_lightness(GREY) == pytest.approx(50.034, abs=1e-3)


def test_black_and_white() -> None:
    # L* is 0 and 100 in equal parts: mean 50, standard deviation 50.
    assert rms_contrast(BLACK_WHITE) == pytest.approx(50, abs=1e-4)
    assert mean_lightness(BLACK_WHITE) == pytest.approx(50, abs=1e-4)
    assert colorfulness(BLACK_WHITE) == 0


def test_red_and_blue() -> None:
    # Red: rg = 255, yb = 127.5. Blue: rg = 0, yb = -255.
    # sigma_rg = 127.5, mu_rg = 127.5; sigma_yb = 382.5 / 2 = 191.25, mu_yb = -63.75.
    # M = sqrt(127.5^2 + 191.25^2) + 0.3 sqrt(127.5^2 + 63.75^2) = 229.8539 + 0.3 * 142.5493 = 272.6187
    assert colorfulness(RED_BLUE) == pytest.approx(272.6187, abs=1e-3)
    # C*ab by Lindbloom: 104.5518 and 133.8091; L* 53.2408 and 32.2970.
    assert mean_chroma(RED_BLUE) == pytest.approx((104.5518 + 133.8091) / 2, abs=2e-3)
    assert rms_contrast(RED_BLUE) == pytest.approx((53.2408 - 32.2970) / 2, abs=1e-3)


def test_one_colour_counts_by_its_mean_alone() -> None:
    # rg = 100, yb = 50 everywhere: 0.3 sqrt(100^2 + 50^2) = 33.5410
    assert colorfulness(halves((100, 0, 0), (100, 0, 0))) == pytest.approx(33.5410, abs=1e-3)


def test_order_of_pixels_does_not_matter() -> None:
    rng = np.random.default_rng(7)
    picture = rng.integers(0, 256, (12, 10, 3), dtype=np.uint8)
    shuffled = rng.permutation(picture.reshape(-1, 3)).reshape(10, 12, 3)
    for measure in (rms_contrast, colorfulness, mean_chroma, mean_lightness):
        assert measure(shuffled) == pytest.approx(measure(picture), rel=1e-9)


@pytest.mark.parametrize("measure", [rms_contrast, colorfulness, mean_chroma, mean_lightness])
def test_only_8_bit_pictures_are_measured(measure: object) -> None:
    with pytest.raises(PictureError, match=r"pixels are float64 of shape \(4, 4, 3\); expected uint8"):
        measure(np.zeros((4, 4, 3)))  # type: ignore[operator]
