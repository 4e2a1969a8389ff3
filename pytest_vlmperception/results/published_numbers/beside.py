"""One's own estimates and published numbers in one table of text."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from pytest_vlmperception.errors import UsageError, choices_hint
from pytest_vlmperception.records import Estimate, counted
from pytest_vlmperception.results.published_numbers.tables import OVERALL, PublishedTable

__all__ = ["beside"]

NOTHING = "-"
GAP = "  "


def beside(
    estimates: Mapping[str, Estimate],
    table: PublishedTable,
    *,
    model: str = "this run",
    rows: Iterable[str] | None = None,
) -> list[str]:
    r"""Return the lines of a table that has one's own estimates above the published numbers.

    A test shows it at the end of the run, also with workers, and in JUnit XML::

        def test_overall(grades, request):
            lines = beside({"overall": grades.mean_over("task")}, published("geneval"))
            request.node.user_properties.append(("published", "\n".join(lines)))

    Parameters
    ----------
    estimates : mapping of str to Estimate
        By column of the table: a task, or ``overall``. What is not there, or NaN, is ``-``; the reason follows below.
    table : PublishedTable
        See `published`.
    model : str
        Whose estimates they are.
    rows : iterable of str, optional
        The published models to show; by default all, best first.

    Returns
    -------
    list of str
        Where the numbers are from, what must not be compared, and one line for each model.

    Raises
    ------
    UsageError
        If an estimate is of no column, or a model is not in the table.
    """
    for name in estimates:
        if name not in table.columns:
            raise UsageError(f"{table.title} has no column {name!r}; {choices_hint(str(name), table.columns)}")
    shown = best_first(table) if rows is None else list(rows)
    own = [estimates.get(column, Estimate(math.nan)) for column in table.columns]
    numbers = [(plain(model), [estimate.value for estimate in own])]
    numbers += [(name, [table.row(name)[column] for column in table.columns]) for name in shown]
    first, *others = ([name, *(written(value, table.decimals) for value in values)] for name, values in numbers)
    cells = [["model", *table.columns], first, ["  interval", *map(interval, own)], *others]
    return [*heading(table), *aligned(cells), *missing(estimates), *sizes(estimates)]


def best_first(table: PublishedTable) -> list[str]:
    """Return the models by their overall number, those without one last."""
    overall = {name: row[OVERALL] for name, row in table.rows.items()}
    return sorted(overall, key=lambda name: (math.isnan(overall[name]), -overall[name]))


def heading(table: PublishedTable) -> list[str]:
    """Return what the numbers are and where they are from."""
    return [
        f"{table.title}: {table.scale}",
        f"published: {table.source}, {table.version}, https://doi.org/{table.doi}",
        *(f"note: {note}" for note in table.notes),
    ]


def aligned(cells: Sequence[Sequence[str]]) -> list[str]:
    """Return rows of cells in columns: names to the left, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [
        GAP.join([
            first.ljust(widths[0]),
            *(cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True)),
        ]).rstrip()
        for first, *rest in cells
    ]


def missing(estimates: Mapping[str, Estimate]) -> list[str]:
    """Return why there is no number, a line for each that there is none of."""
    return [
        f"{name}: no number: {plain(estimate.reason) or 'the value is NaN'}"
        for name, estimate in estimates.items()
        if math.isnan(estimate.value)
    ]


def sizes(estimates: Mapping[str, Estimate]) -> list[str]:
    """Return from how much the estimates were computed, on one line."""
    known = [f"{name} {counted(each.n, each.unit)}" for name, each in estimates.items() if each.n]
    return [f"this run: {', '.join(known)}"] if known else []


def written(value: float, decimals: int) -> str:
    """Return a number as its table has it."""
    return f"{value:.{decimals}f}" if math.isfinite(value) else NOTHING


def interval(estimate: Estimate) -> str:
    """Return an interval; nothing where there is none."""
    if math.isnan(estimate.low) or math.isnan(estimate.high):
        return ""
    return f"[{estimate.low:.2f}, {estimate.high:.2f}]"


def plain(text: str) -> str:
    """Return a text on one line, in which what would control a terminal is spelt out."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in " ".join(text.split()))
