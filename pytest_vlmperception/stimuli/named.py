"""Sets of a suite, by name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pytest_vlmperception.errors import StimulusError, choices_hint
from pytest_vlmperception.stimuli.sets import StimulusSet

__all__ = ["load_named"]

FOLDER = "stimuli"


def load_named(name: str, folders: Sequence[Path]) -> StimulusSet:
    """Load ``stimuli/NAME.toml`` of the first folder that has it.

    Parameters
    ----------
    name : str
        The manifest's stem.
    folders : sequence of Path
        The folder of the test file, then those above it.

    Raises
    ------
    StimulusError
        If no folder has the set, or the manifest cannot be used.
    """
    known = {path.stem for folder in folders for path in (folder / FOLDER).glob("*.toml")}
    if name not in known:
        where = f"{folders[0] / FOLDER} or a stimuli/ folder above it"
        raise StimulusError(f"there is no stimulus set {name!r} in {where}; {choices_hint(str(name), known)}")
    suite = next(folder for folder in folders if (folder / FOLDER / f"{name}.toml").is_file())
    return StimulusSet.load(f"{FOLDER}/{name}.toml", beside=suite / FOLDER)
