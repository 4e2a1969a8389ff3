"""The lines a failed comparison shows."""

import math

import pytest

from pytest_vlmperception.gate import explain
from pytest_vlmperception.gate.messages import plural, shown
from pytest_vlmperception.records import Estimate

RHO = Estimate(
    0.31,
    low=-0.1,
    high=0.9,
    n=7,
    unit="scene",
    method="mean of groups",
    name="Spearman rho",
    units=(("hubble", -0.21), ("rocket", 0.04), ("coffee", 0.18), ("cat", 0.9), ("page", 1.0)),
    missing=3,
)


def test_the_whole_message():
    # (0.9 - 0.31) / (0.8 - 0.31) = 1.204. t / sqrt(n): 2.447 / sqrt(7) / 1.204 = 0.768 > 2.262 / sqrt(10) = 0.715.
    assert explain(RHO, ">=", 0.8, "point") == [
        "Spearman rho 0.31 >= 0.8 does not hold (policy point)",
        "95 % interval [-0.1, 0.9], n = 7 scenes; mean of groups",
        "missing data, left out: 3",
        "worst scenes: hubble -0.21, rocket 0.04, coffee 0.18",
        "the interval contains 0.8: about 10 scenes would settle it, if the value stays",
    ]


def test_the_bound_that_was_judged_is_named():
    rho = Estimate(0.85, low=0.7, high=0.95, n=10, unit="scene", name="rho")
    assert explain(rho, ">=", 0.8, "confident") == [
        "rho 0.85 >= 0.8 does not hold (policy confident: the lower bound is 0.7)",
        "95 % interval [0.7, 0.95], n = 10 scenes",
        # (0.85 - 0.7) / (0.85 - 0.8) = 3. t / sqrt(n): 2.262 / sqrt(10) / 3 = 0.2384 > 1.995 / sqrt(70) = 0.2384.
        "the interval contains 0.8: about 70 scenes would settle it, if the value stays",
    ]


@pytest.mark.parametrize(
    ("policy", "comparator", "threshold", "line"),
    [
        ("confident", "<=", 0.9, "rho 0.85 <= 0.9 does not hold (policy confident: the upper bound is 0.95)"),
        ("tolerant", ">=", 0.97, "rho 0.85 >= 0.97 does not hold (policy tolerant: the upper bound is 0.95)"),
        ("tolerant", "<", 0.5, "rho 0.85 < 0.5 does not hold (policy tolerant: the lower bound is 0.7)"),
        ("tolerant", ">", 0.9, "rho 0.85 > 0.9 holds (policy tolerant: the upper bound is 0.95)"),
        ("point", "<", 1.0, "rho 0.85 < 1 holds (policy point)"),
    ],
)
def test_headlines(policy, comparator, threshold, line):
    rho = Estimate(0.85, low=0.7, high=0.95, n=10, name="rho")
    assert explain(rho, comparator, threshold, policy)[0] == line


@pytest.mark.parametrize(
    ("comparator", "threshold", "line"),
    [
        (">=", 0.95, "the whole interval is below 0.95"),
        ("<=", -0.5, "the whole interval is above -0.5"),
        (">=", 0.31, "the interval contains 0.31, which is the value itself: no number of scenes would settle it"),
        # The lower side counts: (0.31 + 0.1) / 0.31 = 1.323. 2.447 / sqrt(7) / 1.323 = 0.699 > 2.228 / sqrt(11) = 0.672.
        ("<=", 0.0, "the interval contains 0: about 11 scenes would settle it, if the value stays"),
        # On the bound itself: one more.
        (">=", 0.9, "the interval contains 0.9: about 8 scenes would settle it, if the value stays"),
        (">=", 0.3101, "the interval contains 0.3101: more than 1000000 scenes would be needed to settle it"),
        (
            ">",
            math.nextafter(0.31, 1),
            "the interval contains 0.31000000000000005: more than 1000000 scenes would be needed to settle it",
        ),
        (">=", math.inf, "the whole interval is below inf"),
    ],
)
def test_where_the_threshold_lies(comparator, threshold, line):
    assert explain(RHO, comparator, threshold, "point")[-1] == line


def test_the_worst_are_the_highest_for_at_most():
    lines = explain(RHO, "<=", 0.1, "point")
    assert lines[3] == "worst scenes: page 1, cat 0.9, coffee 0.18"


def test_five_units_are_named_and_the_rest_counted():
    faces = tuple((f"face{i}", 0.0) for i in range(12))
    found = Estimate(0.0, 0.0, 0.24, n=12, unit="stimulus", name="share", units=faces)
    line = explain(found, ">=", 0.9, "point")[2]
    assert line == "worst stimuli: face0 0, face1 0, face2 0, face3 0, face4 0 and 7 more"


def test_where_every_unit_is_on_the_right_side_the_nearest_is_named():
    found = Estimate(0.9, 0.7, 1.0, n=2, name="rho", units=(("a", 0.85), ("b", 0.95), ("c", math.nan)))
    assert "worst units: a 0.85" in explain(found, ">=", 0.8, "confident")


def test_no_interval():
    alone = Estimate(0.5, n=1, unit="scene", name="rho", method="mean of groups")
    assert explain(alone, ">=", 0.8, "point") == [
        "rho 0.5 >= 0.8 does not hold (policy point)",
        "no interval, n = 1 scene; mean of groups",
    ]


def test_unknown_n_is_no_prediction():
    assert explain(Estimate(0.5, 0.2, 0.9), ">=", 0.8, "point")[-1] == "the interval contains 0.8"


def test_the_smallest_distance_is_no_overflow():
    found = Estimate(0.0, -0.1, 0.1, n=5)
    assert explain(found, ">", 5e-324, "point")[-1].endswith("more than 1000000 units would be needed to settle it")


def test_what_cannot_be_decided_says_why():
    found = Estimate(math.nan, n=0, unit="scene", name="rho", reason="x is constant")
    assert explain(found, ">=", 0.8, "point") == [
        "rho NaN >= 0.8 cannot be decided under policy point: rho: x is constant",
        "no interval, n = 0 scenes",
    ]


def test_a_near_miss_never_looks_like_a_hit():
    found = Estimate(0.79996, 0.7, 0.80004, n=9, name="rho")
    lines = explain(found, ">=", 0.8, "point")
    assert lines[0] == "rho 0.79996 >= 0.8 does not hold (policy point)"
    assert lines[1] == "95 % interval [0.7, 0.80004], n = 9 units"


@pytest.mark.parametrize(
    ("value", "threshold", "text"),
    [
        (0.123456, 0.5, "0.123"),
        (0.8, 0.8, "0.8"),
        (0.1 + 0.2, 0.3, "0.30000000000000004"),
        (0.9999, 1.0, "0.9999"),
        (math.nan, 0.5, "NaN"),
        (-math.inf, 0.5, "-inf"),
    ],
)
def test_shown(value, threshold, text):
    assert shown(value, threshold) == text


@pytest.mark.parametrize(
    ("one", "many"),
    [("scene", "scenes"), ("stimulus", "stimuli"), ("category", "categories"), ("day", "days")],
)
def test_plural(one, many):
    assert plural(one) == many
