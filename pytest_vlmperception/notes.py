"""What each report of a test carries to the controller."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, is_dataclass
from typing import Any

import pytest

from pytest_vlmperception.options import SHARED
from pytest_vlmperception.records import Batch, Estimate, Measurement, Observation, Verdict

__all__ = ["Note", "strict_json"]


@dataclass(frozen=True)
class Note:
    """What one report of a test carries to the controller, as one JSON text.

    Attributes
    ----------
    events : sequence
        Drained from the ledger: of any test, because calls are made in the background.
    verdicts : list of Verdict
        Comparisons that the test made.
    outcome, reason : str
        ``inconclusive``, ``unavailable`` or ``skipped`` for want of an answer, and why; else empty.
    concerned : bool
        Whether the test uses a model or compared an estimate.
    test, subject : str
        The test without the model among its parameters, and the model.
    reference : str
        What became of a test that only shows what a model is held against; else empty.
    measurements : list of Measurement
        What the test measured, where that is kept.
    observations : list of (str, Observation)
        What was said, where that is kept, each with what tells its batch from others by the same prompt.
    """

    events: Sequence[Sequence[Any]]
    verdicts: list[Verdict] = field(default_factory=list)
    outcome: str = ""
    reason: str = ""
    concerned: bool = False
    test: str = ""
    model: str = ""
    subject: str = ""
    reference: str = ""
    measurements: list[Measurement] = field(default_factory=list)
    observations: list[tuple[str, Observation]] = field(default_factory=list)

    def attach(self, report: pytest.TestReport) -> None:
        """Put the note on a report; text survives every transport between processes."""
        # Not asdict: it copies each of thousands of replicates.
        setattr(report, SHARED, json.dumps(self, default=vars))

    def slim(self) -> Note:
        """Return what is still asked for when a report is shown."""
        return Note([], outcome=self.outcome, concerned=self.concerned, reference=self.reference)

    @classmethod
    def of(cls, report: Any) -> Note | None:
        """Return the note on a report, if it has one."""
        text = getattr(report, SHARED, None)
        if not isinstance(text, str):
            return None
        content = json.loads(text)
        read = {
            "verdicts": [Verdict(**verdict) for verdict in content["verdicts"]],
            "measurements": list(map(measurement_of, content["measurements"])),
            "observations": [(batch, Observation(**said)) for batch, said in content["observations"]],
        }
        return cls(**{**content, **read})


def measurement_of(content: Mapping[str, Any]) -> Measurement:
    """Return a measurement that another process sent."""
    estimate = content["estimate"]
    units = tuple((name, value) for name, value in estimate["units"])
    replicates = None if estimate["replicates"] is None else tuple(estimate["replicates"])
    return Measurement(**{
        **content,
        "estimate": Estimate(**{**estimate, "units": units, "replicates": replicates}),
        "batches": tuple(Batch(**batch) for batch in content["batches"]),
    })


def strict_json(value: Any) -> str:
    """Return JSON that strict readers take: what is not a number is null."""
    content = asdict(value) if is_dataclass(value) and not isinstance(value, type) else value
    if isinstance(content, dict):
        content = {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in content.items()}
    return json.dumps(content, allow_nan=False)
