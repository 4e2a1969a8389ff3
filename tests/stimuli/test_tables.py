"""Sets made of CSV tables."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_vlmperception import StimulusSet
from pytest_vlmperception.errors import StimulusError
from pytest_vlmperception.pictures import encode_png

PNG = encode_png(np.full((2, 2, 3), 9, np.uint8))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a.png", "b.png", "茶碗.png"):
        (tmp_path / name).write_bytes(PNG)
    return tmp_path


def read(folder: Path, text: str, *, encoding: str = "utf-8", **options: tuple[str, ...] | str) -> StimulusSet:
    (folder / "set.csv").write_text(text, encoding=encoding, newline="")
    return StimulusSet.from_table(folder / "set.csv", **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_columns(folder: Path, encoding: str, end: str) -> None:
    rows = [
        "file,id,scene,contrast,mood,licence,source",
        'a.png,first,cup,0.7,"calm, ""warm""",CC0-1.0,our lab',
        "",
        "茶碗.png,,器,1e-1,静か,,",
        "b.png,,,,,,",
    ]
    found = read(folder, end.join(rows), encoding=encoding)
    assert found.name == "set"
    assert found.ids == ("first", "茶碗", "b")
    assert [dict(each.groups) for each in found] == [{"scene": "cup"}, {"scene": "器"}, {}]
    assert [dict(each.reference) for each in found] == [
        {"contrast": 0.7, "mood": 'calm, "warm"'},
        {"contrast": 0.1, "mood": "静か"},
        {},
    ]
    assert (found[0].source, found[0].licence, found[1].source) == ("our lab", "CC0-1.0", "")
    assert found[1].bytes == PNG


@pytest.mark.parametrize("cell", ["nan", "inf", "1_000", "n/a", "0x10"])
def test_one_text_makes_a_column_of_texts(folder: Path, cell: str) -> None:
    assert list(read(folder, f"file,x\na.png,0.5\nb.png,{cell}").reference("x").values()) == ["0.5", cell]


def test_groups_by_name(folder: Path) -> None:
    text = "file,person,mood\na.png,1,calm\nb.png,1,glad"
    for groups in (("person",), "person"):
        found = read(folder, text, groups=groups)
        assert [dict(each.groups) for each in found] == [{"person": "1"}] * 2
        assert dict(found[0].reference) == {"mood": "calm"}
        assert len(found.pairs(within="person")) == 1
    with pytest.raises(
        StimulusError, match=r"set\.csv: there is no column 'persons' to group by; did you mean 'person'\?"
    ):
        read(folder, text, groups=("persons",))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"table '.*set\.csv' has no rows; expected a header and one row for each picture"),
        ("file,id\n", r"table '.*set\.csv' has no rows"),
        ("path\na.png", r"set\.csv: there is no column 'file'; known: path"),
        ("File\na.png", r"set\.csv: there is no column 'file'; did you mean 'File'\?"),
        ("file,x,x\na.png,1,2", r"set\.csv, line 1: column 'x' is there twice; rename one"),
        ("file,\na.png,1", r"set\.csv, line 1: column 2 has no name; give it one"),
        ("file,x\na.png,1\nb.png", r"set\.csv, line 3: there are 1 cells; expected 2: file, x"),
        ("file,x\na.png,1\nb.png,1,2", r"set\.csv, line 3: there are 3 cells; expected 2: file, x"),
        ("file,x\na.png,1\n,2", r"set\.csv, line 3: column 'file' is empty; give the picture's path"),
        ("file\na.png\nno.png", r"set\.csv, line 3: there is no file 'no\.png' in"),
        ("file\n../a.png", r"set\.csv, line 2: '\.\./a\.png' leads out of its suite"),
        ("file\n/etc/passwd", r"set\.csv, line 2: '/etc/passwd' is an absolute path"),
        ("file,id\na.png,x\nb.png,x", r"set\.csv, line 3: id 'x' is taken by set\.csv, line 2"),
        ("file,id\na.png,x/y", r"set\.csv, line 2: id 'x/y' has '/'"),
        ('file\n"a.png', r"set\.csv, line 2: not valid CSV: unexpected end of data; correct it"),
        ('file\n"a"b.png', r"set\.csv, line 2: not valid CSV: ',' expected after '\"'; correct it"),
        ("file,x\na.png," + "x" * 200_000, r"set\.csv, line 2: not valid CSV: field larger than field limit"),
    ],
)
def test_tables_that_cannot_be_used(folder: Path, text: str, message: str) -> None:
    with pytest.raises(StimulusError, match=f"^{message}"):
        read(folder, text)


def test_tables_that_cannot_be_read(folder: Path) -> None:
    with pytest.raises(StimulusError, match=r"table '.*no\.csv' cannot be read \(No such file"):
        StimulusSet.from_table(folder / "no.csv")
    (folder / "japan.csv").write_bytes("file,気分\na.png,静か".encode("cp932"))
    with pytest.raises(StimulusError, match=r"japan\.csv', line 1: this is not UTF-8; save the file as UTF-8"):
        StimulusSet.from_table(folder / "japan.csv")


@settings(max_examples=100, deadline=None)
@given(st.one_of(st.text(max_size=80), st.text(alphabet='file,a.png\n"\r\0 x1', max_size=80).map("file,x\n".__add__)))
def test_any_text_is_a_set_or_a_stimulus_error(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = tmp_path_factory.getbasetemp() / "tables"
    folder.mkdir(exist_ok=True)
    (folder / "a.png").write_bytes(PNG)
    try:
        message = f"a set of {len(read(folder, text))}"
    except StimulusError as error:
        message = str(error)
    assert "\n" not in message
