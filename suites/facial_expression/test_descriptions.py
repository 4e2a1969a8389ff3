"""What does the model see in a face: how pleasant, which emotion, and by which features?"""

from __future__ import annotations

import pytest

from pytest_vlmperception import StimulusSet

FACES = StimulusSet.load("stimuli/faces.toml", beside=__file__)

# A surprised face is read either way: no polarity is expected of it.
DECIDED = FACES.select(lambda face: face.groups["emotion"] != "surprise")

# Emotions as models named them in faces of CAER-S: by all, by few, and by none.
GROUPS = {
    "easy": (("happiness", "sadness", "neutral"), 0.9),
    "often confused": (("anger", "disgust", "surprise"), 0.7),
    "hardly classifiable": (("fear", "contempt"), 0.5),
}


@pytest.fixture(scope="module")
def descriptions(vlm, prompts):
    """A description of every face, asked in the background."""
    return vlm.describe(FACES, prompts["describe_expression"])


@pytest.mark.parametrize("face", DECIDED, ids=str)
def test_polarity(descriptions, face):
    assert descriptions[face].polarity == face.reference["polarity"]


def test_polarity_overall(vlm, prompts):
    descriptions = vlm.describe(DECIDED, prompts["describe_expression"])
    assert descriptions.share(lambda face, said: said.polarity == face.reference["polarity"]) >= 0.9


@pytest.mark.parametrize("group", GROUPS)
def test_names_the_emotion(vlm, prompts, group):
    emotions, threshold = GROUPS[group]
    shown = FACES.select(lambda face: face.groups["emotion"] in emotions)
    said = vlm.describe(shown, prompts["describe_expression"])
    assert said.share(lambda face, description: description.leading == face.groups["emotion"]) >= threshold


def test_cites_the_features(descriptions):
    assert descriptions.share(lambda _, said: {"brows", "eyes", "mouth"} <= set(said.features)) >= 0.9


def test_identifies_nobody(descriptions):
    assert descriptions.share(lambda _, said: said.names_person) <= 0.0


def test_valence_follows_the_action_units(descriptions):
    assert descriptions.spearman("valence") >= 0.8
