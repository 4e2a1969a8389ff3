"""Distorted pictures with scores of people: what the sets of picture quality have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_vlmperception.errors import StimulusError
from pytest_vlmperception.records import Stimulus
from pytest_vlmperception.stimuli.datasets.measured import MEASURES, Measured
from pytest_vlmperception.stimuli.datasets.selection import chosen_levels, chosen_texts
from pytest_vlmperception.stimuli.entries import Entry
from pytest_vlmperception.stimuli.files import file_picture
from pytest_vlmperception.stimuli.ids import check_id

__all__ = ["KEYS", "LEVELS", "Scored", "chosen"]

KEYS = frozenset({"scenes", "distortions", "levels", "measured"})

LEVELS = 5


@dataclass(frozen=True)
class Scored:
    """One distorted picture with its score.

    Attributes
    ----------
    where : str
        Its line, for messages.
    file : str
        Its name.
    scene, distortion : str
        The picture that was distorted, and how.
    level : int
        As the data set numbers it.
    quality : float
        Higher is better.
    quality_sd : float or None
        Standard deviation over observers, where it is known.
    """

    where: str
    file: str
    scene: str
    distortion: str
    level: int
    quality: float
    quality_sd: float | None = None

    @property
    def id(self) -> str:
        """What it is: file names differ in letter case from copy to copy."""
        return check_id(f"{self.scene}-{self.distortion}-{self.level}", self.where)


def chosen(
    entry: Entry,
    found: Iterable[Scored],
    file_of: Callable[[Scored], Path],
    scale: str,
    distortions: Sequence[str],
    unordered: Iterable[str] = (),
) -> Iterator[tuple[str, Stimulus]]:
    """Yield the stimuli that a manifest chooses, each with its line.

    Parameters
    ----------
    entry : Entry
        The table ``[dataset]``.
    found : iterable of Scored
        All that the data set lists.
    file_of : callable
        Returns the path of a picture that was chosen.
    scale : str
        What the quality is, its range and direction.
    distortions : sequence of str
        All that the data set has.
    unordered : iterable of str
        Distortions whose levels are no order of severity: they are a group only, no reference value.
    """
    scored = list(found)
    if not scored:
        raise StimulusError(f"{entry.where}: the data set lists no picture; complete it")
    wanted = set(chosen_texts(entry, "distortions", distortions))
    levels = chosen_levels(entry, "levels", LEVELS)
    scenes = set(chosen_texts(entry, "scenes", list(dict.fromkeys(each.scene for each in scored))))
    measured = chosen_texts(entry, "measured", MEASURES) if "measured" in entry.table else []
    for each in scored:
        if each.scene in scenes and each.distortion in wanted and each.level in levels:
            reference = reference_of(each, scale, ordered=each.distortion not in unordered)
            yield each.where, stimulus_of(each, file_of(each), reference, measured)


def stimulus_of(each: Scored, path: Path, reference: Mapping[str, Any], measured: Sequence[str]) -> Stimulus:
    """Return the stimulus of one picture."""
    picture = file_picture(path)
    return Stimulus(
        id=each.id,
        picture=picture,
        groups={"scene": each.scene, "distortion": each.distortion, "level": str(each.level)},
        reference=Measured(reference, picture, measured) if measured else reference,
    )


def reference_of(each: Scored, scale: str, ordered: bool) -> dict[str, Any]:
    """Return the reference values of one picture; a value that is not known is not there."""
    reference: dict[str, Any] = {"quality": each.quality, "quality_scale": scale}
    if each.quality_sd is not None:
        reference["quality_sd"] = each.quality_sd
    if ordered:
        reference["level"] = float(each.level)
    return reference
