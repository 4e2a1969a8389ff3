"""Tokens of a picture that a model makes, before it is made: estimates on the high side."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from pytest_vlmperception.models.base import Identity

__all__ = ["made_tokens"]

# OpenAI, https://developers.openai.com/api/docs/guides/image-generation (2026): a square of 1024 px in high quality
# has 4160 tokens, in medium 1056, in low 272; other sizes have as many for their area. The qualities above are not
# published: four times as many are taken.
SQUARE_TOKENS: Mapping[str, int] = MappingProxyType({"low": 272, "medium": 1056, "max": 16640, "xhigh": 16640})
HIGH_TOKENS = 4160
SQUARE_PX = 1024 * 1024

# What is made where no size is given: the largest of the standard sizes, 1536 x 1024.
DEFAULT_PX = 1536 * 1024
SIZE = re.compile(r"(\d{1,5})x(\d{1,5})")

# Google, https://ai.google.dev/gemini-api/docs/image-generation (2026): most tokens of a picture of any of its models
# by size; 1K is the default. Thoughts come on top.
GEMINI_TOKENS: Mapping[str, int] = MappingProxyType({"512": 1290, "1K": 1290, "2K": 1680, "4K": 2520})
GEMINI_THOUGHTS = 2048


def made_tokens(identity: Identity) -> int:
    """Return an upper estimate of the output tokens of one picture, by the parameters of the model that makes it.

    Parameters
    ----------
    identity : Identity
        The model. For providers without published numbers OpenAI's are taken; what is built in needs none.
    """
    if identity.is_built_in:
        return 0
    if identity.provider == "google":
        return GEMINI_TOKENS[identity.parameters.get("image_size", "1K")] + GEMINI_THOUGHTS
    square = SQUARE_TOKENS.get(str(identity.parameters.get("quality")), HIGH_TOKENS)
    return -(-square * area_px(identity.parameters) // SQUARE_PX)


def area_px(parameters: Mapping[str, Any]) -> int:
    """Return the area of the picture that is asked for."""
    match = SIZE.fullmatch(str(parameters.get("size")))
    return int(match[1]) * int(match[2]) if match else DEFAULT_PX
