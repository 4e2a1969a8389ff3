"""Two models on the same items: how much more one says, and how much longer it takes."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from pytest_vlmperception import Reply, Stimulus, UsageError
from pytest_vlmperception.records import Picture

FACES = [
    Stimulus(name, Picture(name, lambda name=name: ("image/png", name.encode())), {"identity": name[0]})
    for name in ("a1", "a2", "b1", "b2", "c1", "c2")
]


def saying(text, latency_s):
    return lambda question: replace(Reply("answered", text), latency_s=latency_s)


def words(description):
    return len(description.text.split())


def test_difference_and_latency_ratio_are_paired(ask, tmp_path):
    new = ask(saying("one two three four", 3.0)).describe(FACES, "What is it?")
    old = ask(saying("one two", 1.5)).describe(FACES, "What is it?")
    more = new.difference(old, words)
    assert (more.value, more.n, more.unit) == (2.0, 3, "identity")
    ratio = new.latency_ratio(old)
    assert (ratio.value, ratio.name) == (pytest.approx(2.0), "latency ratio")
    assert old.latency_ratio(new).value == pytest.approx(0.5)


def test_items_without_an_answer_or_a_latency_are_left_out(ask):
    def answer(question):
        kind = "refused" if question.pictures[0].bytes == b"a1" else "answered"
        return Reply(kind, "one two", latency_s=0.0)

    refusing = ask(answer).describe(FACES, "What is it?", min_valid=0.5)
    other = ask(saying("one", 1.0)).describe(FACES, "What is it?")
    more = refusing.difference(other, words)
    assert (more.value, more.missing, more.n) == (1.0, 1, 3)
    assert math.isnan(refusing.latency_ratio(other).value)


def test_other_items_are_refused(ask):
    some = ask(saying("x", 1.0)).describe(FACES[:2], "What is it?")
    with pytest.raises(UsageError, match=r"were not both asked (a2|b1|b2|c1|c2); ask both the same"):
        ask(saying("x", 1.0)).describe(FACES, "What is it?").difference(some, words)
