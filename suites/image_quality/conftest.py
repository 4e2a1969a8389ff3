"""Stimuli of the image-quality suite."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="module")
def renderings(stimuli):
    """Seven photographs, each rendered seven times with contrast and chroma varied independently."""
    return stimuli("renderings")
