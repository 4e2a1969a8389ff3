"""How long a model takes to reply, by what is stored of it."""

from __future__ import annotations

from itertools import islice
from statistics import median

from pytest_vlmperception.calling.rows import Row
from pytest_vlmperception.calling.store import Store
from pytest_vlmperception.errors import StoreError
from pytest_vlmperception.models.base import Identity

__all__ = ["typical_latency"]

# The newest rows tell enough, and reading them takes a tenth of a second.
ROWS = 2_000


def typical_latency(store: Store, identity: Identity) -> tuple[float, int] | None:
    """Return the median latency of stored replies of a model, in seconds, and of how many; None where there is none.

    Replies with the very same parameters go before others of the model: thinking takes its time.

    Parameters
    ----------
    store : Store
        Where replies are kept; only the newest are looked at.
    identity : Identity
        The model.
    """
    try:
        rows = [row for row in islice(store.rows_before(), ROWS) if is_of(row, identity)]
    except StoreError:
        # A broken row is found, and reported, by whoever needs it.
        return None
    same = [row for row in rows if row.parts.get("parameters") == dict(identity.parameters)]
    latencies = [row.reply.latency_s for row in same or rows]
    return (median(latencies), len(latencies)) if latencies else None


def is_of(row: Row, identity: Identity) -> bool:
    """Tell whether a stored reply is a model's, and its latency is known."""
    who = (row.parts.get("provider"), row.parts.get("model"), row.parts.get("base_url"))
    return who == (identity.provider, identity.model, identity.base_url) and row.reply.latency_s > 0
