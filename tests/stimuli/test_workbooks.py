"""Workbooks: one sheet of an xlsx, and files that are none."""

from __future__ import annotations

import zipfile
from pathlib import Path

import lookalikes
import pytest

from pytest_vlmperception.errors import StimulusError
from pytest_vlmperception.stimuli.datasets.workbooks import sheet_rows

COLUMNS = ("name", "value")


def read(path: Path) -> list[dict[str, str]]:
    return [dict(row.cells) for row in sheet_rows(path, "scores", COLUMNS)]


def test_rows_below_the_header_wherever_it_is(tmp_path: Path) -> None:
    rows = [(), ("made by", "us"), ("name", "note", "value"), ("a & b", "x", 0.5), (), ("1600", "y", 1.0)]
    lookalikes.workbook(tmp_path / "a.xlsx", "scores", rows, first_column=2)
    found = list(sheet_rows(tmp_path / "a.xlsx", "scores", COLUMNS))
    assert [dict(row.cells) for row in found] == [{"name": "a & b", "value": "0.5"}, {"name": "1600", "value": "1"}]
    assert found[1].where == "a.xlsx, sheet scores, row 6"


def test_workbooks_that_lack_something(tmp_path: Path) -> None:
    lookalikes.workbook(tmp_path / "a.xlsx", "other", [COLUMNS])
    with pytest.raises(StimulusError, match=r"a\.xlsx: there is no sheet 'scores'; download the workbook anew"):
        read(tmp_path / "a.xlsx")
    lookalikes.workbook(tmp_path / "a.xlsx", "scores", [("name", "score"), ("a", 1)])
    with pytest.raises(
        StimulusError, match=r"a\.xlsx, sheet scores: there is no row of columns name, value; restore it"
    ):
        read(tmp_path / "a.xlsx")


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><sst><si><t>&b;</t></si></sst>'


@pytest.mark.parametrize(
    ("part", "content", "reason"),
    [
        ("xl/sharedStrings.xml", BOMB, "has a document type"),
        ("xl/sharedStrings.xml", BOMB.encode("utf-16"), "has a document type or is no UTF-8"),
        ("xl/workbook.xml", "<workbook>", "no element found"),
        ("xl/workbook.xml", b"\0" * (64 * 2**20 + 1), "xl/workbook.xml has over 67,108,864 bytes"),
        ("xl/_rels/workbook.xml.rels", "<Relationships/>", ""),
    ],
)
def test_parts_that_cannot_be_used(tmp_path: Path, part: str, content: str | bytes, reason: str) -> None:
    lookalikes.workbook(tmp_path / "good.xlsx", "scores", [COLUMNS, ("a", 1)])
    with (
        zipfile.ZipFile(tmp_path / "good.xlsx") as good,
        zipfile.ZipFile(tmp_path / "bad.xlsx", "w", zipfile.ZIP_DEFLATED) as bad,
    ):
        for name in good.namelist():
            bad.writestr(name, content if name == part else good.read(name))
    with pytest.raises(
        StimulusError, match=rf"workbook '.*bad\.xlsx' cannot be read \(.*{reason}.*\); download"
    ) as caught:
        read(tmp_path / "bad.xlsx")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"<html>", b"\xd0\xcf\x11\xe0" * 99])
def test_files_that_are_no_workbook(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.xlsx").write_bytes(content)
    with pytest.raises(
        StimulusError, match=r"workbook '.*bad\.xlsx' cannot be read \(File is not a zip file\); download"
    ):
        read(tmp_path / "bad.xlsx")
