"""Pixels: bounded decoding and encoding, colour spaces, measures, and changes by known factors."""

from pytest_vlmperception.pictures.adjust import gamut_safe_chroma, into_gamut, render, rescale
from pytest_vlmperception.pictures.codec import (
    MAX_BYTES,
    MAX_PIXELS,
    check_whole,
    decode,
    encode_png,
    encoded,
    read_file,
)
from pytest_vlmperception.pictures.colour import in_gamut, lab_from_rgb, rgb_from_lab, to_8bit
from pytest_vlmperception.pictures.formats import SUFFIXES
from pytest_vlmperception.pictures.measures import colorfulness, mean_chroma, mean_lightness, rms_contrast
from pytest_vlmperception.pictures.pixels import Colours, Pixels, check_pixels

__all__ = [
    "MAX_BYTES",
    "MAX_PIXELS",
    "SUFFIXES",
    "Colours",
    "Pixels",
    "check_pixels",
    "check_whole",
    "colorfulness",
    "decode",
    "encode_png",
    "encoded",
    "gamut_safe_chroma",
    "in_gamut",
    "into_gamut",
    "lab_from_rgb",
    "mean_chroma",
    "mean_lightness",
    "read_file",
    "render",
    "rescale",
    "rgb_from_lab",
    "rms_contrast",
    "to_8bit",
]
