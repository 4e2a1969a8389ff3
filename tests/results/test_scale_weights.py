"""Weights of attributes in the scale of preference."""

from __future__ import annotations

import itertools

import pytest

from pytest_vlmperception import Inconclusive, Reply, Stimulus, Unavailable, UsageError
from pytest_vlmperception.analysis import attribute_weights
from pytest_vlmperception.errors import CallError
from pytest_vlmperception.records import Picture

# Contrast and chroma of the pictures of a scene, uncorrelated.
LOOKS = ((1, 3), (2, 1), (3, 5), (4, 2), (5, 4))
SCENES = ("cup", "tree", "lake")


def stimulus(scene, contrast, chroma):
    name = f"{scene} {contrast} {chroma}"
    return Stimulus(name, Picture(name, lambda: ("image/png", name.encode())), {"scene": scene})


SETS = {scene: [stimulus(scene, *look) for look in LOOKS] for scene in SCENES}
PAIRS = [pair for stimuli in SETS.values() for pair in itertools.combinations(stimuli, 2)]


def looks(picture):
    return [int(number) for number in picture.bytes.split()[1:]]


def judge(contrast, chroma):
    """Answer by a weighted sum; of equal ones take the first."""

    def answer(question):
        first, second = (contrast * c + chroma * k for c, k in map(looks, question.pictures))
        return Reply("answered", "A" if first >= second else "B")

    return answer


def scales(ask, pairs=PAIRS):
    contrast, chroma, preference = (
        ask(judge(*weights)).compare(pairs, "Which has more?").scale() for weights in ((1, 0), (0, 1), (1, 2.2))
    )
    return preference, {"contrast": contrast, "colorfulness": chroma}


def test_they_are_those_of_the_scale_values_scene_by_scene(ask):
    preference, attributes = scales(ask)
    found = preference.weights(attributes)
    stimuli = [each for scene in SCENES for each in SETS[scene]]
    expected = attribute_weights(
        [preference[each] for each in stimuli],
        {name: [scale[each] for each in stimuli] for name, scale in attributes.items()},
        groups=[each.groups["scene"] for each in stimuli],
    )
    assert found.weights["contrast"].value == expected.weights["contrast"].value
    assert (found.r2.n, found.r2.unit) == (3, "scene")
    assert found.weights["colorfulness"] > found.weights["contrast"].value
    assert found.dominance("colorfulness", "contrast") >= 0.95


def test_within_one_scene_stimuli_are_resampled(ask):
    preference, attributes = scales(ask, PAIRS[:10])
    assert (preference.weights(attributes).r2.n, preference.weights(attributes).r2.unit) == (5, "stimulus")


def test_reference_values_will_do(ask):
    preference, _ = scales(ask)
    chroma = {each: float(each.id.split()[-1]) for stimuli in SETS.values() for each in stimuli}
    assert preference.weights({"chroma": chroma}).weights["chroma"] > 0
    with pytest.raises(UsageError, match="there is no reference value for 'cup 1 3'"):
        preference.weights({"chroma": {}})


def test_an_attribute_that_falls_short_is_named(ask):
    preference, attributes = scales(ask)
    mute = ask(lambda question: Reply("refused", "no colours")).compare(PAIRS, "Which has more?").scale()
    found = preference.weights({**attributes, "colorfulness": mute})
    with pytest.raises(Inconclusive, match=r"colorfulness: valid share 0 < 0\.9 of 60 trials \(refused 60\); refused"):
        assert found.r2 >= 0.5
    with pytest.raises(Inconclusive, match="dominance of colorfulness over contrast: colorfulness: valid share 0"):
        assert found.dominance("colorfulness", "contrast") >= 0.5


def test_answers_that_could_not_be_had_are_unavailable(ask):
    def down(question):
        raise CallError("OPENAI_API_KEY is not set", "key", sent=False)

    _, attributes = scales(ask)
    found = ask(down).compare(PAIRS, "Which has more?").scale().weights(attributes)
    for estimate in (found.r2, found.dominance("contrast", "colorfulness")):
        with pytest.raises(Unavailable, match="key: OPENAI_API_KEY is not set"):
            assert estimate >= 0.5
