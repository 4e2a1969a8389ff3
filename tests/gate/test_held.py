"""What a snapshot holds, as JSON."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_vlmperception.analysis import read_description
from pytest_vlmperception.errors import UsageError
from pytest_vlmperception.gate import Held, learnt

TEXT = "He looks angry.\n\nHis brows are drawn together."


def held(text=TEXT, picture=64 * "0", model="openai/x"):
    percept = read_description(TEXT)
    return Held(model, "x-1", picture, text, percept, learnt([percept]))


@given(st.text(st.characters(codec=None, categories=None), max_size=30))
def test_any_text_survives_and_none_reaches_a_terminal_raw(text):
    content = held(text).to_json()
    assert Held.from_json(content) == held(text)
    assert content.encode("utf-8").decode("utf-8") == content
    assert {unicodedata.category(c)[0] for c in content if c != "\n"}.isdisjoint("C")
    assert len(content.splitlines()) == content.count("\n") + 1


def test_it_is_readable():
    content = held("彼は怒っている。\nEyes: narrowed").to_json()
    assert '    "彼は怒っている。",\n    "Eyes: narrowed"\n' in content
    assert held("\x1b[31m\u202e\U000e0041").to_json().count(r'"\u001b[31m\u202e\udb40\udc41"') == 1


def test_another_picture_is_a_circumstance():
    assert held().circumstances(held()) == []
    (line,) = held().circumstances(held(picture=64 * "f"))
    assert line == "picture: other bytes than those described then (SHA-256 000000000000... -> ffffffffffff...)"
    assert held().changes(held(picture=64 * "f")) == []


def test_the_model_is_told_with_what_its_provider_returned():
    assert held().told_by == "openai/x (x-1)"
    assert held(model="openai/x-1").told_by == "openai/x-1"


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", "null", "{" * 50_000, '{"model": ' + "1" * 5_000 + "}", '"\\ud800"'],
)
def test_what_is_no_snapshot_is_refused(content):
    with pytest.raises(UsageError) as refusal:
        Held.from_json(content)
    assert "\n" not in str(refusal.value)
    assert len(str(refusal.value)) < 400


@pytest.mark.parametrize("field", json.loads(held().to_json()))
@pytest.mark.parametrize("value", [None, 1, True, 10**400, "x", [], [1], {}, {"polarity": 1}])
def test_a_field_of_another_kind_is_refused_or_read_as_given(field, value):
    content = json.loads(held().to_json())
    if isinstance(content[field], str) and isinstance(value, str) and field != "picture":
        return
    content[field] = value
    with pytest.raises(UsageError):
        Held.from_json(json.dumps(content))
