"""Does the answer hang on the face alone: not on how the picture was sent, and not on there being one?"""

from __future__ import annotations

import pytest

from pytest_vlmperception import StimulusSet
from pytest_vlmperception.stimuli import blank, mirrored, reencoded, resized, text_only

# Of line drawings, light and dark skin, thin and thick lines: one each.
SHOWN = ("bela", "chidi", "dana")

FACES = StimulusSet.load("stimuli/faces.toml", beside=__file__)
STRONG = FACES.select(lambda face: face.groups.get("intensity") == "E" and face.groups["identity"] in SHOWN)

CHANGES = {
    "mirrored": mirrored,
    "as JPEG of quality 60": lambda face: reencoded(face, 60),
    "smaller": lambda face: resized(face, 0.8),
    "larger": lambda face: resized(face, 1.25),
}


@pytest.mark.parametrize("change", CHANGES)
def test_polarity_stays(vlm, prompts, change):
    original = {CHANGES[change](face): face for face in STRONG}
    before = vlm.describe(STRONG, prompts["describe_expression"])
    after = vlm.describe(list(original), prompts["describe_expression"])
    assert after.share(lambda face, said: said.polarity == before[original[face]].polarity) >= 0.95


@pytest.mark.parametrize("nothing", [blank(), blank(128), text_only()], ids=str)
def test_sees_no_emotion_where_there_is_no_face(vlm, prompts, nothing):
    said = vlm.describe(nothing, prompts["describe_expression"])[nothing]
    # To decline is the best of answers here.
    assert said.status == "refused" or not said.percept.emotions
