"""How far a judge can be believed, and shares corrected for its errors."""

from __future__ import annotations

import math

import numpy as np
import pytest

from pytest_vlmperception.analysis import rogan_gladen, sensitivity_specificity, share, wilson, youden
from pytest_vlmperception.errors import Inconclusive, UsageError
from pytest_vlmperception.records import Estimate

NAN = math.nan


def judged(yes_right, right, yes_wrong, wrong, **options):
    said = [1.0] * yes_right + [0.0] * (right - yes_right) + [1.0] * yes_wrong + [0.0] * (wrong - yes_wrong)
    return sensitivity_specificity(said, [1.0] * right + [0.0] * wrong, **options)


# Sensitivity and specificity


def test_rates_kappa_and_bias():
    found = judged(18, 20, 3, 30)
    assert (found.sensitivity.value, found.specificity.value) == (0.9, 0.9)
    assert found.youden.value == pytest.approx(0.8)
    # 21 of 50 are called right, 20 are.
    assert found.yes_bias.value == pytest.approx(1 / 50)
    # Agreement 0.9; by chance 0.42 * 0.4 + 0.58 * 0.6 = 0.516.
    assert found.kappa.value == pytest.approx((0.9 - 0.516) / (1 - 0.516))
    # Wilson (Newcombe 1998, method 3) of 18 / 20, and the same rate of 27 / 30.
    assert (found.sensitivity.low, found.sensitivity.high) == pytest.approx((0.699, 0.972), abs=5e-4)
    assert (found.sensitivity.n, found.specificity.n) == (20, 30)


def test_intervals_of_youden_and_bias_have_a_width_without_errors():
    found = judged(20, 20, 0, 20)
    assert (found.youden.value, found.youden.high) == (1.0, 1.0)
    # Wilson's lower bound of 20 of 20 is 0.839: 1 - sqrt(2) * 0.161.
    assert found.youden.low == pytest.approx(1 - math.sqrt(2) * 0.1611, abs=1e-3)
    assert (found.yes_bias.low, found.yes_bias.value, found.yes_bias.high) == pytest.approx(
        (-0.0806, 0.0, 0.0806), abs=1e-3
    )


def test_skills_are_taken_apart():
    said, truth = [1, 1, 0, 0, 1, 1], [1, 1, 0, 0, 0, 0]
    found = sensitivity_specificity(said, truth, skills=["a", "b", "a", "b", "a", "a"])
    assert (found.specificity.value, found.skills["a"].specificity.value) == (0.5, pytest.approx(1 / 3))
    assert found.skills["b"].specificity.value == 1.0
    assert found.skills["a"].skills == {}


def test_units_are_not_pictures():
    # Four scenes, each drawn right and wrong four times.
    scenes = np.repeat(np.arange(4), 8)
    truth = np.tile([1.0, 0.0], 16)
    found = sensitivity_specificity(truth, truth, groups=scenes, unit="scene")
    assert (found.sensitivity.n, found.sensitivity.unit) == (4, "scene")
    assert found.sensitivity.low == pytest.approx(wilson(4, 4).low)


def test_a_missing_judgement_is_no_error():
    found = sensitivity_specificity([1, NAN, 0], [1, 1, 0], min_valid=0.5)
    assert (found.sensitivity.value, found.sensitivity.missing) == (1.0, 1)
    strict = sensitivity_specificity([1, NAN, 0], [1, 1, 0])
    with pytest.raises(Inconclusive, match=r"valid share 0\.5 < 0\.9"):
        assert strict.sensitivity >= 0.5
    nothing = sensitivity_specificity([NAN, NAN], [1, 0])
    assert math.isnan(nothing.sensitivity.value)
    assert nothing.youden.reason


def test_one_kind_of_picture_is_not_enough():
    found = sensitivity_specificity([1, 1], [1, 1])
    assert found.specificity.reason == found.youden.reason == "no picture is known to be wrong"
    assert sensitivity_specificity([0], [0]).sensitivity.reason == "no picture is known to be right"


@pytest.mark.parametrize(
    ("said", "truth", "options", "message"),
    [
        ([], [], {}, "got no data; give 1"),
        ([1], [NAN], {}, "got a truth that is NaN"),
        ([1, 0], [1], {}, "expected equal lengths"),
        ([0.5], [1], {}, r"judged\[0\] = 0.5; expected 1"),
        ([1], [1], {"skills": ["a", "b"]}, "expected equal lengths"),
    ],
)
def test_bad_judgements_are_refused(said, truth, options, message):
    with pytest.raises(UsageError, match=message):
        sensitivity_specificity(said, truth, **options)


# The correction


def by_hand(x, n, tp, n_se, tn, n_sp, z=1.959963984540054):
    """Lang and Reiczigel (2014), eqs. of section 2.4 as in the R package asht, on plain counts."""
    se, sp, a = (tp + 1) / (n_se + 2), (tn + 1) / (n_sp + 2), (x + z * z / 2) / (n + z * z)
    p = (a + sp - 1) / (se + sp - 1)
    v_se, v_sp = se * (1 - se) / (n_se + 2), sp * (1 - sp) / (n_sp + 2)
    middle = p + 2 * z * z * (p * v_se - (1 - p) * v_sp)
    spread = a * (1 - a) / (n + z * z) + p * p * v_se + (1 - p) ** 2 * v_sp
    margin = z * math.sqrt(spread) / (se + sp - 1)
    return max(middle - margin, 0.0), min(middle + margin, 1.0)


@pytest.mark.parametrize(
    "counts",
    [
        (60, 100, 90, 100, 80, 100),
        (23, 150, 48, 50, 89, 100),
        (120, 120, 50, 50, 50, 50),
        (6, 151, 193, 200, 371, 400),
        (500, 1000, 60, 100, 70, 100),
    ],
)
def test_the_interval_is_lang_and_reiczigel_s(counts):
    x, n, tp, n_se, tn, n_sp = counts
    found = rogan_gladen(wilson(x, n), wilson(tp, n_se), wilson(tn, n_sp))
    assert (found.low, found.high) == pytest.approx(by_hand(*counts), abs=1e-9)
    assert found.low <= found.value <= found.high


def test_what_cannot_be_still_has_a_width():
    # No yes in 120, from a judge who says yes to every tenth wrong picture: all of the interval is below 0.
    found = rogan_gladen(wilson(0, 120), wilson(47, 50), wilson(45, 50))
    assert by_hand(0, 120, 47, 50, 45, 50)[1] < 0.0
    assert (found.value, found.low) == (0.0, 0.0)
    assert 0.05 < found.high < 0.15
    assert "clipped from -0.119" in found.method


def test_known_values():
    # 23 of 150 cows positive, se 0.96, sp 0.89: 5.1 in 100 (epiR, epi.prev; Rogan and Gladen's point).
    found = rogan_gladen(wilson(23, 150), wilson(96, 100), wilson(89, 100))
    assert found.value == pytest.approx(0.051, abs=5e-4)
    # 6 of 151 positive, se 0.964, sp 0.927: 0 (Moujaber et al. 2008, in the same place).
    moujaber = rogan_gladen(wilson(6, 151), wilson(482, 500), wilson(927, 1000))
    assert moujaber.value == 0.0
    assert "clipped from -0.0373" in moujaber.method


def test_a_perfect_judge_changes_nothing():
    raw = share([1] * 30 + [0] * 10)
    found = rogan_gladen(raw, share([1] * 500), share([1] * 500))
    assert found.value == raw.value
    assert found.low < raw.low + 0.01
    assert "clipped" not in found.method


def test_an_uncertain_judge_makes_the_interval_wider():
    raw = wilson(60, 120)
    widths = [rogan_gladen(raw, wilson(0.9 * n, n), wilson(0.9 * n, n)) for n in (20, 100, 10_000)]
    assert widths[0].high - widths[0].low > widths[1].high - widths[1].low > widths[2].high - widths[2].low
    assert widths[2].high - widths[2].low > (raw.high - raw.low) * 1.15


def test_pictures_of_one_prompt_count_as_what_they_tell():
    said = np.repeat([1.0] * 15 + [0.0] * 15, 4)
    prompts = np.repeat(np.arange(30), 4)
    judge = wilson(90, 100), wilson(90, 100)
    clustered, apart = rogan_gladen(share(said, groups=prompts), *judge), rogan_gladen(share(said), *judge)
    # All four of a prompt alike: 30 answers, not 120.
    assert (clustered.low, clustered.high) == pytest.approx(by_hand(15, 30, 90, 100, 90, 100), abs=1e-9)
    assert (apart.low, apart.high) == pytest.approx(by_hand(60, 120, 90, 100, 90, 100), abs=1e-9)
    # Two of each four: they tell as much as 120 could, but for the variance being estimated.
    mixed = rogan_gladen(share(np.tile([1.0, 1.0, 0.0, 0.0], 30) * (np.arange(120) > 3), groups=prompts), *judge)
    assert mixed.high - mixed.low < clustered.high - clustered.low


@pytest.mark.parametrize(("yes_right", "yes_wrong"), [(10, 10), (5, 15), (12, 8)])
def test_a_judge_not_better_than_chance_decides_nothing(yes_right, yes_wrong):
    judge = judged(yes_right, 20, yes_wrong, 20)
    found = rogan_gladen(wilson(60, 100), judge.sensitivity, judge.specificity)
    assert (found.low, found.high) == (0.0, 1.0)
    assert judge.youden.low <= 0
    with pytest.raises(
        Inconclusive, match="corrected share: the judge is not shown to be better than chance: Youden's J"
    ):
        assert found >= 0.5


def test_reasons_are_handed_on():
    judge = wilson(90, 100), wilson(90, 100)
    lost = Estimate(0.5, 0.4, 0.6, 100, reason="no key", unavailable=True)
    found = rogan_gladen(lost, *judge)
    assert (found.reason, found.unavailable) == ("apparent: no key", True)
    assert rogan_gladen(Estimate(NAN), *judge).reason == "apparent: the value is NaN"
    assert rogan_gladen(wilson(1, 2), wilson(0, 0), judge[1]).reason == "sensitivity: no trial has a value"


def test_replicates_come_from_all_three():
    judge = judged(45, 50, 5, 50)
    raw = share([1.0, 0.0] * 30)
    found = rogan_gladen(raw, judge.sensitivity, judge.specificity)
    triples = zip(raw.replicates, judge.sensitivity.replicates, judge.specificity.replicates, strict=True)
    a, se, sp = next(triples)
    assert found.replicates[0] == pytest.approx(min(max((a + sp - 1) / (se + sp - 1), 0), 1))
    # Their spread is about the interval's.
    low, high = np.quantile(found.replicates, [0.025, 0.975])
    assert (low, high) == pytest.approx((found.low, found.high), abs=0.04)
    # The calibration is drawn independently of what is graded.
    assert abs(np.corrcoef(raw.replicates, judge.sensitivity.replicates)[0, 1]) < 0.1
    assert rogan_gladen(wilson(3, 6), judge.sensitivity, judge.specificity).replicates is None


@pytest.mark.parametrize(
    ("apparent", "message"),
    [
        (0.5, "apparent=0.5; expected an Estimate of a share"),
        (Estimate(1.5), "apparent is estimate 1.5 .* from 0 to 1"),
    ],
)
def test_what_is_no_share_is_refused(apparent, message):
    with pytest.raises(UsageError, match=message):
        rogan_gladen(apparent, wilson(9, 10), wilson(9, 10))


def test_youden_s_index():
    # Youden (1950): sensitivity 0.8, specificity 0.7.
    assert youden(wilson(80, 100), wilson(70, 100)).value == pytest.approx(0.5)
