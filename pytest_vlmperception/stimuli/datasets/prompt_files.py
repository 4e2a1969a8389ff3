"""The tables ``[[geneval]]`` and ``[[wise]]`` of a manifest: which formats there are."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pytest_vlmperception.stimuli.datasets.geneval import GENEVAL
from pytest_vlmperception.stimuli.datasets.prompt_formats import PromptFormat
from pytest_vlmperception.stimuli.datasets.wise import WISE

__all__ = ["FORMATS"]

FORMATS: Mapping[str, PromptFormat] = MappingProxyType({each.name: each for each in (GENEVAL, WISE)})
"""By name."""
