"""One run and its models, as they are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pytest_vlmperception.records.totals import ModelTotals

__all__ = ["ModelRecord", "RunRecord"]


@dataclass(frozen=True)
class RunRecord:
    """What is known of a run besides what it found.

    Attributes
    ----------
    versions : mapping of str to (str or None)
        Of this package, Python and pytest; None where it is not known.
    started : datetime
        With its time zone.
    seconds : float
        How long it took.
    exit_code : int
        What it exits with.
    options : mapping
        What was asked for, by name; holds no secret.
    """

    versions: Mapping[str, str | None]
    started: datetime
    seconds: float
    exit_code: int
    options: Mapping[str, Any]


@dataclass(frozen=True)
class ModelRecord:
    """What a run asked of a model, and what that costs.

    Attributes
    ----------
    asked : str
        The model's name, as it is shown.
    totals : ModelTotals
        Calls, hits, failures and tokens.
    usd : float or None
        US dollars paid; None where that is not known.
    planned_usd : tuple of (float or None) or None
        US dollars that a real run costs at least and at most; None where nothing was planned.
    exact : bool
        Whether the plan knows every question.
    """

    asked: str
    totals: ModelTotals
    usd: float | None
    planned_usd: tuple[float | None, float | None] | None = None
    exact: bool = False
