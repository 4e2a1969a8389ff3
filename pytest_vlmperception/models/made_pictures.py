"""What the providers of pictures share: base64 in, and masks out."""

from __future__ import annotations

import base64
import binascii
from typing import Literal

from pytest_vlmperception.errors import CallError, PictureError
from pytest_vlmperception.records import Made, Question

__all__ = ["BROKEN", "encoded_mask", "made_of"]

BROKEN = "the picture is broken: it is no whole base64"

URL_SAFE = str.maketrans("-_", "+/")


def made_of(text: str, media_type: str) -> Made | None:
    """Return the picture in base64, plain, URL-safe or as a data URI; None where it was cut off or is damaged."""
    plain = text.partition(",")[2] if text.startswith("data:") else text
    try:
        data = base64.b64decode("".join(plain.split()).translate(URL_SAFE), validate=True)
    except (binascii.Error, ValueError):
        return None
    return Made(media_type, data)


def encoded_mask(model: str, question: Question, form: Literal["transparent", "white"]) -> bytes | None:
    """Return a question's mask as PNG, transparent or white where to edit; None where it has none.

    Raises
    ------
    CallError
        If it is no mask of the picture.
    """
    if question.mask is None or not question.pictures:
        return None
    # Loads numpy and Pillow, which a question without a mask does not need.
    from pytest_vlmperception.pictures.codec import decode
    from pytest_vlmperception.pictures.masks import decode_mask, encode_mask, encode_transparent

    picture, name = question.pictures[0], question.mask.name
    try:
        mask = decode_mask(question.mask.bytes, name, decode(picture.bytes, picture.name))
        if not mask.any():
            raise PictureError(f"mask {name!r} marks nothing to edit; make the part to edit white and opaque")
    except PictureError as error:
        raise CallError(f"{model}: {error}", "request", sent=False) from None
    return encode_transparent(mask) if form == "transparent" else encode_mask(mask)
