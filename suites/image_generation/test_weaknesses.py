"""Known weaknesses of image generators, one test each: what they do unasked, and what they cannot leave be."""

from __future__ import annotations

import pytest

from pytest_vlmperception import Prompt, measured, pixels_of
from pytest_vlmperception.analysis import mean_difference, mean_of_strata, share
from pytest_vlmperception.pictures.scene_reading import read_lettering

WORDS = ("CAFE", "EXIT", "HOTEL", "OPEN", "PARK", "SALE", "STOP", "TAXI")


@pytest.fixture(scope="module")
def of_action(edits, edited, edit):
    """Measure the edits of one kind: ``of_action("nothing", lambda measures: measures.changed)``, and their scenes."""

    def measure(action, what):
        chosen = [one for one in edits if action in (one.groups["action"], "any")]
        values = [measured(lambda b: what(edit.measures(b, edited[b].stimuli[0])), before) for before in chosen]
        return values, [before.groups["scene"] for before in chosen]

    return measure


def test_leaves_a_picture_alone_when_told_to(of_action):
    changed, scenes = of_action("nothing", lambda found: found.changed)
    name = "changed though nothing should be"
    assert mean_of_strata(changed, ["all"] * len(changed), groups=scenes, unit="scene", name=name) <= 0.005


def test_keeps_the_frame(of_action):
    seen, scenes = of_action("any", lambda found: found.framing.kept > 0.95)
    assert share(seen, groups=scenes, unit="scene", name="not cropped") >= 0.9


def test_keeps_the_proportions(of_action):
    kept, scenes = of_action("any", lambda found: abs(found.framing.aspect - 1.0) < 0.02)
    assert share(kept, groups=scenes, unit="scene", name="same aspect ratio") >= 0.9


def test_casts_no_colour_over_the_picture(of_action):
    shift, scenes = of_action("any", lambda found: found.cast.b)
    # In units of CIELAB b*, whose just-noticeable difference is about 2.3; a warm cast is positive.
    cast = mean_difference(shift, [0.0] * len(shift), groups=scenes, unit="scene")
    assert abs(cast) <= 2.3


def test_blurs_when_told_to(of_action):
    blurred, scenes = of_action("blur", lambda found: found.sharpness <= 0.3 and found.framing.kept > 0.5)
    assert share(blurred, groups=scenes, unit="scene", name="blurred when asked for") >= 0.9


def test_spells_words_right(image_model):
    prompts = [Prompt(word.lower(), f'a picture of the word "{word}"') for word in WORDS]
    words = image_model.generate(prompts)

    def spelt(prompt):
        lines = read_lettering(pixels_of(words[prompt].stimuli[0]))
        return [line.text for line in lines] == [prompt.name.upper()]

    assert share([measured(spelt, prompt) for prompt in prompts], unit="word", name="words spelt right") >= 0.9
