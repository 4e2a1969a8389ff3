"""Scenes of shapes: skills times levels of difficulty, with the right answer known by construction."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from types import MappingProxyType

from pytest_vlmperception.errors import StimulusError, choices_hint
from pytest_vlmperception.pictures import encode_png
from pytest_vlmperception.pictures.scenes import Lottery
from pytest_vlmperception.records import Picture, Scene, Stimulus
from pytest_vlmperception.stimuli.entries import Entry
from pytest_vlmperception.stimuli.scene_families import FAMILIES, FRAME, LEVELS, Posed

__all__ = ["SCENES_KEYS", "scenes"]

SCENES_KEYS = {"family", "levels", "per_level", "seed", "side_px"}

DEFAULT_PER_LEVEL, MOST_PER_LEVEL = 6, 1000
DEFAULT_SIDE_PX, MIN_SIDE_PX, MAX_SIDE_PX = 384, 256, 1024
MOST_SEED = 2**53


def scenes(entry: Entry) -> list[Stimulus]:
    """Return the stimuli of one ``[[scenes]]`` table: on every level as many scenes of one family.

    Each belongs to the groups ``skill``, ``level`` and ``scene``. Its reference values are ``answer``, ``level`` and
    what makes its family difficult; see `scene_families`.

    Raises
    ------
    StimulusError
        If the table cannot be used.
    """
    entry.check_keys(SCENES_KEYS | {"source", "licence"})
    family = entry.text("family")
    if family not in FAMILIES:
        raise StimulusError(f"{entry.where}: family: {family!r} is not known; {choices_hint(family, FAMILIES)}")
    seed = entry.whole_number("seed", 0, MOST_SEED, 0)
    side_px = entry.whole_number("side_px", MIN_SIDE_PX, MAX_SIDE_PX, DEFAULT_SIDE_PX)
    return [stimulus(family, level, number, seed, side_px) for level, number in numbered(entry)]


def numbered(entry: Entry) -> Iterator[tuple[int, int]]:
    """Yield level and number of each scene."""
    per_level = entry.whole_number("per_level", 1, MOST_PER_LEVEL, DEFAULT_PER_LEVEL)
    for level in entry.whole_numbers("levels", 1, LEVELS, list(range(1, LEVELS + 1))):
        for number in range(1, per_level + 1):
            yield level, number


def stimulus(family: str, level: int, number: int, seed: int, side_px: int) -> Stimulus:
    """Return one stimulus, whose picture is drawn when its bytes are needed."""
    posed: Posed = FAMILIES[family](level, Lottery(seed, family, level, number))
    id_ = f"{family}-{level}-{number:02d}{f'-s{seed}' if seed else ''}"
    return Stimulus(
        id=id_,
        picture=Picture(f"scene {id_} {side_px}px", partial(drawn, posed.scene, side_px)),
        groups=MappingProxyType({"skill": family, "level": str(level), "scene": id_}),
        reference=MappingProxyType({"answer": posed.answer, "level": level, **posed.reference}),
    )


def drawn(scene: Scene, side_px: int) -> tuple[str, bytes]:
    """Return the media type and the bytes of a scene."""
    # Loads numpy, which a set that is only listed does not need.
    from pytest_vlmperception.pictures.scenes import draw_scene

    return "image/png", encode_png(draw_scene(scaled(scene, side_px / FRAME)))


def scaled(scene: Scene, factor: float) -> Scene:
    """Return a scene of another size."""
    shapes = tuple(
        replace(each, x=each.x * factor, y=each.y * factor, size=each.size * factor) for each in scene.shapes
    )
    side = round(FRAME * factor)
    return replace(scene, shapes=shapes, width=side, height=side)
