"""Three edits in a row, each of what the one before has made: what is done, what drifts, and what is forgotten."""

from __future__ import annotations

import pytest

from pytest_vlmperception import measured, pixels_of
from pytest_vlmperception.analysis import mean_difference, mean_of_strata, share
from pytest_vlmperception.pictures import decode_mask
from pytest_vlmperception.pictures.editing import compare_edit, edit_succeeded
from pytest_vlmperception.stimuli import edit_instructions, edit_masks

ROUNDS = 3


@pytest.fixture(scope="module")
def chains(stimuli):
    return stimuli("edit_chains")


def edited_by(image_model, chains):
    """Return what each chain looks like after each round, the source first: one tuple for each chain."""
    shown, history = chains, [list(chains)]
    for number in range(ROUNDS):
        made = image_model.edit(shown, edit_instructions(shown, number), masks=edit_masks(shown, number))
        history.append([made[each].stimuli[0] for each in shown])
        shown = made.stimuli
    return list(zip(*history, strict=True))


@pytest.fixture(scope="module")
def rounds(image_model, chains):
    return edited_by(image_model, chains)


@pytest.fixture(scope="module")
def two(image_models, chains):
    """The chains as two generators edit them."""
    if len(image_models) < 2:
        pytest.skip("one image generator has none to be compared with; give --vlm-image-model twice or more")
    return [edited_by(image_model, chains) for image_model in list(image_models.values())[:2]]


def union_of_masks(source, rounds, pixels):
    """Return where any of the first rounds was to change something."""
    masks = [edit.mask for edit in source.reference["edits"][:rounds] if edit.mask is not None]
    return sum(decode_mask(mask.bytes, mask.name, pixels) for mask in masks) > 0


def done(chain, edit, before, after):
    """Tell whether an edit of a chain can be seen in a picture."""
    return edit_succeeded(chain[0].reference["edits"][edit], pixels_of(chain[before]), pixels_of(chain[after]))


@pytest.mark.parametrize("number", range(ROUNDS))
def test_each_round_is_done(rounds, number):
    seen = [measured(done, chain, number, number, number + 1) for chain in rounds]
    assert share(seen, unit="chain", name=f"success in round {number + 1}") >= 0.8


@pytest.mark.parametrize("number", range(1, ROUNDS))
def test_earlier_edits_are_still_there(rounds, number):
    kept = [measured(done, chain, 0, 0, number + 1) for chain in rounds]
    assert share(kept, unit="chain", name=f"edit of round 1 seen after round {number + 1}") >= 0.8


def drift(chain, number):
    """Measure what has changed from round 0 to another one, though none of the rounds was to change it."""
    source = pixels_of(chain[0])
    return compare_edit(source, pixels_of(chain[number]), union_of_masks(chain[0], number, source)).changed


@pytest.mark.parametrize("number", range(1, ROUNDS + 1))
def test_nothing_else_drifts(rounds, number):
    drifts = [measured(drift, chain, number) for chain in rounds]
    name = f"drift from round 0 to {number}"
    assert mean_of_strata(drifts, ["all"] * len(drifts), unit="chain", name=name) <= 0.005


def test_two_generators_drift_alike(two):
    first, second = ([measured(drift, chain, ROUNDS) for chain in rounds] for rounds in two)
    assert abs(mean_difference(first, second, unit="chain")) <= 0.01


def test_two_generators_do_as_much(two):
    first, second = (
        [measured(done, chain, number, number, number + 1) for chain in rounds for number in range(ROUNDS)]
        for rounds in two
    )
    chains = [chain[0].id for chain in two[0] for _ in range(ROUNDS)]
    assert abs(mean_difference(first, second, groups=chains, unit="chain")) <= 0.2
