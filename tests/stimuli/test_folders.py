"""Sets made of folders."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from pytest_vlmperception import StimulusSet
from pytest_vlmperception.errors import StimulusError, StimulusWarning
from pytest_vlmperception.pictures import encode_png

PNG = encode_png(np.full((2, 2, 3), 9, np.uint8))


@pytest.fixture
def faces(tmp_path: Path) -> Path:
    for file in ("faces/b.png", "faces/happy/a.JPG", "faces/happy/very/c.webp", "faces/a.tiff"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_bytes(PNG)
    return tmp_path / "faces"


def test_pictures_of_a_folder(faces: Path) -> None:
    for name in ("notes.txt", "LICENSE", "labels.CSV"):
        (faces / name).write_text("none", encoding="utf-8")
    (faces / "._b.png").write_bytes(b"metadata of macOS")
    (faces / ".cache").mkdir()
    (faces / ".cache/x.png").write_bytes(PNG)
    found = StimulusSet.from_folder(faces)
    assert found.name == "faces"
    assert found.ids == ("a", "b", "happy-a", "happy-very-c")
    assert [dict(each.groups) for each in found] == [{}, {}, {"folder": "happy"}, {"folder": "very"}]
    assert found["b"].bytes == PNG


def test_what_is_left_out_is_said(faces: Path) -> None:
    (faces / "IMG_1.HEIC").write_bytes(b"heic")
    with pytest.warns(
        StimulusWarning, match=r"faces': left out 'IMG_1\.HEIC'; convert them to a format of \.bmp"
    ) as said:
        assert len(StimulusSet.from_folder(faces)) == 4
    # The user's line.
    assert said[0].filename == __file__
    for number in range(6):
        (faces / f"happy/{number}").write_bytes(PNG)
    with pytest.warns(StimulusWarning, match=r"left out 'IMG_1\.HEIC', 'happy/0', .*'happy/3' and 2 more; convert"):
        StimulusSet.from_folder(faces)


def test_folder_by_its_relative_path(faces: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(faces.parent)
    before = StimulusSet.from_folder("faces")
    monkeypatch.chdir("/")
    assert before["b"].bytes == PNG


def test_folders_that_cannot_be_used(faces: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(StimulusError, match=r"empty' has no picture; expected files that end in \.bmp, \.gif, \.jpeg"):
        StimulusSet.from_folder(tmp_path / "empty")
    for path in (tmp_path / "no", faces / "b.png"):
        with pytest.raises(StimulusError, match=r"there is no folder '.*'; give one with pictures"):
            StimulusSet.from_folder(path)
    (faces / "happy-a.png").write_bytes(PNG)
    with pytest.raises(
        StimulusError, match=r"faces: 'happy-a\.png': id 'happy-a' is taken by faces: 'happy/a\.JPG'; give"
    ):
        StimulusSet.from_folder(faces)


def test_links_that_leave_are_refused(faces: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(PNG)
    (faces / "link.png").symlink_to(tmp_path / "secret.png")
    with pytest.raises(StimulusError, match=r"faces: 'link\.png': 'link\.png' leads out of its suite"):
        StimulusSet.from_folder(faces)
    (faces / "link.png").unlink()
    (faces / "linked").symlink_to(tmp_path)
    with pytest.raises(StimulusError, match=r"link '.*linked' leads out of '.*faces'; copy what is needed into it"):
        StimulusSet.from_folder(faces)


def test_links_to_folders_within_are_not_entered(faces: Path) -> None:
    (faces / "again").symlink_to(faces)
    assert len(StimulusSet.from_folder(faces)) == 4


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads everything")
def test_unreadable_folder_is_no_empty_one(faces: Path) -> None:
    (faces / "happy").chmod(0)
    try:
        with pytest.raises(StimulusError, match=r"happy' cannot be read \(Permission denied\); check its rights"):
            StimulusSet.from_folder(faces)
    finally:
        (faces / "happy").chmod(0o700)
