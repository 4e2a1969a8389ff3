"""Do the answers hang on the content alone: not on how the picture was sent?"""

from __future__ import annotations

import pytest

from pytest_vlmperception.stimuli import mirrored, reencoded, resized

CHANGES = {
    "as JPEG of quality 60": lambda scene: reencoded(scene, 60),
    "larger": lambda scene: resized(scene, 1.25),
    "mirrored": mirrored,
}
EASY = {"1", "2"}


@pytest.mark.parametrize("skill", ["binding", "overlap"])
@pytest.mark.parametrize("change", CHANGES)
def test_answers_stay(vlm, scenes, prompts, skill, change):
    shown = scenes.select(lambda scene: scene.groups["skill"] == skill and scene.groups["level"] in EASY)
    changed = [CHANGES[change](scene) for scene in shown]
    answers = vlm.classify(changed, prompts[skill])
    assert answers.share(lambda scene, answer: answer.value == scene.reference["answer"]) >= 0.9
