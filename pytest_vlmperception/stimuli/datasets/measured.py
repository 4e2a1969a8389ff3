"""Reference values that are measured in the picture itself, when they are read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import Any

from pytest_vlmperception.pictures import Pixels, colorfulness, decode, rms_contrast
from pytest_vlmperception.records import Picture

__all__ = ["MEASURES", "Measured"]


MEASURES: Mapping[str, Callable[[Pixels], float]] = MappingProxyType({
    "colorfulness": colorfulness,
    "contrast": rms_contrast,
})
"""Published measures by attribute, those that the built-in observer uses."""


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
        pixels = decode(self._picture.bytes, self._picture.name)
        return {attribute: MEASURES[attribute](pixels) for attribute in self._attributes}

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
