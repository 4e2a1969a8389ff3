"""A run as a JSON document."""

from __future__ import annotations

import json
import math
import re
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from pytest_vlmperception.records import Ending, ModelRecord, ModelTotals, RunRecord, Verdict
from pytest_vlmperception.report import document_json, run_document

PAGE = (Path(__file__).parents[2] / "docs" / "json.md").read_text("utf-8")

RUN = RunRecord(
    versions={"pytest_vlmperception": None, "python": "3.11.7", "pytest": "9.2.0"},
    started=datetime(2026, 11, 5, 10, 30, 0, 250_400, timezone(timedelta(hours=1))),
    seconds=12.34567,
    exit_code=10,
    options={"model": ["openai/m"], "budget": None, "data": {}},
)
TOTALS = ModelTotals(
    provider="openai",
    model_id="m",
    base_url="http://localhost:1/v1",
    calls=4,
    hits={"c"},
    kinds={"a": "answered", "b": "refused", "c": "answered", "d": "network", "e": "network"},
    tokens={"a": (10, 1), "b": (10, None)},
    answered_as={"a": "m-2", "b": "m-2", "c": "m-1"},
)
VERDICT = Verdict(
    "t.py::test_a",
    "openai/m",
    "rho",
    math.nan,
    -math.inf,
    1.0,
    7,
    "scene",
    "x",
    ">=",
    0.8,
    "point",
    "inconclusive",
    "y",
)
TESTS = [
    Ending("t.py::test_a", "openai/m", "inconclusive", "y"),
    Ending("t.py::test_b", "openai/m", "passed"),
    Ending("t.py::test_c", "openai/m", "unavailable", "no key"),
]


def refuse(constant):
    raise AssertionError(f"{constant} is no JSON")


def read(document):
    return json.loads(document_json(document), parse_constant=refuse)


def test_a_whole_document():
    models = [ModelRecord("openai/m", TOTALS, None), ModelRecord("observer", ModelTotals(provider="observer"), 0.0)]
    document = run_document(RUN, models, TESTS, [VERDICT], [{"p": math.nan, "pairs": (1, 2)}])
    assert read(document) == {
        "schema": 1,
        "versions": {"pytest_vlmperception": None, "python": "3.11.7", "pytest": "9.2.0"},
        "started": "2026-11-05T09:30:00.250Z",
        "seconds": 12.346,
        "exit_code": 10,
        "options": {"model": ["openai/m"], "budget": None, "data": {}},
        "models": [
            {
                "asked": "observer",
                "provider": "observer",
                "model": "",
                "base_url": "",
                "returned": {},
                "calls": 0,
                "hits": 0,
                "failures": {},
                "tokens_in": 0,
                "tokens_out": 0,
                "usd": 0.0,
                "plan": None,
            },
            {
                "asked": "openai/m",
                "provider": "openai",
                "model": "m",
                "base_url": "http://localhost:1/v1",
                "returned": {"m-1": 1, "m-2": 2},
                "calls": 4,
                "hits": 1,
                "failures": {"network": 2, "refused": 1},
                "tokens_in": 20,
                "tokens_out": None,
                "usd": None,
                "plan": None,
            },
        ],
        "tests": [
            {"nodeid": "t.py::test_a", "model": "openai/m", "outcome": "inconclusive", "reason": "y"},
            {"nodeid": "t.py::test_b", "model": "openai/m", "outcome": "passed", "reason": ""},
            {"nodeid": "t.py::test_c", "model": "openai/m", "outcome": "unavailable", "reason": "no key"},
        ],
        "verdicts": [
            {
                "test": "t.py::test_a",
                "model": "openai/m",
                "name": "rho",
                "value": None,
                "low": None,
                "high": 1.0,
                "n": 7,
                "unit": "scene",
                "method": "x",
                "comparator": ">=",
                "threshold": 0.8,
                "policy": "point",
                "result": "inconclusive",
                "reason": "y",
            }
        ],
        "comparisons": [{"p": None, "pairs": [1, 2]}],
        "undecided": [
            {"nodeid": "t.py::test_a", "model": "openai/m", "outcome": "inconclusive", "reason": "y"},
            {"nodeid": "t.py::test_c", "model": "openai/m", "outcome": "unavailable", "reason": "no key"},
        ],
    }


def test_a_plan():
    totals = ModelTotals(planned={"a": (10, 1000, 1), "b": (20, 0, 300)}, timed=(1.5, 8))
    document = run_document(RUN, [ModelRecord("m", totals, 0.0, (0.1, 0.2), exact=True)], [], [])
    assert read(document)["models"][0]["plan"] == {
        "calls": 2,
        "exact": True,
        "tokens_text": 30,
        "tokens_pictures": 1000,
        "tokens_out": 301,
        "usd_low": 0.1,
        "usd_high": 0.2,
        "call_seconds": 1.5,
    }


@pytest.mark.parametrize("text", ["\ud800 half", "\U0001f600", "\x00\x1b[2J", 'a "b" \\'])
def test_any_text_can_be_read_by_any_reader(text):
    data = document_json(run_document(RUN, [], [Ending(text, text, "passed")], []))
    nodeid = json.loads(data)["tests"][0]["nodeid"]
    # A half of a character alone cannot be written as UTF-8.
    assert nodeid.encode("utf-8").decode("utf-8") == text.replace("\ud800", "\ufffd")
    assert data.isascii()


def keys(value):
    """Yield the names of all fields; those of objects by name are no fields."""
    for name, inner in value.items():
        yield name
        for item in inner if isinstance(inner, list) else [inner]:
            if isinstance(item, dict) and name not in {"returned", "failures", "data"}:
                yield from keys(item)


def test_the_page_has_every_field():
    totals = ModelTotals(planned={"a": (1, 1, 1)})
    document = run_document(RUN, [ModelRecord("m", totals, 0.0, (None, None))], TESTS, [VERDICT])
    documented = set(re.findall(r"`([a-z_]+)`", PAGE))
    assert sorted(set(keys(document)) - documented) == []
