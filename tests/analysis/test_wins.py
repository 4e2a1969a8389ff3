"""Counting paired comparisons."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_vlmperception.analysis import win_matrix
from pytest_vlmperception.errors import UsageError

NAN = float("nan")


def test_counts_by_hand():
    # 0 beats 1 (shown first), 0 beats 1 (shown second), 2 beats 0, one trial unanswered.
    wins = win_matrix([0, 1, 0, 1], [1, 0, 2, 2], [1, 0, 0, NAN], 3)
    assert wins.tolist() == [[0, 2, 0], [0, 0, 0], [1, 0, 0]]


def test_no_trials_are_no_wins():
    assert win_matrix([], [], [], 2).tolist() == [[0, 0], [0, 0]]


trials = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 4), st.sampled_from([1.0, 0.0, NAN])).filter(lambda t: t[0] != t[1]),
    min_size=1,
)


@given(trials)
def test_every_answer_counts_once_whatever_the_order_shown(trials):
    first, second, chosen = map(np.array, zip(*trials, strict=True))
    wins = win_matrix(first, second, chosen, 5)
    assert wins.sum() == (~np.isnan(chosen)).sum()
    assert not np.diag(wins).any()
    np.testing.assert_array_equal(wins, win_matrix(second, first, 1 - chosen, 5))


def test_truth_values_and_none_are_answers_too():
    assert win_matrix([0, 0], [1, 1], [True, False], 2).tolist() == [[0, 1], [1, 0]]
    assert win_matrix([0, 0], [1, 1], [1, None], 2).tolist() == [[0, 1], [0, 0]]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([0], [1], [1], 1), "n=1; expected a whole number of at least 2"),
        (([0], [2], [1], 2), r"second\[0\] = 2; expected an index from 0 to 1"),
        (([-1], [0], [1], 2), r"first\[0\] = -1; expected an index"),
        (([0.5], [1], [1], 2), r"first has shape \(1,\) and type float64; expected whole numbers"),
        (([[0]], [1], [1], 2), r"first has shape \(1, 1\)"),
        (([0], [1], [0.5], 2), r"first_chosen\[0\] = 0\.5; expected 1 \(yes\), 0 \(no\) or NaN"),
        (([0], [1], ["A"], 2), r"first_chosen\[0\] = 'A'; expected a number"),
        (([0, 1], [1], [1], 2), r"len\(first\)=2, len\(second\)=1, len\(first_chosen\)=1; expected equal lengths"),
        (([0, 1], [1, 1], [1, 1], 2), "trial 1 compares stimulus 1 with itself"),
    ],
)
def test_refuses(arguments, message):
    with pytest.raises(UsageError, match=message):
        win_matrix(*arguments)
