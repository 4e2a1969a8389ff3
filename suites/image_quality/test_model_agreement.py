"""Do several models see the same? For two or more --vlm-model."""

from __future__ import annotations

import pytest

REPEATS = 3


@pytest.mark.parametrize("question", ["more_contrast", "more_colorfulness", "preferred"])
def test_judges_as_the_other_models_do(vlms, renderings, prompts, question):
    if len(vlms) == 1:
        pytest.skip("one model has none to be compared with; give --vlm-model twice or more")
    pairs = renderings.pairs(within="scene")
    first, *others = [vlm.compare(pairs, prompts[question], repeats=REPEATS) for vlm in vlms.values()]
    assert first.inter_variability(*others).minority_share <= 25
