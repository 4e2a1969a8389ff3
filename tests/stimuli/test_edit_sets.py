"""Editing scenes in manifests: what they hold, and that the painter and its measures agree on them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from pytest_vlmperception import StimulusSet
from pytest_vlmperception.errors import StimulusError
from pytest_vlmperception.models import ModelSpec
from pytest_vlmperception.models.painter import Painter
from pytest_vlmperception.pictures import decode, decode_mask
from pytest_vlmperception.pictures.editing import compare_edit, edit_succeeded
from pytest_vlmperception.pictures.prompted import ACTIONS, parse_instruction
from pytest_vlmperception.pictures.scene_reading import read_scene
from pytest_vlmperception.records import Edit, Picture, Question, Stimulus
from pytest_vlmperception.stimuli import edit_instructions, edit_masks

SUITE = Path(__file__).parents[2] / "suites" / "image_generation" / "stimuli"


def load(folder: Path, text: str) -> StimulusSet:
    (folder / "edits.toml").write_text(text, encoding="utf-8")
    return StimulusSet.load("edits.toml", beside=folder / "test_x.py")


@pytest.fixture(scope="module")
def single() -> StimulusSet:
    return StimulusSet.load(SUITE / "edits.toml")


@pytest.fixture(scope="module")
def chains() -> StimulusSet:
    return StimulusSet.load(SUITE / "edit_chains.toml")


def painted(picture: Picture, edit: Edit, **parameters: object) -> Picture:
    spec = ModelSpec("painter", "painter", "", {name: str(value) for name, value in parameters.items()})
    reply = Painter(spec).ask(Question(edit.instruction, (picture,), makes="picture", mask=edit.mask))
    assert reply.kind == "answered", (edit.instruction, reply.text)
    (made,) = reply.pictures
    return Picture("made", lambda: (made.media_type, made.data))


def test_every_scene_comes_with_every_action(single: StimulusSet) -> None:
    assert len(single) == 6 * len(ACTIONS)
    assert Counter(stimulus.groups["action"] for stimulus in single) == dict.fromkeys(ACTIONS, 6)
    assert len({stimulus.sha256 for stimulus in single}) == len({each.groups["scene"] for each in single}) == 6
    assert single[0].id == "scene01-recolour"
    for stimulus in single:
        (edit,) = stimulus.reference["edits"]
        assert stimulus.reference["instruction"] == edit.instruction
        assert parse_instruction(edit.instruction).action == stimulus.groups["action"]
        assert (edit.source == edit.target) == (edit.mask is None) == (stimulus.groups["action"] in ("blur", "nothing"))


def test_a_source_shows_its_scene(single: StimulusSet) -> None:
    for stimulus in single[:: len(ACTIONS)]:
        (edit,) = stimulus.reference["edits"]
        seen = Counter((shape.kind, shape.colour) for shape in read_scene(decode(stimulus.bytes, stimulus.id)).shapes)
        assert seen == Counter((shape.kind, shape.colour) for shape in edit.source.shapes)
        assert len(seen) == 4


def test_instructions_and_masks_for_the_verb(single: StimulusSet, chains: StimulusSet) -> None:
    assert edit_instructions(single)[single[0]] == single[0].reference["instruction"]
    assert edit_instructions(chains, 2)[chains[0]] == chains[0].reference["edits"][2].instruction
    assert set(edit_masks(single)) == {each for each in single if each.groups["action"] not in ("blur", "nothing")}
    assert len(edit_masks(chains, 1)) == len(chains)


def test_the_masks_of_a_chain_do_not_overlap_and_hold_what_changes(chains: StimulusSet) -> None:
    assert len(chains) == 8
    for chain in chains:
        edits = chain.reference["edits"]
        assert len({parse_instruction(edit.instruction).action for edit in edits}) == 3
        assert [edit.source for edit in edits[1:]] == [edit.target for edit in edits[:-1]]
        masks = [decode_mask(edit.mask.bytes, "mask") for edit in edits]
        assert np.sum(masks, axis=0).max() == 1
        # No less than a tenth of a side, and never most of the picture.
        assert all(0.01 < mask.mean() < 0.3 for mask in masks)


def measured(stimulus: Stimulus, **parameters: object) -> dict[str, bool]:
    """What the tests of a suite would look at: True where all is well."""
    (edit,) = stimulus.reference["edits"]
    before = decode(stimulus.bytes, stimulus.id)
    after = decode(painted(stimulus.picture, edit, **parameters).bytes, "made")
    mask = None if edit.mask is None else decode_mask(edit.mask.bytes, "mask")
    found = compare_edit(before, after, mask)
    blurs = stimulus.groups["action"] == "blur"
    return {
        "success": edit_succeeded(edit, before, after),
        "rest": blurs or found.changed < 0.003,
        "frame": found.framing.kept > 0.93,
        "tone": abs(found.cast.b) < 2,
    }


# What each fault makes fail, of every action, or of one.
SPOILS = {
    "none": {},
    "crop": {"frame": ACTIONS},
    "colour_cast": {"tone": ACTIONS},
    "redraw": {"rest": [action for action in ACTIONS if action != "blur"]},
    "sharpen": {"success": ["blur"]},
    "misspell": {"success": ["write"]},
}


def expected(action: str, fault: str) -> dict[str, bool]:
    return {name: action not in SPOILS[fault].get(name, ()) for name in ("success", "rest", "frame", "tone")}


@pytest.mark.parametrize("fault", SPOILS)
def test_a_fault_fails_what_it_concerns_and_nothing_else(single: StimulusSet, fault: str) -> None:
    # Of some actions one scene, each time another.
    for number, action in enumerate(["recolour", "write", "blur"] if fault != "none" else ACTIONS):
        stimulus = single[f"scene0{number % 6 + 1}-{action}"]
        assert measured(stimulus, fault=fault) == expected(action, fault), stimulus.id


@pytest.mark.slow
@pytest.mark.parametrize("fault", SPOILS)
def test_a_fault_fails_what_it_concerns_in_all_scenes(single: StimulusSet, fault: str) -> None:
    found = {stimulus: measured(stimulus, fault=fault) for stimulus in single}
    strange = [each for each in single if found[each] != expected(each.groups["action"], fault)]
    # Shapes that lie a little elsewhere can by chance lie as after a crop.
    assert len(strange) <= (1 if fault == "redraw" else 0), strange


def test_every_mistake_fails(single: StimulusSet) -> None:
    for number, action in enumerate(ACTIONS):
        stimulus = single[f"scene0{number % 6 + 1}-{action}"]
        assert not measured(stimulus, mistakes=1)["success"], stimulus.id


def test_chains_are_done_round_by_round_and_earlier_edits_hold(chains: StimulusSet) -> None:
    for chain in chains[:3]:
        pictures = [chain.picture]
        for edit in chain.reference["edits"]:
            pictures.append(painted(pictures[-1], edit))
        first, *rounds = (decode(picture.bytes, "round") for picture in pictures)
        for done, pixels in enumerate(rounds, 1):
            edits = chain.reference["edits"][:done]
            assert all(edit_succeeded(edit, first, pixels) for edit in edits)
            mask = np.any([decode_mask(edit.mask.bytes, "mask") for edit in edits], axis=0)
            assert np.array_equal(first[~mask], pixels[~mask])


def test_seeds_give_other_scenes_and_ids(tmp_path: Path) -> None:
    both = load(
        tmp_path, "[[edits]]\nscenes = 1\nactions = ['add']\n[[edits]]\nscenes = 1\nseed = 7\nactions = ['add']\n"
    )
    assert both.ids == ("scene01-add", "scene01-s7-add")
    assert both[0].sha256 != both[1].sha256
    again = load(tmp_path, "[[edits]]\nscenes = 3\nactions = ['add']\n")
    assert again[0].sha256 == both[0].sha256


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("[[edits]]\nscene = 3", "edits.toml, edits 1: key 'scene' is not known; did you mean 'scenes'"),
        ("[[edits]]\nscenes = 0", "scenes = 0; expected a whole number from 1 to 99"),
        ("[[edits]]\nrounds = 5", "rounds = 5; expected a whole number from 1 to 4"),
        ("[[edits]]\nactions = ['recolor']", "actions: 'recolor' is not known; did you mean 'recolour'"),
        (
            "[[edits]]\nrounds = 2\nactions = ['blur']",
            "'blur' is not known in several rounds; known: add, recolour, remove",
        ),
        ("[[edits]]\n[[edits]]", "edits 2: id 'scene01-recolour' is taken by edits.toml, edits 1"),
    ],
)
def test_tables_that_cannot_be_used(tmp_path: Path, text: str, match: str) -> None:
    with pytest.raises(StimulusError, match=match):
        load(tmp_path, text)


def test_rounds_that_are_not_there(single: StimulusSet, tmp_path: Path) -> None:
    with pytest.raises(StimulusError, match="scene01-recolour has 1 edits, not round 1; rounds count from 0"):
        edit_instructions(single, 1)
    faces = load(tmp_path, "[[faces]]\nidentities = ['ada']\nemotions = ['neutral']")
    with pytest.raises(StimulusError, match="ada-neutral has 0 edits"):
        edit_masks(faces)
