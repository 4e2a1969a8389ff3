"""What a call costs: prices of the library genai-prices, and those that a project sets itself."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pytest_vlmperception.errors import ModelError, choices_hint
from pytest_vlmperception.models.addresses import ANTHROPIC, GOOGLE, OPENAI, origin
from pytest_vlmperception.models.base import IN_PROCESS
from pytest_vlmperception.records import Usage

if TYPE_CHECKING:
    from genai_prices.types import ModelInfo, ModelPrice

__all__ = ["FREE", "Price", "Rate", "cost_usd", "price_of", "read_overrides"]

MILLION = 1e6
TABLE = "tool.pytest_vlmperception.prices"
REQUIRED = ("input_usd_per_million", "output_usd_per_million")
OF_PICTURES = ("input_image_usd_per_million", "output_image_usd_per_million")
KEYS = (*REQUIRED, "cached_usd_per_million", *OF_PICTURES)

# Where the list's prices hold: what another server takes is its owner's business.
VENDORS: Mapping[str, str] = MappingProxyType({
    "anthropic": ANTHROPIC,
    "google": GOOGLE,
    "openai": OPENAI,
})

# Service tiers that are charged as if none was named.
STANDARD = frozenset({"", "auto", "default", "standard_only"})

# Prices of what is neither sent nor asked for. Any other price that is not per token of text makes
# the whole unknown: usage does not tell how many of the tokens it holds for. What a provider's cache has of pictures
# nobody counts: they are charged in full.
PER_TOKEN = frozenset({"cache_read_mtok", "input_image_mtok", "input_mtok", "output_image_mtok", "output_mtok"})
UNUSED = frozenset({
    "cache_audio_read_mtok",
    "cache_image_read_mtok",
    "cache_write_1h_mtok",
    "cache_write_mtok",
    "input_audio_mtok",
    "input_video_mtok",
    "output_audio_mtok",
    "storage_searches_kcount",
    "web_searches_kcount",
})


@dataclass(frozen=True)
class Rate:
    """US dollars for a million tokens.

    Attributes
    ----------
    usd : float
        The rate.
    tiers : tuple of (int, float)
        The rate for all tokens of a call with more input tokens than this, in ascending order.
    """

    usd: float
    tiers: tuple[tuple[int, float], ...] = ()

    def at(self, input_tokens: int) -> float:
        """Return the rate for a call with that many input tokens."""
        return next((usd for above, usd in reversed(self.tiers) if input_tokens > above), self.usd)


@dataclass(frozen=True)
class Price:
    """What the tokens of a model cost.

    Attributes
    ----------
    input, output, cached : Rate
        For input tokens, output tokens with the reasoning, and input tokens read from the
        provider's cache.
    input_image, output_image : Rate or None
        For input and output tokens of pictures; None where they cost what others do.
    """

    input: Rate
    output: Rate
    cached: Rate
    input_image: Rate | None = None
    output_image: Rate | None = None

    def cost_usd(self, usage: Usage) -> float | None:
        """Return the US dollars for one call.

        ((input - cached) * input rate + cached * cached rate + output * output rate) / 10^6, where
        cached tokens that the provider did not count are none; likewise with rates of their own for the tokens of
        pictures. None where the other counts are not known or contradict each other; what is free costs 0 in any
        case.
        """
        if self == FREE:
            return 0.0
        read, written, cached = usage.input_tokens, usage.output_tokens, usage.cached_tokens or 0
        seen = 0 if self.input_image is None else usage.image_tokens
        drawn = 0 if self.output_image is None else usage.output_image_tokens
        if read is None or written is None or seen is None or drawn is None:
            return None
        if min(cached, seen, drawn) < 0 or cached + seen > read or drawn > written:
            return None
        charged = (
            (read - cached - seen, self.input),
            (cached, self.cached),
            (seen, self.input_image or self.input),
            (written - drawn, self.output),
            (drawn, self.output_image or self.output),
        )
        try:
            usd = sum(tokens * rate.at(read) for tokens, rate in charged) / MILLION
        except OverflowError:
            return None
        return usd if math.isfinite(usd) else None


FREE = Price(Rate(0.0), Rate(0.0), Rate(0.0))


def cost_usd(
    provider: str,
    model: str,
    usage: Usage,
    *,
    overrides: Mapping[str, Price] = MappingProxyType({}),
    base_url: str = "",
    service_tier: str = "",
    when: datetime | None = None,
) -> float | None:
    """Return the US dollars for one call; None where price or tokens are not known, never 0 for that.

    For many calls of one model `price_of` and `Price.cost_usd` are faster. The parameters are theirs.
    """
    price = price_of(provider, model, overrides=overrides, base_url=base_url, service_tier=service_tier, when=when)
    return None if price is None else price.cost_usd(usage)


def price_of(
    provider: str,
    model: str,
    *,
    overrides: Mapping[str, Price] = MappingProxyType({}),
    base_url: str = "",
    service_tier: str = "",
    when: datetime | None = None,
) -> Price | None:
    """Return the price of a model; None where it is not known.

    Parameters
    ----------
    provider, model : str
        As in ``provider/model``.
    overrides : mapping of str to Price
        Prices by ``provider/model``, which go before the library's.
    base_url : str
        Where the model lives; empty for the provider's own host. Elsewhere only `overrides` hold.
    service_tier : str
        The tier that is asked for, where the provider has tiers.
    when : datetime or None
        When the call is made, since prices change; None for now.
    """
    if provider in IN_PROCESS:
        return FREE
    override = overrides.get(f"{provider}/{model}")
    if override is not None:
        return override
    home = VENDORS.get(provider)
    if home is None or (base_url and origin(base_url) != origin(home)):
        return None
    return listed(provider, model, service_tier, when or datetime.now(UTC))


def listed(provider: str, model: str, service_tier: str, when: datetime) -> Price | None:
    """Return the price in the library's own list, the one that is installed with it."""
    # 150 ms to import, for runs that call a vendor only.
    from genai_prices.data import providers
    from genai_prices.data_snapshot import DataSnapshot

    # Not the library's current list: another plugin may have it updated over the network.
    snapshot = DataSnapshot(providers=providers, from_auto_update=False)
    try:
        _, info = snapshot.find_provider_model(model, None, provider, None)
    except LookupError:
        return None
    if service_tier in STANDARD:
        return as_price(info.get_prices(when))
    context = {"service_tier": service_tier}
    return as_price(info.get_prices(when, context)) if has_tier(info, context, when) else None


def has_tier(info: ModelInfo, context: dict[str, str], when: datetime) -> bool:
    """Tell whether the list has a price of its own for a service tier; without one it gives the usual price."""
    return any(
        variant.when == context and (variant.constraint is None or variant.constraint.active(when))
        for variant in info.price_variants or ()
    )


def as_price(prices: ModelPrice) -> Price | None:
    """Return the library's price as one for tokens; None where it is none, or another too."""
    given = {name: value for name, value in vars(prices).items() if value is not None and name not in UNUSED}
    if not {"input_mtok", "output_mtok"} <= given.keys() <= PER_TOKEN:
        return None
    rates = {name: rate_of(value) for name, value in given.items()}
    read = rates["input_mtok"]
    pictures = (rates.get("input_image_mtok"), rates.get("output_image_mtok"))
    return Price(read, rates["output_mtok"], rates.get("cache_read_mtok", read), *pictures)


def rate_of(value: Any) -> Rate:
    """Return the library's decimal number, or number with tiers, as a rate."""
    tiers = getattr(value, "tiers", ())
    return Rate(float(getattr(value, "base", value)), tuple((tier.start, float(tier.price)) for tier in tiers))


def read_overrides(tables: object) -> Mapping[str, Price]:
    """Return the prices of ``[tool.pytest_vlmperception.prices."provider/model"]``, checked.

    Parameters
    ----------
    tables : object
        The table ``prices`` of pyproject.toml as it was read, with one table a model:
        ``input_usd_per_million``, ``output_usd_per_million`` and, where they differ from these,
        ``cached_usd_per_million``, ``input_image_usd_per_million`` and ``output_image_usd_per_million``.

    Raises
    ------
    ModelError
        If it is anything else.
    """
    if not isinstance(tables, Mapping):
        raise ModelError(f'[{TABLE}] must hold one table per model: [{TABLE}."provider/model"]')
    return MappingProxyType({name: read_override(name, table) for name, table in tables.items()})


def read_override(name: str, table: object) -> Price:
    """Return the price that one table sets."""
    where = f"[{TABLE}.{name!r}]"
    provider, _, model = name.partition("/")
    if not provider or not model or not isinstance(table, Mapping):
        raise ModelError(f'{where} is no table of a model; write [{TABLE}."provider/model"]')
    for key in table:
        if key not in KEYS:
            raise ModelError(f"{where}: key {key!r} is not known; {choices_hint(key, KEYS)}")
    missing = [key for key in REQUIRED if key not in table]
    if missing:
        raise ModelError(f"{where} has no {missing[0]}; a price needs {' and '.join(REQUIRED)}")
    rates = {key: Rate(checked(where, key, value)) for key, value in table.items()}
    read, written = (rates[key] for key in REQUIRED)
    pictures = (rates.get(key) for key in OF_PICTURES)
    return Price(read, written, rates.get("cached_usd_per_million", read), *pictures)


def checked(where: str, key: str, value: object) -> float:
    """Return a price that is a number. A dollar a token is more than anything costs."""
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= MILLION:
        return float(value)
    raise ModelError(f"{where}: {key} = {value!r}; expected US dollars for a million tokens, from 0 to 1000000")
