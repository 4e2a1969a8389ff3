"""Are the answers given at all, the same in either order, the same when asked again?"""

from __future__ import annotations

import dataclasses
import itertools
import math
import random

import pytest

from pytest_vlmperception import Inconclusive, Reply, Stimulus, Unavailable, UsageError
from pytest_vlmperception.errors import CallError
from pytest_vlmperception.records import Picture


def stimulus(scene, level):
    name = f"{scene}{level}"
    return Stimulus(name, Picture(name, lambda: ("image/png", name.encode())), {"scene": scene}, {"level": level})


PAIRS = [
    pair
    for scene in ("cup", "tree")
    for pair in itertools.combinations([stimulus(scene, level) for level in (1, 2, 3, 4)], 2)
]


def shown(question):
    return [picture.bytes.decode() for picture in question.pictures]


def larger(question):
    first, second = shown(question)
    return Reply("answered", "A" if first[-1] > second[-1] else "B")


def values(validity):
    return {field.name: getattr(validity, field.name).value for field in dataclasses.fields(validity)}


def test_a_model_that_sees_is_valid_and_consistent(ask):
    validity = ask(larger).compare(PAIRS, "level?", repeats=2).validity()
    assert values(validity) == {
        "valid": 1.0,
        "unparsed": 0.0,
        "refused": 0.0,
        "truncated": 0.0,
        "order_consistency": 1.0,
        "repeat_consistency": 1.0,
    }
    assert (validity.order_consistency.n, validity.order_consistency.unit) == (2, "scene")


def test_a_model_that_always_says_a_repeats_itself_but_follows_the_order(ask):
    validity = ask(lambda question: Reply("answered", "A")).compare(PAIRS, "level?", repeats=3).validity()
    assert validity.valid.value == 1.0
    assert validity.order_consistency.value == 0.0
    assert validity.repeat_consistency.value == 1.0


def test_a_model_that_changes_with_the_repeat_has_noise_and_no_position(ask):
    def alternates(question):
        return larger(question) if question.repeat else Reply("answered", "BA"[larger(question).text == "B"])

    validity = ask(alternates).compare(PAIRS, "level?", repeats=3).validity()
    # Of three repeats, one differs: one of the three pairs of repeats agrees.
    assert validity.repeat_consistency.value == pytest.approx(1 / 3)
    # Of three by three pairs of draws in both orders, one and two by two agree.
    assert validity.order_consistency.value == pytest.approx(5 / 9)


def test_every_kind_of_reply_has_its_share(ask):
    kinds = {
        "cup1": Reply("refused", "no"),
        "cup2": Reply("filtered", "", finish_reason="SAFETY"),
        "cup3": Reply("truncated", "A"),
        "cup4": Reply("answered", "both"),
    }
    validity = (
        ask(lambda question: kinds.get(shown(question)[0]) or larger(question))
        .compare(PAIRS, "level?", repeats=2)
        .validity()
    )
    # A quarter of the trials of cups show each of them first.
    assert values(validity)["valid"] == 0.5
    assert (validity.refused.value, validity.truncated.value, validity.unparsed.value) == (0.25, 0.125, 0.125)
    assert validity.refused.units == (("tree", 0.0), ("cup", 0.5))
    # Shares are facts about the model; what is computed from the rest is not.
    assert validity.refused <= 0.3
    with pytest.raises(Inconclusive, match=r"order consistency: valid share 0.5 < 0.9 of 48 trials"):
        assert validity.order_consistency >= 0.5


def test_half_a_pair_of_orders_says_nothing_of_consistency(ask):
    def refuses_cup1_first(question):
        return Reply("refused", "no") if shown(question)[0] == "cup1" else larger(question)

    validity = ask(refuses_cup1_first).compare(PAIRS, "level?", repeats=2, min_valid=0.5).validity()
    assert validity.order_consistency.value == 1.0
    # The three pairs of cup1 have no answer in one order, and two in the other.
    assert validity.order_consistency.missing == 3
    assert (validity.repeat_consistency.value, validity.repeat_consistency.missing) == (1.0, 0)


def test_consistency_and_flips_of_variability_add_up_to_one(ask):
    rng = random.Random(7)

    def guesses(question):
        return Reply(rng.choice(["answered"] * 9 + ["refused"]), rng.choice("AB"))

    comparisons = ask(guesses, min_valid=0.5).compare(PAIRS, "level?", repeats=3)
    validity, variability = comparisons.validity(), comparisons.variability()
    for consistency, flips in (
        (validity.order_consistency, variability.order_flips),
        (validity.repeat_consistency, variability.repeat_flips),
    ):
        assert consistency.value == pytest.approx(1 - flips.value / 100)
        assert consistency.low == pytest.approx(1 - flips.high / 100)


def test_what_was_not_asked_twice_has_no_consistency(ask):
    model = ask(larger)
    validity = model.compare(PAIRS, "level?", orders="given").validity()
    with pytest.raises(Inconclusive, match="nothing was shown in two orders; compare with orders='both'"):
        assert validity.order_consistency >= 0.5
    with pytest.raises(Inconclusive, match="no question was asked twice; ask with repeats=2 or more"):
        assert validity.repeat_consistency >= 0.5
    said = ask(lambda question: Reply("answered", "a cup")).describe([PAIRS[0][0]], "What?", repeats=2).validity()
    assert math.isnan(said.repeat_consistency.value)
    with pytest.raises(Inconclusive, match="two free texts are never alike to the letter"):
        assert said.repeat_consistency >= 0.5


def test_lost_trials_are_left_out_until_they_are_too_many(ask):
    def fails(share):
        lost = iter([True] * share)

        def answer(question):
            if next(lost, False):
                raise CallError("no route to host", "network")
            return larger(question)

        return answer

    few = ask(fails(2)).compare(PAIRS, "level?").validity()
    assert (few.valid.value, few.valid.missing) == (1.0, 2)
    many = ask(fails(4)).compare(PAIRS, "level?").validity()
    for share in (many.valid, many.refused, many.order_consistency):
        with pytest.raises(Unavailable, match=r"no route to host \(4 of 24 trials\)"):
            assert share >= 0


def three_quarters(question):
    """Refuse 6 of 24 trials, but no pair in both orders."""
    return Reply("refused", "no") if shown(question)[0] in ("cup1", "tree1") else larger(question)


def test_the_limit_is_stated_by_the_call_or_by_the_run(ask):
    level = {stimulus: stimulus.reference["level"] for pair in PAIRS for stimulus in pair}
    for model, settings in ((ask(three_quarters), {"min_valid": 0.75}), (ask(three_quarters, min_valid=0.75), {})):
        comparisons = model.compare(PAIRS, "level?", **settings)
        assert comparisons.scale().spearman(level) >= 0.9
        assert abs(comparisons.order_bias()) <= 0.5
        # One refusal of two draws is no majority: half of the pairs are left out.
        with pytest.raises(Inconclusive, match=r"valid share 0.5 < 0.75: 6 of 12 data usable"):
            assert comparisons.share(lambda pair, choice: choice.chosen is pair[1]) >= 0.9
    strict = ask(three_quarters, min_valid=0.75).compare(PAIRS, "level?", min_valid=0.76)
    for read in (
        lambda: strict.scale().spearman(level) >= 0.9,
        lambda: abs(strict.order_bias()) <= 0.5,
    ):
        with pytest.raises(Inconclusive, match=r"valid share 0.75 < 0.76"):
            read()


def test_a_share_just_under_the_limit_is_shown_to_be_under_it(ask):
    lost = iter([True] * 11)

    def refuses_eleven(question):
        return Reply("refused", "no") if next(lost, False) else larger(question)

    comparisons = ask(refuses_eleven).compare(PAIRS, "level?", repeats=5, min_valid=0.91)
    with pytest.raises(Inconclusive, match=r"valid share 0.908 < 0.91 of 120 trials"):
        assert abs(comparisons.order_bias()) <= 1


@pytest.mark.parametrize("limit", [-0.1, 1.5, "0.9", True, math.nan])
def test_a_limit_that_is_no_share_is_bad_input(ask, limit):
    with pytest.raises(UsageError, match=r"min_valid=.*; expected a share from 0 to 1, such as 0.9"):
        ask(larger).compare(PAIRS, "level?", min_valid=limit)
