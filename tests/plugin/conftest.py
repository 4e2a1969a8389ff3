"""A small suite of four drawn pictures, for what a user sees."""

from __future__ import annotations

import gc
import importlib

import numpy as np
import pytest
from PIL import Image

# pytester forgets the modules that a run in this process imports, and numpy cannot be imported twice.
PRELOADED = (
    "anthropic",
    "hypothesis",
    "numpy.fft",
    "scipy.special",
    "openai",
    "google.genai",
    "pytest_vlmperception.hooks",
    "pytest_vlmperception.stimuli",
)
for module in PRELOADED:
    importlib.import_module(module)

# A run in this process collects garbage many times over: spare it what stays anyway.
gc.freeze()

PROMPT = """---
attribute: contrast
direction: more
---
Which picture has more contrast? A or B."""

MANIFEST = "".join(
    f"""
[[stimuli]]
file = "{scene}{level}.png"
groups = {{ scene = "{scene}" }}
reference = {{ contrast = {level} }}
"""
    for scene in ("cup", "tree")
    for level in (1, 2, 3, 4)
)


def draw(path, spread):
    """Write half-dark, half-light pixels: the larger the spread, the larger the RMS contrast."""
    pixels = np.full((16, 16, 3), 128 - spread, dtype=np.uint8)
    pixels[:, 8:] = 128 + spread
    Image.fromarray(pixels).save(path)


@pytest.fixture
def suite(pytester):
    """A suite with prompts and stimuli, and no test yet."""
    folder = pytester.mkdir("stimuli")
    for offset, scene in enumerate(("cup", "tree")):
        for level in (1, 2, 3, 4):
            draw(folder / f"{scene}{level}.png", 20 * level + offset)
    (folder / "levels.toml").write_text(MANIFEST)
    (pytester.mkdir("prompts") / "more_contrast.md").write_text(PROMPT)
    return pytester


COMPARE = """
    import pytest

    @pytest.fixture(scope="module")
    def levels(stimuli):
        return stimuli("levels")

    def test_order(vlm, levels, prompts):
        comparisons = vlm.compare(levels.pairs(within="scene"), prompts["more_contrast"])
        assert comparisons.scale().spearman(levels.reference("contrast")) >= 0.8

    def test_valid(vlm, levels, prompts):
        comparisons = vlm.compare(levels.pairs(within="scene"), prompts["more_contrast"])
        assert comparisons.valid_share() >= 0.9

    def test_bias(vlm, levels, prompts):
        comparisons = vlm.compare(levels.pairs(within="scene"), prompts["more_contrast"])
        assert abs(comparisons.order_bias()) <= 0.1
"""


@pytest.fixture
def comparing(suite):
    """A suite that compares the levels of two scenes: 12 pairs, 24 questions."""
    suite.makepyfile(test_levels=COMPARE)
    return suite


DESCRIBE = """
    import pytest
    from pytest_vlmperception import StimulusSet

    LEVELS = StimulusSet.load("stimuli/levels.toml", beside=__file__)

    @pytest.fixture(scope="module")
    def descriptions(vlm):
        return vlm.describe(LEVELS, "What is it?")

    @pytest.mark.parametrize("picture", LEVELS, ids=str)
    def test_text(descriptions, picture):
        assert descriptions[picture].text == "a cup"
"""


@pytest.fixture
def describing(suite):
    """A suite that describes eight pictures, one test a picture."""
    suite.makepyfile(test_texts=DESCRIBE)
    return suite
