"""What the tests of facial expressions share."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="module")
def faces(stimuli):
    """Six schematic identities, each with the same expressions."""
    return stimuli("faces")
