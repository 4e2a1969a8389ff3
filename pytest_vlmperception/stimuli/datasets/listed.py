"""A table of one's own: pictures with groups and reference values, such as scale values of people."""

from __future__ import annotations

from pytest_vlmperception.stimuli.datasets.given import Given, Layout, Placed
from pytest_vlmperception.stimuli.tables import DEFAULT_GROUPS, read_table

__all__ = ["TABLE"]

DEFAULT_TABLE = "stimuli.csv"


def read(given: Given) -> Placed:
    """Yield the stimuli of the CSV file that was given, or of the ``table`` in the folder."""
    entry = given.entry
    table = given.path
    if table.is_dir():
        table = given.folder().file(entry.text("table", DEFAULT_TABLE), entry.where)
    groups = entry.table.get("groups", list(DEFAULT_GROUPS))
    if not isinstance(groups, list) or not all(isinstance(name, str) for name in groups):
        raise entry.wrong("groups", "a list of columns")
    return ((table.name, stimulus) for stimulus in read_table(table, groups))


TABLE = Layout(
    name="table",
    title="the table of pictures",
    source="",
    licence="",
    keys=frozenset({"table", "groups"}),
    read=read,
)
