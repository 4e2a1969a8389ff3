"""What all processes of a run share; light, because the controller needs it before any test."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from dataclasses import asdict, dataclass

import pytest

from pytest_vlmperception.options import given_by_user, settings_of

__all__ = ["RunId"]


@dataclass(frozen=True)
class RunId:
    """Made by the controller, sent to its workers.

    Attributes
    ----------
    name : str
        Distinguishes this run's rows in the store.
    folder : str
        A private folder for what goes with the run.
    trusted : tuple of str
        Models that the user named on the command line or in the environment.
    """

    name: str
    folder: str
    trusted: tuple[str, ...]

    @classmethod
    def new(cls, config: pytest.Config) -> RunId:
        """Make the id of a new run."""
        settings = settings_of(config)
        folder = tempfile.mkdtemp(prefix="vlmperception-")
        trusted = tuple(name for name in (*settings.all_models, *settings.image_models) if given_by_user(config, name))
        return cls(os.urandom(8).hex(), folder, trusted)

    def to_json(self) -> str:
        """Return the id as text for a worker."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> RunId:
        """Read the id that the controller sent."""
        content = json.loads(text)
        return cls(content["name"], content["folder"], tuple(content["trusted"]))

    def close(self) -> None:
        """Remove the private folder."""
        shutil.rmtree(self.folder, ignore_errors=True)
