"""What a gate can see with so many units."""

from __future__ import annotations

import math

import pytest

from pytest_vlmperception import UsageError, analysis
from pytest_vlmperception.gate import plan_lines, smallest_drop
from pytest_vlmperception.records import Estimate

# 20 stimuli, of which the mean has a standard error of 0.05: 2.093 is the upper 2.5 % point of Student's t(19).
RHO = Estimate(0.85, 0.85 - 2.093 * 0.05, 0.85 + 2.093 * 0.05, 20, unit="stimulus", name="Spearman rho")


def faces(right, n=24):
    return analysis.share([1] * right + [0] * (n - right), unit="face", replicates=50)


def binomial(successes, n, p):
    return sum(math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in successes)


@pytest.mark.parametrize(
    ("policy", "false_alarm", "drop"),
    [
        # Fails below 0.8, one standard error from 0.85: one healthy model in six. Normal quantile of 0.8: 0.8416.
        ("point", 0.1587, 0.05 * (1 + 0.8416)),
        # Fails below 0.8 + 2.093 * 0.05, 1.093 standard errors above.
        ("confident", 0.8628, 0.0),
        # Fails below 0.8 - 2.093 * 0.05, 3.093 standard errors below.
        ("tolerant", 0.00099, 0.05 * (3.093 + 0.8416)),
    ],
)
def test_a_threshold(policy, false_alarm, drop):
    found = smallest_drop(RHO, comparator=">=", threshold=0.8, policy=policy)
    assert found.false_alarm == pytest.approx(false_alarm, rel=0.01)
    assert found.drop == pytest.approx(drop, rel=0.001)


def test_at_most_is_the_mirror_image():
    bias = Estimate(-0.85, -RHO.high, -RHO.low, 20)
    one, other = (
        smallest_drop(bias, comparator="<=", threshold=-0.8),
        smallest_drop(RHO, comparator=">=", threshold=0.8),
    )
    assert (one.drop, one.false_alarm) == pytest.approx((other.drop, other.false_alarm))
    wrong = (
        smallest_drop(faces(2), comparator="<=", threshold=0.1),
        smallest_drop(faces(22), comparator=">", threshold=0.9),
    )
    assert (wrong[0].drop, wrong[0].false_alarm) == pytest.approx((wrong[1].drop, wrong[1].false_alarm))


def test_a_share_of_items_is_binomial():
    found = smallest_drop(faces(23), comparator=">=", threshold=0.9)
    # 22 of 24 are 0.917, 21 are 0.875.
    assert found.false_alarm == pytest.approx(binomial(range(22), 24, 23 / 24))
    assert binomial(range(22), 24, 23 / 24 - found.drop) == pytest.approx(0.8, abs=1e-6)


def test_a_share_of_items_by_its_bounds():
    # Wilson: the lower bound of 24 of 24 is 24 / (24 + 3.84) = 0.862, of 23 it is 0.798.
    found = smallest_drop(faces(23), comparator=">=", threshold=0.8, policy="confident")
    assert found.false_alarm == pytest.approx(binomial(range(24), 24, 23 / 24))
    # The upper bound of 0 of 24 is 0.138.
    never = smallest_drop(faces(23), comparator=">=", threshold=0.1, policy="tolerant")
    assert (never.drop, never.false_alarm) == (math.inf, 0.0)


def test_shares_in_percent_are_percent():
    units = tuple((f"scene{i}", 100.0 if i < 3 else 0.0) for i in range(24))
    share = faces(3)
    percent = Estimate(12.5, 100 * share.low, 100 * share.high, 24, name="minority share %", units=units)
    one = smallest_drop(percent, comparator="<=", threshold=20)
    other = smallest_drop(share, comparator="<=", threshold=0.2)
    assert (one.drop, one.false_alarm) == pytest.approx((100 * other.drop, other.false_alarm))


def test_an_upgrade_by_student():
    # Upper points of t(19), 2.5 % and 20 %: 2.093 and 0.861; with ten estimates 0.5 %: 2.861.
    assert smallest_drop(RHO, comparator=">=").drop == pytest.approx((2.093 + 0.861) * math.sqrt(2) * 0.05, rel=0.001)
    ten = smallest_drop(RHO, comparator=">=", family=10)
    assert ten.drop == pytest.approx((2.861 + 0.861) * math.sqrt(2) * 0.05, rel=0.001)
    assert ten.false_alarm == pytest.approx(0.005)


def test_an_upgrade_of_items_by_mcnemar():
    # All eight right before: what is discordant is lost. One-sided p is 1 / 2^6 < 0.025 from six lost on.
    alone = smallest_drop(faces(8, 8), comparator=">=")
    assert binomial(range(6, 9), 8, alone.drop) == pytest.approx(0.8, abs=1e-6)
    # Among ten, 1 / 2^8 < 0.005: all eight.
    assert smallest_drop(faces(8, 8), comparator=">=", family=10).drop == pytest.approx(0.8 ** (1 / 8))
    # Among twenty nothing is small enough.
    assert smallest_drop(faces(8, 8), comparator=">=", family=20).drop == math.inf
    # Nothing can flip without being called a loss more often than half of 5 %.
    assert smallest_drop(faces(40, 48), comparator=">=").false_alarm < 0.025


def test_what_was_measured_twice_is_found_more_often():
    drops = [smallest_drop(faces(9 * n, 10 * n), comparator=">=", family=10).drop for n in (2, 5, 20, 50)]
    assert drops == sorted(drops, reverse=True)


def test_ratios_drop_on_the_log_scale():
    ratio = Estimate(1.0, math.exp(-2.093 * 0.1), math.exp(2.093 * 0.1), 20, scale="log")
    found = smallest_drop(ratio, comparator="<=", threshold=math.exp(0.1))
    assert (found.drop, found.false_alarm) == pytest.approx((0.1 * 1.8416, 0.1587), rel=0.001)


@pytest.mark.parametrize(
    ("estimate", "threshold", "reason"),
    [
        (Estimate(0.5, n=5, reason="no data"), 0.8, "no data"),
        (Estimate(0.5, n=5, reason="no key", unavailable=True), 0.8, "no key"),
        (Estimate(0.5, n=5), None, "the past estimate has no interval"),
        (Estimate(0.5, 0.4, 0.6, 1), None, "the past estimate has no interval"),
        (Estimate(1.0, 0.5, 2.0, 5, scale="log"), 0.0, "a ratio is above 0"),
    ],
)
def test_what_tells_nothing_says_why(estimate, threshold, reason):
    found = smallest_drop(estimate, comparator=">=", threshold=threshold)
    assert math.isnan(found.drop)
    assert math.isnan(found.false_alarm)
    assert reason in found.reason
    line = plan_lines(estimate, comparator=">=", threshold=threshold or 0.0)[0]
    assert line.startswith(f"estimate >= {threshold or 0:g}: what it can see is not known: estimate: ")


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"comparator": "=>"}, "comparator '=>' does not exist; known: >=, >, <=, <"),
        ({"policy": "strict"}, "gate policy 'strict' does not exist"),
        ({"family": 0}, "family=0; expected the number of comparisons in the suite, at least 1"),
        ({"family": True}, "family=True; expected"),
    ],
)
def test_bad_arguments(options, match):
    with pytest.raises(UsageError, match=match):
        smallest_drop(RHO, **{"comparator": ">=", **options})


def test_the_line_of_a_plan():
    share = faces(470, 480)
    assert plan_lines(share, comparator=">=", threshold=0.95, family=10) == [
        "share >= 0.95 (policy point, 480 faces, 0.979 before): fails less than 1 % of unchanged models and 80 % of"
        " those that dropped by 0.039; calls 80 % of upgrades worse that dropped by 0.046, or less"
    ]


def test_a_gate_with_false_alarms_is_warned_of():
    # The normal quantile of 0.9 is 1.2816: 20 * (1.2816 * 0.05 / 0.05)^2 = 32.8.
    assert plan_lines(RHO, comparator=">=", threshold=0.8) == [
        "Spearman rho >= 0.8 (policy point, 20 stimuli, 0.85 before): fails 16 % of unchanged models and 80 % of those that"
        " dropped by 0.092",
        "warning: Spearman rho >= 0.8: fails 16 % of unchanged models; about 33 stimuli, or policy tolerant, would make that"
        " 10 %",
    ]


def test_so_many_perfect_items_are_enough_to_be_confident():
    # n / (n + 3.84) > 0.9 from 34.6 on.
    found = plan_lines(faces(24), comparator=">=", threshold=0.9, policy="confident")
    assert found[0] == "share >= 0.9 (policy confident, 24 faces, 1 before): fails 100 % of unchanged models"
    assert found[1].endswith(
        "fails 100 % of unchanged models; about 35 faces, or policy tolerant, would make that 10 %"
    )


def test_a_threshold_that_does_not_hold_now_is_warned_of():
    found = plan_lines(RHO, comparator=">=", threshold=0.9)
    assert found[1] == "warning: Spearman rho >= 0.9: the past value, 0.85, does not hold it: choose another threshold"


def test_a_gate_that_means_nothing_is_warned_of():
    rho = Estimate(0.3, -0.2, 0.7, 5, unit="scene", name="rho")
    # SE = 0.45 / 2.776 = 0.162: tolerant fails below 0.1 - 0.5, and a model at 0 lies 2.5 standard errors above.
    assert plan_lines(rho, comparator=">=", threshold=0.1, policy="tolerant", family=1)[1:] == [
        "warning: rho >= 0.1: means nothing with 5 scenes: a model at 0 would fail in less than 80 % of runs",
        "warning: rho >= 0.1: means nothing with 5 scenes: a model at 0 would be called worse in less than 80 % of runs",
    ]
    above_chance = plan_lines(faces(20), comparator=">=", threshold=0.5, chance=0.5)
    assert above_chance[1].startswith(
        "warning: share >= 0.5: means nothing with 24 faces: a model at 0.5 would fail in"
    )


def test_what_is_at_most_rises():
    found = plan_lines(faces(2), comparator="<=", threshold=0.3)
    assert "80 % of those that rose by " in found[0]
    assert len(found) == 1


def test_ratios_are_told_as_factors():
    ratio = Estimate(
        1.0, math.exp(-2.093 * 0.05), math.exp(2.093 * 0.05), 20, unit="item", name="mean ratio", scale="log"
    )
    # exp(0.05 * 0.8416 + 0.1) and exp(2.954 * sqrt(2) * 0.05).
    assert plan_lines(ratio, comparator="<=", threshold=math.exp(0.1), family=1)[0].endswith(
        "fails 2 % of unchanged models and 80 % of those that rose by a factor of 1.2; calls 80 % of upgrades worse that"
        " rose by a factor of 1.2, or less"
    )
