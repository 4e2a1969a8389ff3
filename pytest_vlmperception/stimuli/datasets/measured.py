"""Reference values that are measured in the picture itself, when they are read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from pytest_vlmperception.pictures import decode
from pytest_vlmperception.records import Picture

__all__ = ["MEASURES", "Measured"]


MEASURES = ("colorfulness", "contrast")
"""Attributes that are measured, as the built-in observer measures them."""


class Measured(Mapping[str, Any]):
    """Reference values of which some are measured when they are first read: a set is listed without decoding.

    Parameters
    ----------
    values : mapping
        What is known.
    picture : Picture
        Where the rest is measured.
    attributes : sequence of str
        What is measured: names of `MEASURES`.
    """

    def __init__(self, values: Mapping[str, Any], picture: Picture, attributes: Sequence[str]) -> None:
        self._values = values
        self._picture = picture
        self._attributes = attributes

    @cached_property
    def _measures(self) -> Mapping[str, float]:
        # Loads numpy, which listing a set does not need.
        from pytest_vlmperception.pictures.measures import colorfulness, rms_contrast

        pixels = decode(self._picture.bytes, self._picture.name)
        return {"colorfulness": colorfulness(pixels), "contrast": rms_contrast(pixels)}

    def __getitem__(self, attribute: str) -> Any:
        return self._values[attribute] if attribute in self._values else self._measured(attribute)

    def _measured(self, attribute: str) -> float:
        if attribute not in self._attributes:
            raise KeyError(attribute)
        return self._measures[attribute]

    def __iter__(self) -> Iterator[str]:
        yield from self._values
        yield from self._attributes

    def __contains__(self, attribute: object) -> bool:
        return attribute in self._values or attribute in self._attributes

    def __len__(self) -> int:
        return len(self._values) + len(self._attributes)

    def __repr__(self) -> str:
        return f"<{dict(self._values)} and {', '.join(self._attributes)} to be measured>"
