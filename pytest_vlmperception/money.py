"""What a run has cost."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_vlmperception.models.prices import Price, price_of
from pytest_vlmperception.records import ModelTotals, Outlook, Usage

__all__ = ["outlook_usd", "planned_usd", "spent_usd"]


def spent_usd(totals: ModelTotals, overrides: Mapping[str, Price]) -> float | None:
    """Return what the replies of a model cost, in US dollars.

    Parameters
    ----------
    totals : ModelTotals
        Tokens of each reply of the run.
    overrides : mapping of str to Price
        Prices that the project sets, by ``provider/model``.

    Returns
    -------
    float or None
        None where the price, or the tokens of any reply, are not known. Tokens that the provider read from
        its cache are charged in full.
    """
    if not totals.tokens:
        return 0.0
    price = price_of(totals.provider, totals.model_id, base_url=totals.base_url, overrides=overrides)
    if price is None:
        return None
    costs = [price.cost_usd(usage_of(totals, key)) for key in totals.tokens]
    known = [cost for cost in costs if cost is not None]
    return sum(known) if len(known) == len(costs) else None


def usage_of(totals: ModelTotals, key: str) -> Usage:
    """Return the tokens of one reply."""
    tokens_in, tokens_out = totals.tokens[key]
    seen, drawn = totals.picture_tokens.get(key, (None, None))
    return Usage(tokens_in, tokens_out, image_tokens=seen, output_image_tokens=drawn)


def planned_usd(totals: ModelTotals, overrides: Mapping[str, Price]) -> tuple[float | None, float | None]:
    """Return what planned questions cost at least and at most.

    At most: the estimated tokens. At least: half the tokens of the text, which is estimated at two bytes
    a token where English has four, all those of the pictures, and one token out a question.

    Parameters
    ----------
    totals : ModelTotals
        Estimated tokens of each planned question.
    overrides : mapping of str to Price
        Prices that the project sets, by ``provider/model``.
    """
    if not totals.planned:
        return 0.0, 0.0
    price = price_of(totals.provider, totals.model_id, base_url=totals.base_url, overrides=overrides)
    if price is None:
        return None, None
    planned = totals.planned.values()
    low = [price.cost_usd(estimated(text // 2, pictures, 1)) or 0.0 for text, pictures, _ in planned]
    high = [price.cost_usd(estimated(text, pictures, out)) or 0.0 for text, pictures, out in planned]
    return sum(low), sum(high)


def estimated(text: int, pictures: int, out: int) -> Usage:
    """Return estimated tokens; where those of pictures have a rate of their own, all that comes out is a picture."""
    return Usage(text + pictures, out, image_tokens=pictures, output_image_tokens=out)


def outlook_usd(outlook: Outlook, price: Price | None) -> tuple[float, float] | None:
    """Return what the calls ahead cost at least, with one token out each, and at most; None without a price."""
    if price is None:
        return None
    # How many of the tokens in are of pictures is not known here: the higher rate is taken for all of them.
    least, most = (price.cost_usd(estimated(0, outlook.tokens_in, out)) for out in (1, outlook.tokens_out))
    return None if least is None or most is None else (outlook.calls * least, outlook.calls * most)
