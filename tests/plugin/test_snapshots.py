"""Snapshots of descriptions, as a suite uses them."""

from __future__ import annotations

import json

import pytest
import servers

SUITE = """
    import pytest
    from pytest_vlmperception import StimulusSet

    FACES = StimulusSet.load("stimuli/levels.toml", beside=__file__)

    @pytest.fixture(scope="module")
    def descriptions(vlm):
        return vlm.describe(FACES, "Describe the expression of the face."{repeats})

    @pytest.mark.parametrize("face", FACES, ids=str)
    def test_still_sees_the_same(descriptions, face, percept_snapshot):
        assert descriptions[face] == percept_snapshot
"""

HAPPY = "The woman smiles broadly: the corners of her mouth are raised, and her eyes are narrowed. She looks happy."
HAPPY_TOO = "She seems happy. Her eyes crinkle, and the mouth is drawn up in a big smile."
ANGRY = "He looks angry. His brows are drawn together, the eyes glare, and the mouth is pressed shut."
GRATIFIED = "彼女はとても嬉しそうに見えます。目を細め、口角が上がって笑っています。"


@pytest.fixture
def faces(suite):
    """A suite that holds the descriptions of eight pictures."""
    suite.makepyfile(test_faces=SUITE.format(repeats=""))
    return suite


class Said:
    """Answers by the name of the picture; what is said can be changed while the server runs."""

    def __init__(self, suite, text):
        self.names = {path.read_bytes(): path.stem for path in (suite.path / "stimuli").glob("*.png")}
        self.text = text
        self.of = {}

    def __call__(self, request):
        text = self.of.get(self.names[request.pictures[0]], self.text)
        return servers.says(request, text) if isinstance(text, str) else text(request)


@pytest.fixture
def model(faces, openai_server):
    """What the model says, and the option that names it."""
    said = Said(faces, HAPPY)
    said.server = openai_server(said)
    said.option = f"--vlm-model=openai/x?base_url={said.server.url}"
    return said


def run(suite, model, *options):
    return suite.runpytest_subprocess(model.option, "--vlm-cache=off", *options)


def stored(suite):
    return suite.path / "__snapshots__" / "test_faces.percept"


def names(suite):
    lines = stored(suite).read_text(encoding="utf-8").splitlines()
    return [line.removeprefix("# name: ") for line in lines if line.startswith("# name: ")]


WORKERS = pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["one process", "two workers"])
ALL = [f"test_still_sees_the_same[{scene}{level}]" for scene in ("cup", "tree") for level in (1, 2, 3, 4)]


@WORKERS
def test_other_words_pass_and_other_facts_fail(faces, model, workers):
    run(faces, model, "--snapshot-update", *workers).assert_outcomes(passed=8)
    assert names(faces) == ALL
    before = stored(faces).read_bytes()
    model.text = HAPPY_TOO
    run(faces, model, *workers).assert_outcomes(passed=8)
    run(faces, model, "--snapshot-update", *workers).assert_outcomes(passed=8)
    assert stored(faces).read_bytes() == before
    model.of["cup3"] = ANGRY
    result = run(faces, model, *workers)
    result.assert_outcomes(passed=7, failed=1)
    result.stdout.fnmatch_lines([
        "E * polarity: positive -> negative",
        "E * emotion: happiness -> anger",
        "*1 snapshot failed. 7 snapshots passed.*",
    ])
