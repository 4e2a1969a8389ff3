"""Text files read line by line: lists and CSV tables of any length, with the line of every error."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pytest_vlmperception.errors import StimulusError, choices_hint
from pytest_vlmperception.stimuli.paths import MAX_TEXT_BYTES, check_readable, reason_of

__all__ = ["Row", "csv_rows", "is_number", "number_in", "text_lines"]

MAX_LINE = 2**20
"""Longest line that is read, in characters."""


@dataclass(frozen=True)
class Row:
    """One row: its place for messages, and its cells by column, outer blanks removed."""

    where: str
    cells: Mapping[str, str]


def text_lines(path: Path, what: str, max_bytes: int = MAX_TEXT_BYTES) -> Iterator[str]:
    """Yield the lines of a UTF-8 file with their ends, with or without byte order mark.

    Raises
    ------
    StimulusError
        If there is no such regular file, it or one of its lines is too long, it cannot be read or
        is not UTF-8. The message calls it `what`.
    """
    try:
        check_readable(path, what, max_bytes)
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from bounded_lines(file, path, what)
    except OSError as error:
        raise StimulusError(f"{what} {str(path)!r} cannot be read ({reason_of(error)}); check the path") from None
    except UnicodeDecodeError:
        line = line_that_is_not_utf8(path)
        raise StimulusError(f"{what} {str(path)!r}, line {line}: this is not UTF-8; save the file as UTF-8") from None


def bounded_lines(file: io.TextIOWrapper, path: Path, what: str) -> Iterator[str]:
    """Yield lines, none of which can fill the memory."""
    for number, line in enumerate(iter(lambda: file.readline(MAX_LINE + 1), ""), 1):
        if len(line) > MAX_LINE:
            found = f"this line has over {MAX_LINE:,} characters"
            raise StimulusError(f"{what} {str(path)!r}, line {number}: {found}; break it up")
        yield line


def line_that_is_not_utf8(path: Path) -> int:
    """Return the number of the first line that cannot be decoded; the decoder itself reads ahead of it."""
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                return number
    return 1


def csv_rows(
    path: Path, what: str = "table", max_bytes: int = MAX_TEXT_BYTES, needed: Sequence[str] = ()
) -> Iterator[Row]:
    """Yield the rows below the header of a CSV file, which has the columns `needed`; blank lines are left out.

    Raises
    ------
    StimulusError
        As for `text_lines`, and for what is not valid CSV with one name for each column and as many
        cells in each row.
    """
    reader = csv.reader(text_lines(path, what, max_bytes), strict=True)
    try:
        header = checked_header(path.name, [name.strip() for name in next(reader, [])], needed)
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield row_of(f"{path.name}, line {reader.line_num}", header, cells)
    except csv.Error as error:
        raise StimulusError(f"{path.name}, line {reader.line_num}: not valid CSV: {error}; correct it") from None


def checked_header(table: str, header: list[str], needed: Sequence[str]) -> list[str]:
    """Return the header, if each column has its own name, and those needed are there."""
    for place, name in enumerate(header):
        if not name:
            raise StimulusError(f"{table}, line 1: column {place + 1} has no name; give it one")
        if name in header[:place]:
            raise StimulusError(f"{table}, line 1: column {name!r} is there twice; rename one")
    for name in needed:
        if name not in header:
            raise StimulusError(f"{table}, line 1: there is no column {name!r}; {choices_hint(name, header)}")
    return header


def row_of(where: str, header: Sequence[str], cells: Sequence[str]) -> Row:
    """Return one row, if it has a cell for each column."""
    if len(cells) != len(header):
        raise StimulusError(f"{where}: there are {len(cells)} cells; expected {len(header)}: {', '.join(header)}")
    return Row(where, {name: cell.strip() for name, cell in zip(header, cells, strict=True)})


def is_number(cell: str) -> bool:
    """Return whether a cell is a finite number as tables write it."""
    try:
        # Python alone reads 1_000 as a number.
        return "_" not in cell and math.isfinite(float(cell))
    except ValueError:
        return False


def number_in(text: str, low: float, high: float, what: str, where: str) -> float:
    """Return a text as a number from `low` to `high`.

    Raises
    ------
    StimulusError
        If it is none: the file is of another data set, or on another scale.
    """
    if not is_number(text) or not low <= float(text) <= high:
        raise StimulusError(f"{where}: {what} is {text[:40]!r}; expected a number from {low:g} to {high:g}")
    return float(text)
