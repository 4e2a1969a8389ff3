"""What comparing an estimate with a threshold means."""

import math
from contextlib import contextmanager

import numpy as np
import pytest

from pytest_vlmperception.errors import Inconclusive, Unavailable, UsageError
from pytest_vlmperception.records import JUDGE, Estimate, Verdict, check_decidable

rho = Estimate(0.85, low=0.7, high=0.95, n=7, unit="scene", name="Spearman rho")


class Recorder:
    """A judge that always says the same, and remembers what it was asked."""

    def __init__(self, answer):
        self.answer, self.asked = answer, []

    def compare(self, estimate, comparator, threshold):
        self.asked.append((estimate, comparator, threshold))
        return self.answer


@contextmanager
def judged_by(judge):
    """Put a judge in charge of a block or a test; None: compare as outside a test."""
    token = JUDGE.set(judge)
    try:
        yield judge
    finally:
        JUDGE.reset(token)


@judged_by(None)
def test_outside_a_test_the_value_is_compared():
    assert rho >= 0.85
    assert rho > 0.84
    assert rho <= 0.85
    assert rho < 0.86
    assert not rho > 0.85
    assert not rho < 0.85
    assert not rho >= 0.9
    assert not rho <= 0.8


def test_inside_a_test_the_judge_decides():
    with judged_by(Recorder(False)) as judge:
        assert not rho >= 0.1
        assert not rho < 2
    assert judge.asked == [(rho, ">=", 0.1), (rho, "<", 2.0)]
    with judged_by(Recorder(True)):
        assert rho >= 99


def test_the_judge_is_asked_about_nan_too():
    with judged_by(Recorder(False)) as judge:
        assert not Estimate(math.nan, reason="no data") >= 0.5
    assert len(judge.asked) == 1


@judged_by(None)
def test_a_judge_is_in_charge_of_its_block_only():
    with judged_by(Recorder(False)):
        assert not rho >= 0.5
    assert rho >= 0.5


@pytest.mark.parametrize("number", [np.float64, np.float32, np.int64, np.array, int, float, bool])
def test_the_number_may_stand_on_the_left(number):
    zero = number(0)
    with judged_by(Recorder(True)) as judge:
        assert zero <= rho
        assert zero < rho
        assert zero >= rho
        assert zero > rho
    assert [comparator for _, comparator, _ in judge.asked] == [">=", ">", "<=", "<"]
    assert {type(threshold) for _, _, threshold in judge.asked} == {float}


@judged_by(None)
def test_numpy_scalar_on_the_left_compares_values_outside():
    assert np.float64(0.8) <= rho
    assert not np.float64(0.9) <= rho


@judged_by(None)
def test_chains():
    assert 0.8 <= rho <= 0.9
    assert not 0.8 <= rho <= 0.84
    assert not 0.86 <= rho <= 0.9


def test_approx():
    assert rho == pytest.approx(0.85)
    assert rho == pytest.approx(0.8500000001)
    assert rho != pytest.approx(0.86)
    assert rho == 0.85
    assert rho != 0.86
    assert rho == Estimate(0.85)
    assert rho != "0.85"
    assert Estimate(math.nan) != Estimate(math.nan)
    assert Estimate(math.nan) == pytest.approx(math.nan, nan_ok=True)


@judged_by(None)
def test_nan_decides_nothing():
    with pytest.raises(Inconclusive, match="rho: x is constant"):
        assert Estimate(math.nan, name="rho", reason="x is constant") >= 0
    with pytest.raises(Inconclusive, match="rho: the value is NaN"):
        assert Estimate(math.nan, name="rho") <= 0
    with pytest.raises(Inconclusive, match="rho: "):
        assert 0 <= Estimate(math.nan, name="rho") <= 1


@judged_by(None)
def test_a_reason_decides_nothing_even_with_a_value():
    with pytest.raises(Inconclusive, match=r"rho: valid share 0\.5 < 0\.9"):
        assert Estimate(0.99, name="rho", reason="valid share 0.5 < 0.9") >= 0


@judged_by(None)
def test_unavailable_is_not_inconclusive():
    estimate = Estimate(math.nan, name="rho", reason="no key", unavailable=True)
    with pytest.raises(Unavailable, match="rho: no key"):
        assert estimate >= 0
    assert not issubclass(Unavailable, Inconclusive)


def test_a_sound_estimate_is_decidable():
    check_decidable(rho)
    assert rho >= rho.value


@pytest.mark.parametrize(
    "other",
    [
        "high",
        None,
        [0.8],
        {},
        object(),
        np.array([0.8, 0.9]),
        1j,
        "0.8",
        math.nan,
        np.float64("nan"),
        math.inf,
        Estimate(0.8),
    ],
)
def test_only_numbers_are_thresholds(other):
    with pytest.raises(UsageError, match=r"an estimate was compared with .*compare it with a number"):
        assert rho >= other


def test_array_on_the_left_is_not_compared_element_by_element():
    with pytest.raises(UsageError, match="compare it with a number"):
        assert np.array([0.8, 0.9]) <= rho


@pytest.mark.parametrize(
    ("value", "low", "high", "magnitude", "bounds"),
    [
        (0.3, 0.1, 0.5, 0.3, (0.1, 0.5)),
        (-0.3, -0.5, -0.1, 0.3, (0.1, 0.5)),
        (-0.3, -0.6, 0.2, 0.3, (0.0, 0.6)),
        (0.1, -0.6, 0.2, 0.1, (0.0, 0.6)),
        (0.0, 0.0, 0.0, 0.0, (0.0, 0.0)),
        (0.2, 0.0, 0.4, 0.2, (0.0, 0.4)),
    ],
)
def test_magnitude(value, low, high, magnitude, bounds):
    found = abs(Estimate(value, low, high, name="order bias"))
    assert (found.value, (found.low, found.high), found.name) == (magnitude, bounds, "|order bias|")


def test_magnitude_of_what_an_estimate_carries():
    found = abs(Estimate(-0.2, replicates=(-0.1, 0.3), units=(("a", -0.4),), p=0.03, n=3, design="key", missing=1))
    assert (found.replicates, found.units, found.p) == ((0.1, 0.3), (("a", 0.4),), None)
    assert (found.n, found.design, found.missing) == (3, "key", 1)


def test_magnitude_without_interval_has_none():
    found = abs(Estimate(-0.2))
    assert found.value == 0.2
    assert math.isnan(found.low)
    assert math.isnan(found.high)
    assert found.replicates is None


@judged_by(None)
def test_magnitude_keeps_its_reason():
    with pytest.raises(Inconclusive, match=r"\|bias\|: no data"):
        assert abs(Estimate(math.nan, name="bias", reason="no data")) <= 0.1


def test_as_a_number():
    assert float(rho) == 0.85
    assert math.isnan(float(Estimate(math.nan)))
    assert str(rho) == "Spearman rho 0.85 [0.7, 0.95]"


def test_frozen_and_without_hash():
    with pytest.raises(AttributeError):
        rho.value = 1.0
    with pytest.raises(TypeError, match="unhashable"):
        hash(rho)


def test_verdicts_are_values():
    common = ("t", "m", "rho", 0.85, 0.7, 0.95, 7, "scene", "mean", ">=", 0.8, "point", "passed")
    assert Verdict(*common) == Verdict(*common, reason="")
    assert len({Verdict(*common), Verdict(*common)}) == 1
