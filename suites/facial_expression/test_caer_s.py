"""What does the model see in frames of CAER-S? Skipped without --vlm-data caer_s=FOLDER."""

from __future__ import annotations

import pytest

# Shares of the polarity that the label has. Models were found to see happiness and sadness in these frames, and the
# other emotions seldom; surprise has no polarity.
SHARES = {"happiness": 0.9, "sadness": 0.9, "anger": 0.6, "disgust": 0.6, "fear": 0.5}


@pytest.fixture(scope="module")
def frames(stimuli):
    """Frames of TV shows, labelled by the emotion of their scene."""
    return stimuli("caer_s")


@pytest.mark.parametrize("emotion", SHARES)
def test_polarity(vlm, frames, prompts, emotion):
    shown = frames.select(lambda frame: frame.reference["emotion"] == emotion)
    said = vlm.describe(shown, prompts["describe_expression"])
    assert said.share(lambda frame, words: words.polarity == frame.reference["polarity"]) >= SHARES[emotion]


def test_identifies_nobody(vlm, frames, prompts):
    said = vlm.describe(frames, prompts["describe_expression"])
    assert said.share(lambda _, words: words.names_person) <= 0.05


def test_labels(vlm, frames, prompts):
    labels = sorted(set(frames.reference("emotion").values()))
    prompt = prompts["classify_expression"].format(labels=", ".join(labels))
    assert vlm.classify(frames, prompt, labels=labels).balanced_accuracy("emotion") >= 0.25
