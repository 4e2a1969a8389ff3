"""Renderings of one photograph, with contrast and chroma known by construction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from threading import Lock

import numpy as np
from PIL import Image

from pytest_vlmperception.pictures import (
    Colours,
    Pixels,
    encode_png,
    gamut_safe_chroma,
    lab_from_rgb,
    render,
)
from pytest_vlmperception.records import Picture, Stimulus

__all__ = ["Factors", "rendered"]


@dataclass(frozen=True)
class Factors:
    """What one rendering changes.

    Attributes
    ----------
    contrast : float
        Of the deviations of CIE L* from their mean, above 0 and at most 1.
    chroma : float
        Of CIELAB chroma, above 0 and at most 1; relative to the largest chroma at which every
        rendering of the series is in gamut.
    """

    contrast: float
    chroma: float

    def __str__(self) -> str:
        return f"c{digits(self.contrast)}-k{digits(self.chroma)}"


def digits(factor: float) -> str:
    """Return 0.55 as ``055``, 1.0 as ``100``, 0.555 as ``0555``."""
    two_places = f"{factor:.2f}"
    return (two_places if float(two_places) == factor else repr(factor)).replace(".", "")


@dataclass
class Series:
    """A photograph prepared for its renderings: once, and forgotten after the last of them."""

    photograph: Callable[[], Pixels]
    factors: Sequence[Factors]
    longest_side_px: int
    _lock: Lock = field(default_factory=Lock, init=False)
    _base: Colours | None = field(default=None, init=False)
    _made: set[Factors] = field(default_factory=set, init=False)

    def picture(self, factors: Factors) -> tuple[str, bytes]:
        """Return the media type and the bytes of one rendering."""
        pixels = render(self.base(factors), factors.contrast, factors.chroma)
        return "image/png", encode_png(pixels)

    def base(self, factors: Factors) -> Colours:
        """Return the prepared photograph for the rendering with these factors."""
        with self._lock:
            base = prepared(self.photograph(), self.factors, self.longest_side_px) if self._base is None else self._base
            self._made.add(factors)
            self._base = None if len(self._made) == len(self.factors) else base
            return base


def prepared(pixels: Pixels, factors: Sequence[Factors], longest_side_px: int) -> Colours:
    """Return CIELAB of the resized photograph, with a chroma that leaves all renderings in gamut."""
    lab = lab_from_rgb(resized(pixels, longest_side_px))
    chroma = gamut_safe_chroma(lab, [each.contrast for each in factors], [each.chroma for each in factors])
    base: Colours = lab * np.array([1.0, chroma, chroma])
    return base


def resized(pixels: Pixels, longest_side_px: int) -> Pixels:
    """Return the pixels with this longest side, by Lanczos' filter."""
    height, width = pixels.shape[:2]
    scale = longest_side_px / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.array(Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS))


def rendered(
    scene: str, name: str, photograph: Callable[[], Pixels], factors: Sequence[Factors], longest_side_px: int
) -> list[Stimulus]:
    """Return one stimulus for each of `factors`; nothing is read before its bytes are needed.

    Parameters
    ----------
    scene : str
        The group of all of them, and the start of their ids: ``coffee-c055-k080``.
    name : str
        What error messages call the photograph.
    photograph : callable
        Returns its pixels.
    factors : sequence of Factors
        Distinct. They are also the reference values: ``contrast``, and ``colorfulness`` for chroma.
    longest_side_px : int
        To which the photograph is resized first.
    """
    series = Series(photograph, factors, longest_side_px)
    return [
        Stimulus(
            id=f"{scene}-{each}",
            picture=Picture(f"{name} {each} {longest_side_px}px", partial(series.picture, each)),
            groups={"scene": scene},
            reference={"contrast": each.contrast, "colorfulness": each.chroma},
        )
        for each in factors
    ]
