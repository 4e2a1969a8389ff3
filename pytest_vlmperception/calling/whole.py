"""Pictures of a reply are looked at before anybody keeps them."""

from __future__ import annotations

from dataclasses import replace

from pytest_vlmperception.errors import PictureError
from pytest_vlmperception.records import Made, Reply

__all__ = ["is_picture", "whole"]

NAME = "the picture in the reply"


def whole(reply: Reply) -> Reply:
    """Return a reply with its pictures as they are kept, or as one that was cut off where one of them is damaged.

    A picture is decoded to its end. One that no provider would take as it is, such as a BMP or a JPEG that is to be
    turned, is kept as the PNG of the same pixels.
    """
    if not reply.pictures:
        return reply
    try:
        return replace(reply, pictures=tuple(map(checked, reply.pictures)))
    except PictureError as error:
        return replace(reply, kind="truncated", text=str(error), pictures=())


def checked(made: Made) -> Made:
    """Return a picture as it is kept.

    Raises
    ------
    PictureError
        If it is damaged or over the limits.
    """
    # Loads Pillow, which only runs that make pictures need here.
    from pytest_vlmperception.pictures.codec import check_whole, encoded

    check_whole(NAME, made.data)
    return Made(*encoded(NAME, made.data))


def is_picture(made: Made, data: bytes) -> bool:
    """Tell whether bytes that were kept have the head of such a picture, within the limits."""
    from pytest_vlmperception.pictures.codec import opened
    from pytest_vlmperception.pictures.formats import MEDIA_TYPES

    try:
        return MEDIA_TYPES.get(opened(NAME, data).format or "") == made.media_type
    except PictureError:
        return False
