"""Estimates of tokens follow what the providers publish, and err on the high side."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from pytest_vlmperception.calling.estimate import PictureTokens, max_output_tokens, upper_tokens
from pytest_vlmperception.calling.picture_tokens import made_tokens
from pytest_vlmperception.errors import PictureError
from pytest_vlmperception.models import Identity
from pytest_vlmperception.pictures.sizes import size_of
from pytest_vlmperception.records import Picture, Question


def picture(size, form="PNG"):
    def read():
        file = io.BytesIO()
        Image.new("L", size).save(file, form)
        return f"image/{form.lower()}", file.getvalue()

    return Picture(f"{size}", read)


def tokens(model, size, **parameters):
    return PictureTokens(Identity(*model.split("/", 1), parameters))(picture(size))


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"])
def test_size_is_read_from_the_header(form):
    data = picture((640, 48), form).bytes
    assert size_of("p", data) == (640, 48)
    if form in ("PNG", "GIF", "BMP"):
        assert size_of("p", data[:100]) == (640, 48)


@pytest.mark.parametrize("data", [b"", b"picture", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0\0"])
def test_no_size_of_what_is_no_picture(data):
    with pytest.raises(PictureError, match="'p'"):
        size_of("p", data)


# https://developers.openai.com/api/docs/guides/images-vision#calculating-costs: the guide's own examples of tiles,
# 1024 x 1024 is 4 tiles and 2048 x 4096 is 6; base and tile tokens from its table.
@pytest.mark.parametrize(
    ("model", "size", "expected"),
    [
        ("gpt-4o", (1024, 1024), 85 + 4 * 170),
        ("gpt-4o-2024-08-06", (2048, 4096), 85 + 6 * 170),
        ("gpt-4.1", (4096, 2048), 85 + 6 * 170),
        ("gpt-4o-mini", (1024, 1024), 2833 + 4 * 5667),
        ("gpt-5", (1024, 1024), 70 + 4 * 140),
        ("gpt-5-2025-08-07", (1024, 1024), 70 + 4 * 140),
        ("gpt-5-chat-latest", (1024, 1024), 70 + 4 * 140),
        ("o1-pro", (1024, 1024), 75 + 4 * 150),
        ("o3", (10_000, 10), 75 + 8 * 150),
    ],
)
def test_openai_tiles(model, size, expected):
    assert tokens(f"openai/{model}", size, detail="high") == expected


def test_openai_low_detail_costs_the_base_tokens():
    assert tokens("openai/gpt-4o", (2048, 2048), detail="low") == 85


# The same guide: patches of 32 px, 1024 for 1024 x 1024; 1452 for 1800 x 2400 within a budget of 1536, of which the
# estimate is the budget of the detail level. Factors 1.62 and 2.46 are published for mini and nano, 1.2 for gpt-6.
@pytest.mark.parametrize(
    ("model", "size", "detail", "expected", "published"),
    [
        ("gpt-6-astra", (640, 480), "high", 360, 360),
        ("gpt-5.5", (1024, 1024), "high", 1229, 1229),
        ("gpt-4.1-mini", (1024, 1024), "high", 1762, 1659),
        ("o4-mini", (1024, 1024), "high", 1762, 1762),
        ("gpt-4.1-nano", (1024, 1024), "high", 2520, 2520),
        ("gpt-5-mini", (1800, 2400), "high", 7046, 2353),
        ("gpt-6-astra", (640, 480), "low", 308, 231),
        ("gpt-6-astra", (6400, 1440), "original", 10_800, 10_800),
        ("gpt-6-astra", (6400, 6400), "auto", 36_000, 36_000),
    ],
)
def test_openai_patches(model, size, detail, expected, published):
    assert tokens(f"openai/{model}", size, detail=detail) == expected >= published


# https://ai.google.dev/gemini-api/docs/image-understanding#token-calculation: 258 up to 384 x 384, and 6 tiles for
# 960 x 540; https://ai.google.dev/gemini-api/docs/media-resolution: 280, 560, 1120, 2240 since Gemini 3.
@pytest.mark.parametrize(
    ("model", "size", "resolution", "expected"),
    [
        ("gemini-2.5-flash", (384, 384), "high", 258),
        ("gemini-2.5-flash", (960, 540), "high", 6 * 258),
        ("gemini-2.0-flash", (960, 540), "low", 258),
        ("gemini-3-flash-preview", (960, 540), "low", 280),
        ("gemini-3.1-pro", (960, 540), "medium", 560),
        ("gemini-3.1-pro", (10, 10), "high", 1120),
        ("gemini-4-pro", (4000, 4000), "ultra_high", 2240),
    ],
)
def test_google(model, size, resolution, expected):
    assert tokens(f"google/{model}", size, media_resolution=resolution) == expected


# https://platform.claude.com/docs/en/build-with-claude/vision: its table of sizes, 2691 for 1920 x 1080; at most 4784
# since Claude 4.7, 1568 before.
@pytest.mark.parametrize(
    ("model", "size", "expected"),
    [
        ("claude-opus-4-8", (200, 200), 64),
        ("claude-opus-5", (1000, 1000), 1296),
        ("claude-opus-4-7", (1092, 1092), 1521),
        ("claude-opus-4-7", (1920, 1080), 2691),
        ("claude-opus-5-5", (3840, 2160), 4784),
        ("claude-sonnet-4-20250514", (1920, 1080), 1568),
        ("claude-opus-4-1-20250805", (1920, 1080), 1568),
        ("claude-haiku-4-5", (1000, 1000), 1296),
        ("claude-3-5-haiku-latest", (1920, 1080), 1568),
    ],
)
def test_anthropic(model, size, expected):
    assert tokens(f"anthropic/{model}", size) == expected


def test_others_are_estimated_by_the_finest_published_patches():
    """Qwen2.5-VL, https://arxiv.org/abs/2502.13923: a token is 28 x 28 px."""
    assert tokens("openai/Qwen2.5-VL-7B-Instruct", (1008, 1008), detail="high") == 36 * 36
    assert tokens("acme/m", (1008, 1008)) == 36 * 36
    assert tokens("acme/m", (10, 10)) == 1024


def test_picture_without_readable_size_counts_as_a_large_one():
    broken = Picture("p", lambda: ("image/png", b"picture"))
    assert PictureTokens(Identity("anthropic", "claude-opus-5"))(broken) == 4784
    assert PictureTokens(Identity("openai", "gpt-4o", {"detail": "high"}))(broken) == 765


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", 64), ("Which?", 3 + 64), ("Whose?!", 4 + 64), ("どちら", 5 + 64), ("\ud800", 1 + 64)],
)
def test_text_is_half_its_bytes_and_an_overhead(text, expected):
    assert upper_tokens(Question(text, ()), 5, lambda picture: 100) == (expected, 5)


def test_pictures_add_up_and_output_without_limit_is_1024():
    question = Question("Which?", (picture((10, 10)), picture((20, 20))))
    assert upper_tokens(question, None, lambda picture: 100) == (3 + 200 + 64, 1024)


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens", "max_output_tokens"])
def test_limit_of_output_is_found_among_the_parameters(name):
    assert max_output_tokens(Identity("p", "m", {"temperature": 0.0, name: 7})) == 7
    assert max_output_tokens(Identity("p", "m", {"temperature": 0.0})) is None


def test_picture_is_looked_at_once():
    read = []
    content = picture((1000, 1000)).bytes

    class Counting(Picture):
        @property
        def bytes(self):
            read.append(self.name)
            return content

    known = PictureTokens(Identity("anthropic", "claude-opus-5"))
    first, same = (Counting(name, lambda: ("image/png", content)) for name in "ab")
    assert [known(first), known(first), known(same)] == [1296] * 3
    assert read == ["a"]


# OpenAI's guide to image generation has 272, 1056 and 4160 tokens for a square of low, medium and high quality, and
# 6208 for a landscape of high quality; Google's has 1290 for a picture of gemini-2.5-flash-image, 1120 of the others.
@pytest.mark.parametrize(
    ("provider", "parameters", "published"),
    [
        ("openai", {"quality": "low", "size": "1024x1024"}, 272),
        ("openai", {"quality": "medium", "size": "1024x1024"}, 1056),
        ("openai", {"quality": "high", "size": "1024x1024"}, 4160),
        ("openai", {"quality": "auto", "size": "1536x1024"}, 6208),
        ("openai", {"size": "auto"}, 6208),
        ("openai", {}, 6208),
        ("google", {}, 1290),
        ("google", {"image_size": "4K"}, 2520),
        ("another", {}, 4160),
    ],
)
def test_tokens_of_a_picture_that_is_made_are_no_fewer_than_published(provider, parameters, published):
    assert published <= made_tokens(Identity(provider, "m", parameters)) <= 3 * published + 2048
