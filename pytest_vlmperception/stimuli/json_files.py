"""JSON that others have written: an object a line, a list of objects, or one object; the line of every error."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pytest_vlmperception.errors import StimulusError
from pytest_vlmperception.records.strict_json import refuse, unique
from pytest_vlmperception.stimuli.entries import Entry
from pytest_vlmperception.stimuli.paths import read_text
from pytest_vlmperception.stimuli.rows import text_lines

__all__ = ["json_items", "json_lines", "json_object"]

STRICT = json.JSONDecoder(object_pairs_hook=unique, parse_constant=refuse)
BLANK = re.compile(r"[ \t\r\n]*")


def json_lines(path: Path, what: str) -> Iterator[tuple[int, Entry]]:
    """Yield the number and the object of every line of a JSONL file; lines after the last object may be blank.

    Raises
    ------
    StimulusError
        If the file cannot be read, or a line is anything else. The message calls the file `what`.
    """
    blank = 0
    for number, line in enumerate(text_lines(path, what), 1):
        if not line.strip():
            blank = blank or number
        elif blank:
            raise StimulusError(f"{path.name}, line {blank}: it is blank; expected a JSON object on every line")
        else:
            yield number, only_object(line.strip(), path.name, number)


def json_object(path: Path, name: str) -> Entry:
    """Return the one object of a JSON file, which messages call `name`; raises as `json_lines` does."""
    return only_object(read_text(path, name), name, 1)


def json_items(path: Path, what: str) -> Iterator[Entry]:
    """Yield the objects of a JSON list, each placed at the line that it begins on; raises as `json_lines` does."""
    text = read_text(path, what)
    at = after_blanks(text, 0)
    line = 1 + text.count("\n", 0, at)
    if text[at : at + 1] != "[":
        raise StimulusError(f"{path.name}, line {line}: expected a JSON list of objects, which begins with '['")
    while text[at : at + 1] != "]":
        start = after_blanks(text, at + 1)
        line += text.count("\n", at, start)
        entry, at = object_at(text, start, path.name, line)
        yield entry
        line += text.count("\n", start, at)
        if text[at : at + 1] not in {",", "]"}:
            raise StimulusError(f"{path.name}, line {line}: expected ',' and the next object, or ']' after the last")
    if after_blanks(text, at + 1) < len(text):
        raise StimulusError(f"{path.name}, line {line}: expected nothing after the list")


def only_object(text: str, name: str, line: int) -> Entry:
    """Return the object that is all of a text."""
    entry, end = object_at(text, after_blanks(text, 0), name, line)
    if end < len(text):
        raise StimulusError(f"{entry.where}: expected one JSON object and nothing after it")
    return entry


def object_at(text: str, at: int, name: str, line: int) -> tuple[Entry, int]:
    """Return the object that begins at a place in a text, and the place of what comes after it."""
    where = f"{name}, line {line}"
    try:
        value, end = STRICT.raw_decode(text, at)
    except json.JSONDecodeError as error:
        line += text.count("\n", at, error.pos)
        raise StimulusError(f"{name}, line {line}: it is no JSON: {error.msg}; correct it") from None
    except RecursionError:
        raise StimulusError(f"{where}: it is nested too deeply; expected one object with short lists in it") from None
    # A key twice, NaN, a number of thousands of digits.
    except ValueError as error:
        raise StimulusError(f"{where}: {' '.join(str(error).split())}; correct it") from None
    if not isinstance(value, dict):
        raise StimulusError(f"{where}: {shown(value)} is no JSON object; expected one, which begins with '{{'")
    return Entry(where, value), after_blanks(text, end)


def shown(value: Any) -> str:
    """Return a value as JSON writes it, cut where it is long."""
    text = json.dumps(value)
    return text if len(text) <= 40 else f"{text[:37]}..."


def after_blanks(text: str, at: int) -> int:
    """Return the place of the next character that is no blank."""
    match = BLANK.match(text, at)
    return match.end() if match else at
