"""Faces and portraits in manifests: ids, groups, reference values, pictures drawn late."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_vlmperception import StimulusSet
from pytest_vlmperception.errors import MissingData, PictureError, StimulusError
from pytest_vlmperception.pictures import decode
from pytest_vlmperception.pictures.faces import drawing
from pytest_vlmperception.stimuli import photographs


def load(folder: Path, text: str) -> StimulusSet:
    (folder / "faces.toml").write_text(text, encoding="utf-8")
    return StimulusSet.load("faces.toml", beside=folder / "test_x.py")


TWO = """
[[faces]]
identities = ["ada", "chidi"]
emotions = ["neutral", "happiness", "fear"]
intensities = ["C", "E"]
"""


def test_identities_times_emotions_times_intensities(tmp_path: Path) -> None:
    faces = load(tmp_path, TWO)
    assert faces.ids[:5] == ("ada-neutral", "ada-happiness-C", "ada-happiness-E", "ada-fear-C", "ada-fear-E")
    assert len(faces) == 10
    fear = faces["chidi-fear-E"]
    assert fear.groups == {"identity": "chidi", "emotion": "fear", "intensity": "E"}
    assert faces["ada-neutral"].groups == {"identity": "ada", "emotion": "neutral"}


def test_reference_values(tmp_path: Path) -> None:
    faces = load(tmp_path, TWO)
    smile = faces["ada-happiness-C"].reference
    assert (smile["emotion"], smile["polarity"], smile["intensity"]) == ("happiness", "positive", 0.6)
    # 6+12+25 at C, 0.6 of the strongest; nothing else moves.
    assert {name: value for name, value in smile.items() if name.startswith("au") and value} == {
        "au6": 0.6,
        "au12": 0.6,
        "au25": 0.6,
    }
    # 1 - (1 - 0.9 * 0.6) * (1 - 0.2 * 0.6)
    assert smile["valence"] == pytest.approx(0.5952)
    assert faces["ada-neutral"].reference["polarity"] == "neutral"
    # Every face has every value, so that a whole set can be correlated with one.
    assert len(faces.reference("au12")) == len(faces.reference("valence")) == len(faces)


def test_pictures_are_stable_and_all_different(tmp_path: Path) -> None:
    first, again = load(tmp_path, TWO), load(tmp_path, TWO)
    assert [face.sha256 for face in first] == [face.sha256 for face in again]
    assert len({face.sha256 for face in first}) == len(first)
    assert first[0].media_type == "image/png"
    assert decode(first[0].bytes, "x").shape == (384, 384, 3)


def test_styles(tmp_path: Path) -> None:
    one = 'identities = ["ada"]\nemotions = ["contempt"]\nintensities = ["E"]\n'
    faces = load(
        tmp_path,
        f"[[faces]]\n{one}[[faces]]\n{one}mirrored = true\n[[faces]]\n{one}line_weight = 1.3\nside_px = 256",
    )
    assert faces.ids == ("ada-contempt-E", "ada-contempt-E-mirrored", "ada-contempt-E-w1.3")
    plain, mirrored, _ = (decode(face.bytes, "x") for face in faces)
    assert (mirrored == plain[:, ::-1]).all()
    assert decode(faces[2].bytes, "x").shape == (256, 256, 3)


def test_everything_by_default(tmp_path: Path) -> None:
    faces = load(tmp_path, "[[faces]]")
    assert {face.groups["emotion"] for face in faces} == {
        "anger",
        "contempt",
        "disgust",
        "fear",
        "happiness",
        "neutral",
        "sadness",
        "surprise",
    }
    assert len({face.groups["identity"] for face in faces}) >= 4


def test_action_units_of_ones_own(tmp_path: Path) -> None:
    faces = load(tmp_path, '[[faces]]\nidentities = ["ada"]\naction_units = ["12B", "1+4E+R14A"]')
    assert faces.ids == ("ada-12B", "ada-1+4E+R14A")
    assert faces[1].groups == {"identity": "ada"}
    assert {name: value for name, value in faces[1].reference.items() if name.startswith("au") and value} == {
        "au1": 0.6,
        "au4": 1.0,
        "au14": 0.2,
    }
    assert "emotion" not in faces[1].reference


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('identity = "ada"', "faces.toml, faces 1: key 'identity' is not known; did you mean 'identities'?"),
        ('identities = ["eve"]', "faces 1: identities: 'eve' is not known; .*known: ada"),
        ('identities = "ada"', "faces 1: identities = 'ada'; expected a list of texts"),
        ("identities = [3]", r"faces 1: identities = \[3\]; expected a list of texts"),
        ("identities = []", r"identities = \[\]; expected a list of at least one text, each once"),
        ('identities = ["ada", "ada"]', "expected a list of at least one text, each once"),
        ('emotions = ["joy"]', "faces 1: emotions: 'joy' is not known; .*known: anger"),
        ('intensities = ["F"]', "faces 1: intensities: 'F' is not known; .*known: A, B"),
        ('action_units = ["12F"]', "faces 1: '12F' is no action unit; expected a code such as 12, 5B or R12A"),
        ('action_units = ["3"]', "faces 1: action unit 3 cannot be drawn"),
        ("mirrored = 1", "faces 1: mirrored = 1; expected true or false"),
        ("line_weight = 3", "faces 1: line_weight = 3; expected a number from 0.7 to 1.4"),
        ("line_weight = true", "expected a number from 0.7 to 1.4"),
        ("side_px = 64", "faces 1: side_px = 64; expected a whole number from 192 to 1024"),
        ("source = 3", "faces 1: source = 3; expected a text"),
    ],
)
def test_faces_that_cannot_be_drawn(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(StimulusError, match=message):
        load(tmp_path, f"[[faces]]\n{line}")


def test_the_same_face_twice(tmp_path: Path) -> None:
    with pytest.raises(StimulusError, match=r"faces 2: id 'ada-neutral' is taken by faces\.toml, faces 1"):
        load(tmp_path, TWO * 2)


def test_pictures_are_drawn_when_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "painted", lambda *_, **__: pytest.fail("drawn"))
    faces = load(tmp_path, TWO)
    with pytest.raises(pytest.fail.Exception, match="drawn"):
        _ = faces[0].bytes


# Portraits

PORTRAITS = '[[stimuli]]\nphotograph = "skimage:astronaut"\n[[stimuli]]\nphotograph = "matplotlib:grace_hopper"\n'


def test_a_portrait_is_sent_as_its_file_is(tmp_path: Path) -> None:
    import skimage

    astronaut = load(tmp_path, PORTRAITS)["astronaut"]
    assert astronaut.bytes == (Path(skimage.__file__).parent / "data" / "astronaut.png").read_bytes()
    assert "NASA" in astronaut.source
    assert astronaut.licence == "Public domain"


def without_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photographs, "find_spec", lambda name: None)


def test_a_portrait_of_a_package_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_packages(monkeypatch)
    portraits = load(tmp_path, PORTRAITS)
    with pytest.raises(MissingData, match="'matplotlib:grace_hopper' needs matplotlib; install it: pip install"):
        _ = portraits["grace_hopper"].bytes
    # This package depends on scikit-image: without it something is wrong, and no test may be skipped for it.
    with pytest.raises(PictureError, match="'skimage:astronaut' needs scikit-image"):
        _ = portraits["astronaut"].bytes


def test_a_portrait_of_a_package_that_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import skimage

    folder = tmp_path / "mpl-data" / "sample_data"
    folder.mkdir(parents=True)
    content = (Path(skimage.__file__).parent / "data" / "rocket.jpg").read_bytes()
    (folder / "grace_hopper.jpg").write_bytes(content)

    class Spec:
        submodule_search_locations = (str(tmp_path),)

    monkeypatch.setattr(photographs, "find_spec", lambda name: Spec if name == "matplotlib" else None)
    hopper = load(tmp_path, PORTRAITS)["grace_hopper"]
    assert (hopper.bytes, hopper.media_type) == (content, "image/jpeg")
