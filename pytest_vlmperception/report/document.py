"""A run as one JSON document, for programs."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import UTC
from typing import Any

from pytest_vlmperception.records import UNDECIDED, Ending, ModelRecord, RunRecord, Verdict

__all__ = ["SCHEMA", "document_json", "run_document"]

# Raised when a field changes its meaning or goes away; new fields do not raise it.
SCHEMA = 1


def run_document(
    run: RunRecord,
    models: Sequence[ModelRecord],
    tests: Sequence[Ending],
    verdicts: Sequence[Verdict],
    comparisons: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """Return what a run found, as nothing but what JSON has.

    Parameters
    ----------
    run : RunRecord
        The run itself.
    models : sequence of ModelRecord
        The models that were asked, in any order.
    tests : sequence of Ending
        What each test of a model came to, in the order of collection.
    verdicts : sequence of Verdict
        What was held against a threshold, in the order of collection.
    comparisons : sequence of mapping
        What two models, or two prompts, came to against each other.

    Returns
    -------
    dict
        The same for the same run, however many processes it took, but for the times. A number that is not
        known or not finite is None.
    """
    content = {
        "schema": SCHEMA,
        "versions": run.versions,
        "started": run.started.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "seconds": round(run.seconds, 3),
        "exit_code": run.exit_code,
        "options": run.options,
        "models": [model_object(model) for model in sorted(models, key=lambda model: model.asked)],
        "tests": tests,
        "verdicts": verdicts,
        "comparisons": comparisons,
        "undecided": [test for test in tests if test.outcome in UNDECIDED],
    }
    document: dict[str, Any] = plain(content)
    return document


def model_object(model: ModelRecord) -> dict[str, Any]:
    """Return what a run asked of a model."""
    totals = model.totals
    return {
        "asked": model.asked,
        "provider": totals.provider,
        "model": totals.model_id,
        "base_url": totals.base_url,
        "returned": dict(sorted(totals.returned.items())),
        "calls": totals.calls,
        "hits": len(totals.hits),
        "failures": dict(sorted(totals.failures.items())),
        "tokens_in": totals.tokens_in,
        "tokens_out": totals.tokens_out,
        "usd": model.usd,
        "plan": None if model.planned_usd is None else plan_object(model, *model.planned_usd),
    }


def plan_object(model: ModelRecord, usd_low: float | None, usd_high: float | None) -> dict[str, Any]:
    """Return what a real run would ask of a model."""
    text, pictures, out = (sum(tokens[part] for tokens in model.totals.planned.values()) for part in range(3))
    return {
        "calls": len(model.totals.planned),
        "exact": model.exact,
        "tokens_text": text,
        "tokens_pictures": pictures,
        "tokens_out": out,
        "usd_low": usd_low,
        "usd_high": usd_high,
        "call_seconds": None if model.totals.timed is None else model.totals.timed[0],
    }


def plain(value: Any) -> Any:
    """Return a value as what JSON has; a number that is not finite is None."""
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, Mapping):
        return {plain(str(name)): plain(inner) for name, inner in value.items()}
    if isinstance(value, str):
        # Half a character, as a test's parameter may hold, is no JSON text for most readers.
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, Sequence):
        return [plain(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def document_json(document: Mapping[str, Any]) -> bytes:
    """Return a document as ASCII JSON that strict readers take."""
    return json.dumps(document, allow_nan=False, indent=1).encode("ascii") + b"\n"
