"""CSV tables that list stimuli."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pytest_vlmperception.errors import StimulusError, choices_hint
from pytest_vlmperception.records import Stimulus
from pytest_vlmperception.stimuli.files import file_picture
from pytest_vlmperception.stimuli.ids import check_id, check_unique
from pytest_vlmperception.stimuli.paths import file_within, resolved
from pytest_vlmperception.stimuli.rows import Row, csv_rows, is_number

__all__ = ["DEFAULT_GROUPS", "read_table"]

DEFAULT_GROUPS = ("scene",)
OWN_COLUMNS = ("file", "id", "source", "licence")


def read_table(table: Path, groups: Sequence[str] = DEFAULT_GROUPS) -> list[Stimulus]:
    """Return a stimulus for every row of a CSV file; no picture is read.

    Parameters
    ----------
    table : Path
        UTF-8, with a header. Column ``file`` is a path relative to the table's folder; ``id``,
        ``source`` and ``licence`` are optional; the columns in `groups` become groups. Every other
        column holds reference values: floats where all its cells are finite numbers, else texts.
        An empty cell is no value.
    groups : sequence of str
        Columns that have to be there, apart from those of `DEFAULT_GROUPS`.

    Raises
    ------
    StimulusError
        If the table, or one of its rows, cannot be used.
    """
    path = resolved(table, "table")
    rows = list(csv_rows(path))
    if not rows:
        raise StimulusError(f"table {str(table)!r} has no rows; expected a header and one row for each picture")
    columns = list(rows[0].cells)
    check_columns(path.name, columns, groups)
    numeric = {name for name in columns if all(is_number(row.cells[name]) for row in rows if row.cells[name])}
    return check_unique((row.where, stimulus_of(path.parent, row, groups, numeric)) for row in rows)


def check_columns(table: str, columns: Sequence[str], groups: Sequence[str]) -> None:
    """Refuse a header without ``file``, or without a group that was asked for."""
    if "file" not in columns:
        raise StimulusError(f"{table}: there is no column 'file'; {choices_hint('file', columns)}")
    for name in groups:
        if name not in columns and name not in DEFAULT_GROUPS:
            raise StimulusError(f"{table}: there is no column {name!r} to group by; {choices_hint(name, columns)}")


def stimulus_of(folder: Path, row: Row, groups: Sequence[str], numeric: set[str]) -> Stimulus:
    """Return the stimulus of one row."""
    filled = {name: cell for name, cell in row.cells.items() if cell}
    if "file" not in filled:
        raise StimulusError(f"{row.where}: column 'file' is empty; give the picture's path")
    return Stimulus(
        id=check_id(filled.get("id", Path(filled["file"]).stem), row.where),
        picture=file_picture(file_within(folder, folder, filled["file"], row.where)),
        groups={name: filled[name] for name in groups if name in filled},
        reference={
            name: float(cell) if name in numeric else cell
            for name, cell in filled.items()
            if name not in OWN_COLUMNS and name not in groups
        },
        source=filled.get("source", ""),
        licence=filled.get("licence", ""),
    )
