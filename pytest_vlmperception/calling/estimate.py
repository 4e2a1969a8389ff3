"""Tokens of a question before it is sent: estimates, on the high side, of what a provider will count.

What a provider did count is in the reply's usage, and only that is reported as used.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from pytest_vlmperception.errors import PictureError
from pytest_vlmperception.models.base import Identity
from pytest_vlmperception.records import Picture, Question

__all__ = ["PictureTokens", "max_output_tokens", "upper_tokens"]

Size = tuple[int, int]

# Estimate: what a request has beside text and pictures. OpenAI's cookbook "How to count tokens with
# tiktoken" counts 3 for each message and 3 for the reply; servers add markers for each picture.
OVERHEAD = 64

# Estimate: what a model writes when nothing limits it. Answers to questions of perception are short;
# reasoning can be longer, and is paid for as counted.
OUTPUT = 1024

# Estimate: the size of a picture whose header cannot be read; larger than most that are sent.
UNKNOWN_SIZE = (2048, 2048)

LIMITS = ("max_tokens", "max_completion_tokens", "max_output_tokens")


def upper_tokens(
    question: Question, max_output_tokens: int | None, picture_tokens: Callable[[Picture], int]
) -> tuple[int, int]:
    """Return an upper estimate of the tokens in and out of a question.

    In: ceil(bytes / 2) of the prompt in UTF-8, its pictures, and 64. A token of English text has about
    four characters, one of Chinese or Japanese text about one, of three bytes. Out: the limit given to
    the model, else 1024.

    Parameters
    ----------
    question : Question
        What would be sent.
    max_output_tokens : int or None
        The limit that the model is given; None for none.
    picture_tokens : callable
        Estimates one picture, e.g. a `PictureTokens`.

    Returns
    -------
    tuple of (int, int)
        Tokens in and out.
    """
    text = halves(len(question.prompt.encode("utf-8", "replace")))
    pictures = sum(picture_tokens(picture) for picture in question.shown)
    return text + pictures + OVERHEAD, OUTPUT if max_output_tokens is None else max_output_tokens


def max_output_tokens(identity: Identity) -> int | None:
    """Return the limit of output tokens among a model's parameters; None where it has none."""
    return next((identity.parameters[name] for name in LIMITS if name in identity.parameters), None)


class PictureTokens:
    """Estimates the input tokens of a picture, on the high side, from its size in pixels.

    Parameters
    ----------
    identity : Identity
        The model: its provider's published rule is taken, and a rule of our own where there is none.
    """

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._rule = RULES.get(identity.provider, default_tokens)
        self._known: dict[str, int] = {}

    def __call__(self, picture: Picture) -> int:
        """Return the tokens of a picture, looked at once; of one that is not made yet, those of a large one."""
        if not picture.is_there or picture.lost is not None:
            return self._rule(self._identity, UNKNOWN_SIZE)
        tokens = self._known.get(picture.sha256)
        if tokens is None:
            tokens = self._known[picture.sha256] = self._rule(self._identity, size_or_default(picture))
        return tokens


def size_or_default(picture: Picture) -> Size:
    """Return the size of a picture in pixels, or a large one where its header cannot be read."""
    # Imports numpy and scikit-image, which a run without prices does not need.
    from pytest_vlmperception.pictures.sizes import size_of

    try:
        return size_of(picture.name, picture.bytes)
    except PictureError:
        return UNKNOWN_SIZE


# OpenAI, https://developers.openai.com/api/docs/guides/images-vision#calculating-costs (September 2026):
# older models count tiles of 512 px, at these tokens for the picture and for each tile ...
TILE_MODELS: tuple[tuple[re.Pattern[str], int, int], ...] = (
    (re.compile(r"gpt-4o-mini"), 2833, 5667),
    (re.compile(r"(chat)?gpt-4(o|-turbo|-vision|\.5|\.1(?!-mini|-nano))"), 85, 170),
    (re.compile(r"gpt-5(-chat|-20\d\d|$)"), 70, 140),
    (re.compile(r"o[13]\b"), 75, 150),
    (re.compile(r"computer-use"), 65, 129),
)

# ... the others patches of 32 px, at most these by detail: low fits the picture into 512 x 512, high into
# 2048 x 2048 or less, original and auto reject what is larger ...
PATCH_BUDGETS: Mapping[str, int] = MappingProxyType({"low": 256, "high": 4096})
LARGEST_BUDGET = 30_000

# ... and multiply, in hundredths, by the largest factor of the models with these words in their names.
FACTORS = (("nano", 246), ("mini", 172), ("", 120))
OPENAI_NAMES = re.compile(r"(chat)?gpt-|o\d|codex|computer-use")

# What makes pictures counts tiles, too, and with high fidelity 6240 more for a picture that is not square:
# https://developers.openai.com/api/docs/guides/images-vision#gpt-image-1
IMAGE_MODELS = re.compile(r"(chat)?gpt-image")
FIDELITY_TOKENS = 6240


def openai_tokens(identity: Identity, size: Size) -> int:
    """Return the tokens of a picture by OpenAI's rules. Other servers of the protocol have rules of their own."""
    if IMAGE_MODELS.match(identity.model):
        return 65 + 129 * tiles(size) + (0 if identity.parameters.get("input_fidelity") == "low" else FIDELITY_TOKENS)
    detail = identity.parameters.get("detail", "auto")
    for names, base, tile in TILE_MODELS:
        if names.match(identity.model):
            return base if detail == "low" else base + tile * tiles(size)
    if not OPENAI_NAMES.match(identity.model):
        return default_tokens(identity, size)
    factor = next(factor for word, factor in FACTORS if word in identity.model)
    return -(-min(patches(size, 32), PATCH_BUDGETS.get(detail, LARGEST_BUDGET)) * factor // 100)


def tiles(size: Size) -> int:
    """Return the tiles of 512 px of a picture whose short side is scaled to 768 px, its long side to 2048 at most."""
    short, long = sorted(size)
    return 2 * min(4, -(-3 * long // max(1, 2 * short)))


# Google, https://ai.google.dev/gemini-api/docs/media-resolution: most tokens of a picture since Gemini 3 ...
RESOLUTIONS: Mapping[str, int] = MappingProxyType({"low": 280, "medium": 560, "high": 1120, "ultra_high": 2240})
# ... and https://ai.google.dev/gemini-api/docs/image-understanding#token-calculation for those before.
TILED_GEMINI = re.compile(r"gemini-[12][.-]")
GEMINI_TILE = 258


def google_tokens(identity: Identity, size: Size) -> int:
    """Return the tokens of a picture by Google's rules."""
    resolution = identity.parameters.get("media_resolution", "high")
    if not TILED_GEMINI.match(identity.model):
        return RESOLUTIONS[resolution]
    if resolution in ("low", "medium") or max(size) <= 384:
        return GEMINI_TILE
    return GEMINI_TILE * patches(size, max(1, min(size) * 2 // 3))


# Anthropic, https://platform.claude.com/docs/en/build-with-claude/vision (September 2026): patches of 28 px,
# at most 4784 since Claude 4.7, 1568 before.
EARLIER_CLAUDE = re.compile(r"claude-(2|3|instant|\w+-4(-[0-6])?(-\d{8}|-latest|$))")


def anthropic_tokens(identity: Identity, size: Size) -> int:
    """Return the tokens of a picture by Anthropic's rule."""
    most = 1568 if EARLIER_CLAUDE.match(identity.model) else 4784
    return min(patches(size, 28), most)


def default_tokens(_: Identity, size: Size) -> int:
    """Return the tokens of a picture by the finest of the rules above, for want of a published one.

    Open models differ: Qwen2.5-VL counts patches of 28 px, Qwen3-VL of 32 px, others a fixed number.
    """
    return max(1024, patches(size, 28))


def patches(size: Size, side: int) -> int:
    """Return how many squares cover a picture."""
    width, height = size
    return -(-width // side) * -(-height // side)


def halves(number: int) -> int:
    """Return half of a number, rounded up."""
    return -(-number // 2)


RULES: Mapping[str, Callable[[Identity, Size], int]] = MappingProxyType({
    "anthropic": anthropic_tokens,
    "google": google_tokens,
    "openai": openai_tokens,
})
