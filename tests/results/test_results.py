"""Lazy results over a fake model: majorities, scales, bias, shares and what is lost."""

from __future__ import annotations

import csv
import itertools

import pytest

from pytest_vlmperception import Inconclusive, Refused, Reply, Stimulus, Unavailable, UsageError
from pytest_vlmperception.errors import CallError
from pytest_vlmperception.records import Answer, Draw, Picture
from pytest_vlmperception.results import groups_of


def stimulus(name, scene="s"):
    data = name.encode()
    return Stimulus(name, Picture(name, lambda: ("image/png", data)), {"scene": scene}, {"level": ord(name[-1])})


SETS = {scene: [stimulus(f"{scene}{letter}", scene) for letter in "1234"] for scene in ("cup", "tree")}
PAIRS = [pair for stimuli in SETS.values() for pair in itertools.combinations(stimuli, 2)]


def shown(question):
    """Return the names of the pictures as shown."""
    return [picture.bytes.decode() for picture in question.pictures]


def larger(question):
    first, second = shown(question)
    return Reply("answered", "A" if first[-1] > second[-1] else "B")


def test_choices_wins_and_scale(ask):
    comparisons = ask(larger).compare(PAIRS, "level?", repeats=2)
    first, last = SETS["cup"][0], SETS["cup"][-1]
    assert comparisons[(first, last)].chosen is last
    assert comparisons[("cup1", "cup4")].value == "B"
    assert comparisons[(first, last)].proportion(last) == 1.0
    wins = comparisons.wins()
    row, column = wins.stimuli.index(last), wins.stimuli.index(first)
    assert (wins.counts[row, column], wins.counts[column, row], wins.counts.sum()) == (4, 0, 12 * 4)
    scale = comparisons.scale()
    assert [scale[s] for s in SETS["cup"]] == sorted(scale[s] for s in SETS["cup"])
    assert sum(scale[s] for s in SETS["tree"]) == pytest.approx(0)
    rho = scale.spearman({s: s.reference["level"] for s in scale})
    assert (rho.value, rho.n, rho.unit) == (1.0, 2, "scene")


def test_choosing_always_the_first_picture_is_order_bias_and_ties(ask):
    comparisons = ask(lambda question: Reply("answered", "A")).compare(PAIRS, "level?")
    assert comparisons.order_bias().value == 1.0
    choice = comparisons[PAIRS[0]]
    assert choice.proportion(PAIRS[0][0]) == 0.5
    with pytest.raises(Inconclusive, match="no strict majority among 2 draws: A 1, B 1"):
        _ = choice.chosen
    with pytest.raises(Inconclusive, match="the scale is constant"):
        assert comparisons.scale().spearman({s: s.reference["level"] for pair in PAIRS for s in pair}) >= 0.8


def test_order_bias_of_one_scene_has_an_interval_over_pairs(ask):
    pairs = [pair for pair in PAIRS if pair[0].groups["scene"] == "cup"]
    bias = ask(larger).compare(pairs, "level?").order_bias()
    assert (bias.value, bias.n, bias.unit) == (0.0, 6, "pair")


def test_lost_trials_are_left_out_counted_and_inconclusive_below_nine_tenths(ask):
    def refuses_cup1(question):
        return Reply("refused", "no faces") if "cup1" in shown(question) else larger(question)

    comparisons = ask(refuses_cup1).compare(PAIRS, "level?")
    with pytest.raises(Refused, match="refused: no faces"):
        _ = comparisons[PAIRS[0]].chosen
    assert comparisons[PAIRS[0]].status == "refused"
    # 3 of 12 pairs show cup1
    assert comparisons.valid_share().value == 0.75
    scale = comparisons.scale()
    with pytest.raises(Inconclusive, match=r"valid share 0.75 < 0.9 of 24 trials \(refused 6\); refused: no faces"):
        assert scale.spearman({s: s.reference["level"] for s in scale}) >= 0.8


def test_few_lost_trials_leave_a_scale(ask):
    lost = iter([True])

    def once(question):
        return Reply("truncated", "") if next(lost, False) else larger(question)

    comparisons = ask(once).compare(PAIRS, "level?", repeats=2)
    assert comparisons.valid_share().value == pytest.approx(47 / 48)
    scale = comparisons.scale()
    assert scale.spearman({s: s.reference["level"] for s in scale}) >= 0.9


def test_answers_that_could_not_be_had_are_unavailable(ask):
    def fails(question):
        raise CallError("OPENAI_API_KEY is not set", "key", sent=False)

    comparisons = ask(fails).compare(PAIRS, "level?")
    assert comparisons[PAIRS[0]].status == "unavailable"
    for read in (
        lambda: comparisons[PAIRS[0]].value,
        lambda: comparisons.valid_share() >= 0.9,
        lambda: comparisons.order_bias() <= 0.1,
        lambda: comparisons.share(lambda pair, choice: choice.chosen is pair[0]) >= 0.5,
        lambda: comparisons.scale().spearman(dict.fromkeys(itertools.chain(*PAIRS), 1)) >= 0.8,
    ):
        with pytest.raises(Unavailable, match="OPENAI_API_KEY is not set"):
            read()


def test_share_of_descriptions(ask):
    pictures = SETS["cup"] + SETS["tree"]
    said = ask(lambda question: Reply("answered", "a " + shown(question)[0][:-1])).describe(pictures, "what?")
    share = said.share(lambda picture, description: description.text == "a cup")
    # The pictures of one scene are one unit. Wilson, 1 of 2: (1 + 1.92 -+ 1.96 sqrt(0.5 + 0.96)) / (2 + 3.84)
    assert (share.value, share.n, share.unit) == (0.5, 2, "scene")
    assert (share.low, share.high) == (pytest.approx(0.0945, abs=1e-4), pytest.approx(0.9055, abs=1e-4))


def test_csv_quotes_what_models_say(ask, tmp_path):
    text = 'a "cup",\nsaid\tthe 猫'
    said = ask(lambda question: Reply("answered", text, model="m-1", latency_s=0.5)).describe(
        SETS["cup"], "what?", repeats=2
    )
    said.to_csv(tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 8
    assert rows[0] | {"pictures": ""} == {
        "stimulus": "cup1", "order": "given", "repeat": "0", "text": text, "value": text, "status": "answered",
        "kind": "answered", "reason": "", "latency_s": "0.5", "model": "m-1", "input_tokens": "", "output_tokens": "",
        "pictures": "",
    }  # fmt: skip
    with pytest.raises(UsageError, match=r"to_csv\(.*\) cannot write .*; give a writable path"):
        said.to_csv(tmp_path / "missing" / "out.csv")


def draws(*values):
    return tuple(Draw("answered", v) if v in ("A", "B") else Draw(v, kind=v, reason=f"{v} it was") for v in values)


@pytest.mark.parametrize(
    ("values", "status", "value"),
    [
        ("A", "answered", "A"),
        ("AAB", "answered", "A"),
        (["A", "refused", "A"], "answered", "A"),
        (["A", "B", "A", "truncated", "A"], "answered", "A"),
    ],
)
def test_strict_majority(values, status, value):
    answer = Answer(draws(*values))
    assert (answer.status, answer.value) == (status, value)


@pytest.mark.parametrize(
    ("values", "status", "error"),
    [
        ("AB", "answered", "no strict majority among 2 draws: A 1, B 1"),
        (["A", "A", "B", "refused"], "answered", "no strict majority among 4 draws: A 2, B 1"),
        (["A", "refused"], "refused", "refused it was"),
        (["unavailable", "unparsed", "unparsed", "A", "A"], "unparsed", "unparsed it was"),
    ],
)
def test_without_a_majority_reading_raises_and_the_status_does_not(values, status, error):
    answer = Answer(draws(*values))
    assert answer.status == status
    with pytest.raises((Inconclusive, Unavailable), match=error):
        _ = answer.value


def test_groups_are_what_pairs_link():
    a, b, c, d, e = (stimulus(name, name[0]) for name in ("a1", "a2", "b1", "b2", "c1"))
    groups = groups_of([(a, b), (c, d), (d, e)])
    assert [(g.name, g.unit, [s.id for s in g.stimuli]) for g in groups] == [
        ("a1", "group", ["a1", "a2"]),
        ("b1", "group", ["b1", "b2", "c1"]),
    ]


def test_groups_are_named_by_what_tells_them_apart():
    def of(name, scene):
        return Stimulus(name, Picture(name, lambda: ("image/png", b"x")), {"dataset": "lab", "scene": scene})

    a, b, c, d = of("a1", "cup"), of("a2", "cup"), of("b1", "tree"), of("b2", "tree")
    assert [(g.name, g.unit) for g in groups_of([(a, b), (c, d)])] == [("cup", "scene"), ("tree", "scene")]
    # Two groups within one scene are two units.
    e, f = of("c1", "cup"), of("c2", "cup")
    assert [(g.name, g.unit) for g in groups_of([(a, b), (e, f)])] == [("a1", "group"), ("c1", "group")]


def test_order_bias_needs_both_orders(ask):
    comparisons = ask(larger).compare(PAIRS, "level?", orders="given")
    with pytest.raises(UsageError, match="compare with orders='both'"):
        comparisons.order_bias()


def test_estimate_is_no_truth_value(ask):
    share = ask(larger).compare(PAIRS, "level?").valid_share()
    with pytest.raises(UsageError, match="neither true nor false; hold it against a threshold"):
        assert share
    assert f"{share:.2f}" == "1.00"


def test_a_model_is_shown_by_name(ask):
    assert repr(ask(larger)) == "VisionModel('fake/m')"
