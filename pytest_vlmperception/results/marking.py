"""Results of several estimates, undecidable where a set has too few valid answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from types import MappingProxyType
from typing import Any, TypeVar

from pytest_vlmperception.records import Estimate
from pytest_vlmperception.results.validity import Shortfall

__all__ = ["marked"]

T = TypeVar("T")


def marked(found: T, shortfall: Shortfall) -> T:
    """Return a frozen result with each of its estimates marked, however deep it lies."""
    return found if not shortfall.reason else remade(found, shortfall)


def remade(found: Any, shortfall: Shortfall) -> Any:
    """Return a value with the estimates in it marked."""
    if isinstance(found, Estimate):
        return shortfall.mark(found)
    if isinstance(found, Mapping):
        return MappingProxyType({name: remade(value, shortfall) for name, value in found.items()})
    if isinstance(found, tuple):
        return tuple(remade(value, shortfall) for value in found)
    if is_dataclass(found) and not isinstance(found, type):
        return replace(found, **{each.name: remade(getattr(found, each.name), shortfall) for each in fields(found)})
    return found
