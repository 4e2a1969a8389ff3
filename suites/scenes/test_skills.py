"""Does the model see what scenes of shapes show: how many, in which colour, where, and what lies in front?"""

from __future__ import annotations

import pytest

from pytest_vlmperception import difficulty_threshold

# Shares of right answers over all six levels, the last of which are difficult.
SHARES = {"count": 0.6, "colour": 0.9, "position": 0.7, "binding": 0.9, "overlap": 0.8}

# Of how many possible answers a guess is one.
CHOICES = {"count": 11, "colour": 10, "position": 4, "binding": 10, "overlap": 2}


def is_right(scene, answer):
    return answer.value == scene.reference["answer"]


@pytest.mark.parametrize("skill", SHARES)
def test_answers_are_right(ask, skill):
    assert ask(skill).share(is_right) >= SHARES[skill]


@pytest.mark.parametrize("skill", CHOICES)
def test_copes_with_half_of_the_difficulty(ask, skill):
    assert difficulty_threshold(ask(skill), is_right, guess=1 / CHOICES[skill]) >= 3
