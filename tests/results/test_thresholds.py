"""Thresholds of comparisons by difference, whatever can and cannot be fitted."""

from __future__ import annotations

import hashlib
import math
from statistics import NormalDist

import pytest

from pytest_vlmperception import Inconclusive, Reply, Stimulus, UsageError
from pytest_vlmperception.analysis import fit_psychometric
from pytest_vlmperception.records import Picture

SCENES = ("cup", "tree", "lake", "road")
STEPS = (0.0, 0.03, 0.06, 0.1, 0.15, 0.22, 0.3)
STANDARD = 0.7


def stimulus(scene, step):
    name = f"{scene} {step:g}"
    return Stimulus(name, Picture(name, lambda: ("image/png", name.encode())), {"scene": scene}, {"c": STANDARD + step})


SETS = {scene: [stimulus(scene, step) for step in STEPS] for scene in SCENES}
PAIRS = [(standard, other) for standard, *others in SETS.values() for other in others]
LEVEL = {each: each.reference["c"] for stimuli in SETS.values() for each in stimuli}
REPEATS = 8


def steps(question):
    return [float(picture.bytes.split()[-1]) for picture in question.pictures]


def uniform(question):
    """A number from 0 to 1 that belongs to the question."""
    text = repr([picture.bytes for picture in question.pictures] + [question.repeat]).encode()
    return int.from_bytes(hashlib.sha256(text).digest()[:6], "big") / 2**48


def observer(chance):
    """Choose the higher one with a probability that depends on the difference."""

    def answer(question):
        first, second = steps(question)
        right = uniform(question) < chance(abs(first - second))
        return Reply("answered", "A" if (first > second) == right else "B")

    return answer


def compared(ask, chance, pairs=PAIRS):
    return ask(observer(chance)).compare(pairs, "Which has more contrast?", repeats=REPEATS)


def test_a_known_threshold_is_found(ask):
    # P = Phi(d / s): three of four at d = 0.6745 s, here 0.1.
    spread = 0.1 / NormalDist().inv_cdf(0.75)
    found = compared(ask, lambda d: NormalDist(0, spread).cdf(d)).threshold(LEVEL)
    assert found.name == "threshold"
    assert found.low < 0.1 < found.high
    assert found.value == pytest.approx(0.1, rel=0.35)
    assert (found.n, found.unit) == (len(PAIRS) * 2 * REPEATS, "trial")


def test_it_is_the_fit_on_logarithms(ask):
    comparisons = compared(ask, lambda d: 0.5 + 0.5 * min(1.0, d / 0.2))
    right = dict.fromkeys(STEPS[1:], 0)
    for pair, choice in comparisons.items():
        right[steps_of(pair)] += sum(draw.value == "B" for draw in choice.draws)
    trials = len(SCENES) * 2 * REPEATS
    fit = fit_psychometric([math.log(d) for d in right], list(right.values()), [trials] * 6, guess=0.5, lapse=0.02)
    found = comparisons.threshold(LEVEL)
    assert (found.value, found.low, found.high) == pytest.approx([
        math.exp(end) for end in (fit.threshold.value, fit.threshold.low, fit.threshold.high)
    ])
    assert found.replicates == pytest.approx([math.exp(each) for each in fit.threshold.replicates])


def steps_of(pair):
    return next(step for step in STEPS if math.isclose(step, LEVEL[pair[1]] - LEVEL[pair[0]], abs_tol=1e-9))


def test_a_model_that_is_never_wrong_has_an_upper_bound(ask):
    found = compared(ask, lambda d: 1.0).threshold(LEVEL)
    assert (found.name, found.value, found.low, found.high) == ("threshold at most", 0.03, 0.0, 0.03)
    assert found <= 0.05
    assert "no function fits: all of" in found.method


def test_rare_lapses_of_a_model_that_sees_all_leave_the_bound(ask):
    found = compared(ask, lambda d: 0.95).threshold(LEVEL)
    assert (found.name, found.value, found.reason) == ("threshold at most", 0.03, "")


def test_a_bound_is_sure_only_with_enough_trials(ask):
    comparisons = ask(observer(lambda d: 1.0)).compare(PAIRS[:6], "Which has more contrast?", repeats=2)
    # Four of four right have a Wilson interval from 0.51: a coin may do that.
    with pytest.raises(Inconclusive, match="threshold: all of 24 trials succeeded"):
        assert comparisons.threshold(LEVEL) <= 0.3


def test_a_coin_has_no_threshold(ask):
    found = compared(ask, lambda d: 0.5).threshold(LEVEL)
    assert math.isnan(found.value)
    with pytest.raises(Inconclusive, match=r"threshold: success does not rise with the level .*natural logarithms"):
        assert found <= 0.2


def test_a_model_that_refuses_decides_nothing(ask):
    refuses = ask(lambda question: Reply("refused", "no") if uniform(question) < 0.5 else Reply("answered", "A"))
    comparisons = refuses.compare(PAIRS, "Which has more contrast?", repeats=2)
    with pytest.raises(Inconclusive, match=r"threshold.*: valid share 0\.\d+ < 0\.9 of 96 trials \(refused \d+\)"):
        assert comparisons.threshold(LEVEL) <= 0.2


def test_pairs_without_a_difference_are_left_out(ask):
    same = dict.fromkeys(LEVEL, 0.5)
    comparisons = compared(ask, lambda d: 1.0)
    with pytest.raises(UsageError, match="levels"):
        comparisons.threshold(same)
    some = {**LEVEL, **dict.fromkeys(SETS["cup"], math.nan)}
    assert comparisons.threshold(some).n == 3 * 6 * 2 * REPEATS


def test_references_that_are_no_numbers(ask):
    comparisons = compared(ask, lambda d: 1.0)
    with pytest.raises(UsageError, match=r"reference value 'much' of 'cup 0' is no number; a threshold needs numbers"):
        comparisons.threshold({**LEVEL, SETS["cup"][0]: "much"})
    with pytest.raises(UsageError, match="there is no reference value for 'cup 0'"):
        comparisons.threshold(dict.fromkeys(SETS["tree"], 1.0))
