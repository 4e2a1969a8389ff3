"""Pictures that an image generator makes and edits, what is seen in them, and a calibrated judge of them."""

from __future__ import annotations

from functools import cache

import pytest

from pytest_vlmperception import Calibration, checklist, pixels_of
from pytest_vlmperception.pictures import decode_mask
from pytest_vlmperception.pictures.editing import compare_edit, edit_succeeded
from pytest_vlmperception.stimuli import edit_instructions, edit_masks, known_pictures


@pytest.fixture(scope="module")
def shapes(prompt_sets):
    """Prompts of our own for the six tasks of GenEval."""
    return prompt_sets("shapes")


@pytest.fixture(scope="module")
def pictures(image_model, shapes):
    """One picture for each of these prompts."""
    return image_model.generate(shapes)


@pytest.fixture(scope="module")
def calibration(judge, shapes):
    """How far the judge can be believed: it grades drawings that are right, or wrong in one known respect."""
    grades = judge.grade(known_pictures(shapes), checklist)
    return Calibration.of(grades, "scene")


@pytest.fixture(scope="module")
def edits(stimuli):
    """Scenes of shapes, each with one edit of every kind."""
    return stimuli("edits")


@pytest.fixture(scope="module")
def edited(image_model, edits):
    """These scenes after their edits."""
    return image_model.edit(edits, edit_instructions(edits), masks=edit_masks(edits))


class Edited:
    """What an edit did: ``succeeded(stimulus, edited)`` and the measures of `compare_edit`, each computed once."""

    def __init__(self):
        self.measures = cache(self._measures)
        self.succeeded = cache(self._succeeded)

    def _measures(self, before, after):
        mask = before.reference["edits"][0].mask
        source = pixels_of(before)
        return compare_edit(source, pixels_of(after), mask and decode_mask(mask.bytes, mask.name, source))

    def _succeeded(self, before, after):
        return edit_succeeded(before.reference["edits"][0], pixels_of(before), pixels_of(after))


@pytest.fixture(scope="module")
def edit(edited):
    """What was measured of the edits, by kind of edit."""
    return Edited()
