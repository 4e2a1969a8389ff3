"""Lines of the summary: one table of cases."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from pytest_vlmperception.records import ModelTotals, Verdict, counted
from pytest_vlmperception.report import totals_line, verdict_line

RHO = Verdict("t.py::test", "observer", "rho", 0.9123, 0.8, 1.0, 7, "scene", "", ">=", 0.8, "point", "passed")

LINES = {
    "passed        rho 0.912 [0.8, 1] >= 0.8, n = 7 scenes  observer  t.py::test": {},
    "failed        rho 0.912 [0.8, 1] >= 0.8 (confident), n = 7 scenes  observer  t.py::test": {
        "result": "failed",
        "policy": "confident",
    },
    "passed        rho 0.912 [-, -] >= 0.8, n = 1 scene  observer  t.py::test": {
        "low": math.nan,
        "high": math.nan,
        "n": 1,
    },
    "passed        rho 0.912 [0.8, 1] >= 0.8, n = 7 stimuli  t.py::test": {"unit": "stimulus", "model": ""},
    "inconclusive  rho: constant (>= 0.8)  observer  t.py::test": {"result": "inconclusive", "reason": "rho: constant"},
}


@pytest.mark.parametrize(("line", "changes"), LINES.items())
def test_verdict_line(line, changes):
    assert verdict_line(replace(RHO, **changes)) == line


def test_totals_line():
    totals = ModelTotals(
        "p",
        "m",
        "",
        3,
        {"a"},
        {"a": "answered", "b": "unparsed", "c": "key", "d": "key"},
        {"a": (10, 1), "b": (20, None)},
    )
    assert totals_line("m", totals, None) == (
        "m: 3 calls, 1 hit, failures: 2 key, 1 unparsed, tokens 30 in, unknown out, USD unknown"
    )
    assert totals_line("m", ModelTotals(), 0.0) == "m: 0 calls, 0 hits, no failures, tokens 0 in, 0 out, USD 0.00"


@pytest.mark.parametrize(
    ("n", "unit", "text"),
    [
        (1, "pair", "1 pair"),
        (2, "pair", "2 pairs"),
        (0, "stimulus", "0 stimuli"),
        (2, "query", "2 queries"),
        (3, "day", "3 days"),
    ],
)
def test_counted(n, unit, text):
    assert counted(n, unit) == text
