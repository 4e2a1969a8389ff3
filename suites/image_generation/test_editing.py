"""Is an edit done, and nothing else? Scenes of shapes with instructions and masks."""

from __future__ import annotations

from statistics import fmean

import pytest

from pytest_vlmperception import measured
from pytest_vlmperception.analysis import mean_of_strata, share

# What is done within a mask.
ACTIONS = ("recolour", "remove", "replace", "move", "add", "write")


@pytest.fixture(scope="module")
def within_masks(edits, edited):
    """Pairs of the source and what was made of it, of edits within a mask."""
    return [(one, edited[one].stimuli[0]) for one in edits if one.groups["action"] in ACTIONS]


def scenes_of(pairs):
    return [before.groups["scene"] for before, _ in pairs]


@pytest.mark.parametrize("action", ACTIONS)
def test_does_what_it_is_told(within_masks, edit, action):
    pairs = [pair for pair in within_masks if pair[0].groups["action"] == action]
    done = [measured(edit.succeeded, *pair) for pair in pairs]
    assert share(done, groups=scenes_of(pairs), unit="scene", name=f"success of {action}") >= 0.8


def test_does_nothing_else(within_masks, edit):
    changed = [measured(lambda *pair: edit.measures(*pair).changed, *pair) for pair in within_masks]
    labels = scenes_of(within_masks)
    assert mean_of_strata(changed, ["all"] * len(labels), groups=labels, unit="scene", name="over-editing") <= 0.005


def test_how_much_is_kept_outside_the_mask(within_masks, edit, request):
    # As published for edits. Whatever is wrong lowers both, so they are shown and tell no weakness by themselves.
    kept = [edit.measures(*pair) for pair in within_masks if measured(edit.succeeded, *pair) >= 0]
    assert kept
    ratio, similarity = (fmean(getattr(each, name) for each in kept) for name in ("psnr", "ssim"))
    text = f"outside the masks: PSNR {ratio:.1f} dB, SSIM {similarity:.3f}"
    request.node.user_properties.append(("published", text))


def score(edit, before, after):
    """The lower one of success and preservation, as in VIEScore: each from 0 to 1."""
    return min(float(edit.succeeded(before, after)), 1.0 - edit.measures(before, after).changed)


def test_overall(within_masks, edit):
    scores = [measured(lambda *pair: score(edit, *pair), *pair) for pair in within_masks]
    labels = scenes_of(within_masks)
    assert mean_of_strata(scores, ["all"] * len(labels), groups=labels, unit="scene", name="edit score") >= 0.8
