"""From what a file holds to upright, opaque, 8-bit sRGB."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageCms

from pytest_vlmperception.pictures.orientation import turned
from pytest_vlmperception.pictures.pixels import Pixels

__all__ = ["flattened"]


def flattened(picture: Image.Image) -> Pixels:
    """Return the pixels of a loaded picture, shape (height, width, 3).

    Raises
    ------
    ValueError
        If its samples have 32 bits, whose range no file says.
    """
    flat = as_srgb(opaque(picture), picture.info.get("icc_profile"))
    return np.array(turned(flat, picture))


def opaque(picture: Image.Image) -> Image.Image:
    """Return the picture with 8 bits, on white where it is transparent: L, RGB or CMYK."""
    if picture.mode.startswith("I;16"):
        wide = np.asarray(picture).astype(np.uint32)
        return Image.fromarray(((wide * 255 + 32767) // 65535).astype(np.uint8))
    if picture.mode in ("I", "F"):
        raise ValueError("the range of its 32-bit samples is not known")
    if picture.has_transparency_data:
        layer = picture.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")
    return picture if picture.mode in ("L", "RGB", "CMYK") else picture.convert("RGB")


def as_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """Return an L, RGB or CMYK picture as sRGB, by its ICC profile where that can be used."""
    try:
        if profile:
            picture = by_profile(picture, ImageCms.ImageCmsProfile(io.BytesIO(profile)))
    # A profile that is broken, or of another colour model than the picture: viewers ignore it, too.
    except (ImageCms.PyCMSError, OSError):
        return picture.convert("RGB")
    return picture.convert("RGB")


def by_profile(picture: Image.Image, profile: ImageCms.ImageCmsProfile) -> Image.Image:
    """Return the picture converted to sRGB, or itself if it is sRGB already."""
    # Converting by one of the many copies of the sRGB profile would change values by rounding.
    if "sRGB" in ImageCms.getProfileDescription(profile):
        return picture
    srgb = ImageCms.createProfile("sRGB")
    return ImageCms.profileToProfile(picture, profile, srgb, outputMode="RGB") or picture
