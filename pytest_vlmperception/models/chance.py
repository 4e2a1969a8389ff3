"""Random numbers that are the same for the same question, on every machine."""

from __future__ import annotations

from statistics import NormalDist

__all__ = ["normal"]


def normal(data: bytes) -> float:
    """Return a standard normal number from eight random bytes, by the inverse of its distribution."""
    # 52 bits and a half: never 0 or 1, where the inverse is infinite.
    uniform = ((int.from_bytes(data, "big") >> 12) + 0.5) / 2**52
    return NormalDist().inv_cdf(uniform)
