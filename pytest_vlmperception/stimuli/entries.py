"""One table of a manifest, read with checks."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeGuard

from pytest_vlmperception.errors import StimulusError, choices_hint

__all__ = ["Entry"]


@dataclass(frozen=True)
class Entry:
    """A table, and its place for messages.

    Every method raises `StimulusError` where the table has something else than it asks for.

    Attributes
    ----------
    where : str
        E.g. ``faces.toml, stimuli 3``.
    table : mapping
        As TOML gives it.
    """

    where: str
    table: Mapping[str, Any]

    def check_keys(self, known: Iterable[str]) -> None:
        """Refuse keys that nobody reads."""
        known = set(known)
        for key in self.table:
            if key not in known:
                raise StimulusError(f"{self.where}: key {shown(key)} is not known; {choices_hint(key, known)}")

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text that is not empty; without `default` it has to be there."""
        if key not in self.table and default is not None:
            return default
        value = self.table.get(key)
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(key, "a text")
        return value

    def whole_number(self, key: str, low: int, high: int, default: int) -> int:
        """Return a whole number from `low` to `high`."""
        value = self.table.get(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise self.wrong(key, f"a whole number from {low} to {high}")
        return value

    def whole_numbers(self, key: str, low: int, high: int, default: list[int]) -> list[int]:
        """Return a list of different whole numbers from `low` to `high`; `default` where it is not there."""
        values = self.table.get(key, default)
        numbers = isinstance(values, list) and all(type(value) is int and low <= value <= high for value in values)
        if not numbers or not values or len(set(values)) < len(values):
            raise self.wrong(key, f"a list of whole numbers from {low} to {high}, each once")
        return list(values)

    def number(self, key: str, low: float, high: float, default: float) -> float:
        """Return a number from `low` to `high`."""
        value = self.table.get(key, default)
        if not is_number(value) or not low <= value <= high:
            raise self.wrong(key, f"a number from {low:g} to {high:g}")
        return float(value)

    def flag(self, key: str) -> bool:
        """Return true or false, false where it is not there."""
        value = self.table.get(key, False)
        if not isinstance(value, bool):
            raise self.wrong(key, "true or false")
        return value

    def texts(self, key: str, default: list[str]) -> list[str]:
        """Return a list of different texts; `default` where it is not there."""
        values = self.table.get(key, default)
        if not isinstance(values, list) or not all(isinstance(value, str) and value.strip() for value in values):
            raise self.wrong(key, "a list of texts")
        if key in self.table and (not values or len(set(values)) < len(values)):
            raise self.wrong(key, "a list of at least one text, each once")
        return values

    def factors(self, key: str) -> list[float]:
        """Return a list of numbers above 0 and at most 1."""
        values = self.table.get(key)
        if not isinstance(values, list) or not values or not all(map(is_factor, values)):
            raise self.wrong(key, "a list of numbers above 0 and at most 1")
        return [float(value) for value in values]

    def labels(self, key: str) -> Mapping[str, str]:
        """Return a table of texts, empty where there is none."""
        inner = Entry(f"{self.where}, {key}", self.inner(key))
        return MappingProxyType({name: inner.text(name) for name in inner.table})

    def values(self, key: str) -> Mapping[str, float | str]:
        """Return a table of finite numbers, texts, true and false; empty where there is none."""
        inner = Entry(f"{self.where}, {key}", self.inner(key))
        for name, value in inner.table.items():
            if not isinstance(value, str | bool) and not is_number(value):
                raise inner.wrong(name, "a finite number or a text")
        return MappingProxyType(dict(inner.table))

    def inner(self, key: str) -> Mapping[str, Any]:
        """Return a table within the table, empty where there is none."""
        inner = self.table.get(key, {})
        if not isinstance(inner, dict):
            raise self.wrong(key, f"a table: {key} = {{ name = value }}")
        return inner

    def entries(self, key: str) -> list[Entry]:
        """Return the tables of an array of tables, none where there is none."""
        inner = self.table.get(key, [])
        if not isinstance(inner, list) or not all(isinstance(table, dict) for table in inner):
            raise self.wrong(key, f"tables, each headed [[{key}]]")
        return [Entry(f"{self.where}, {key} {number}", table) for number, table in enumerate(inner, 1)]

    def wrong(self, key: str, expected: str) -> StimulusError:
        """Say what a key has and what it should have."""
        found = f"{key} = {shown(self.table[key])}" if key in self.table else f"key {key!r} is missing"
        return StimulusError(f"{self.where}: {found}; expected {expected}")


def is_number(value: object) -> TypeGuard[float]:
    """Return whether a value is a finite number that a float can hold."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return -sys.float_info.max <= value <= sys.float_info.max


def is_factor(value: object) -> TypeGuard[float]:
    """Return whether a value is a number above 0 and at most 1."""
    return is_number(value) and 0 < value <= 1


def shown(value: object) -> str:
    """Return a value as Python writes it, cut where it is long."""
    try:
        text = repr(value)
    # Python writes no integers of thousands of digits.
    except ValueError:
        return "a huge number"
    return text if len(text) <= 80 else f"{text[:77]}..."
