"""TID2013, KADID-10k and CSIQ on look-alikes: layouts, directions, and what they say when they are not whole."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import lookalikes
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_vlmperception import StimulusSet
from pytest_vlmperception.errors import MissingData, StimulusError

Load = Callable[..., StimulusSet]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Load a manifest of one table [dataset], with the data set in tmp_path / "data"."""

    def load(text: str, **data: Path) -> StimulusSet:
        manifest = tmp_path / "set.toml"
        manifest.write_text(f"[dataset]\n{text}", encoding="utf-8")
        return StimulusSet.load(
            manifest, data=data or dict.fromkeys(["tid2013", "kadid10k", "csiq"], tmp_path / "data")
        )

    return load


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def test_tid2013(load: Load, data: Path) -> None:
    lookalikes.tid2013(data)
    found = load('layout = "tid2013"')
    assert len(found) == 20
    worst = found["I01-contrast-5"]
    assert worst.groups == {"scene": "I01", "distortion": "contrast", "level": "5"}
    # The published score of contrast change of I01, level 5; a mean opinion score: higher is better.
    assert worst.reference["quality"] == 2.97
    assert worst.reference["quality_scale"] == "mean opinion score, 0 to 9, higher is better"
    assert worst.reference["quality_sd"] == 0.13
    assert worst.source == "https://www.ponomarenko.info/tid2013.htm"
    assert worst.bytes == lookalikes.png(45)
    # 24 types x 25 scenes: every picture is found, whatever the letter case of its file's name.
    assert {each.media_type for each in found} == {"image/png"}


def test_contrast_levels_of_tid2013_are_no_order(load: Load, data: Path) -> None:
    lookalikes.tid2013(data)
    contrast = load('layout = "tid2013"\ndistortions = ["contrast"]')
    with pytest.raises(StimulusError, match="has no reference 'level'"):
        contrast.reference("level")
    assert [contrast[f"I01-contrast-{n}"].reference["quality"] for n in range(1, 6)] == list(lookalikes.TID_CONTRAST)
    jpeg = load('layout = "tid2013"\ndistortions = ["jpeg"]\nscenes = ["I25"]')
    assert list(jpeg.reference("level").values()) == [1.0, 2.0, 3.0, 4.0, 5.0]


def test_measured_in_the_picture_when_it_is_read(load: Load, data: Path) -> None:
    lookalikes.tid2013(data)
    (data / "distorted_images").joinpath("I01_10_1.BMP").write_bytes(b"no picture")
    found = load('layout = "tid2013"\nmeasured = ["contrast", "colorfulness"]')
    # Grey pictures, whose spread grows with the level.
    contrast = [found[f"I01-contrast-{n}"].reference["contrast"] for n in range(1, 6)]
    assert contrast == sorted(contrast)
    assert contrast[0] > 5
    assert found["I01-contrast-1"].reference["colorfulness"] == 0
    assert set(found["I01-contrast-1"].reference) == {
        "quality",
        "quality_scale",
        "quality_sd",
        "contrast",
        "colorfulness",
    }
    assert "contrast" in found["I01-contrast-1"].reference
    with pytest.raises(KeyError, match="lightness"):
        found["I01-contrast-1"].reference["lightness"]


def test_selection(load: Load, data: Path) -> None:
    lookalikes.tid2013(data)
    found = load('layout = "tid2013"\nscenes = ["I25"]\ndistortions = ["jpeg", "contrast"]\nlevels = [5, 1]')
    assert found.ids == ("I25-jpeg-1", "I25-jpeg-5", "I25-contrast-1", "I25-contrast-5")
    assert len(found.pairs(within="scene")) == 6


def test_folder_around_the_data_set(load: Load, data: Path) -> None:
    lookalikes.tid2013(data / "TID2013")
    assert len(load('layout = "tid2013"')) == 20


def test_kadid10k(load: Load, data: Path) -> None:
    lookalikes.kadid10k(data)
    found = load('layout = "kadid10k"')
    assert len(found) == 20
    best, worst = found["I01-saturation_lab-1"], found["I01-saturation_lab-5"]
    # 'dmos' by name, and yet the less distorted picture has the higher value.
    assert (best.reference["quality"], worst.reference["quality"]) == (5.0, 1.8)
    assert best.reference["quality_scale"].endswith("higher is better")
    assert worst.reference["level"] == 5.0
    assert "level" not in found["I81-contrast-5"].reference


@pytest.mark.parametrize("scores", ["workbook", "list"])
def test_csiq(load: Load, data: Path, scores: str) -> None:
    lookalikes.csiq(data, scores)
    found = load('layout = "csiq"')
    assert found.ids == (
        "1600-white_noise-1",
        "1600-white_noise-2",
        "1600-contrast-1",
        "1600-contrast-2",
        "aerial_city-jpeg2000-1",
        "aerial_city-gaussian_blur-5",
    )
    # DMOS 0 is the best there, 1 the worst: turned round.
    quality = found.reference("quality")
    assert quality[found["1600-contrast-1"]] == 1.0
    assert quality[found["1600-contrast-2"]] == 0.75
    assert quality[found["aerial_city-gaussian_blur-5"]] == 0.0
    assert found[0].reference["quality_scale"] == "1 - DMOS, 0 to 1, higher is better"
    assert found[0].reference.get("quality_sd") == (0.05 if scores == "workbook" else None)
    assert found[0].bytes == lookalikes.png()


def test_missing_data_say_where_to_get_them(load: Load, tmp_path: Path) -> None:
    with pytest.raises(
        MissingData,
        match=r"set\.toml, dataset: TID2013 is not on this machine; get it from https://www\.ponomarenko\.info/\S+ "
        r"\(terms: research and education, .*\), then give --vlm-data tid2013=PATH",
    ):
        load('layout = "tid2013"', other=tmp_path)
    with pytest.raises(MissingData, match=r"get it from our disk \(terms: ours\), then give --vlm-data mine=PATH"):
        load('layout = "tid2013"\ndata = "mine"\nsource = "our disk"\nlicence = "ours"', other=tmp_path)
    with pytest.raises(MissingData, match=r"the table of pictures is not on this machine; give --vlm-data mine=PATH"):
        load('layout = "table"\ndata = "mine"', other=tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "key 'layout' is missing; expected a text"),
        ('layout = "tid2031"', r"layout 'tid2031' is not known; did you mean 'tid2013'\? known: affectnet, caer_s"),
        ('layout = "tid2013"\nscene = ["I01"]', r"key 'scene' is not known; did you mean 'scenes'\?"),
        ('layout = "tid2013"\nscenes = "I01"', r"scenes = 'I01'; expected a list of texts; known: I01, I25"),
        ('layout = "tid2013"\nscenes = ["I02"]', r"scenes has 'I02'; did you mean 'I\d\d'\? known: I01, I25"),
        ('layout = "tid2013"\ndistortions = ["contrst"]', r"distortions has 'contrst'; did you mean 'contrast'\?"),
        ('layout = "tid2013"\ndistortions = []', r"distortions = \[\]; expected a list of texts"),
        ('layout = "tid2013"\nlevels = [6]', r"levels = \[6\]; expected a list of whole numbers from 1 to 5"),
        ('layout = "tid2013"\nlevels = [true]', r"levels = \[True\]; expected a list of whole numbers from 1 to 5"),
        ('layout = "tid2013"\nmeasured = ["quality"]', r"measured has 'quality'; known: colorfulness, contrast"),
        ('layout = "tid2013"\ndistortions = ["denoising"]', r"nothing of the data set is chosen; choose more of it"),
    ],
)
def test_tables_that_cannot_be_used(load: Load, data: Path, text: str, message: str) -> None:
    lookalikes.tid2013(data)
    with pytest.raises(StimulusError, match=rf"^set\.toml, dataset: {message}"):
        load(text)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("5.5", r"mos_with_names\.txt, line 3: '5\.5'; expected a score and a name such as I01_17_1\.bmp"),
        ("5.5 I01_25_1.bmp", r"line 3: '5\.5 I01_25_1\.bmp'; expected a score and a name"),
        ("5.5 ../../x.bmp", r"line 3: '5\.5 \.\./\.\./x\.bmp'; expected a score and a name"),
        ("nan I01_17_1.bmp", r"line 3: the score is 'nan'; expected a number from 0 to 9"),
        ("71 I01_17_1.bmp", r"line 3: the score is '71'; expected a number from 0 to 9"),
        (
            "5.5 I07_17_1.bmp",
            r"line 3: there is no file 'I07_17_1\.bmp' in '.*distorted_images'; complete the data set",
        ),
        ("5.5 I01_10_1.bmp", r"line 3: id 'I01-jpeg-1' is taken by mos_with_names\.txt, line 1"),
        ("\xff", r"mos_with_names\.txt', line 3: this is not UTF-8; save the file as UTF-8"),
        ("x" * 2_000_000, r"mos_with_names\.txt', line 3: this line has over 1,048,576 characters; break it up"),
    ],
)
def test_lists_that_cannot_be_used(load: Load, data: Path, line: str, message: str) -> None:
    lookalikes.tid2013(data)
    scores = data / "mos_with_names.txt"
    lines = scores.read_text("ascii").splitlines()
    lines[2] = line
    scores.write_bytes("\n".join(lines).encode("latin-1"))
    with pytest.raises(StimulusError, match=message) as caught:
        load('layout = "tid2013"')
    assert "\n" not in str(caught.value)


def test_deviations_that_do_not_belong(load: Load, data: Path) -> None:
    lookalikes.tid2013(data)
    (data / "mos_std.txt").write_text("0.1\n0.2\n", encoding="ascii")
    with pytest.raises(StimulusError, match=r"mos_with_names\.txt has 20 lines and mos_std\.txt 2; expected as many"):
        load('layout = "tid2013"')
    (data / "mos_std.txt").write_text("\n".join(["0.1"] * 19 + ["?"]), encoding="ascii")
    with pytest.raises(StimulusError, match=r"mos_std\.txt, line 20: the deviation is '\?'; expected a number"):
        load('layout = "tid2013"')
    (data / "mos_std.txt").unlink()
    assert "quality_sd" not in load('layout = "tid2013"')[0].reference


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "dist_img,ref_img,mos\nI01_08_01.png,I01.png,3",
            r"dmos\.csv, line 1: there is no column 'dmos'; did you mean",
        ),
        ("dist_img,dmos\nI01_08_01.png,9", r"dmos\.csv, line 2: dmos is '9'; expected a number from 1 to 5"),
        ("dist_img,dmos\n../I01_08_01.png,3", r"dmos\.csv, line 2: dist_img is '\.\./I01_08_01\.png'; expected a name"),
        ("dist_img,dmos\nI01_26_01.png,3", r"dmos\.csv, line 2: dist_img is 'I01_26_01\.png'; expected a name"),
        ("dist_img,dmos\n", r"set\.toml, dataset: the data set lists no picture; complete it"),
        ('dist_img,dmos\n"I01', r"dmos\.csv, line 2: not valid CSV"),
    ],
)
def test_scores_of_kadid10k_that_cannot_be_used(load: Load, data: Path, text: str, message: str) -> None:
    lookalikes.kadid10k(data)
    (data / "dmos.csv").write_text(text, encoding="utf-8")
    with pytest.raises(StimulusError, match=message):
        load('layout = "kadid10k"')


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("1600.contrast.1.png 0.5 0.5", r"csiq_label\.txt, line 1: .*; expected a name and a DMOS"),
        (
            "1600.zoom.1.png 0.5",
            r"csiq_label\.txt, line 1: '1600\.zoom\.1\.png'; expected a name such as 1600\.contrast",
        ),
        ("1600.contrast.1.png 55", r"csiq_label\.txt, line 1: DMOS is '55'; expected a number from 0 to 1"),
        ("1600.contrast.4.png 0.5", r"csiq_label\.txt, line 1: there is no file '1600\.contrast\.4\.png' in"),
        ("1600.fnoise.4.png 0.5", r"csiq_label\.txt, line 1: there is no folder 'fnoise' in"),
    ],
)
def test_scores_of_csiq_that_cannot_be_used(load: Load, data: Path, line: str, message: str) -> None:
    lookalikes.csiq(data, "list")
    (data / "csiq_label.txt").write_text(line, encoding="utf-8")
    with pytest.raises(StimulusError, match=message):
        load('layout = "csiq"')


def test_csiq_without_scores(load: Load, data: Path) -> None:
    lookalikes.csiq(data, "list")
    (data / "csiq_label.txt").unlink()
    with pytest.raises(
        StimulusError, match=r"there is neither 'csiq\.DMOS\.xlsx' nor 'csiq_label\.txt' in .*; add one"
    ):
        load('layout = "csiq"')


LISTS = {
    "mos_with_names.txt": ("tid2013", b""),
    "dmos.csv": ("kadid10k", b"dist_img,dmos\n"),
    "csiq_label.txt": ("csiq", b""),
}
MAKE = {"tid2013": lookalikes.tid2013, "kadid10k": lookalikes.kadid10k, "csiq": lookalikes.csiq}
PIECES = [b"I01_17_1.bmp", b"i25_10_5.BMP", b"I01_25_01.png", b"1600.AWGN.1.png", b"5.5", b"0.5", b"nan", b"1e999"]


@pytest.mark.parametrize("name", LISTS)
@settings(max_examples=60, deadline=None)
@given(tail=st.lists(st.one_of(st.sampled_from([*PIECES, b" ", b",", b"\n", b"\r\n", b'"']), st.binary(max_size=4))))
def test_any_bytes_are_a_set_or_a_stimulus_error(
    tmp_path_factory: pytest.TempPathFactory, name: str, tail: list[bytes]
) -> None:
    layout, head = LISTS[name]
    root = tmp_path_factory.getbasetemp() / f"any_{layout}"
    if not root.exists():
        MAKE[layout](root)
        (root / "set.toml").write_text(f'[dataset]\nlayout = "{layout}"', encoding="utf-8")
        (root / "mos_std.txt").unlink(missing_ok=True)
    (root / name).write_bytes(head + b"".join(tail))
    try:
        message = f"a set of {len(StimulusSet.load(root / 'set.toml', data={layout: root}))}"
    except StimulusError as error:
        message = str(error)
    assert "\n" not in message
