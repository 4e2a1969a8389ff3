"""Does the model still see in a face what was seen before? Wording is free, the facts are not.

``pytest suites/facial_expression --snapshot-update`` keeps what a model says as what the next one is held against.
"""

from __future__ import annotations

import pytest

from pytest_vlmperception import StimulusSet

FACES = StimulusSet.load("stimuli/faces.toml", beside=__file__)

# One identity, in full: the more faces a snapshot has, the less anybody reads it.
SHOWN = FACES.select(lambda face: face.groups["identity"] == "chidi" and face.groups.get("intensity") in {"E", None})


@pytest.fixture(scope="module")
def descriptions(vlm, prompts):
    return vlm.describe(SHOWN, prompts["describe_expression"])


@pytest.mark.parametrize("face", SHOWN, ids=str)
def test_still_sees_the_same(descriptions, face, percept_snapshot):
    assert descriptions[face] == percept_snapshot
