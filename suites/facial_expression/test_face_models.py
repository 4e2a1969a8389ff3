"""How do two models differ on the same faces: in detail, and in the time that they take?

Run with two models: ``--vlm-model NEW --vlm-model OLD``; each later one is compared with the first.
"""

from __future__ import annotations

import itertools

import pytest

# Regions of the face that a model may cite fewer of than the first one.
FEWER_REGIONS = -1.0
# A model that takes ten times as long as the first is another kind of model.
LONGER = 10.0


@pytest.fixture(scope="module")
def described(vlms, faces, prompts):
    """Descriptions of every face by each model, and all pairs of the first with another."""
    if len(vlms) < 2:
        pytest.skip("needs two models to compare: give --vlm-model twice")
    sets = [vlm.describe(faces, prompts["describe_expression"]) for vlm in vlms.values()]
    return list(itertools.product(sets[1:], sets[:1]))


def test_cites_as_many_features(described):
    for other, first in described:
        assert other.difference(first, lambda said: len(said.features)) >= FEWER_REGIONS


def test_takes_no_longer(described):
    for other, first in described:
        assert other.latency_ratio(first) <= LONGER
