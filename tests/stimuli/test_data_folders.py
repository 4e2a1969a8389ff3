"""Folders of data sets: letter case, links, and large ones."""

from __future__ import annotations

import os
import time
from pathlib import Path

import lookalikes
import pytest

from pytest_vlmperception import StimulusSet
from pytest_vlmperception.errors import StimulusError
from pytest_vlmperception.stimuli.datasets.folders import Folder


def folder(path: Path) -> Folder:
    return Folder.open(path.resolve())


def test_letter_case_of_files(tmp_path: Path) -> None:
    (tmp_path / "I01.BMP").touch()
    assert folder(tmp_path).file("i01.bmp", "here").name == "I01.BMP"
    if not (tmp_path / "i01.bmp").exists():
        (tmp_path / "i01.bmp").touch()
        assert folder(tmp_path).file("i01.bmp", "here").name == "i01.bmp"
        with pytest.raises(
            StimulusError, match=r"^here: 'I01\.bmp' may be 'I01\.BMP' or 'i01\.bmp'; remove all but one"
        ):
            folder(tmp_path).file("I01.bmp", "here")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "a.png").mkdir()
    with pytest.raises(StimulusError, match=r"^here: there is no file 'a\.png' in '.*'; complete the data set"):
        folder(tmp_path).file("a.png", "here")
    (tmp_path / "b.png").touch()
    with pytest.raises(StimulusError, match=r"^here: there is no folder 'b\.png' in '.*'; complete the data set"):
        folder(tmp_path).folder("b.png", "here")


def test_names_do_not_lead_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "secret.png").touch()
    for name in ("../secret.png", str(tmp_path / "secret.png"), "..", "", "."):
        with pytest.raises(StimulusError, match="there is no file"):
            folder(tmp_path / "data").file(name, "here")


def test_links(tmp_path: Path) -> None:
    (tmp_path / "data/inner").mkdir(parents=True)
    (tmp_path / "secret.png").touch()
    (tmp_path / "data/inner/a.png").touch()
    (tmp_path / "data/out.png").symlink_to(tmp_path / "secret.png")
    (tmp_path / "data/outside").symlink_to(tmp_path)
    (tmp_path / "data/in.png").symlink_to(tmp_path / "data/inner/a.png")
    (tmp_path / "data/again").symlink_to(tmp_path / "data/inner")
    (tmp_path / "data/gone.png").symlink_to(tmp_path / "no.png")
    data = folder(tmp_path / "data")
    assert data.file("in.png", "here").name == "a.png"
    assert data.folder("again", "here").file("a.png", "here").is_file()
    with pytest.raises(StimulusError, match=r"^here: 'out\.png' leads out of the data set in '.*data'; copy it there"):
        data.file("out.png", "here")
    with pytest.raises(StimulusError, match=r"^here: 'outside' leads out of the data set in '.*data'; copy it there"):
        data.folder("outside", "here")
    with pytest.raises(StimulusError, match=r"^here: 'outside/secret\.png' leads out of the data set"):
        data.nested_file("outside/secret.png", "here")
    with pytest.raises(StimulusError, match=r"^here: there is no file 'gone\.png'"):
        data.file("gone.png", "here")


def test_the_given_path_may_itself_be_a_link(tmp_path: Path) -> None:
    lookalikes.caer_s(tmp_path / "disk/CAER-S", frames=1)
    (tmp_path / "link").symlink_to(tmp_path / "disk")
    (tmp_path / "set.toml").write_text('[dataset]\nlayout = "caer_s"', encoding="utf-8")
    assert len(StimulusSet.load(tmp_path / "set.toml", data={"caer_s": tmp_path / "link"})) == 7


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads everything")
def test_unreadable_folder(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0)
    with pytest.raises(StimulusError, match=r"data' cannot be read \(Permission denied\); check the path"):
        folder(tmp_path / "data")


def test_ten_thousand_pictures_are_listed_quickly(tmp_path: Path) -> None:
    # Empty files: a picture that was looked into would be an error.
    names = [
        f"I{scene:02d}_{kind:02d}_0{level}.png"
        for scene in range(1, 82)
        for kind in range(1, 26)
        for level in range(1, 6)
    ]
    assert len(names) == 10_125
    (tmp_path / "images").mkdir()
    for name in names:
        (tmp_path / "images" / name).touch()
    (tmp_path / "dmos.csv").write_text("dist_img,dmos\n" + "".join(f"{name},3\n" for name in names), encoding="utf-8")
    (tmp_path / "set.toml").write_text('[dataset]\nlayout = "kadid10k"', encoding="utf-8")
    began = time.process_time()
    found = StimulusSet.load(tmp_path / "set.toml", data={"kadid10k": tmp_path})
    assert len(found) == 10_125
    # Some tenths of a second on one slow core.
    assert time.process_time() - began < 5
