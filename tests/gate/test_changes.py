"""What a new model changed, and the verdict on it."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from pytest_vlmperception import UsageError, analysis
from pytest_vlmperception.gate import change, judge_changes
from pytest_vlmperception.gate.families import holm
from pytest_vlmperception.records import Estimate

LADDER = np.tile(np.arange(7.0), 7)
SCENES = np.repeat([f"scene{i}" for i in range(7)], 7)


def rho(noise, seed=0, **options):
    random = np.random.default_rng(seed)
    return analysis.spearman(LADDER + noise * random.normal(size=49), LADDER, groups=SCENES, unit="scene", **options)


def faces(right, n=24, **options):
    return analysis.share([1] * right + [0] * (n - right), unit="face", **options)


def judged(new, old, comparator=">=", **options):
    return judge_changes([change(new, old, comparator=comparator, **options)])[0]


def test_student_of_paired_units_by_hand():
    # Differences -1, -2, -3, -2: mean -2, s = 0.8165, SE 0.408; t(3) = 3.182; p: t = -4.899.
    new = analysis.mean_difference([9.0, 8.0, 7.0, 8.0], [0.0, 0.0, 0.0, 0.0], replicates=20_000)
    old = analysis.mean_difference([10.0, 10.0, 10.0, 10.0], [0.0, 0.0, 0.0, 0.0], replicates=20_000)
    found = change(new, old, comparator=">=")
    assert found.difference.value == pytest.approx(-2.0)
    assert (found.difference.low, found.difference.high) == pytest.approx((-3.299, -0.701), abs=0.03)
    # One-sided, 3 degrees of freedom: R, pt(-4.899, 3).
    assert found.p == pytest.approx(0.00813, abs=0.0005)


def test_swapping_new_and_old_turns_the_sign():
    for new, old in ((rho(1.0), rho(2.0, 1)), (faces(20), faces(23))):
        one, other = (change(*pair, comparator=">=") for pair in ((new, old), (old, new)))
        assert one.difference.value == -other.difference.value
        assert one.difference.low == pytest.approx(-other.difference.high)
        assert [(name, -flip) for name, flip in one.flips] == list(other.flips)
    assert change(rho(1.0), rho(2.0, 1), comparator=">=").p == pytest.approx(
        1.0 - change(rho(2.0, 1), rho(1.0), comparator=">=").p
    )


def test_at_most_lower_is_better():
    more, fewer = faces(9), faces(1)
    assert judged(more, fewer, "<=").verdict == "worse"
    assert judged(more, fewer, ">=").verdict == "better"
    assert judged(fewer, more, "<").verdict == "better"
    assert change(more, fewer, comparator="<=").flips == tuple((f"{i:02d}", -1.0) for i in range(1, 9))


def test_eight_lost_items_of_24_are_a_loss_by_mcnemar():
    found = judged(faces(16), faces(24))
    # 1 / 2^8.
    assert found.p == pytest.approx(1 / 256)
    assert found.verdict == "worse"
    assert found.flips == tuple((f"{i}", -1.0) for i in range(16, 24))


def test_three_lost_items_tell_nothing():
    # The bootstrap has them below 0: [-0.25, -0.042].
    found = judged(faces(21), faces(24))
    assert (found.p, found.verdict) == (0.125, "cannot tell")
    assert found.difference.high > 0.0


@pytest.mark.parametrize(
    ("n", "verdict"), [(7, "cannot tell"), (24, "cannot tell"), (72, "cannot tell"), (73, "not worse")]
)
def test_two_perfect_shares_are_as_sure_as_their_number(n, verdict):
    # z^2 / (n + z^2) < 0.05 from n = 72.99 on.
    assert judged(faces(n, n), faces(n, n)).verdict == verdict


def test_two_perfect_correlations_of_seven_scenes_are_not_worse():
    perfect = rho(0.0)
    found = judged(perfect, perfect)
    # Another order of two neighbours costs 12 / (7 * 48) of rho, in up to 1 - 0.05^(1/7) = 35 % of scenes.
    assert found.difference.low == pytest.approx(-(1 - 0.05 ** (1 / 7)) * 12 / (7 * 48), rel=1e-6)
    assert found.verdict == "not worse"


def test_the_same_answers_are_as_sure_as_the_number_of_scenes():
    noisy = rho(2.0)
    found = judged(noisy, noisy)
    values = [value for _, value in noisy.units]
    assert found.difference.value == 0.0
    # The rule of three: 1 - 0.05^(1/7) of scenes may be others, which differ by the SD of scenes.
    assert found.difference.high == pytest.approx((1 - 0.05 ** (1 / 7)) * np.std(values, ddof=1), rel=0.05)


def test_a_loss_that_is_the_same_in_every_scene_is_one():
    values = [0.9, 0.8, 0.7, 0.85, 0.95, 0.6, 0.75]
    old = analysis.mean_difference(values, [0.0] * 7)
    new = analysis.mean_difference([value - 0.2 for value in values], [0.0] * 7)
    found = judged(new, old)
    assert found.difference.value == pytest.approx(-0.2)
    assert found.difference.low < -0.2 < found.difference.high < 0.0
    assert found.verdict == "worse"


@pytest.mark.parametrize("seed", range(20))
def test_p_below_0_025_and_an_interval_below_0_are_one(seed):
    found = change(rho(3.0, seed), rho(1.5, seed + 100), comparator=">=")
    assert (found.p < 0.025) == (found.difference.high < 0.0)


def test_ratios_differ_on_the_log_scale():
    random = np.random.default_rng(5)
    seconds = random.uniform(1.0, 2.0, 30)
    slow = analysis.mean_ratio(seconds * random.uniform(1.3, 1.5, 30), seconds)
    fast = analysis.mean_ratio(seconds * random.uniform(0.95, 1.05, 30), seconds)
    found = judged(slow, fast, "<=")
    assert found.difference.value == pytest.approx(math.log(fast.value) - math.log(slow.value))
    assert (found.margin, found.verdict) == (0.1, "worse")


def test_margins_suit_the_scale():
    percent = analysis.intra_variability(np.ones((8, 2, 3))).minority_share
    assert change(faces(20), faces(20), comparator=">=").margin == 0.05
    assert change(percent, percent, comparator="<=").margin == 5.0
    assert change(percent, percent, comparator="<=", margin=2).margin == 2.0


def test_shares_in_percent_are_compared_as_shares_are():
    random = np.random.default_rng(6)
    choices = [(random.random((30, 2, 3)) < 0.9).astype(float) for _ in range(2)]
    percents = [analysis.intra_variability(one).minority_share for one in choices]
    shares = [analysis.mean_share([dict(one.units)[name] / 100 for name, _ in sorted(one.units)]) for one in percents]
    percent, share = (change(*pair, comparator="<=").difference for pair in (percents, shares))
    assert (percent.value, percent.low, percent.high) == pytest.approx((
        100 * share.value,
        100 * share.low,
        100 * share.high,
    ))


@pytest.mark.parametrize(
    ("new", "old", "reason"),
    [
        (rho(1.0), replace(rho(1.0), reason="valid share 0.5 < 0.9"), "old: valid share 0.5 < 0.9"),
        (Estimate(math.nan, name="Spearman rho"), rho(1.0), "new: the value is nan"),
        (rho(1.0), faces(20), "different statistics: new 'Spearman rho' .linear., old 'share' .linear."),
        (rho(1.0), replace(rho(1.0), scale="log"), "different statistics"),
        (rho(1.0), rho(1.0, seed=1, replicates=500), "resampled differently; measure both anew"),
        (rho(1.0), replace(rho(1.0), design="other"), "measured on different scene ids"),
        (rho(1.0), replace(rho(1.0), design=None), "old: Spearman rho has no bootstrap replicates"),
        (replace(rho(1.0), replicates=None), rho(1.0), "new: Spearman rho has no bootstrap replicates"),
        (replace(rho(1.0), replicates=(math.nan,) * 2000), rho(1.0), "0 of 2000 replicates are defined in both; expected at least 40"),
        (replace(rho(1.0), n=1), rho(1.0), "a difference needs 2 independent units: got 1"),
        (faces(20), faces(20, 30), "measured on different face ids"),
        (Estimate(0.0, scale="log", n=5), Estimate(1.0, scale="log", n=5), "new: the ratio is 0; expected one above 0"),
        (
            Estimate(1.0, n=5, replicates=(1.0,) * 50, design="a"),
            Estimate(1.0, n=5, replicates=(1.0,) * 50, design="a"),
            "neither estimate varies between resamples",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_compared_says_why(new, old, reason):
    found = judged(new, old)
    assert found.verdict == "inconclusive"
    assert math.isnan(found.difference.value)
    assert math.isnan(found.p)
    with pytest.raises(AssertionError, match=reason):
        raise AssertionError(found.reason)


def test_an_answer_that_could_not_be_had_is_unavailable():
    lost = replace(rho(1.0), reason="no key", unavailable=True)
    assert judged(lost, rho(1.0)).verdict == "unavailable"


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"comparator": "=="}, "comparator '==' does not exist; known: >=, >, <=, <"),
        ({"margin": -0.1}, "margin=-0.1; expected the largest loss that does not matter, a number of at least 0"),
        ({"margin": math.nan}, "margin=nan; expected"),
        ({"margin": "0.1"}, "margin='0.1'; expected"),
        ({"margin": True}, "margin=True; expected"),
    ],
)
def test_bad_arguments(options, match):
    with pytest.raises(UsageError, match=match):
        change(rho(1.0), rho(1.0), **{"comparator": ">=", **options})


def test_holm_by_hand():
    # Wikipedia, "Holm-Bonferroni method", example: 0.01, 0.04, 0.03, 0.005 -> 4 * 0.005, 3 * 0.01, 2 * 0.03, and 0.04
    # is raised to what the one before it has.
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, 0.7]) == [1.0, 1.0]
    assert holm([]) == []


def test_the_family_is_what_could_be_compared():
    loss = change(faces(17), faces(24), comparator=">=")
    same = change(rho(1.0), rho(1.0), comparator=">=")
    lost = change(rho(1.0), replace(rho(1.0), reason="no data"), comparator=">=")
    # 1 / 2^7 = 0.0078: times 6 it is a loss, times 7 none.
    six = judge_changes([loss, lost, *[same] * 5])
    assert (six[0].family, six[0].adjusted, six[0].verdict) == (6, 6 / 128, "worse")
    assert (six[1].verdict, six[2].verdict) == ("inconclusive", "not worse")
    assert math.isnan(six[1].adjusted)
    seven = judge_changes([loss, *[same] * 6])
    assert (seven[0].adjusted, seven[0].verdict) == (7 / 128, "cannot tell")


def test_a_small_loss_for_certain_is_worse_whatever_the_margin():
    assert judged(faces(1880, 2000, replicates=50), faces(1900, 2000, replicates=50), margin=0.2).verdict == "worse"


def test_missing_units_are_left_to_the_bootstrap():
    outcomes = [1.0] * 20 + [0.0] * 4
    new = analysis.share([math.nan, *outcomes[1:]], unit="face")
    found = change(new, analysis.share(outcomes, unit="face"), comparator=">=")
    assert found.difference.method.startswith("paired Student bootstrap by face")
    assert found.difference.n == 23
