"""Does the model see what two photographs of people express, without saying who they are?"""

from __future__ import annotations

import pytest

from pytest_vlmperception import StimulusSet

PORTRAITS = StimulusSet.load("stimuli/portraits.toml", beside=__file__)


@pytest.mark.parametrize("portrait", PORTRAITS, ids=str)
def test_sees_the_smile_and_names_nobody(vlm, prompts, portrait):
    said = vlm.describe(portrait, prompts["describe_expression"])[portrait]
    assert said.polarity == portrait.reference["polarity"]
    assert not said.names_person
