"""Prompt files: Markdown with front matter."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_vlmperception import Prompt
from pytest_vlmperception.errors import PromptError
from pytest_vlmperception.tasks import PromptFolder, read_prompt

FULL = """---
name: happier
attribute: valence
direction: less
labels: [yes, no, 1.0]
---
Is the person in {place} happy?

Answer as {"answer": "yes"}.
"""


def written(tmp_path, content, name="p.md"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    "encode",
    [
        str.encode,
        lambda t: t.replace("\n", "\r").encode(),
        lambda t: b"\xef\xbb\xbf" + t.encode(),
        lambda t: t.replace("\n", "\r\n").encode(),
    ],
    ids=["CR", "plain", "BOM", "CRLF"],
)
def test_front_matter_and_text(tmp_path, encode):
    prompt = read_prompt(written(tmp_path, encode(FULL)))
    assert prompt == Prompt(
        "happier",
        'Is the person in {place} happy?\n\nAnswer as {"answer": "yes"}.',
        "valence",
        "less",
        ("yes", "no", "1.0"),
    )
    assert prompt.placeholders == ("place",)
    assert prompt.format(place="Tokyo 東京").text.startswith("Is the person in Tokyo 東京 happy?")


def test_file_without_front_matter_is_all_text(tmp_path):
    assert read_prompt(written(tmp_path, "What is it?\n", "what.md")) == Prompt("what", "What is it?")


def test_a_filled_value_may_look_like_a_placeholder():
    assert Prompt("p", "{a} {b}").format(a="{b}", b="x").text == "{b} x"


BAD = {
    "empty": (b"", r"p\.md has no text"),
    "only front matter": (b"---\nname: x\n---\n", r"p\.md has no text"),
    "open front matter": (b"---\nname: x\n", r"p\.md: the front matter has no closing --- line"),
    "alias": (b"---\nname: &a x\nattribute: *a\n---\nhi", r"p\.md: the front matter has a YAML alias"),
    "not utf-8": (b"\xff\xfea", r"p\.md', line 1: this is not UTF-8"),
    "unknown field": (b"---\natribute: x\n---\nhi", r"p\.md: unknown field 'atribute'; did you mean 'attribute'\?"),
    "direction": (b"---\ndirection: up\n---\nhi", r"p\.md: direction: 'up'; expected more or less"),
    "labels": (b"---\nlabels: happy\n---\nhi", r"p\.md: labels: 'happy'; expected a list"),
    "no mapping": (b"---\n- a\n---\nhi", r"p\.md: the front matter is no mapping"),
    "no yaml": (b"---\na: [\n---\nhi", r"p\.md: the front matter is no YAML"),
    "python tag": (b"---\nname: !!python/object/apply:os.getcwd []\n---\nhi", r"p\.md: name: .*expected text"),
    "nested": (b"---\nattribute: {a: b}\n---\nhi", r"p\.md: attribute: .*expected text"),
}


@pytest.mark.parametrize(("content", "message"), BAD.values(), ids=BAD.keys())
def test_bad_file_is_named(tmp_path, content, message):
    with pytest.raises(PromptError, match=message):
        read_prompt(written(tmp_path, content))


@given(content=st.binary(max_size=200) | st.text().map(lambda text: f"---\n{text}\n---\nx".encode()))
def test_any_bytes_are_a_prompt_or_refused(tmp_path_factory, content):
    path = written(tmp_path_factory.getbasetemp(), content, "fuzz.md")
    try:
        prompt = read_prompt(path)
    except PromptError:
        return
    assert prompt.text.strip()


def test_pipes_devices_and_links_out_of_the_suite_are_refused(tmp_path):
    folder = tmp_path / "suite" / "prompts"
    folder.mkdir(parents=True)
    os.mkfifo(folder / "pipe.md")
    (tmp_path / "secret").write_text("secret")
    (folder / "link.md").symlink_to(tmp_path / "secret")
    (folder / "inside.md").symlink_to(written(folder.parent, "fine", "shared.md"))
    prompts = PromptFolder(folder)
    with pytest.raises(PromptError, match=r"no file 'pipe\.md'"):
        prompts["pipe"]
    with pytest.raises(PromptError, match=r"'link\.md' leads out of its suite"):
        prompts["link"]
    assert prompts["inside"].text == "fine"


def test_declared_name_is_a_name_too(tmp_path):
    written(tmp_path, "---\nname: shown\n---\nhi", "file.md")
    prompts = PromptFolder(tmp_path)
    assert prompts["file"] == prompts["shown"]


def test_nearest_folder_wins(tmp_path):
    near, far = tmp_path / "near", tmp_path / "far"
    for folder in (near, far):
        folder.mkdir()
        written(folder, f"{folder.name} text", "both.md")
    written(far, "far only", "other.md")
    prompts = PromptFolder(near, far)
    assert (prompts["both"].text, prompts["other"].text) == ("near text", "far only")
    assert sorted(prompts) == ["both", "other"]
    assert "both" in prompts
    assert "none" not in prompts


def test_unknown_name(tmp_path):
    written(tmp_path, "hi", "more_contrast.md")
    with pytest.raises(PromptError, match=r"no prompt 'more_contast' in .*; did you mean 'more_contrast'\?"):
        PromptFolder(tmp_path)["more_contast"]
    with pytest.raises(PromptError, match=r"no prompts/ folder beside the tests; known: none"):
        PromptFolder()["x"]
