"""One sheet of an xlsx workbook, for the data set whose scores come in no other form.

An xlsx is a zip of XML (ECMA-376): texts stand once in ``sharedStrings.xml``, the cells of a sheet name
them by number. Read with bounds and without entities; formulas are not computed.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from xml.etree.ElementTree import Element, XMLParser

from pytest_vlmperception.errors import StimulusError
from pytest_vlmperception.stimuli.paths import check_readable, reason_of
from pytest_vlmperception.stimuli.rows import Row

__all__ = ["sheet_rows"]

MAX_BYTES = 64 * 2**20
"""Largest part of a workbook that is read, unpacked."""

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def sheet_rows(path: Path, sheet: str, columns: Sequence[str]) -> Iterator[Row]:
    """Yield the rows below the one that has all the columns' names; blank rows are left out.

    Raises
    ------
    StimulusError
        If it is no such workbook, or has no such sheet or columns.
    """
    with workbook_errors(path):
        check_readable(path, "workbook", MAX_BYTES)
        with zipfile.ZipFile(path) as workbook:
            rows = list(cells_by_row(workbook, sheet, path.name))
    header: Mapping[str, str] = {}
    for number, cells in rows:
        if header and any(cells.get(letter) for letter in header.values()):
            where = f"{path.name}, sheet {sheet}, row {number}"
            yield Row(where, {name: cells.get(letter, "") for name, letter in header.items()})
        elif set(columns) <= set(cells.values()):
            header = {text: letter for letter, text in cells.items() if text in columns}
    if not header:
        raise StimulusError(f"{path.name}, sheet {sheet}: there is no row of columns {', '.join(columns)}; restore it")


@contextmanager
def workbook_errors(path: Path) -> Iterator[None]:
    """Turn anything raised on the way into a `StimulusError` of one line."""
    try:
        yield
    except StimulusError:
        raise
    # Hostile bytes make zipfile and the XML parser raise nearly anything.
    except Exception as error:
        reason = reason_of(error) or type(error).__name__
        raise StimulusError(f"workbook {str(path)!r} cannot be read ({reason}); download it anew") from None


def cells_by_row(workbook: zipfile.ZipFile, sheet: str, name: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the number of each row, and its texts by the letters of their columns."""
    texts = shared_texts(workbook)
    part = part_of(workbook, sheet)
    if part is None:
        raise StimulusError(f"{name}: there is no sheet {sheet!r}; download the workbook anew")
    for row in tree(workbook, part).iter(f"{MAIN}row"):
        cells = {re.sub("[0-9]", "", cell.get("r", "")): text_of(cell, texts) for cell in row.iter(f"{MAIN}c")}
        yield int(row.get("r", "0")), cells


def shared_texts(workbook: zipfile.ZipFile) -> list[str]:
    """Return the texts that cells name by number."""
    if "xl/sharedStrings.xml" not in workbook.namelist():
        return []
    items = tree(workbook, "xl/sharedStrings.xml").iter(f"{MAIN}si")
    return ["".join(part.text or "" for part in item.iter(f"{MAIN}t")) for item in items]


def part_of(workbook: zipfile.ZipFile, sheet: str) -> str | None:
    """Return the name of the part that holds a sheet."""
    links = tree(workbook, "xl/_rels/workbook.xml.rels")
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    for found in tree(workbook, "xl/workbook.xml").iter(f"{MAIN}sheet"):
        if found.get("name") == sheet:
            target = targets[found.get(ID)]
            return target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return None


def tree(workbook: zipfile.ZipFile, part: str) -> Element:
    """Return one part, parsed; bounded, and without the document type that could define entities."""
    with workbook.open(part) as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise ValueError(f"{part} has over {MAX_BYTES:,} bytes")
    parser = XMLParser()  # noqa: S314
    if b"<!DOCTYPE" in data or b"\0" in data:
        raise ValueError(f"{part} has a document type or is no UTF-8")
    parser.feed(data)
    root: Element = parser.close()
    return root


def text_of(cell: Element, texts: Sequence[str]) -> str:
    """Return what a cell shows; a whole number without decimals."""
    value = cell.findtext(f"{MAIN}v", "")
    if cell.get("t") == "s":
        return texts[int(value)].strip()
    if cell.get("t") == "inlineStr":
        return "".join(part.text or "" for part in cell.iter(f"{MAIN}t")).strip()
    return re.sub(r"\.0+$", "", value)
