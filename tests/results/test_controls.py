"""Identical pictures beside themselves: asked when told to, and counted nowhere else."""

from __future__ import annotations

import csv
import itertools

import pytest

from pytest_vlmperception import Inconclusive, Reply, Stimulus, UsageError
from pytest_vlmperception.records import Picture


def stimulus(scene, level):
    name = f"{scene}{level}"
    return Stimulus(name, Picture(name, lambda: ("image/png", name.encode())), {"scene": scene}, {"level": level})


PAIRS = [
    pair
    for scene in ("cup", "tree")
    for pair in itertools.combinations([stimulus(scene, level) for level in (1, 2, 3)], 2)
]


def shown(question):
    return [picture.bytes.decode() for picture in question.pictures]


def first_if_alike(question):
    first, second = shown(question)
    return Reply("answered", "A" if first[-1] >= second[-1] else "B")


def identical(fake):
    return sorted((shown(question)[0], question.repeat) for question in fake.asked if len(set(shown(question))) == 1)


def test_each_stimulus_is_asked_beside_itself_once_a_repeat(ask):
    comparisons = ask(first_if_alike).compare(PAIRS, "level?", repeats=2, controls="stimulus")
    assert comparisons.control_bias().value == 1.0
    names = [f"{scene}{level}" for scene in ("cup", "tree") for level in (1, 2, 3)]
    assert identical(ask.fakes[-1]) == [(name, repeat) for name in names for repeat in (0, 1)]


def test_one_stimulus_of_each_group_is_asked_beside_itself(ask):
    comparisons = ask(first_if_alike).compare(PAIRS, "level?", controls="group")
    bias = comparisons.control_bias()
    assert identical(ask.fakes[-1]) == [("cup1", 0), ("tree1", 0)]
    assert (bias.value, bias.n, bias.unit, bias.name) == (1.0, 2, "scene", "control bias")


def test_no_other_analysis_counts_them(ask):
    plain = ask(first_if_alike).compare(PAIRS, "level?", repeats=2)
    controlled = ask(first_if_alike).compare(PAIRS, "level?", repeats=2, controls="stimulus")
    assert list(controlled) == list(plain)
    assert controlled.wins().counts.tolist() == plain.wins().counts.tolist()
    assert dict(controlled.scale()) == dict(plain.scale())
    assert controlled.order_bias().value == plain.order_bias().value == 0.0
    assert len(controlled.draws()) == len(plain.draws())


def test_a_fair_coin_has_no_bias_and_always_b_has_minus_one(ask):
    coin = ask(lambda question: Reply("answered", "AB"[question.repeat % 2])).compare(
        PAIRS, "level?", repeats=2, controls="stimulus"
    )
    assert abs(coin.control_bias()) <= 0.0
    always_b = ask(lambda question: Reply("answered", "B")).compare(PAIRS, "level?", controls="stimulus")
    assert always_b.control_bias().value == -1.0


def test_a_group_without_a_name_is_its_pairs(ask):
    bare = [Stimulus(name, Picture(name, lambda name=name: ("image/png", name.encode()))) for name in ("x1", "x2")]
    bias = ask(first_if_alike).compare([tuple(bare)], "level?", controls="stimulus").control_bias()
    assert (bias.n, bias.unit) == (2, "identical pair")


def test_refused_controls_decide_nothing_and_leave_the_rest(ask):
    def refuses_identical(question):
        return Reply("refused", "They are the same.") if len(set(shown(question))) == 1 else first_if_alike(question)

    comparisons = ask(refuses_identical).compare(PAIRS, "level?", controls="stimulus")
    with pytest.raises(Inconclusive, match=r"control bias\|: valid share 0 < 0.9 of 6 trials \(refused 6\)"):
        assert abs(comparisons.control_bias()) <= 0.2
    assert comparisons.valid_share() >= 1.0
    assert comparisons.controls.validity().refused.value == 1.0


def test_without_controls_there_is_no_bias_of_them(ask):
    model = ask(first_if_alike)
    with pytest.raises(
        UsageError, match=r"control_bias\(\) needs identical pictures; compare with controls='stimulus'"
    ):
        model.compare(PAIRS, "level?").control_bias()
    with pytest.raises(UsageError, match="controls='stimuli'; did you mean 'stimulus'"):
        model.compare(PAIRS, "level?", controls="stimuli")


def test_csv_has_the_controls_last(ask, tmp_path):
    comparisons = ask(first_if_alike).compare(PAIRS, "level?", controls="group")
    comparisons.to_csv(tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 6 * 2 + 2
    assert [(row["first"], row["second"], row["value"]) for row in rows[-2:]] == [
        ("cup1", "cup1", "A"),
        ("tree1", "tree1", "A"),
    ]


def test_a_control_is_read_by_its_pair_or_name(ask):
    comparisons = ask(first_if_alike).compare(PAIRS, "level?", controls="stimulus")
    cup = PAIRS[0][0]
    assert comparisons.controls[(cup, cup)].value == comparisons.controls["cup1 / cup1"].value == "A"
