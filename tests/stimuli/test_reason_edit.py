"""Reason-Edit on a look-alike: six folders of photographs, masks and lines of text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import lookalikes
import pytest

from pytest_vlmperception import StimulusSet
from pytest_vlmperception.errors import StimulusError, StimulusWarning
from pytest_vlmperception.records import Picture

Load = Callable[..., StimulusSet]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def load(tmp_path: Path, data: Path) -> Load:
    def load(more: str = "") -> StimulusSet:
        (tmp_path / "set.toml").write_text(f'[dataset]\nlayout = "reason_edit"\n{more}', encoding="utf-8")
        return StimulusSet.load(tmp_path / "set.toml", data={"reason_edit": data})

    return load


def test_what_it_gives(load: Load, data: Path) -> None:
    lookalikes.reason_edit(data)
    found = load()
    assert len(found) == 18
    types = ["left-right", "relative-size", "mirror", "color", "multiple-objects", "reasoning"]
    assert list(dict.fromkeys(each.groups["type"] for each in found)) == types
    assert {each.groups["type"] for each in found if each.groups["part"] == "reasoning"} == {"reasoning"}
    edit = found["mirror-002"]
    assert edit.reference["instruction"] == "Turn the cup of picture 2 into a Mirror bowl"
    assert edit.reference["target"] == "a bowl 2"
    assert edit.bytes == lookalikes.png(22)
    # As image_model.edit(masks=) takes them.
    masks = found.reference("mask")
    assert isinstance(masks[edit], Picture)
    assert masks[edit].bytes == lookalikes.png(62)
    assert len(load('types = ["color", "reasoning"]')) == 6


@pytest.mark.parametrize("home", ["ReasonEdit_benckmark_dir", "dataset/ReasonEdit_benckmark_dir", "understanding"])
def test_folders_are_known_by_their_ending(load: Load, data: Path, home: str) -> None:
    lookalikes.reason_edit(data / home)
    (data / home / "1-Left-Right").rename(data / home / "231020-1-Left-Right")
    # As the script that scores calls it.
    (data / home / "6-Reasoning").rename(data / home / "Reasoning-231115")
    assert len(load()) == 18


def test_names_without_zeros(load: Load, data: Path) -> None:
    lookalikes.reason_edit(data, pairs=0)
    folder = data / "4-Color"
    # By name 10 comes before 2; '10_mask.jpg' comes before '1_mask.jpg', but '1.png' before '10.png'.
    lookalikes.write(folder, {f"{n}.png": lookalikes.png(n) for n in (1, 2, 10)})
    lookalikes.write(folder, {f"{n}_mask.jpg": lookalikes.png(90 + n) for n in (1, 2, 10)})
    (folder / "Color_text.txt").write_text("one CLIP: 1\nten CLIP: 10\ntwo CLIP: 2\n", encoding="utf-8")
    found = load('types = ["color"]')
    assert [each.reference["instruction"] for each in found] == ["one", "ten", "two"]
    assert found["color-10"].reference["mask"].bytes == lookalikes.png(100)
    # Masks of other names go by their place.
    for n in (1, 2, 10):
        (folder / f"{n}_mask.jpg").rename(folder / f"m{n:02}_mask.jpg")
    assert load('types = ["color"]')["color-10"].reference["mask"].bytes == lookalikes.png(92)


def text(data: Path, content: bytes) -> None:
    (data / "4-Color" / "Color_text.txt").write_bytes(content)


def test_line_ends_and_marks(load: Load, data: Path) -> None:
    lookalikes.reason_edit(data)
    for content in (
        b"\xef\xbb\xbfa CLIP: b\r\nc CLIP: d\r\ne CLIP: f\r\n\r\n  \r\n",
        b"a  CLIP: b\nc CLIP:d\ne CLIP: f",
        b"a CLIP: b\rc CLIP: d\re CLIP: f\r",
    ):
        text(data, content)
        found = load('types = ["color"]')
        assert [(each.reference["instruction"], each.reference["target"]) for each in found] == [
            ("a", "b"),
            ("c", "d"),
            ("e", "f"),
        ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a CLIP: b\nc\ne CLIP: f\n", r"line 2: 'c'; expected 'INSTRUCTION CLIP: WHAT IS SEEN THEN'"),
        (b"a CLIP: b\n\ne CLIP: f\n", r"line 2: ''; expected 'INSTRUCTION CLIP: "),
        (b"a CLIP: b\n CLIP: d\ne CLIP: f\n", r"line 2: 'CLIP: d'; expected"),
        (b"a CLIP: b\nc CLIP: \ne CLIP: f\n", r"line 2: 'c CLIP:'; expected"),
        (b"a CLIP: b CLIP: c\n", r"line 1: 'a CLIP: b CLIP: c'; expected"),
        (b"x" * 2_000_000, r"line 1: this line has over 1,048,576 characters"),
        (b"a CLIP: b\n\x93c\x94 CLIP: d\n", r"line 2: this is not UTF-8; save the file as UTF-8"),
    ],
)
def test_lines_that_cannot_be_used(load: Load, data: Path, content: bytes, message: str) -> None:
    lookalikes.reason_edit(data)
    text(data, content)
    with pytest.raises(StimulusError, match=rf"4-Color/Color_text\.txt'?, {message}"):
        load('types = ["color"]')


@pytest.mark.parametrize(
    ("lacking", "message"),
    [
        ("001.png", r"has 2 pictures, 3 masks and 3 lines of Color_text\.txt; expected as many of each"),
        ("001_mask.jpg", r"has 3 pictures, 2 masks and 3 lines of Color_text\.txt; expected as many of each"),
        ("Color_text.txt", r"there is no file 'Color_text\.txt' in '.*4-Color'; complete the data set"),
    ],
)
def test_counts_that_do_not_match(load: Load, data: Path, lacking: str, message: str) -> None:
    lookalikes.reason_edit(data)
    (data / "4-Color" / lacking).unlink()
    with pytest.raises(StimulusError, match=message):
        load()


def test_types_that_are_missing(load: Load, data: Path) -> None:
    lookalikes.reason_edit(data)
    (data / "3-Mirror").rename(data / "other")
    with pytest.warns(StimulusWarning, match=r"left out mirror: no folders of these types are in '.*data'"):
        assert len(load()) == 15
    with pytest.raises(StimulusError, match=r"there is no folder whose name ends in '3-mirror' in '.*data'; give the"):
        load('types = ["mirror"]')
    with pytest.raises(StimulusError, match=r"types has 'mirrors'; did you mean 'mirror'\?"):
        load('types = ["mirrors"]')
    (data / "other").rename(data / "4-color")
    with pytest.raises(StimulusError, match=r"are both of color; remove one of them"):
        load()


def test_another_folder(load: Load, data: Path) -> None:
    data.mkdir()
    with pytest.raises(StimulusError, match=r"there is no folder whose name ends in '1-left-right' in"):
        load()


def test_nothing_outside_is_read(load: Load, data: Path, tmp_path: Path) -> None:
    lookalikes.reason_edit(data)
    (tmp_path / "secret.png").write_bytes(lookalikes.png())
    (data / "4-Color/001.png").unlink()
    (data / "4-Color/001.png").symlink_to(tmp_path / "secret.png")
    with pytest.raises(StimulusError, match=r"'001\.png' leads out of the data set"):
        load()
    # Another link in a folder that holds the benchmark is nobody's business.
    (data / "checkpoints").symlink_to(tmp_path)
    assert len(load('types = ["mirror"]')) == 3
    (data / "3-Mirror").rename(tmp_path / "3-Mirror")
    (data / "3-Mirror").symlink_to(tmp_path / "3-Mirror")
    with pytest.raises(StimulusError, match=r"'3-Mirror' leads out of the data set"):
        load('types = ["mirror"]')
