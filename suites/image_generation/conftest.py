"""Pictures that an image generator makes and edits, what is seen in them, and a calibrated judge of them."""

from __future__ import annotations

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


def compared(before, after):
    """Return what an edit has changed outside its mask."""
    mask, source = before.reference["edits"][0].mask, pixels_of(before)
    return compare_edit(source, pixels_of(after), mask and decode_mask(mask.bytes, mask.name, source))


def succeeded(before, after):
    """Tell whether an edit is done."""
    return edit_succeeded(before.reference["edits"][0], pixels_of(before), pixels_of(after))


class Edited:
    """What edits did: ``succeeded(before, after)`` and ``measures(before, after)``, each found once for all modules."""

    def __init__(self):
        self._found = {}

    def measures(self, before, after):
        return self._once(compared, before, after)

    def succeeded(self, before, after):
        return self._once(succeeded, before, after)

    def _once(self, measure, before, after):
        key = measure, before.id, before.picture.sha256, after.picture.sha256
        if key not in self._found:
            self._found[key] = measure(before, after)
        return self._found[key]


@pytest.fixture(scope="session")
def edit():
    """What was measured of the edits."""
    return Edited()
