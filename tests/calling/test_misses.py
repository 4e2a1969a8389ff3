"""A miss says what differs from the nearest question that is there."""

from __future__ import annotations

import json
import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_vlmperception.calling.misses import nearest_difference

ONE, TWO, THREE = "1a2b3c4d" * 8, "9f8e7d6c" * 8, "00112233" * 8
PARTS = {
    "provider": "openai",
    "model": "gpt-5.2",
    "parameters": {"detail": "high"},
    "base_url": "https://api.openai.com/v1",
    "adapter": 1,
    "prompt": "Which picture has more contrast? A or B.",
    "choices": ["A", "B"],
    "pictures": [ONE, TWO],
    "repeat": 2,
}


def changed(**parts):
    return {**PARTS, **parts}


DIFFERENCES = {
    "provider": ({"provider": "google"}, "provider: asked 'openai', stored 'google'"),
    "model": ({"model": "gpt-4o"}, "model: asked 'gpt-5.2', stored 'gpt-4o'"),
    "base_url": ({"base_url": ""}, "base_url: asked 'https://api.openai.com/v1', stored ''"),
    "adapter": ({"adapter": 2}, "adapter version: asked 1, stored 2"),
    "choices": ({"choices": ["yes"]}, "choices: asked ['A', 'B'], stored ['yes']"),
    "parameter": ({"parameters": {"detail": "low"}}, "parameter detail: asked 'high', stored 'low'"),
    "parameter missing": ({"parameters": {}}, "parameter detail: asked 'high', stored none"),
    "parameter more": (
        {"parameters": {"detail": "high", "temperature": 0.5}},
        "parameter temperature: asked none, stored 0.5",
    ),
    "first picture": ({"pictures": [THREE, TWO]}, "picture 1: asked 1a2b3c4d…, stored 00112233…"),
    "second picture": ({"pictures": [ONE, THREE]}, "picture 2: asked 9f8e7d6c…, stored 00112233…"),
    "order": ({"pictures": [TWO, ONE]}, "pictures: the same ones in another order"),
    "fewer pictures": ({"pictures": [ONE]}, "pictures: asked 2, stored 1"),
    "repeat": ({"repeat": 0}, "repeat: asked 2, stored 0"),
    "task": (
        {"task": ["compare", "contrast", "more", []]},
        "task: asked none, stored ['compare', 'contrast', 'more', []]",
    ),
    "prompt": (
        {"prompt": "Which picture has more colour? A or B."},
        "prompt: asked 'Which picture has more contrast? A or B.' "
        "(first difference at character 26: '…as more contrast? A or B.' / '…as more colour? A or B.'), "
        "stored 'Which picture has more colour? A or B.'",
    ),
    "prompt cut off": (
        {"prompt": "Which picture has more contrast?"},
        "prompt: asked 'Which picture has more contrast? A or B.' "
        "(first difference at character 33: '… contrast? A or B.' / '… contrast?'), "
        "stored 'Which picture has more contrast?'",
    ),
    "another part": ({"format": "json"}, "format: asked none, stored 'json'"),
}


@pytest.mark.parametrize(("stored", "words"), DIFFERENCES.values(), ids=DIFFERENCES.keys())
def test_one_difference(stored, words):
    assert nearest_difference(PARTS, [changed(**stored)]) == f"the nearest of 1 stored differs in {words}"


@pytest.mark.parametrize(
    ("stored", "listed"), [([0], "0"), ([1, 0], "0 and 1"), ([4, 0, 1], "0, 1 and 4"), (range(3, 9), "6 from 3 to 8")]
)
def test_repeats_that_are_there(stored, listed):
    far = changed(repeat=9, prompt="Another.")
    text = nearest_difference(PARTS, [far, *(changed(repeat=repeat) for repeat in stored)])
    assert text.endswith(f" differs in repeat: asked 2, stored {listed}")


def test_several_differences_are_all_named():
    text = nearest_difference(PARTS, [changed(model="m", pictures=[ONE, THREE], repeat=0)])
    assert text == (
        "the nearest of 1 stored differs in model: asked 'gpt-5.2', stored 'm'; "
        "picture 2: asked 9f8e7d6c…, stored 00112233…; repeat: asked 2, stored 0"
    )


@pytest.mark.parametrize(
    ("near", "far", "words"),
    [
        ({"adapter": 2}, {"model": "m", "repeat": 0}, "adapter version"),
        ({"model": "m"}, {"prompt": "What?"}, "model"),
        ({"model": "m"}, {"pictures": [ONE, THREE]}, "model"),
        ({"pictures": [ONE, THREE]}, {"pictures": [THREE, ONE]}, "picture 2"),
        ({"parameters": {"detail": "high", "seed": 1}}, {"parameters": {"detail": "low"}}, "parameter seed"),
        ({"prompt": "Which picture has more colour? A or B."}, {"prompt": "Describe it."}, r"prompt"),
    ],
    ids=["fewer parts", "same prompt", "same pictures", "more pictures", "more parameters", "prompt alike"],
)
def test_the_nearest_is_taken(near, far, words):
    stored = [changed(**far), changed(**near), changed(**far)]
    text = nearest_difference(PARTS, stored)
    assert text.startswith(f"the nearest of 3 stored differs in {words}: asked")
    assert text.partition(" stored ")[2] == nearest_difference(PARTS, [changed(**near)]).partition(" stored ")[2]


def test_nothing_is_stored():
    assert nearest_difference(PARTS, iter(())) == "there is nothing to compare it with: the store or recording is empty"


def test_nothing_differs():
    assert nearest_difference(PARTS, [changed(repeat=0), PARTS]) == "one with the same parts is stored"


# Keys are made of JSON, where these are three things; in Python they are equal.
@pytest.mark.parametrize(("asked", "stored"), [(1, 1.0), (True, 1), (0, False)])
def test_numbers_that_are_equal_in_python_only(asked, stored):
    text = nearest_difference(changed(parameters={"seed": asked}), [changed(parameters={"seed": stored})])
    assert text.endswith(f"parameter seed: asked {asked}, stored {stored}")


def test_order_of_the_candidates_does_not_matter():
    rng = random.Random(5)
    stored = [changed(prompt=f"{n} pictures", pictures=[THREE, f"{n:064x}"], repeat=n % 3) for n in range(50)]
    texts = set()
    for _ in range(10):
        rng.shuffle(stored)
        texts.add(nearest_difference(PARTS, stored))
    assert len(texts) == 1


def test_long_prompts_are_cut():
    text = nearest_difference(changed(prompt="x" * 10**6 + "A"), [changed(prompt="x" * 10**6 + "B")])
    assert "first difference at character 1000001: '…xxxxxxxxxxA' / '…xxxxxxxxxxB'" in text
    assert len(text) < 400


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters()), inner, max_size=4),
    max_leaves=10,
)
HOSTILE = st.dictionaries(st.sampled_from(sorted(PARTS)) | st.text(st.characters()), ANYTHING, max_size=8)


@settings(max_examples=50)
@given(
    st.lists(
        HOSTILE | HOSTILE.map(lambda parts: changed(**{str(name): value for name, value in parts.items()})), max_size=6
    )
)
def test_whatever_is_stored_it_is_one_printable_line(stored):
    text = nearest_difference(PARTS, stored)
    assert text.isprintable()
    assert len(text) <= 600
    assert nearest_difference(PARTS, json.loads(json.dumps(stored))) == text


def test_what_is_nested_deeply_is_shown_in_short():
    deep = []
    for _ in range(100_000):
        deep = [deep]
    text = nearest_difference(PARTS, [changed(pictures=deep, parameters={"x": deep}, task=deep)])
    assert text.isprintable()
    assert "parameter x: asked none, stored [[[[[…]]]]]" in text


def test_ten_thousand_candidates_take_no_time():
    stored = [changed(prompt=f"{n} " * 20, pictures=[f"{n:064x}", THREE], repeat=n % 3) for n in range(10_000)]
    start = time.perf_counter()
    nearest_difference(PARTS, stored)
    assert time.perf_counter() - start < 2
