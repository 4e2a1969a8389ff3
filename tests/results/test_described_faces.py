"""What descriptions of faces say, over one draw and over several."""

from __future__ import annotations

import pytest
from fakes import FakeModel, World

from pytest_vlmperception import Inconclusive, Refused, Reply, Stimulus, Unparsed
from pytest_vlmperception.records import Draw, Picture
from pytest_vlmperception.results import Description
from pytest_vlmperception.verbs import VisionModel

SAID = {
    "joy": "She is beaming: a broad smile, cheeks raised.",
    "rage": "眉間にしわを寄せ、怒っているようです。",
    "calm": "He looks calm; his mouth is closed.",
    "odd": "She might be amused.",
    "veiled": "I can't identify people in images.",
}
EXPECTED = {"joy": "positive", "rage": "negative", "calm": "neutral", "odd": "negative", "veiled": "neutral"}


def face(name):
    return Stimulus(name, Picture(name, lambda: ("image/png", name.encode())), {}, {"polarity": EXPECTED[name]})


FACES = [face(name) for name in EXPECTED]


class AllAtOnce:
    """Look-ahead as in a test's body."""

    def ahead(self, items):
        return items

    def reader(self):
        return ""

    def saw(self, answers, item):
        pass


@pytest.fixture
def descriptions(tmp_path):
    model = FakeModel(lambda question: Reply("answered", SAID[question.pictures[0].bytes.decode()]))
    with World(tmp_path, model, "run") as world:
        yield VisionModel(world.caller, AllAtOnce()).describe(FACES, "Describe the expression.")


def test_polarity_of_a_face_and_its_share(descriptions):
    joy, rage = FACES[:2]
    assert descriptions[joy].polarity == joy.reference["polarity"]
    assert descriptions[rage].features["brows"].action_units == (4,)
    share = descriptions.share(lambda face, said: said.polarity == face.reference["polarity"])
    # Three of four are right; the refusal says nothing of a face and is left out, which is more than the tenth allowed.
    assert share.n == 4
    with pytest.raises(Inconclusive, match=r"valid share 0\.8 < 0\.9"):
        assert share >= 0.5
    # On the units that are left, as a suite without that face would see it.
    assert share.value == 0.75


def description(*texts):
    return Description(tuple(Draw("answered", text) for text in texts))


def test_several_draws_are_read_by_their_majority():
    said = description(
        "She looks sad, her brows are raised.", "Sad. The mouth droops; brows up.", "Walter White looks happy."
    )
    assert (said.polarity, said.leading, said.names_person) == ("negative", "sadness", False)
    assert list(said.features) == ["brows"]
    assert [percept.leading for percept in said.percepts] == ["sadness", "sadness", "happiness"]
    assert said.percept == said.percepts[0]
    assert said.valence == pytest.approx(sum(percept.valence for percept in said.percepts) / 3)
    assert next(iter(said.emotions)) == "sadness"
    assert said.emotions["happiness"] == pytest.approx(said.percepts[2].emotions["happiness"] / 3)


def test_draws_that_disagree_decide_nothing():
    said = description("She looks sad.", "She looks happy.")
    with pytest.raises(Inconclusive, match="no strict majority among 2 draws: negative 1, positive 1"):
        _ = said.polarity
    with pytest.raises(Inconclusive, match="no strict majority among 2 draws: sadness 1, happiness 1"):
        _ = said.leading
    with pytest.raises(Inconclusive, match="no strict majority among 2 draws: True 1, False 1"):
        _ = description("Monica looks sad.", "She looks sad.").names_person


@pytest.mark.parametrize("field", ["polarity", "leading", "valence", "emotions"])
def test_a_text_without_an_emotion_raises_why(field):
    with pytest.raises(Refused, match="1 of 1 descriptions state no emotion: refusal"):
        getattr(description("I can't identify people in images."), field)
    with pytest.raises(Unparsed, match="1 of 1 descriptions state no emotion: language"):
        getattr(description("Elle est triste."), field)
    with pytest.raises(Unparsed, match="2 of 3 descriptions state no emotion: no emotion stated"):
        getattr(description("A man in a hat.", "A hat.", "He is sad."), field)


def test_a_text_without_an_emotion_still_has_a_percept():
    said = description("A man at a table, his hands folded.")
    assert said.percept.polarity is None
    assert list(said.features) == ["body"]
    assert not said.names_person


def test_draws_without_a_text_raise_their_outcome():
    failed = Draw("refused", kind="refused", reason="refused: no")
    said = Description((failed, failed, Draw("answered", "She looks sad.")))
    for field in ("percept", "polarity", "features", "names_person"):
        with pytest.raises(Refused, match="refused: no"):
            getattr(said, field)
    most = Description((failed, Draw("answered", "She looks sad."), Draw("answered", "Sad.")))
    assert (most.polarity, len(most.percepts)) == ("negative", 2)
