"""What calls cost. Prices are US dollars for a million tokens, quoted from genai-prices' data.py."""

from __future__ import annotations

import socket
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_vlmperception.errors import ModelError
from pytest_vlmperception.models.prices import Price, Rate, cost_usd, price_of, read_overrides
from pytest_vlmperception.records import Usage

WHEN = datetime(2026, 11, 1, tzinfo=UTC)
LOCAL = {"openai/Qwen3-VL-32B": {"input_usd_per_million": 0.5, "output_usd_per_million": 2}}


@pytest.mark.parametrize(
    ("provider", "model", "usage", "usd"),
    [
        # gpt-4o: input 2.5, output 10, cache read 1.25.
        # (1200 - 1000) * 2.5 + 1000 * 1.25 + 20 * 10 = 500 + 1250 + 200 = 1950 millionths.
        ("openai", "gpt-4o", Usage(1200, 20, 1000), 0.00195),
        ("openai", "gpt-4o-2024-08-06", Usage(1200, 20, 1000), 0.00195),
        ("openai", "gpt-4o", Usage(1200, 20), 0.0032),
        # Reasoning and pictures are among the tokens counted.
        ("openai", "gpt-4o", Usage(1200, 20, 0, image_tokens=1100, reasoning_tokens=15), 0.0032),
        ("openai", "gpt-4o", Usage(0, 0), 0.0),
        # claude-haiku-4-5: input 1, output 5, cache read 0.1. 900 * 1 + 100 * 0.1 + 10 * 5 = 960.
        ("anthropic", "claude-haiku-4-5", Usage(1000, 10, 100), 0.00096),
        ("anthropic", "claude-haiku-4-5-20251001", Usage(1000, 10, 100), 0.00096),
        # gemini-2.5-pro: input 1.25, output 10; above 200 000 input tokens 2.5 and 15 for all of them.
        ("google", "gemini-2.5-pro", Usage(200_000, 1000), 0.26),
        ("google", "gemini-2.5-pro", Usage(200_001, 1000), 0.5150025),
        # chatgpt-4o-latest: input 5, output 15, and none for the cache: what is read from it is charged in full.
        ("openai", "chatgpt-4o-latest", Usage(1000, 10, 600), 0.00515),
    ],
)
def test_a_known_price(provider: str, model: str, usage: Usage, usd: float) -> None:
    assert cost_usd(provider, model, usage, when=WHEN) == pytest.approx(usd, rel=1e-12)


@given(read=st.integers(0, 10**6), written=st.integers(0, 10**5), share=st.floats(0, 1))
def test_the_library_itself_says_the_same(read: int, written: int, share: float) -> None:
    import genai_prices

    cached = int(read * share)
    for provider, model in [("openai", "gpt-4o"), ("google", "gemini-2.5-pro"), ("anthropic", "claude-sonnet-4-5")]:
        counted = genai_prices.Usage(input_tokens=read, output_tokens=written, cache_read_tokens=cached)
        theirs = genai_prices.calc_price(counted, model, provider_id=provider, genai_request_timestamp=WHEN)
        ours = cost_usd(provider, model, Usage(read, written, cached), when=WHEN)
        assert ours == pytest.approx(float(theirs.total_price), rel=1e-9, abs=1e-15)


def test_prices_change_with_time() -> None:
    # claude-opus-4-6: input 10 above 200 000 input tokens, from 2026-03-13 on 5 for any number.
    usage = Usage(300_000, 0)
    before, after = datetime(2026, 3, 12, tzinfo=UTC), datetime(2026, 3, 13, tzinfo=UTC)
    assert cost_usd("anthropic", "claude-opus-4-6", usage, when=before) == pytest.approx(3.0)
    assert cost_usd("anthropic", "claude-opus-4-6", usage, when=after) == pytest.approx(1.5)


@pytest.mark.parametrize(
    ("model", "tier", "usd"),
    [
        # gpt-5: input 1.25, output 10; flex 0.625 and 5; priority 2.5 and 20.
        ("gpt-5", "", 0.00135),
        ("gpt-5", "auto", 0.00135),
        ("gpt-5", "default", 0.00135),
        ("gpt-5", "flex", 0.000675),
        ("gpt-5", "priority", 0.0027),
        # No price of its own is listed: the usual one would be wrong.
        ("gpt-5", "scale", None),
        ("gpt-4o", "flex", None),
    ],
)
def test_service_tiers(model: str, tier: str, usd: float | None) -> None:
    expected = None if usd is None else pytest.approx(usd)
    assert cost_usd("openai", model, Usage(1000, 10), service_tier=tier, when=WHEN) == expected


# Unknown is not zero


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("openai", "Qwen3-VL-32B"),
        ("openai", ""),
        ("anthropic", "gpt-4o"),
        # Another provider with a known word in its name, and one that is only the library's.
        ("my-openai", "gpt-4o"),
        ("groq", "llama-3.1-8b-instant"),
        # Listed without a price.
        ("google", "gemma-3-27b-it"),
        ("openai", "text-moderation-latest"),
        # Priced by the hour, for input only, and by kind of token.
        ("openai", "whisper-1"),
        ("openai", "text-embedding-3-small"),
    ],
)
def test_a_price_that_is_not_known(provider: str, model: str) -> None:
    assert price_of(provider, model, when=WHEN) is None
    assert cost_usd(provider, model, Usage(1000, 10), when=WHEN) is None


@pytest.mark.parametrize(
    "usage",
    [
        Usage(),
        Usage(input_tokens=1000),
        Usage(output_tokens=10),
        Usage(1000, 10, cached_tokens=1001),
        Usage(1000, 10, cached_tokens=-1),
        Usage(-1, 10),
        Usage(1000, -1),
        Usage(10**400, 10),
        Usage(10, 10**400),
    ],
)
def test_tokens_that_are_not_known(usage: Usage) -> None:
    assert cost_usd("openai", "gpt-4o", usage, when=WHEN) is None
    assert cost_usd("openai", "Qwen3-VL-32B", usage, overrides=read_overrides(LOCAL)) is None


@pytest.mark.parametrize(
    ("base_url", "known"),
    [
        ("", True),
        ("https://api.openai.com/v1", True),
        ("https://API.openai.com:443/v1", True),
        ("http://api.openai.com/v1", False),
        ("https://eu.api.openai.com/v1", False),
        ("https://api.openai.com.evil.example/v1", False),
        ("http://localhost:8000/v1", False),
        ("lab-7", False),
    ],
)
def test_the_list_holds_at_the_vendor_only(base_url: str, known: bool) -> None:
    assert (price_of("openai", "gpt-4o", base_url=base_url, when=WHEN) is not None) is known


@pytest.mark.parametrize("provider", ["observer", "painter"])
@pytest.mark.parametrize("usage", [Usage(), Usage(0, 0), Usage(5, 5)])
def test_what_is_built_in_is_free(provider: str, usage: Usage) -> None:
    assert cost_usd(provider, "", usage) == 0.0


# https://openai.com/api/pricing: for gpt-image-1.5 USD 5 a million tokens of text in, 8 of pictures in, 10 of text out,
# 32 of pictures out; gpt-image-2 has one rate out, 30.
# https://ai.google.dev/pricing: for gemini-3.1-flash-lite-image 0.25 in, 1.5 of text out, 30 of pictures out.
@pytest.mark.parametrize(
    ("model", "usage", "millionths"),
    [
        ("openai/gpt-image-1.5", Usage(210, 1066, image_tokens=200, output_image_tokens=1056), 50 + 1600 + 100 + 33792),
        ("openai/gpt-image-1.5", Usage(210, 1066, 10, image_tokens=200, output_image_tokens=1066), 12.5 + 1600 + 34112),
        ("openai/gpt-image-2", Usage(210, 1056, image_tokens=200), 50 + 1600 + 31680),
        ("google/gemini-3.1-flash-lite-image", Usage(100, 1130, output_image_tokens=1120), 25 + 15 + 33600),
        ("openai/gpt-image-1.5", Usage(210, 1066), None),
        ("openai/gpt-image-1.5", Usage(210, 1066, image_tokens=211, output_image_tokens=0), None),
        ("openai/gpt-image-1.5", Usage(210, 1066, image_tokens=0, output_image_tokens=1067), None),
    ],
)
def test_tokens_of_pictures_have_rates_of_their_own(model: str, usage: Usage, millionths: float | None) -> None:
    usd = cost_usd(*model.split("/"), usage, when=WHEN)
    assert usd == (None if millionths is None else pytest.approx(millionths * 1e-6))


def test_an_override_may_have_rates_for_pictures() -> None:
    table = {
        "input_usd_per_million": 1,
        "output_usd_per_million": 2,
        "input_image_usd_per_million": 3,
        "output_image_usd_per_million": 4,
    }
    usage = Usage(30, 30, image_tokens=10, output_image_tokens=20)
    usd = cost_usd("openai", "flux", usage, overrides=read_overrides({"openai/flux": table}))
    assert usd == pytest.approx((20 * 1 + 10 * 3 + 10 * 2 + 20 * 4) * 1e-6)


# Overrides


def test_an_override_goes_before_the_list_and_holds_anywhere() -> None:
    overrides = read_overrides({
        **LOCAL,
        "openai/gpt-4o": {
            "input_usd_per_million": 1,
            "output_usd_per_million": 4.0,
            "cached_usd_per_million": 0.25,
        },
    })
    assert overrides["openai/gpt-4o"] == Price(Rate(1.0), Rate(4.0), Rate(0.25))
    # 600 * 1 + 400 * 0.25 + 10 * 4 = 740 millionths.
    assert cost_usd("openai", "gpt-4o", Usage(1000, 10, 400), overrides=overrides) == pytest.approx(0.00074)
    # 1000 * 0.5 + 10 * 2 = 520: what is read from a cache costs as much as other input.
    for base_url in ("", "http://localhost:8000/v1"):
        usd = cost_usd("openai", "Qwen3-VL-32B", Usage(1000, 10, 400), overrides=overrides, base_url=base_url)
        assert usd == pytest.approx(0.00052)
    assert price_of("google", "Qwen3-VL-32B", overrides=overrides) is None


def test_what_is_free_costs_nothing_even_uncounted() -> None:
    overrides = read_overrides({"openai/m": {"input_usd_per_million": 0, "output_usd_per_million": 0}})
    assert cost_usd("openai", "m", Usage(), overrides=overrides) == 0.0


def test_a_model_may_have_slashes_and_quotes_in_its_name() -> None:
    overrides = read_overrides({"openai/org/m": {"input_usd_per_million": 1, "output_usd_per_million": 1}})
    assert cost_usd("openai", "org/m", Usage(1, 1), overrides=overrides) == pytest.approx(2e-6)


def test_no_overrides() -> None:
    assert read_overrides({}) == {}


PAIR = {"input_usd_per_million": 1, "output_usd_per_million": 1}


@pytest.mark.parametrize(
    ("tables", "match"),
    [
        ([], r"^\[tool.pytest_vlmperception.prices\] must hold one table per model"),
        (3, "must hold one table per model"),
        ({"gpt-4o": PAIR}, r"^\[tool.pytest_vlmperception.prices.'gpt-4o'\] is no table of a model; write"),
        ({"gpt-4o\n": PAIR}, "is no table of a model"),
        ({"openai/": PAIR}, "is no table of a model"),
        ({"/gpt-4o": PAIR}, "is no table of a model"),
        ({"openai/m": 2.5}, "is no table of a model"),
        (
            {"openai/m": {**PAIR, "input_per_million": 1}},
            "key 'input_per_million' is not known; did you mean 'input_usd_per_million'",
        ),
        ({"openai/m": {"input_usd_per_million": 1}}, "has no output_usd_per_million; a price needs input_usd_per"),
        ({"openai/m": {}}, "has no input_usd_per_million"),
        ({"openai/m": {**PAIR, "input_usd_per_million": "1"}}, "input_usd_per_million = '1'; expected US dollars for"),
        ({"openai/m": {**PAIR, "input_usd_per_million": True}}, "input_usd_per_million = True; expected"),
        ({"openai/m": {**PAIR, "output_usd_per_million": -1}}, "output_usd_per_million = -1; expected"),
        ({"openai/m": {**PAIR, "cached_usd_per_million": float("nan")}}, "cached_usd_per_million = nan; expected"),
        ({"openai/m": {**PAIR, "cached_usd_per_million": float("inf")}}, "from 0 to 1000000"),
        ({"openai/m": {**PAIR, "cached_usd_per_million": 10**400}}, "from 0 to 1000000"),
        ({"openai/m": {**PAIR, "cached_usd_per_million": [1]}}, r"cached_usd_per_million = \[1\]; expected"),
    ],
)
def test_an_override_is_refused(tables: Any, match: str) -> None:
    with pytest.raises(ModelError, match=match) as caught:
        read_overrides(tables)
    assert "\n" not in str(caught.value)


# The world


def test_only_the_list_that_is_installed_counts(monkeypatch) -> None:
    from genai_prices.data_snapshot import DataSnapshot, set_custom_snapshot

    def refuse(*args: Any, **kwargs: Any) -> None:
        raise AssertionError("no network")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    set_custom_snapshot(DataSnapshot(providers=[], from_auto_update=True))
    try:
        assert price_of("openai", "gpt-4o", when=WHEN) == Price(Rate(2.5), Rate(10.0), Rate(1.25))
    finally:
        set_custom_snapshot(None)


def test_the_library_is_imported_when_a_vendor_is_looked_up() -> None:
    code = """
import sys
from pytest_vlmperception.models.prices import cost_usd, price_of
from pytest_vlmperception.records import Usage
cost_usd("observer", "", Usage())
price_of("openai", "m", base_url="http://localhost:8000/v1")
print(*{"anthropic", "genai_prices", "google.genai", "openai", "pydantic"} & set(sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
