"""TOML manifests: what they give, and what they say when they cannot be used."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pytest_vlmperception import StimulusSet
from pytest_vlmperception.errors import PictureError, StimulusError
from pytest_vlmperception.pictures import encode_png

PNG = encode_png(np.full((4, 6, 3), 128, np.uint8))


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """Make a suite with two pictures, and a picture outside of it."""
    folder = tmp_path / "suite"
    (folder / "photos").mkdir(parents=True)
    for file in ("cup-1.png", "photos/茶碗.png"):
        (folder / file).write_bytes(PNG)
    (tmp_path / "outside.png").write_bytes(PNG)
    return folder


def load(suite: Path, text: str) -> StimulusSet:
    manifest = suite / "set.toml"
    manifest.write_text(text, encoding="utf-8")
    return StimulusSet.load(manifest)


def refusal(suite: Path, text: str) -> str:
    with pytest.raises(StimulusError) as caught:
        load(suite, text)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_single_pictures(suite: Path) -> None:
    cups = load(
        suite,
        """
        source = "our lab"
        licence = "CC0-1.0"
        [[stimuli]]
        file = "cup-1.png"
        groups = { scene = "cup" }
        reference = { contrast = 0.7, polarity = "positive", handles = 1, full = true }
        [[stimuli]]
        id = "bowl"
        file = "photos/茶碗.png"
        source = "a museum"
        licence = "CC-BY-4.0"
        """,
    )
    assert cups.name == "set"
    assert cups.ids == ("cup-1", "bowl")
    cup, bowl = cups
    assert cup.groups == {"scene": "cup"}
    assert cup.reference == {"contrast": 0.7, "polarity": "positive", "handles": 1, "full": True}
    assert (cup.source, cup.licence) == ("our lab", "CC0-1.0")
    assert (bowl.source, bowl.licence) == ("a museum", "CC-BY-4.0")
    assert (cup.media_type, cup.bytes, bowl.bytes) == ("image/png", PNG, PNG)


def test_pictures_are_read_when_needed_not_before(suite: Path) -> None:
    (suite / "bad.png").write_bytes(b"no picture")
    bad = load(suite, '[[stimuli]]\nfile = "bad.png"')["bad"]
    with pytest.raises(PictureError, match=r"bad\.png' is text that starts 'no picture'"):
        _ = bad.bytes
    (suite / "bad.png").write_bytes(PNG)
    assert bad.bytes == PNG


def test_byte_order_mark_is_no_error(suite: Path) -> None:
    assert load(suite, '\ufeff[[stimuli]]\nfile = "cup-1.png"').ids == ("cup-1",)


RENDERINGS = """
[series]
contrast = [1, 0.55]
chroma = [0.8, 0.125]
[[renderings]]
scene = "coffee"
photograph = "skimage:coffee"
[[renderings]]
scene = "cup"
file = "cup-1.png"
contrast = [0.5]
chroma = [1.0]
longest_side_px = 24
source = "our lab"
licence = "CC0-1.0"
"""


def test_renderings(suite: Path) -> None:
    renderings = load(suite, RENDERINGS)
    assert renderings.ids == ("coffee-c100-k080", "coffee-c055-k0125", "cup-c050-k100")
    coffee, _, cup = renderings
    assert coffee.groups == {"scene": "coffee"}
    assert coffee.reference == {"contrast": 1.0, "colorfulness": 0.8}
    assert coffee.licence == "CC0-1.0"
    assert "Michetti" in coffee.source
    assert (cup.source, cup.licence) == ("our lab", "CC0-1.0")
    # 6 x 4 pixels, with a longest side of 24: 24 x 16.
    assert cup.bytes[16:24] == bytes([0, 0, 0, 24, 0, 0, 0, 16])


def test_manifest_speaks_before_the_photograph_does(suite: Path) -> None:
    assert load(suite, 'source = "all ours"' + RENDERINGS)[0].source == "all ours"


STIMULUS = '[[stimuli]]\nfile = "cup-1.png"\n'
SERIES = '[[renderings]]\nscene = "a"\nphotograph = "skimage:coffee"\ncontrast = [1.0, 0.5]\nchroma = [0.5, 1.0]\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "set.toml: there are no stimuli; add [[stimuli]], [[renderings]] or [dataset]"),
        ("licence = 'CC0'", "set.toml: there are no stimuli"),
        (
            "license = 'CC0'",
            "set.toml: key 'license' is not known; did you mean 'licence'? known: dataset, edits, faces, licence, renderings",
        ),
        (STIMULUS + "files = 3", "set.toml, stimuli 1: key 'files' is not known; did you mean 'file'?"),
        (STIMULUS + "source = 3", "set.toml, stimuli 1: source = 3; expected a text"),
        (STIMULUS + "id = ' '", "set.toml, stimuli 1: id = ' '; expected a text"),
        (
            STIMULUS + "groups = 'cup'",
            "set.toml, stimuli 1: groups = 'cup'; expected a table: groups = { name = value }",
        ),
        (STIMULUS + "groups = { scene = 3 }", "set.toml, stimuli 1, groups: scene = 3; expected a text"),
        (STIMULUS + "reference = { a = nan }", "stimuli 1, reference: a = nan; expected a finite number or a text"),
        (STIMULUS + "reference = { a = [1] }", "reference: a = [1]; expected a finite number or a text"),
        (STIMULUS + f"reference = {{ a = 0x1{'0' * 9000} }}", "reference: a = a huge number; expected a finite number"),
        (STIMULUS + "reference = { a = 2026-01-01 }", "expected a finite number or a text"),
        ("[[stimuli]]\nid = 'a'", "set.toml, stimuli 1: expected either 'photograph' or 'file', one of the two"),
        ("stimuli = 3", "set.toml: stimuli = 3; expected tables, each headed [[stimuli]]"),
        ("stimuli = [3]", "set.toml: stimuli = [3]; expected tables, each headed [[stimuli]]"),
        (STIMULUS * 2, "set.toml, stimuli 2: id 'cup-1' is taken by set.toml, stimuli 1; give one of them another"),
        (SERIES * 2, "set.toml, renderings 2: id 'a-c100-k050' is taken by set.toml, renderings 1"),
        (SERIES + "[series]\nsteps = 3", "set.toml, series: key 'steps' is not known; known: chroma, contrast"),
        (
            SERIES.replace("skimage:coffee", "skimage:cofee"),
            "did you mean 'skimage:coffee'? known: matplotlib:grace_hopper",
        ),
        (SERIES.replace("skimage:", ""), "set.toml, renderings 1: photograph 'coffee' is not known"),
        (SERIES + "file = 'cup-1.png'", "renderings 1: expected either 'photograph' or 'file', one of the two"),
        ("[[renderings]]\nscene = 'a'", "renderings 1: expected either 'photograph' or 'file', one of the two"),
        (SERIES.replace("[0.5, 1.0]", "[0.5]"), "2 values of contrast and 1 of chroma; expected as many"),
        (
            SERIES.replace("[0.5, 1.0]", "[0.5, 1.5]"),
            "chroma = [0.5, 1.5]; expected a list of numbers above 0 and at most 1",
        ),
        (SERIES.replace("[0.5, 1.0]", "[]"), "chroma = []; expected a list of numbers above 0 and at most 1"),
        (SERIES.replace("[0.5, 1.0]", "[true, nan]"), "chroma = [True, nan]; expected a list of numbers"),
        (SERIES.replace("chroma", "chrome"), "key 'chrome' is not known; did you mean 'chroma'?"),
        (SERIES + "longest_side_px = 100000", "longest_side_px = 100000; expected a whole number from 16 to 4096"),
        (SERIES + "longest_side_px = 32.5", "longest_side_px = 32.5; expected a whole number from 16 to 4096"),
        ("[[stimuli]]\nfile = \n", "is not valid TOML: Invalid value (at line 2, column 8); correct it"),
        ("a = " + "[" * 20_000, "is not valid TOML"),
        ("a = 1979-13-45", "is not valid TOML"),
    ],
)
def test_manifests_that_cannot_be_used(suite: Path, text: str, message: str) -> None:
    assert message in refusal(suite, text)


@pytest.mark.parametrize(
    ("id_", "message"),
    [
        ("a/b", r"id 'a/b' has '/', '\\' or '::', which separate test ids; use '-'"),
        ("a\\\\b", "which separate test ids"),
        ("a::b", "which separate test ids"),
        ("a\\u0007", "has control or invisible characters; remove them"),
        ("a\\nb", "has control or invisible characters; remove them"),
        ("\\u202Eb", "has control or invisible characters; remove them"),
        (" a", "expected 1 to 200 characters without blanks at the ends"),
        ("a" * 201, "expected 1 to 200 characters without blanks at the ends"),
    ],
)
def test_ids_that_cannot_be_test_ids(suite: Path, id_: str, message: str) -> None:
    assert message.replace(r"\\", "\\") in refusal(suite, STIMULUS + f'id = "{id_}"')
    assert message.replace(r"\\", "\\") in refusal(suite, SERIES.replace('"a"', f'"{id_}"'))


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("../outside.png", "stimuli 1: '../outside.png' leads out of its suite"),
        ("photos/../../outside.png", "leads out of its suite"),
        ("link.png", "stimuli 1: 'link.png' leads out of its suite"),
        ("linked/outside.png", "leads out of its suite"),
        ("/etc/passwd", "stimuli 1: '/etc/passwd' is an absolute path; give it relative to"),
        ("C:\\\\a.png", "is an absolute path; give it relative to"),
        ("no.png", "stimuli 1: there is no file 'no.png' in"),
        ("photos", "there is no file 'photos' in"),
        ("loop.png", "loop.png"),
        ("a\\u0000b", "is no usable path"),
        ("a" * 5000, "is no usable path"),
    ],
)
def test_manifests_stay_in_their_suite(suite: Path, file: str, message: str) -> None:
    (suite / "link.png").symlink_to(suite.parent / "outside.png")
    (suite / "linked").symlink_to(suite.parent)
    (suite / "loop.png").symlink_to(suite / "loop.png")
    assert message in refusal(suite, f'[[stimuli]]\nid = "a"\nfile = "{file}"')
    assert message.removeprefix("stimuli 1") in refusal(suite, f'[[renderings]]\nscene = "a"\nfile = "{file}"')


def test_link_within_the_suite_is_fine(suite: Path) -> None:
    (suite / "link.png").symlink_to(suite / "cup-1.png")
    assert load(suite, '[[stimuli]]\nfile = "link.png"')[0].bytes == PNG


def test_beside_a_test_file(suite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (suite / "stimuli").mkdir()
    (suite / "stimuli/faces.toml").write_text('[[stimuli]]\nfile = "../cup-1.png"', encoding="utf-8")
    faces = StimulusSet.load("stimuli/faces.toml", beside=suite / "test_faces.py")
    assert (faces.name, faces[0].bytes) == ("faces", PNG)
    # Alone, the manifest's folder is the suite.
    with pytest.raises(StimulusError, match=r"'\.\./cup-1\.png' leads out of its suite"):
        StimulusSet.load(suite / "stimuli/faces.toml")


def test_manifest_itself_stays_in_its_suite(suite: Path) -> None:
    (suite.parent / "other.toml").write_text(STIMULUS, encoding="utf-8")
    beside = suite / "test_faces.py"
    with pytest.raises(StimulusError, match=r"^manifest: '\.\./other\.toml' leads out of its suite"):
        StimulusSet.load("../other.toml", beside=beside)
    with pytest.raises(StimulusError, match=r"^manifest: there is no file 'stimuli/faces\.toml' in"):
        StimulusSet.load("stimuli/faces.toml", beside=beside)
    with pytest.raises(StimulusError, match=r"other\.toml' is an absolute path; give it relative to"):
        StimulusSet.load(suite.parent / "other.toml", beside=beside)


def test_manifests_that_cannot_be_read(suite: Path) -> None:
    with pytest.raises(
        StimulusError, match=r"manifest '.*no\.toml' cannot be read \(No such file .*\); check the path"
    ):
        StimulusSet.load(suite / "no.toml")
    with pytest.raises(StimulusError, match=r"is no regular file; expected the file itself"):
        StimulusSet.load(suite)
    (suite / "latin.toml").write_bytes(b"# a comment\nsource = '\xe9'\n")
    with pytest.raises(StimulusError, match=r"latin\.toml', line 2: this is not UTF-8; save the file as UTF-8"):
        StimulusSet.load(suite / "latin.toml")
    (suite / "large.toml").write_bytes(b"#" * (16 * 2**20 + 1))
    with pytest.raises(StimulusError, match=r"has 16,777,217 bytes; at most 16,777,216 are read: split it"):
        StimulusSet.load(suite / "large.toml")


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="needs /dev/zero")
def test_endless_manifest_is_refused() -> None:
    with pytest.raises(StimulusError, match="'/dev/zero' is no regular file"):
        StimulusSet.load(os.fspath("/dev/zero"))


KEYS = ["file", "id", "scene", "contrast", "chroma", "photograph", "groups", "reference", "source", "longest_side_px"]
HEADS = ["[[stimuli]]", "[[renderings]]", "[series]", "[stimuli]", "[series.a]", "[[series]]"]
BITS = [" = ", "\n", ", ", "#", '"cup-1.png"', '"a"', '"skimage:coffee"', "[1.0, 0.5]", "{ a = 1 }", "{ a = 'b' }"]
ODD_VALUES = ["0.5", "nan", "-1", "true", "[]", "{}", "1979-05-27", "0x" + "f" * 5000]
words = st.sampled_from([*KEYS, *HEADS, *BITS, *ODD_VALUES])
values = st.sampled_from([
    "'a'",
    "'cup-1.png'",
    "'skimage:coffee'",
    "1",
    "0.5",
    "inf",
    "[0.5]",
    "[[]]",
    "{}",
    "{a = 1}",
])
lines = st.builds("{} = {}".format, st.sampled_from([*KEYS, "a"]), values)
heads = st.sampled_from(HEADS)
texts = st.one_of(
    st.text(max_size=60),
    st.lists(words, max_size=20).map("".join),
    st.lists(st.one_of(heads, lines, lines), max_size=10).map("\n".join),
)


@settings(max_examples=200, deadline=None)
@given(text=texts)
@example(text='[[stimuli]]\nfile = "cup-1.png"')
def test_any_text_is_a_set_or_a_stimulus_error(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    suite = tmp_path_factory.getbasetemp() / "fuzz"
    suite.mkdir(exist_ok=True)
    (suite / "cup-1.png").write_bytes(PNG)
    (suite / "set.toml").write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        message = f"a set of {len(StimulusSet.load(suite / 'set.toml'))}"
    except StimulusError as error:
        message = str(error)
    assert "\n" not in message
