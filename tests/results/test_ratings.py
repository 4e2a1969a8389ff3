"""Ratings: means, correlations with a reference, and how far repeats lie apart."""

from __future__ import annotations

import csv
import math

import pytest

from pytest_vlmperception import Inconclusive, Refused, Reply, Stimulus, Unavailable, UsageError
from pytest_vlmperception.errors import CallError
from pytest_vlmperception.records import Picture


def picture(scene, level):
    name = f"{scene}{level}"
    return Stimulus(name, Picture(name, lambda: ("image/png", name.encode())), {"scene": scene}, {"level": level})


PICTURES = [picture(scene, level) for scene in ("cup", "tree") for level in (1, 2, 3, 4)]


def shown(question):
    return question.pictures[0].bytes.decode()


def level_of(question):
    return Reply("answered", shown(question)[-1])


def test_ratings_are_numbers_and_means(ask):
    def drifts(question):
        return Reply("answered", f"{min(5, int(shown(question)[-1]) + question.repeat)}/5")

    ratings = ask(drifts).rate(PICTURES, "How sharp?", scale=(1, 5), repeats=3)
    assert [draw.value for draw in ratings["cup4"].draws] == [4, 5, 5]
    assert ratings["cup4"].value == 5
    assert ratings["cup4"].mean == pytest.approx(14 / 3)
    assert ratings.means()[PICTURES[0]] == 2.0
    with pytest.raises(Inconclusive, match="no strict majority among 3 draws: 1 1, 2 1, 3 1"):
        _ = ratings["cup1"].value


def test_categories_count_from_one(ask):
    words = {"1": "Bad", "2": "Fair", "3": "Fair", "4": "*excellent*"}
    ratings = ask(lambda question: Reply("answered", words[shown(question)[-1]])).rate(
        PICTURES, "How good?", categories=["bad", "fair", "excellent"]
    )
    assert ratings["cup4"].value == "excellent"
    assert [ratings[picture].mean for picture in PICTURES[:4]] == [1.0, 2.0, 2.0, 3.0]
    # Ranks 1, 2.5, 2.5, 4 beside 1, 2, 3, 4: r = (1 + 5 + 7.5 + 16 - 25) / sqrt(5 * 4.5)
    assert ratings.spearman("level").value == pytest.approx(4.5 / math.sqrt(22.5))


def test_correlations_with_a_reference_are_means_over_scenes(ask):
    def swaps_in_trees(question):
        return Reply("answered", {"tree3": "4", "tree4": "3"}.get(shown(question), shown(question)[-1]))

    ratings = ask(swaps_in_trees).rate(PICTURES, "How sharp?", scale=(1, 5))
    rho = ratings.spearman("level")
    # 1 in cups; in trees 1 - 6 * 2 / (4 * 15) = 0.8.
    assert (rho.value, rho.n, rho.unit) == (pytest.approx(0.9), 2, "scene")
    assert rho.units == (("tree", 0.8), ("cup", 1.0))
    # Five of six pairs agree in trees: tau = (5 - 1) / 6.
    assert ratings.kendall("level").value == pytest.approx((1 + 4 / 6) / 2)
    assert ratings.pearson("level").value == pytest.approx(0.9)
    assert ratings.spearman(lambda picture: -picture.reference["level"]).value == pytest.approx(-0.9)
    pooled = ratings.spearman("level", estimand="pooled")
    assert "pooled" in pooled.method


def test_with_one_scene_the_stimuli_are_the_units(ask):
    rho = ask(level_of).rate(PICTURES[:4], "How sharp?", scale=(1, 5)).spearman("level")
    assert (rho.value, rho.n, rho.unit) == (1.0, 4, "stimulus")
    # One of 4! orders is as good.
    assert rho.p == pytest.approx(1 / 24)


def test_where_every_scene_has_one_picture_they_are_pooled(ask):
    alone = [picture(scene, level) for level, scene in enumerate("abcde", 1)]
    rho = ask(level_of).rate(alone, "How sharp?", scale=(1, 5)).spearman("level")
    assert (rho.value, rho.n, rho.unit) == (1.0, 5, "scene")


def test_constant_ratings_have_no_rank_order(ask):
    ratings = ask(lambda question: Reply("answered", "3")).rate(PICTURES, "How sharp?", scale=(1, 5))
    for statistic in (ratings.spearman, ratings.kendall):
        with pytest.raises(Inconclusive, match=r"the rating is constant \(3\): it has no rank order"):
            assert statistic("level") >= 0.5
    assert ratings.validity().valid.value == 1.0


def test_repeat_spread_is_the_standard_deviation_within_stimuli(ask):
    # Variances of (1, 3): 2; of (2, 2): 0. Bland and Altman's s_w = sqrt(mean variance) = 1 in each scene.
    answers = {1: "13", 2: "22", 3: "22", 4: "13"}
    ratings = ask(lambda question: Reply("answered", answers[int(shown(question)[-1])][question.repeat])).rate(
        PICTURES, "How sharp?", scale=(1, 5), repeats=2
    )
    spread = ratings.repeat_spread()
    assert (spread.value, spread.low, spread.high, spread.n, spread.unit) == (1.0, 1.0, 1.0, 2, "scene")
    assert ratings.validity().repeat_consistency.value == 0.5


def test_repeat_spread_needs_repeats(ask):
    with pytest.raises(UsageError, match=r"repeat_spread\(\) needs repeats; rate with repeats=2 or more"):
        ask(level_of).rate(PICTURES, "How sharp?", scale=(1, 5)).repeat_spread()


def test_agreement_of_observers_is_krippendorffs_alpha(ask):
    one = ask(level_of).rate(PICTURES[:4], "How sharp?", scale=(1, 5))
    last = {"cup4": "5"}
    other = ask(lambda question: Reply("answered", last.get(shown(question), shown(question)[-1]))).rate(
        PICTURES[:4], "How sharp?", scale=(1, 5)
    )
    # Values 1 1 2 2 3 3 4 5: D_o = 2 * 1 / 8; D_e = 2 * (8 * 69 - 21^2) / (8 * 7).
    alpha = one.agreement(other)
    assert alpha.value == pytest.approx(1 - 0.25 / (2 * 111 / 56))
    assert (alpha.n, alpha.unit) == (4, "stimulus")
    assert one.agreement(other, one).value > alpha.value


def test_categories_agree_by_their_ranks(ask):
    quality = ["bad", "fair", "good", "excellent"]

    def rated(says):
        answers = dict(zip("1234", says, strict=True))
        return ask(lambda question: Reply("answered", answers[shown(question)[-1]])).rate(
            PICTURES, "How good?", categories=quality
        )

    one = rated(quality)
    assert one.agreement(rated(quality)).value == 1.0
    assert one.agreement(rated(quality[::-1])).value < 0.0


def test_agreement_is_of_the_same_stimuli_on_the_same_scale(ask):
    model = ask(level_of)
    one = model.rate(PICTURES, "How sharp?", scale=(1, 5))
    for other in (model.rate(PICTURES[:4], "How sharp?", scale=(1, 5)), model.rate(PICTURES, "?", scale=(1, 6))):
        with pytest.raises(UsageError, match=r"agreement\(\) got <Ratings .*; expected ratings of the same stimuli on"):
            one.agreement(other)
    with pytest.raises(UsageError, match=r"agreement\(\) got no other ratings; give those of another observer"):
        one.agreement()
    with pytest.raises(UsageError, match=r"agreement\(\) got \[3\]; expected ratings of the same stimuli on the same"):
        one.agreement([3])


def test_an_observer_that_refuses_leaves_no_agreement(ask):
    one = ask(level_of).rate(PICTURES, "How sharp?", scale=(1, 5))
    silent = ask(lambda question: Reply("refused", "no")).rate(PICTURES, "How sharp?", scale=(1, 5))
    with pytest.raises(Inconclusive, match=r"valid share 0 < 0.9 of 8 trials \(refused 8\); refused: no"):
        assert one.agreement(silent) >= 0.5


def test_a_model_that_refuses_half_decides_nothing(ask):
    def refuses_trees(question):
        return Reply("refused", "no trees") if shown(question).startswith("tree") else level_of(question)

    ratings = ask(refuses_trees).rate(PICTURES, "How sharp?", scale=(1, 5), repeats=2)
    for read in (lambda: ratings.spearman("level") >= 0.5, lambda: ratings.repeat_spread() <= 1):
        with pytest.raises(Inconclusive, match=r"valid share 0.5 < 0.9 of 16 trials \(refused 8\); refused: no trees"):
            read()
    with pytest.raises(Refused, match="no trees"):
        _ = ratings["tree1"].mean
    assert math.isnan(ratings.means()[PICTURES[-1]])


def test_a_missing_rating_leaves_its_scene_with_the_others(ask):
    def off_the_scale(question):
        return Reply("answered", "9") if shown(question) == "tree4" else level_of(question)

    ratings = ask(off_the_scale).rate(PICTURES, "How sharp?", scale=(1, 5), min_valid=0.8)
    rho = ratings.spearman("level")
    assert rho >= 0.9
    assert (rho.n, rho.missing) == (2, 1)


def test_answers_that_could_not_be_had_are_unavailable(ask):
    def fails(question):
        raise CallError("OPENAI_API_KEY is not set", "key", sent=False)

    ratings = ask(fails).rate(PICTURES, "How sharp?", scale=(1, 5))
    with pytest.raises(Unavailable, match="OPENAI_API_KEY is not set"):
        assert ratings.spearman("level") >= 0.5


def test_csv_has_numbers(ask, tmp_path):
    ask(lambda question: Reply("answered", "**4**/5" if shown(question) == "cup4" else "4/5")).rate(
        PICTURES, "How sharp?", scale=(1, 5)
    ).to_csv(tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(newline="", encoding="utf-8") as file:
        rows = {row["stimulus"]: row for row in csv.DictReader(file)}
    assert (rows["cup1"]["text"], rows["cup1"]["value"]) == ("4/5", "4")
    assert (rows["cup4"]["status"], rows["cup4"]["value"]) == ("unparsed", "")
