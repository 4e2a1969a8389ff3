"""Sets of prompts, and GenEval's prompts and pictures on look-alikes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import lookalikes
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_vlmperception import Prompt, PromptSet, StimulusSet
from pytest_vlmperception.errors import MissingData, PromptError, StimulusError, StimulusWarning

Load = Callable[..., PromptSet]

TASKS = ("single_object", "two_object", "counting", "colors", "position", "color_attr")


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Load a manifest, with the data in tmp_path / "data"."""

    def load(text: str, **data: Path) -> PromptSet:
        manifest = tmp_path / "set.toml"
        manifest.write_text(text, encoding="utf-8")
        return PromptSet.load(manifest, data=data or {"geneval": tmp_path / "data"})

    return load


@pytest.fixture
def lines(load: Load, tmp_path: Path) -> Callable[[bytes], PromptSet]:
    """Load a file of GenEval's metadata with the given content."""

    def load_lines(content: bytes) -> PromptSet:
        (tmp_path / "shapes.jsonl").write_bytes(content)
        return load('[[geneval]]\nfile = "shapes.jsonl"')

    return load_lines


def test_a_set_is_a_sequence_by_name_and_place() -> None:
    prompts = [
        Prompt(name, f"a {name}", groups={"task": name[0]}, reference={"n": 1}) for name in ("cup", "tea", "cat")
    ]
    found = PromptSet(prompts, "things")
    assert (len(found), found[1], found["cat"], list(found[1:])) == (3, prompts[1], prompts[2], prompts[1:])
    assert "cup" in found
    assert prompts[0] in found
    assert Prompt("cup", "another") not in found
    assert found.names == ("cup", "tea", "cat")
    assert found.select(lambda prompt: prompt.groups["task"] == "c").names == ("cup", "cat")
    assert found.select(["cat", "cup"]).names == ("cat", "cup")
    assert found.select("tea").names == ("tea",)
    assert list(found.reference("n").values()) == [1, 1, 1]
    assert repr(found) == "<PromptSet 'things' of 3>"


@pytest.mark.parametrize(
    ("use", "message"),
    [
        (lambda s: s["cupp"], r"prompt set 'things' has no prompt 'cupp'; did you mean 'cup'\? known: cup"),
        (lambda s: s.select(["x"]), r"prompt set 'things' has no prompt 'x'; known: cup"),
        (lambda s: s.select(lambda _: False), r"nothing of prompt set 'things' is selected; it has 1 prompt"),
        (lambda s: s.reference("truth"), r"prompt 'cup' of 'things' has no reference 'truth'; known: none"),
        (lambda s: PromptSet([*s, *s]), r"prompts, prompt 2 has the name 'cup' of another; give it one of its own"),
        (lambda s: PromptSet([Prompt("", "x")]), r"prompts, prompt 1 has no name; give it one of its own"),
        (lambda s: PromptSet(["a cup"]), r"prompts, prompt 1 is 'a cup'; expected a Prompt"),
    ],
)
def test_what_a_set_refuses(use: Callable[[PromptSet], object], message: str) -> None:
    with pytest.raises(PromptError, match=f"^{message}"):
        use(PromptSet([Prompt("cup", "a cup")], "things"))


@pytest.mark.parametrize("path", ["", "prompts", "prompts/evaluation_metadata.jsonl"])
def test_geneval(load: Load, tmp_path: Path, path: str) -> None:
    lookalikes.geneval(tmp_path / "data")
    found = load('[[geneval]]\ndata = "geneval"', geneval=tmp_path / "data" / path)
    # Its scripts call the folder of the first line 00000.
    assert found.names == ("00000", "00001", "00002", "00003", "00004", "00005")
    assert [prompt.groups["task"] for prompt in found] == list(TASKS)
    assert found["00002"].text == "a photo of two clocks"
    assert found["00002"].reference == json.loads(lookalikes.GENEVAL_LINES[2])
    assert found["00004"].reference["include"][1]["position"] == ["right of", 0]


def test_the_same_file_in_a_suite(lines: Callable[[bytes], PromptSet]) -> None:
    text = "\n".join(lookalikes.GENEVAL_LINES)
    expected = lines(text.encode())
    # What editors and other systems make of it.
    assert lines(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode() + b"\r\n\r\n \n") == expected
    assert lines(text.replace("bench", "b\\u00e4nch").encode()) == lines(text.replace("bench", "bänch").encode())


def test_choices(load: Load, tmp_path: Path) -> None:
    line = '{{"tag": "{}", "include": [{{"class": "cup", "count": 1}}], "prompt": "{} cups"}}'
    content = "\n".join(line.format(task, number) for number in range(10) for task in ("counting", "colors"))
    (tmp_path / "many.jsonl").write_text(content, encoding="utf-8")
    head = '[[geneval]]\nfile = "many.jsonl"\n'
    assert len(load(head + 'tasks = ["colors"]')) == 10
    sample = load(head + "per_task = 3")
    assert [prompt.groups["task"] for prompt in sample].count("colors") == 3
    assert len(sample) == 6
    assert list(sample.names) == sorted(sample.names)
    # A larger sample holds the smaller one; another seed gives another.
    assert set(sample) < set(load(head + "per_task = 6"))
    assert sample != load(head + "per_task = 3\nseed = 1")
    with pytest.raises(
        StimulusError, match=r"task 'counting' has 10 prompts; expected at least 11: complete it, or choose"
    ):
        load(head + "per_task = 11")
    with pytest.raises(StimulusError, match=r"task 'position' has 0 prompts; expected at least 1: complete it"):
        load(head + 'tasks = ["position"]')


GOOD = lookalikes.GENEVAL_LINES[0]
BAD_LINES = {
    "no json": ("{", r"it is no JSON: Expecting property name"),
    "cut off": (GOOD[:40], r"it is no JSON: "),
    "a list": ("[1]", r"\[1\] is no JSON object; expected one, which begins with '\{'"),
    "a long text": ('"' + "x" * 99 + '"', r'"x{36}\.\.\. is no JSON object'),
    "two objects": (GOOD + GOOD, r"expected one JSON object and nothing after it"),
    "a key twice": ('{"tag": "colors", "tag": "counting"}', r"a key stands there twice; correct it"),
    "NaN": (GOOD.replace("1", "NaN"), r"NaN is no number; correct it"),
    "infinity": (GOOD.replace("1", "1e999"), r"include\[0\]: count = inf; expected a whole number from 1 to 1000"),
    "a huge number": (GOOD.replace("1", "9" * 5000), r"Exceeds the limit .* correct it"),
    "deep": ('{"tag":' + "[" * 200_000, r"it is nested too deeply; expected one object with short lists in it"),
    "long": ('{"tag": "' + "x" * 2_000_000, r"this line has over 1,048,576 characters; break it up"),
    "another key": (GOOD.replace("tag", "tga"), r"key 'tga' is not known; did you mean 'tag'\?"),
    "GenEval++": (
        GOOD.replace('"count": 1', '"count": 1, "region": "left"'),
        r"include\[0\]: key 'region' is not known; known: class, color, count, position",
    ),
    "GenEval 2": ('{"prompt": "x", "atom_count": 3}', r"key 'atom_count' is not known"),
    "no tag": (GOOD.replace('"tag": "single_object", ', ""), r"key 'tag' is missing; expected a text"),
    "another tag": (GOOD.replace("single_object", "single"), r"tag 'single' is not known; did you mean 'single_object'\?"),
    "no prompt": (GOOD.replace('"a photo of a bench"', "null"), r"prompt = None; expected a text"),
    "no include": (GOOD.replace('[{"class": "bench", "count": 1}]', "[]"), r"include = \[\]; expected a list such as"),
    "a clause of text": (GOOD.replace('{"class": "bench", "count": 1}', '"bench"'), r"include = \['bench'\]; expected"),
    "no class": (GOOD.replace('"class": "bench", ', ""), r"include\[0\]: key 'class' is missing; expected a text"),
    "no count": (GOOD.replace(', "count": 1', ""), r"include\[0\]: key 'count' is missing; expected how many"),
    "true": (GOOD.replace("1", "true"), r"include\[0\]: count = True; expected a whole number from 1 to 1000"),
    "a share": (GOOD.replace("1", "1.0"), r"include\[0\]: count = 1\.0; expected a whole number"),
    "zero": (GOOD.replace("1", "0"), r"include\[0\]: count = 0; expected a whole number from 1 to 1000"),
    "a colour": (
        GOOD.replace('"count": 1', '"count": 1, "color": "grey"'),
        r"include\[0\]: color = 'grey'; expected one of red, orange, yellow, green, blue, purple, pink, brown, black",
    ),
    "a position of itself": (
        GOOD.replace('"count": 1', '"count": 1, "position": ["above", 0]'),
        r"include\[0\]: position = \['above', 0\]; expected \[relation, number of an earlier clause\], one of left of",
    ),
    "a position": (
        GOOD.replace('"count": 1', '"count": 1, "position": ["on", 0]'),
        r"include\[0\]: position = \['on', 0\]; expected",
    ),
    "excluded colour": (
        GOOD.replace('"prompt"', '"exclude": [{"class": "cup", "count": 1, "color": "red"}], "prompt"'),
        r"exclude\[0\]: key 'color' is not known; known: class, count",
    ),
    "half a character": (GOOD.replace("bench\"}", "\\ud800\"}"), r"prompt = .*; expected a text without control characters"),
    "control": (GOOD.replace("bench\"}", "\\u001b[31m\"}"), r"prompt = .*; expected a text without control characters"),
    "a placeholder": (GOOD.replace("bench\"}", "{thing}\"}"), r"prompt = .*; expected a text without placeholders such as"),
    "a long prompt": (GOOD.replace("bench\"}", "b" * 10_001 + "\"}"), r"prompt = .*; expected at most 10,000 characters"),
    "blank": ("", r"it is blank; expected a JSON object on every line"),
}  # fmt: skip


@pytest.mark.parametrize(("line", "message"), BAD_LINES.values(), ids=BAD_LINES)
def test_lines_that_cannot_be_used(lines: Callable[[bytes], PromptSet], line: str, message: str) -> None:
    with pytest.raises(StimulusError, match=rf"shapes\.jsonl'?, line 2: {message}") as caught:
        lines("\n".join([GOOD, line, GOOD]).encode())
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_bytes_that_are_no_text(lines: Callable[[bytes], PromptSet]) -> None:
    with pytest.raises(StimulusError, match=r"shapes\.jsonl', line 2: this is not UTF-8; save the file as UTF-8"):
        lines(GOOD.encode() + b"\n" + GOOD.encode("utf-16"))
    with pytest.raises(StimulusError, match=r"set\.toml: there are no prompts; add \[\[geneval\]\] or \[\[wise\]\]"):
        lines(b"")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"there are no prompts; add \[\[geneval\]\] or \[\[wise\]\]"),
        ("[[genval]]", r"key 'genval' is not known; did you mean 'geneval'\?"),
        ("[geneval]", r"geneval = \{\}; expected tables, each headed \[\[geneval\]\]"),
        ("[[geneval]]\nfiel = 'x'", r"key 'fiel' is not known; did you mean 'file'\?"),
        ("[[geneval]]\nfile = 'x.jsonl'\ndata = 'x'", r"expected either 'file' or 'data', one of the two"),
        ("[[geneval]]\nfile = 'x.jsonl'", r"there is no file 'x\.jsonl' in"),
        ("[[geneval]]\nfile = '../x.jsonl'", r"'\.\./x\.jsonl' leads out of its suite"),
        ("[[geneval]]\ntasks = ['count']", r"tasks has 'count'; did you mean 'counting'\? known: color_attr"),
        ("[[geneval]]\nper_task = 0", r"per_task = 0; expected a whole number from 1 to 1000000"),
        (
            "[[geneval]]\n[[geneval]]",
            r"prompt '00000' is in evaluation_metadata\.jsonl, line 1, too; number them differently, or make two sets",
        ),
    ],
)
def test_manifests_that_cannot_be_used(load: Load, tmp_path: Path, text: str, message: str) -> None:
    lookalikes.geneval(tmp_path / "data")
    with pytest.raises(StimulusError, match=message):
        load(text)


def test_paths_that_are_not_geneval(load: Load, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    with pytest.raises(StimulusError, match=r"there is no 'evaluation_metadata\.jsonl' in '.*data'; give the folder"):
        load("[[geneval]]")
    with pytest.raises(
        MissingData, match=r"GenEval is not on this machine; get it from https://github\.com/djghosh13/"
    ):
        load("[[geneval]]", other=tmp_path)
    (tmp_path / "secret.jsonl").write_text(GOOD, encoding="utf-8")
    (tmp_path / "data" / "evaluation_metadata.jsonl").symlink_to(tmp_path / "secret.jsonl")
    with pytest.raises(StimulusError, match=r"'evaluation_metadata\.jsonl' leads out of the data set"):
        load("[[geneval]]")
    assert len(load("[[geneval]]", geneval=tmp_path / "secret.jsonl")) == 1


@pytest.fixture
def pictures(tmp_path: Path) -> Callable[[str], StimulusSet]:
    """Load the pictures in tmp_path / "data"."""

    def load(more: str = "") -> StimulusSet:
        (tmp_path / "set.toml").write_text(f'[dataset]\nlayout = "geneval_images"\n{more}', encoding="utf-8")
        return StimulusSet.load(tmp_path / "set.toml", data={"geneval_images": tmp_path / "data"})

    return load


def test_pictures_of_geneval(pictures: Callable[[str], StimulusSet], tmp_path: Path) -> None:
    lookalikes.geneval_images(tmp_path / "data")
    found = pictures("")
    # Two samples of each of six prompts: only names of digits are samples.
    assert found.ids[:3] == ("00000-0000", "00000-0001", "00001-0000")
    assert len(found) == 12
    second = found["00002-0001"]
    assert second.groups == {"task": "counting", "prompt": "00002"}
    assert second.reference["exclude"] == [{"class": "clock", "count": 3}]
    assert second.bytes == lookalikes.png(21)
    assert len(pictures('tasks = ["counting", "colors"]')) == 4


def test_pictures_that_are_missing_are_left_out_and_told(
    pictures: Callable[[str], StimulusSet], tmp_path: Path
) -> None:
    lookalikes.geneval_images(tmp_path / "data")
    for sample in (tmp_path / "data/00001/samples").iterdir():
        sample.unlink()
    with pytest.warns(StimulusWarning, match=r"left out 00001: there is no picture of these prompts"):
        assert len(pictures("")) == 10
    (tmp_path / "data/00003/metadata.jsonl").write_text("{}", encoding="utf-8")
    with pytest.raises(StimulusError, match=r"^00003/metadata\.jsonl, line 1: key 'tag' is missing; expected a text"):
        pictures("")
    (tmp_path / "data/00003/metadata.jsonl").unlink()
    with pytest.raises(StimulusError, match=r"00003: there is no file 'metadata\.jsonl' in"):
        pictures("")


def test_a_folder_without_pictures_of_geneval(pictures: Callable[[str], StimulusSet], tmp_path: Path) -> None:
    lookalikes.write(tmp_path / "data", {"a.png": lookalikes.png()})
    with pytest.raises(
        StimulusError, match=r"there is no folder such as '00000' in '.*data'; give the folder that holds"
    ):
        pictures("")
    (tmp_path / "secret").mkdir()
    (tmp_path / "data/00000").symlink_to(tmp_path / "secret")
    with pytest.raises(StimulusError, match=r"'00000' leads out of the data set"):
        pictures("")


PIECES = [GOOD.encode(), b'{"tag": "colors"', b'"include": [', b"]", b"}", b"{", b"[", b"NaN", b"1e999", b'"\\ud800"']


@settings(max_examples=80, deadline=None)
@given(parts=st.lists(st.one_of(st.sampled_from([*PIECES, b"\n", b"\r\n", b",", b":"]), st.binary(max_size=4))))
def test_any_bytes_are_prompts_or_a_stimulus_error(
    tmp_path_factory: pytest.TempPathFactory, parts: list[bytes]
) -> None:
    root = tmp_path_factory.getbasetemp()
    (root / "any.toml").write_text('[[geneval]]\nfile = "any.jsonl"', encoding="utf-8")
    (root / "any.jsonl").write_bytes(b"".join(parts))
    try:
        message = f"a set of {len(PromptSet.load(root / 'any.toml'))}"
    except StimulusError as error:
        message = str(error)
    assert "\n" not in message
