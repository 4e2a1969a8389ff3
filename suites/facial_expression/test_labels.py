"""Which of eight labels does the model give to a face?"""

from __future__ import annotations

import pytest


@pytest.fixture(scope="module")
def labels(vlm, faces, prompts):
    """One label for every face, asked in the background."""
    emotions = sorted(set(faces.reference("emotion").values()))
    return vlm.classify(faces, prompts["classify_expression"].format(labels=", ".join(emotions)), labels=emotions)


def test_balanced_accuracy(labels):
    assert labels.balanced_accuracy("emotion") >= 0.7


def test_agrees_beyond_chance(labels):
    assert labels.kappa("emotion") >= 0.6


def test_confuses_no_other_emotion_with_happiness(labels):
    assert labels.share(lambda face, said: said.value == "happiness" and face.groups["emotion"] != "happiness") <= 0.1
