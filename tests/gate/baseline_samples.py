"""A small baseline, and any baseline."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import get_args

from hypothesis import strategies as st

from pytest_vlmperception.gate.baselines import Baseline
from pytest_vlmperception.records import Batch, Estimate, Measurement, Observation, Status

KEY = ("suites/iq/test_alignment.py::test_orders[contrast]", "Spearman rho", 0, ">=")
BATCH = Batch("compare", "more_contrast", "a1" * 32, "b2" * 32, 40, 3)
RHO = Estimate(
    0.87,
    0.81,
    math.inf,
    20,
    unit="scene",
    method="mean over scenes; bootstrap",
    name="Spearman rho",
    replicates=(0.85, math.nan, 0.1 + 0.2, 5e-324, -0.0),
    design="c3" * 32,
    units=(("kodim01", 0.9), ("日本", 0.25)),
)
SAID = (
    Observation("observer", "describe", "expression", "face 1", "answered", "positive happiness", 0.25),
    Observation("observer", "describe", "expression", "face 2", "refused"),
)


def measured(estimate=RHO, test=KEY[0], **changes):
    given = {"comparator": ">=", "threshold": 0.8, "batches": (BATCH,), **changes}
    return Measurement(test, "observer", 0, estimate, **given)


def baseline(**changes):
    given = {
        "name": "main",
        "written": "2026-11-03T09:30:00Z",
        "commit": "d4" * 20,
        "reason": "",
        "model": "observer",
        "returned": ("observer-1",),
        "versions": {"pytest-vlmperception": "0.1.0", "python": "3.12.1"},
        "measurements": (measured(),),
        "observations": SAID,
        "tests": {KEY[0]: "passed", "suites/iq/test_alignment.py::test_bias": "inconclusive"},
    }
    return Baseline(**{**given, **changes})


def everything(value):
    """All that a baseline holds, to the last bit: its repr tells NaN, -0.0 and every float apart."""
    return repr(asdict(value))


# Two halves of a character beside each other are one character in JSON: here there are only single ones.
TEXTS = st.text(max_size=12) | st.sampled_from([
    "",
    "\ud800",
    "\0\x1b[2J\x7f\x85\u2028\u202e\ufeff😀\r\n",
    "\xa0\u3000",
])
FLOATS = st.floats()
FINITE = st.floats(allow_nan=False, allow_infinity=False)
COUNTS = st.integers(0, 2**53)
ESTIMATES = st.builds(
    Estimate,
    FLOATS,
    FLOATS,
    FLOATS,
    COUNTS,
    level=st.floats(0, 1, exclude_min=True, exclude_max=True),
    unit=TEXTS,
    method=TEXTS,
    name=TEXTS,
    replicates=st.none() | st.lists(FLOATS, max_size=8).map(tuple),
    p=st.none() | FINITE,
    design=st.none() | TEXTS,
    units=st.lists(st.tuples(TEXTS, FLOATS), max_size=3).map(tuple),
    missing=COUNTS,
    reason=TEXTS,
    unavailable=st.booleans(),
    scale=st.sampled_from(["linear", "log"]),
)
BATCHES = st.builds(Batch, TEXTS, TEXTS, TEXTS, TEXTS, COUNTS, COUNTS)
MEASUREMENTS = st.builds(
    Measurement,
    TEXTS,
    TEXTS,
    COUNTS,
    ESTIMATES,
    st.sampled_from([">=", ">", "<=", "<"]),
    FINITE,
    policy=TEXTS,
    margin=st.none() | FINITE,
    batches=st.lists(BATCHES, max_size=2).map(tuple),
)
OBSERVATIONS = st.builds(
    Observation, TEXTS, TEXTS, TEXTS, TEXTS, st.sampled_from(get_args(Status)), TEXTS, st.none() | FINITE
)
BASELINES = st.builds(
    baseline,
    written=st.dates().map(str) | st.datetimes().map(lambda time: f"{time.isoformat()}+00:00"),
    commit=TEXTS,
    reason=TEXTS,
    model=TEXTS,
    returned=st.lists(TEXTS, max_size=2).map(tuple),
    versions=st.dictionaries(TEXTS, TEXTS, max_size=2),
    measurements=st.lists(MEASUREMENTS, max_size=3, unique_by=lambda one: one.key).map(tuple),
    observations=st.lists(OBSERVATIONS, max_size=3).map(tuple),
    tests=st.dictionaries(TEXTS, TEXTS, max_size=3),
    scoring=st.integers(1, 2**53),
)
