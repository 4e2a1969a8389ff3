"""Frozen records as plain values that JSON can hold, and back, by the types of their fields.

A number that is not known (NaN) is null, and an infinite one a text: JSON has neither. Where a field may be
None, null is None, and NaN is written as that: both say that it is not known.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from numbers import Integral
from types import NoneType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from pytest_vlmperception.errors import UsageError

__all__ = ["plain", "reader_of"]

Reader = Callable[[Any], Any]

# The largest number up to which every program that reads JSON counts alike.
MAX_COUNT = 2**53
INFINITE = {"inf": math.inf, "-inf": -math.inf}


def plain(value: Any) -> Any:
    """Return a record, or what its fields hold, as objects, lists, texts, numbers, booleans and None."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return whole(value)
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {whole(key): plain(item) for key, item in value.items()}
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    return int(value) if isinstance(value, Integral) else plain_number(float(value))


def plain_number(number: float) -> float | str | None:
    """Return what stands for a number in JSON."""
    if math.isfinite(number):
        return number
    return None if math.isnan(number) else str(number)


def whole(text: str) -> str:
    """Return a text in which two halves of one character are that character: JSON cannot tell them apart."""
    if text.isprintable():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


@cache
def reader_of(kind: Any) -> Reader:
    """Return what makes a value of a type out of parsed JSON, and raises `UsageError` where it is anything else."""
    origin, args = get_origin(kind), get_args(kind)
    if is_dataclass(kind):
        return record_reader(kind)
    if origin is Literal:
        return choice_reader(args)
    if origin is Mapping:
        return mapping_reader(reader_of(args[1]))
    if origin is tuple:
        return list_reader(reader_of(args[0])) if args[1:] == (...,) else row_reader(list(map(reader_of, args)))
    if NoneType in args:
        return optional_reader(reader_of(next(arg for arg in args if arg is not NoneType)))
    return SCALARS[kind]


def record_reader(kind: Any) -> Reader:
    """Return what reads an object with exactly the fields of a dataclass."""
    hints = get_type_hints(kind)
    readers = {field.name: reader_of(hints[field.name]) for field in fields(kind)}

    def read(content: object) -> Any:
        if not isinstance(content, dict):
            raise UsageError("expected an object")
        for name in readers.keys() - content.keys():
            raise UsageError(f"there is no {name!r}")
        if len(content) > len(readers):
            raise UsageError(f"there is more than {', '.join(readers)}")
        return kind(**{name: inside(name, reader, content[name]) for name, reader in readers.items()})

    return read


def mapping_reader(reader: Reader) -> Reader:
    """Return what reads an object with any names."""

    def read(content: object) -> dict[str, Any]:
        if not isinstance(content, dict):
            raise UsageError("expected an object")
        return {name: reader(value) for name, value in content.items()}

    return read


def list_reader(reader: Reader) -> Reader:
    """Return what reads a list whose items are alike."""

    def read(content: object) -> tuple[Any, ...]:
        if not isinstance(content, list):
            raise UsageError("expected a list")
        return tuple(map(reader, content))

    return read


def row_reader(readers: list[Reader]) -> Reader:
    """Return what reads a list of a fixed length."""

    def read(content: object) -> tuple[Any, ...]:
        if not isinstance(content, list) or len(content) != len(readers):
            raise UsageError(f"expected a list of {len(readers)}")
        return tuple(reader(item) for reader, item in zip(readers, content, strict=True))

    return read


def choice_reader(choices: tuple[Any, ...]) -> Reader:
    """Return what reads one of a few texts."""

    def read(content: object) -> object:
        if content not in choices:
            raise UsageError(f"expected one of {', '.join(choices)}")
        return content

    return read


def optional_reader(reader: Reader) -> Reader:
    """Return what reads a value or null."""
    return lambda content: None if content is None else reader(content)


def inside(name: str, reader: Reader, content: object) -> Any:
    """Read a field; an error says which."""
    try:
        return reader(content)
    except UsageError as error:
        raise UsageError(f"{name}: {error}") from None


def text_of(content: object) -> str:
    """Return a text."""
    if not isinstance(content, str):
        raise UsageError("expected a text")
    return content


def flag_of(content: object) -> bool:
    """Return true or false."""
    if not isinstance(content, bool):
        raise UsageError("expected true or false")
    return content


def count_of(content: object) -> int:
    """Return a count; True is none."""
    if type(content) is not int or not 0 <= content <= MAX_COUNT:
        raise UsageError("expected a count")
    return content


def number_of(content: object) -> float:
    """Return a number; NaN for null."""
    if content is None:
        return math.nan
    if type(content) is float and math.isfinite(content):
        return content
    if isinstance(content, str) and content in INFINITE:
        return INFINITE[content]
    raise UsageError("expected a number, null, 'inf' or '-inf'")


SCALARS: Mapping[Any, Reader] = {str: text_of, bool: flag_of, int: count_of, float: number_of}
