"""CAER-S, RAF-DB and AffectNet on look-alikes: layouts, codes, samples, clips."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import lookalikes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_vlmperception import StimulusSet
from pytest_vlmperception.errors import StimulusError
from pytest_vlmperception.stimuli.datasets.selection import sampled

Load = Callable[..., StimulusSet]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def load(tmp_path: Path, data: Path) -> Load:
    """Load a manifest of one table [dataset], with the data set in tmp_path / "data"."""

    def load(text: str, path: Path = data) -> StimulusSet:
        manifest = tmp_path / "set.toml"
        manifest.write_text(f"[dataset]\n{text}", encoding="utf-8")
        return StimulusSet.load(manifest, data=dict.fromkeys(["caer_s", "raf_db", "affectnet"], path))

    return load


@pytest.mark.parametrize("anger", ["Anger", "Angry", "angry"])
def test_caer_s(load: Load, data: Path, anger: str) -> None:
    lookalikes.caer_s(data, anger)
    found = load('layout = "caer_s"')
    assert len(found) == 7 * 6
    assert found[0].id == "test-anger-0001"
    assert found[0].groups == {"class": "anger"}
    assert found[0].reference == {"emotion": "anger", "polarity": "negative"}
    assert "not to be passed on" in found[0].licence
    emotions = list(dict.fromkeys(found.reference("emotion").values()))
    assert emotions == ["anger", "disgust", "fear", "happiness", "neutral", "sadness", "surprise"]
    # People take surprise either way: neither is claimed.
    polarities = {each.reference["emotion"]: each.reference["polarity"] for each in found}
    assert [polarities[emotion] for emotion in emotions] == ["negative"] * 3 + [
        "positive",
        "neutral",
        "negative",
        "neutral",
    ]
    assert found["test-happiness-0002"].reference["polarity"] == "positive"
    assert found["test-happiness-0002"].bytes == lookalikes.png()


def test_caer_s_with_a_folder_for_each_class_twice(load: Load, data: Path) -> None:
    lookalikes.write(lookalikes.caer_s(data), {"test/Angry/0001.png": lookalikes.png()})
    with pytest.raises(StimulusError, match=r"'Anger' and 'Angry' in '.*test' are one class; put them into one folder"):
        load('layout = "caer_s"')


def test_caer_s_in_the_folder_of_its_archive(load: Load, data: Path) -> None:
    lookalikes.caer_s(data / "CAER-S", "Angry", frames=1)
    assert len(load('layout = "caer_s"\nsplit = "train"')) == 7


# Ranks of SHA-256 by coreutils: printf '0/test-anger-0004' | sha256sum gives 265ee2..., and so on.
RANKS = {0: ["0004", "0001", "0006", "0003", "0002", "0005"], 1: ["0001", "0003", "0006", "0004", "0002", "0005"]}


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("count", [1, 2, 4, 6])
def test_a_sample_is_the_same_everywhere(load: Load, data: Path, seed: int, count: int) -> None:
    lookalikes.caer_s(data)
    found = load(f'layout = "caer_s"\nclasses = ["anger", "fear"]\nper_class = {count}\nseed = {seed}')
    assert Counter(each.groups["class"] for each in found) == {"anger": count, "fear": count}
    expected = [f"test-anger-{number}" for number in sorted(RANKS[seed][:count])]
    assert [id_ for id_ in found.ids if "anger" in id_] == expected


@given(st.lists(st.integers(0, 500), unique=True, min_size=1, max_size=60), st.integers(0, 9), st.randoms())
def test_samples_hold_smaller_ones_whatever_the_order(numbers: list[int], seed: int, random: object) -> None:
    def sample(items: list[int], count: int) -> list[int]:
        return sampled(items, count, seed, str, lambda number: str(number % 7))

    shuffled = numbers.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    sizes = range(len(numbers) + 1)
    assert [sample(shuffled, n) for n in sizes] == [sample(numbers, n) for n in sizes]
    for n in sizes[1:]:
        assert set(sample(numbers, n - 1)) < set(sample(numbers, n))
        # As many clusters as there are, and none twice as long as one is left.
        assert len({number % 7 for number in sample(numbers, n)}) == min(n, len({number % 7 for number in numbers}))


def test_clips_are_groups_and_a_sample_has_many(load: Load, data: Path, tmp_path: Path) -> None:
    lookalikes.caer_s(data, "Angry")
    rows = [
        f"{split}/{name}/{n:04d}.png,{name}{(n + 1) // 2}"
        for split in ("train", "test")
        for name in ("Anger", *lookalikes.CAER_CLASSES)
        for n in range(1, 7)
    ]
    (tmp_path / "clips.csv").write_text("file,clip\n" + "\n".join(rows), encoding="utf-8")
    whole = load('layout = "caer_s"\nclips = "clips.csv"')
    assert whole["test-anger-0003"].groups == {"class": "anger", "clip": "Anger2"}
    sample = load('layout = "caer_s"\nclips = "clips.csv"\nper_class = 3')
    assert Counter(each.groups["clip"] for each in sample if each.groups["class"] == "fear") == {
        "Fear1": 1,
        "Fear2": 1,
        "Fear3": 1,
    }


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_odd_names_on_disk_give_one_line(load: Load, data: Path) -> None:
    lookalikes.write(data, {"test/Sad/a\nb.png": lookalikes.png()})
    with pytest.raises(StimulusError, match=r"id 'test-sadness-a\\nb' has control or invisible characters") as caught:
        load('layout = "caer_s"\nclasses = ["sadness"]')
    assert "\n" not in str(caught.value)


def test_folders_below_a_class_are_clips(load: Load, data: Path) -> None:
    frames = {f"test/Sad/{clip}/{n}.png": lookalikes.png() for clip in ("07", "12") for n in (1, 2)}
    lookalikes.write(data, frames)
    found = load('layout = "caer_s"\nclasses = ["sadness"]')
    assert found.ids == tuple(f"test-sadness-{clip}-{n}" for clip in ("07", "12") for n in (1, 2))
    assert found[2].groups == {"class": "sadness", "clip": "sadness-12"}
    assert found[2].bytes == lookalikes.png()


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("file,shot\nx,1", r"clips\.csv, line 1: there is no column 'clip'; known: file, shot"),
        ("file,clip\n0001.png,1", r"clips\.csv, line 2: expected a file such as test/Anger/0001\.png and its clip"),
        ("file,clip\ntest/Bored/0001.png,1", r"clips\.csv, line 2: expected a file such as"),
        ("file,clip\ntest/Anger/0001.png,", r"clips\.csv, line 2: expected a file such as"),
        ("file,clip\ntest/Anger/0001.png,1", r"'test/Anger/0002\.png': the table of clips does not have it; add it"),
    ],
)
def test_tables_of_clips_that_cannot_be_used(load: Load, data: Path, tmp_path: Path, rows: str, message: str) -> None:
    lookalikes.caer_s(data)
    (tmp_path / "clips.csv").write_text(rows, encoding="utf-8")
    with pytest.raises(StimulusError, match=message):
        load('layout = "caer_s"\nclips = "clips.csv"')


def test_table_of_clips_stays_in_the_suite(load: Load, data: Path) -> None:
    lookalikes.caer_s(data)
    with pytest.raises(StimulusError, match=r"set\.toml, dataset: '\.\./clips\.csv' leads out of its suite"):
        load('layout = "caer_s"\nclips = "../clips.csv"')


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('split = "val"', r"split = 'val'; expected one of train, test"),
        ('classes = ["hapiness"]', r"classes has 'hapiness'; did you mean 'happiness'\?"),
        ("per_class = 0", r"per_class = 0; expected a whole number from 1 to"),
        ("per_class = 7", r"class 'anger' has 6 pictures; expected at least 7: complete it, or choose less"),
        ("seed = -1", r"seed = -1; expected a whole number from 0 to"),
        ("seed = 1.5", r"seed = 1\.5; expected a whole number from 0 to"),
        ('pictures = "original"', r"key 'pictures' is not known"),
    ],
)
def test_choices_that_cannot_be_used(load: Load, data: Path, text: str, message: str) -> None:
    lookalikes.caer_s(data)
    with pytest.raises(StimulusError, match=rf"^set\.toml, dataset: {message}"):
        load(f'layout = "caer_s"\n{text}')


def test_a_class_that_is_not_there(load: Load, data: Path) -> None:
    lookalikes.write(data, {"test/Happy/0001.png": lookalikes.png()})
    with pytest.raises(StimulusError, match=r"class 'anger' has 0 pictures; expected at least 1"):
        load('layout = "caer_s"')
    assert load('layout = "caer_s"\nclasses = ["happiness"]').ids == ("test-happiness-0001",)


@pytest.mark.parametrize("line", ["{name}.jpg {code}", "{name}.jpg\t{split}\t{code}\r"])
def test_raf_db(load: Load, data: Path, line: str) -> None:
    lookalikes.raf_db(data, line)
    found = load('layout = "raf_db"')
    assert len(found) == 14
    # Codes as published with RAF-DB: 1 surprise, 2 fear, 3 disgust, 4 happy, 5 sad, 6 anger, 7 neutral.
    emotions = [found[f"test_{n:04d}"].reference["emotion"] for n in range(1, 8)]
    assert emotions == ["surprise", "fear", "disgust", "happiness", "sadness", "anger", "neutral"]
    assert found["test_0004"].bytes == lookalikes.png(30)
    assert load('layout = "raf_db"\npictures = "original"')["test_0004"].bytes == lookalikes.png(50)
    assert load('layout = "raf_db"\nsplit = "train"\nper_class = 1', data / "basic").ids[0].startswith("train_")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("test_0001.jpg 8", r"list_patition_label\.txt, line 1: 'test_0001\.jpg 8'; expected a name and a code"),
        ("../x.jpg 1", r"list_patition_label\.txt, line 1: '\.\./x\.jpg 1'; expected a name and a code"),
        ("test_0099.jpg 1", r"list_patition_label\.txt, line 1: there is no file 'test_0099_aligned\.jpg' in"),
    ],
)
def test_labels_of_raf_db_that_cannot_be_used(load: Load, data: Path, text: str, message: str) -> None:
    lookalikes.raf_db(data)
    (data / "basic/EmoLabel/list_patition_label.txt").write_text(text, encoding="utf-8")
    with pytest.raises(StimulusError, match=message):
        load('layout = "raf_db"\nclasses = ["surprise"]')
    with pytest.raises(StimulusError, match=r"pictures = 'cropped'; expected one of aligned, original"):
        load('layout = "raf_db"\npictures = "cropped"')


@pytest.mark.parametrize("inner", ["", "AffectNet"])
def test_affectnet(load: Load, data: Path, inner: str) -> None:
    lookalikes.affectnet(data / inner)
    if inner:
        lists = data / "AffectNet/Manually_Annotated/Manually_Annotated_file_lists"
        lists.mkdir()
        (data / "AffectNet/validation.csv").rename(lists / "validation.csv")
    found = load('layout = "affectnet"', data / inner)
    # 8, 9 and 10 stand for none, uncertain and no face.
    assert len(found) == 16
    # Codes as published with AffectNet.
    emotions = ["neutral", "happiness", "sadness", "surprise", "fear", "disgust", "anger", "contempt"]
    assert list(dict.fromkeys(found.reference("emotion").values())) == emotions
    anger = found["7-1a06"]
    assert anger.groups == {"class": "anger"}
    assert anger.reference["valence"] == pytest.approx(0.1)
    assert anger.reference["arousal"] == 0.25
    assert anger.bytes == lookalikes.png()


def test_affectnet8(load: Load, data: Path) -> None:
    lookalikes.affectnet8(data)
    found = load('layout = "affectnet"\nper_class = 1')
    assert len(found) == 8
    happy = next(each for each in found if each.groups["class"] == "happiness")
    assert happy.id in ("1", "9")
    assert happy.reference == {"emotion": "happiness", "polarity": "positive", "valence": -0.25, "arousal": 0.5}


def test_valence_that_was_not_annotated_is_not_there(load: Load, data: Path) -> None:
    lookalikes.affectnet(data)
    table = data / "validation.csv"
    table.write_text(table.read_text("utf-8").replace("0,-0.5,0.25", "0,-2,-2"), encoding="utf-8")
    assert set(load('layout = "affectnet"')["1-1a00"].reference) == {"emotion", "polarity"}


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("1/1a00.jpg,11,0,0", r"validation\.csv, line 2: expression is '11'; expected a code from 0 to 10"),
        ("1/1a00.jpg,happy,0,0", r"validation\.csv, line 2: expression is 'happy'; expected a code from 0 to 10"),
        ("1/1a00.jpg,0,3,0", r"validation\.csv, line 2: valence is '3'; expected a number from -2 to 1"),
        ("1/none.jpg,0,0,0", r"validation\.csv, line 2: there is no file '1/none\.jpg' in '.*Images'; complete the"),
        (
            "../../../secret.png,0,0,0",
            r"validation\.csv, line 2: '\.\./\.\./\.\./secret\.png' leads out of the data set",
        ),
        ("/etc/passwd,0,0,0", r"validation\.csv, line 2: '/etc/passwd' leads out of the data set"),
        (",0,0,0", r"validation\.csv, line 2: there is no file ''"),
    ],
)
def test_rows_of_affectnet_that_cannot_be_used(load: Load, data: Path, row: str, message: str) -> None:
    lookalikes.write(lookalikes.affectnet(data).parent, {"secret.png": lookalikes.png()})
    header = "subDirectory_filePath,expression,valence,arousal"
    (data / "validation.csv").write_text(f"{header}\n{row}", encoding="utf-8")
    with pytest.raises(StimulusError, match=message):
        load('layout = "affectnet"\nclasses = ["neutral"]')


@pytest.mark.parametrize(
    "content", [b"", b"x" * 5000, b"\x93NUMPY\x01\x00v\x00{'descr': '<f8'", np.array([1, 2]).tobytes()]
)
def test_arrays_of_affectnet8_that_cannot_be_used(load: Load, data: Path, content: bytes) -> None:
    lookalikes.affectnet8(data)
    (data / "val_set/annotations/3_exp.npy").write_bytes(content)
    with pytest.raises(StimulusError, match=r"array '.*3_exp\.npy'") as caught:
        load('layout = "affectnet"')
    assert "\n" not in str(caught.value)


def test_arrays_are_never_unpickled(load: Load, data: Path) -> None:
    lookalikes.affectnet8(data)
    np.save(data / "val_set/annotations/3_exp.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(StimulusError, match=r"3_exp\.npy' cannot be read \(Object arrays cannot be loaded"):
        load('layout = "affectnet"')


def test_folders_that_are_not_the_data_set(load: Load, data: Path, tmp_path: Path) -> None:
    data.mkdir()
    for layout, needed in {"caer_s": "test", "raf_db": "EmoLabel", "affectnet": "Manually_Annotated_Images"}.items():
        with pytest.raises(
            StimulusError, match=rf"there is no '{needed}' in '.*data'; give the folder of the unpacked"
        ):
            load(f'layout = "{layout}"')
        with pytest.raises(StimulusError, match=r"set\.toml' is no folder; expected that of the unpacked data set"):
            load(f'layout = "{layout}"', tmp_path / "set.toml")
