from .adjust import gamut_safe_chroma, into_gamut, render, rescale
from .codec import (
    MAX_BYTES,
    MAX_PIXELS,
    check_whole,
    decode,
    encode_png,
    encoded,
    read_file,
)
from .colour import in_gamut, lab_from_rgb, rgb_from_lab, to_8bit
from .formats import SUFFIXES
from .masks import Mask, decode_mask, encode_mask
from .measures import colorfulness, mean_chroma, mean_lightness, rms_contrast
from .pixels import Colours, Pixels, check_pixels

__all__ = [
    "MAX_BYTES",
    "MAX_PIXELS",
    "SUFFIXES",
    "Colours",
    "Mask",
    "Pixels",
    "check_pixels",
    "check_whole",
    "colorfulness",
    "decode",
    "decode_mask",
    "encode_mask",
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
