"""Edits of pictures whose content is known before and after."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_vlmperception.records.scene import Scene
from pytest_vlmperception.records.stimulus import Picture

__all__ = ["Edit"]


@dataclass(frozen=True)
class Edit:
    """One change of a picture of shapes.

    Attributes
    ----------
    instruction : str
        As it is sent.
    source, target : Scene
        What the picture shows, and what it is to show; new things may lie anywhere within the mask.
    mask : Picture or None
        Where it is to be changed: white there, black elsewhere. None where that is nowhere, or everywhere.
    """

    instruction: str
    source: Scene
    target: Scene
    mask: Picture | None = None
