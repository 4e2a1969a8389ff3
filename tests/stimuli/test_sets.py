"""Stimulus sets as sequences, their pairs and their references."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import FrozenInstanceError
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_vlmperception import Stimulus, StimulusSet
from pytest_vlmperception.errors import StimulusError
from pytest_vlmperception.records import Picture


def stimulus(id_: str, scene: str | None = None, **reference: object) -> Stimulus:
    groups = {} if scene is None else {"scene": scene}
    return Stimulus(id_, Picture(f"{id_}.png", lambda: ("image/png", b"")), groups=groups, reference=reference)


CUPS = StimulusSet(
    [stimulus("cup1", "cup", size=1.0), stimulus("bowl", "bowl", size=2.0), stimulus("cup2", "cup", size=3.0)],
    name="cups",
)
C1, B1, C2 = CUPS


def test_is_a_sequence() -> None:
    assert isinstance(CUPS, Sequence)
    assert len(CUPS) == 3
    assert list(CUPS) == [C1, B1, C2] == [CUPS[0], CUPS[1], CUPS[-1]]
    assert list(reversed(CUPS)) == [C2, B1, C1]
    assert (CUPS.index(B1), CUPS.count(B1)) == (1, 1)
    assert CUPS[1:].ids == ("bowl", "cup2")
    assert CUPS.name == CUPS[1:].name == "cups"
    assert repr(CUPS) == "<StimulusSet 'cups' of 3>"
    with pytest.raises(IndexError):
        CUPS[3]


def test_is_found_by_id() -> None:
    assert CUPS["bowl"] is B1
    assert "bowl" in CUPS
    assert B1 in CUPS
    assert "d1" not in CUPS
    assert stimulus("d1") not in CUPS
    assert 3 not in CUPS
    with pytest.raises(StimulusError, match=r"set 'cups' has no stimulus 'cup3'; did you mean 'cup2' or 'cup1'\?"):
        CUPS["cup3"]
    with pytest.raises(StimulusError, match=r"set 'cups' has no stimulus 'zebra'; it has: cup1, bowl, cup2$"):
        CUPS["zebra"]


def test_is_immutable_and_compares_by_content() -> None:
    assert StimulusSet(iter(CUPS), "cups") == CUPS
    assert hash(StimulusSet(iter(CUPS), "cups")) == hash(CUPS)
    assert CUPS[1:] != CUPS
    with pytest.raises(FrozenInstanceError):
        CUPS.name = "bowls"  # type: ignore[misc]


def test_ids_are_unique() -> None:
    message = r"stimuli, stimulus 3: id 'a' is taken by stimuli, stimulus 1; give one of them another"
    with pytest.raises(StimulusError, match=message):
        StimulusSet([stimulus("a"), stimulus("b"), stimulus("a")])


def test_select() -> None:
    assert CUPS.select(lambda s: s.groups["scene"] == "cup").ids == ("cup1", "cup2")
    assert CUPS.select(["cup2", "bowl"]).ids == ("cup2", "bowl")
    assert CUPS.select("cup2").ids == ("cup2",)
    with pytest.raises(StimulusError, match="has no stimulus 'cup9'"):
        CUPS.select(["cup1", "cup9"])
    with pytest.raises(StimulusError, match="nothing of set 'cups' is selected; it has: cup1, bowl, cup2"):
        CUPS.select(lambda s: False)


def test_pairs() -> None:
    assert CUPS.pairs() == [(C1, C2)]
    assert CUPS.pairs(within=None) == [(C1, B1), (C1, C2), (B1, C2)]


def test_pairs_that_are_none() -> None:
    with pytest.raises(StimulusError, match=r"set 'cups' has no group 'scenes'; did you mean 'scene'\? known: scene"):
        CUPS.pairs(within="scenes")
    with pytest.raises(StimulusError, match="has no group 'scene'; known: none"):
        StimulusSet([stimulus("a"), stimulus("b")]).pairs()
    with pytest.raises(StimulusError, match="set 'cups' has no pair within 'scene'; expected two stimuli that belong"):
        CUPS[:2].pairs()
    with pytest.raises(StimulusError, match="set 'cups' has no pair; expected two stimuli"):
        CUPS[:1].pairs(within=None)
    with pytest.raises(StimulusError, match=r"no group 'scene' for b; add it, or leave them out by select\(\)"):
        StimulusSet([stimulus("a", "x"), stimulus("b"), stimulus("c", "x")]).pairs()


@given(st.lists(st.sampled_from("xyz"), min_size=2, max_size=12))
def test_pairs_are_those_of_each_scene(scenes: list[str]) -> None:
    some = StimulusSet(stimulus(str(place), scene) for place, scene in enumerate(scenes))
    expected = {(a, b) for a, b in combinations(some, 2) if a.groups == b.groups}
    if expected:
        pairs = some.pairs()
        assert len(pairs) == len(expected)
        assert set(pairs) == expected
    assert some.pairs(within=None) == list(combinations(some, 2))


def test_reference() -> None:
    assert dict(CUPS.reference("size")) == {C1: 1.0, B1: 2.0, C2: 3.0}
    assert list(CUPS.reference("size")) == [C1, B1, C2]
    with pytest.raises(StimulusError, match=r"set 'cups' has no reference 'sizes'; did you mean 'size'\? known: size"):
        CUPS.reference("sizes")
    many = StimulusSet([stimulus("a", size=1), *(stimulus(f"b{number}") for number in range(10))])
    with pytest.raises(StimulusError, match=r"no reference 'size' for b0, b1, .*, b7 and 2 more; add it, or leave"):
        many.reference("size")
