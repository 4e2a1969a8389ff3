"""Models that answer by a function, with nothing of pytest around them."""

from __future__ import annotations

import pytest
from fakes import FakeModel, World

from pytest_vlmperception.verbs import VisionModel


class AllAtOnce:
    """Look-ahead as in a test's body."""

    def ahead(self, items):
        return items

    def reader(self):
        return ""

    def saw(self, answers, item):
        pass


@pytest.fixture
def ask(tmp_path):
    """Make a model that answers by a function; its fake is ``ask.fakes[-1]``."""
    worlds = []

    def make(answer, **settings):
        fake = FakeModel(answer)
        make.fakes.append(fake)
        world = World(tmp_path / f"{len(worlds)}", fake, "run")
        worlds.append(world)
        return VisionModel(world.caller, AllAtOnce(), **settings)

    make.fakes = []
    yield make
    for world in worlds:
        world.__exit__()
