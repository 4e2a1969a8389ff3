"""How difficult a picture may be before answers go wrong."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from pytest_vlmperception import Inconclusive, Reply, Stimulus, UsageError, difficulty_threshold
from pytest_vlmperception.analysis import fit_psychometric
from pytest_vlmperception.records import Picture

LEVELS = range(1, 7)


def scene(level, number):
    data = f"{level} {number}".encode()
    return Stimulus(f"{level}-{number}", Picture("x", lambda: ("image/png", data)), {}, {"level": level, "answer": "a"})


def answered(ask, right, n=20, **settings):
    """Labels of n scenes a level, of which the first ``right[level - 1]`` are right."""
    scenes = [scene(level, number) for level in LEVELS for number in range(n)]

    def answer(question):
        level, number = map(int, question.pictures[0].bytes.decode().split())
        found = right[level - 1]
        return found if isinstance(found, Reply) else Reply("answered", "a" if number < found else "b")

    return ask(answer).classify(scenes, "Which?", labels=["a", "b"], **settings)


def is_right(shown, answer):
    return answer.value == shown.reference["answer"]


def test_it_is_the_threshold_of_the_fitted_function(ask):
    right = [20, 19, 18, 15, 12, 10]
    found = difficulty_threshold(answered(ask, right), is_right, guess=0.5)
    # The same function, fitted to rising ease by hand.
    fit = fit_psychometric([-level for level in LEVELS], right, [20] * 6, guess=0.5, lapse=0.02)
    assert found.value == -fit.threshold.value
    assert (found.low, found.high) == (-fit.threshold.high, -fit.threshold.low)
    # 15 of 20 are right at level 4, half way from 0.5 to 1.
    assert found.value == pytest.approx(4, abs=0.3)
    assert (found.n, found.unit, found.name) == (120, "trial", "difficulty threshold")


def test_all_solved_is_at_least_the_hardest_level(ask):
    found = difficulty_threshold(answered(ask, [20] * 6), is_right, guess=0.25)
    assert (found.value, found.low, found.high) == (6, 6, math.inf)
    assert found.name == "difficulty threshold at least"
    assert found >= 6


def test_a_step_lies_between_two_levels(ask):
    found = difficulty_threshold(answered(ask, [20, 20, 20, 0, 0, 0]), is_right, guess=0.1)
    assert (found.value, found.low, found.high) == (3, 3, 4)


def test_few_answers_vouch_for_easier_levels_only(ask):
    # Six of six: Wilson's lower bound is 0.61, below 0.75; twelve of twelve: 0.758.
    found = difficulty_threshold(answered(ask, [6] * 6, n=6), is_right, guess=0.5)
    assert (found.value, found.low) == (6, 5)


def test_nothing_solved_has_no_threshold(ask):
    found = difficulty_threshold(answered(ask, [0] * 6), is_right, guess=0.1)
    assert math.isnan(found.value)
    with pytest.raises(Inconclusive, match="difficulty threshold"):
        assert found >= 1


def test_refusals_are_no_answers(ask):
    right = [20, 20, 20, 20, 20, Reply("refused", "No.")]
    lost = difficulty_threshold(answered(ask, right), is_right, guess=0.5)
    with pytest.raises(Inconclusive, match=r"valid share 0\.83 < 0\.9 of 120 trials \(refused 20\)"):
        assert lost >= 3
    found = difficulty_threshold(answered(ask, right, min_valid=0.5), is_right, guess=0.5)
    assert (found.value, found.high, found.n) == (5, math.inf, 100)


def test_levels_by_name_mapping_or_function(ask):
    answers = answered(ask, [20] * 6)
    double = difficulty_threshold(answers, is_right, guess=0.5, level=lambda shown: 2 * shown.reference["level"])
    assert double.value == 12
    mapped = {shown: 10.0 + shown.reference["level"] for shown in answers}
    assert difficulty_threshold(answers, is_right, guess=0.5, level=mapped).value == 16


def test_levels_that_are_no_numbers(ask):
    scenes = [replace(scene(1, 1), reference={"level": "hard"})]
    answers = ask(lambda question: Reply("answered", "a")).classify(scenes, "Which?", labels=["a", "b"])
    with pytest.raises(UsageError, match="the level 'hard' of '1-1' is no number; expected one that rises"):
        difficulty_threshold(answers, is_right, guess=0.5)
    with pytest.raises(UsageError, match="there is no reference value 'steps' for '1-1'; known: level"):
        difficulty_threshold(answers, is_right, guess=0.5, level="steps")
