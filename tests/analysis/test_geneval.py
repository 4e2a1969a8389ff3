"""GenEval's decision and scores, on cases worked by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from pytest_vlmperception.analysis import geneval_check, geneval_scores, wilson
from pytest_vlmperception.errors import Inconclusive, UsageError
from pytest_vlmperception.pictures.scene_reading import detect_shapes
from pytest_vlmperception.pictures.scenes import draw_scene
from pytest_vlmperception.records import Detection, Scene, Shape


def at(x: float, y: float, side: float = 20.0, kind: str = "dog", colour: str = "", score: float = 1.0) -> Detection:
    half = side / 2
    return Detection(kind, (x - half, y - half, x + half, y + half), colour, score)


# Decisions

TWO_CLOCKS = {
    "tag": "counting",
    "include": [{"class": "clock", "count": 2}],
    "exclude": [{"class": "clock", "count": 3}],
    "prompt": "a photo of two clocks",
}
RIGHT = {
    "tag": "position",
    "include": [{"class": "bear", "count": 1}, {"class": "dog", "count": 1, "position": ["right of", 0]}],
}
COLOURS = {
    "tag": "color_attr",
    "include": [{"class": "bus", "count": 1, "color": "red"}, {"class": "dog", "count": 1, "color": "black"}],
}


def objects(*looks: tuple[str, str] | tuple[str, str, float]) -> list[Detection]:
    return [at(50.0 * place, 0, 20, kind, colour, *score) for place, (kind, colour, *score) in enumerate(looks)]


def test_one_object() -> None:
    metadata = {"tag": "single_object", "include": [{"class": "bench", "count": 1}]}
    assert geneval_check(metadata, objects(("bench", ""))).correct
    assert geneval_check(metadata, objects(("bench", ""), ("bench", ""), ("cat", ""))).correct
    wrong = geneval_check(metadata, objects(("bank", "")))
    assert (wrong.correct, wrong.reason) == (False, "expected bench >= 1, found 0")


@pytest.mark.parametrize(("n", "correct"), [(0, False), (1, False), (2, True), (3, False), (20, False)])
def test_counting_is_exact(n: int, correct: bool) -> None:
    assert geneval_check(TWO_CLOCKS, objects(*[("clock", "")] * n)).correct is correct


def test_reasons_of_counting() -> None:
    assert geneval_check(TWO_CLOCKS, objects(("clock", ""))).reason == "expected clock >= 2, found 1"
    assert geneval_check(TWO_CLOCKS, objects(*[("clock", "")] * 3)).reason == "expected clock < 3, found 3"


def test_confidence_counts_from_0_9_on_in_counting_and_from_0_3_else() -> None:
    three = objects(("clock", "", 0.95), ("clock", "", 0.91), ("clock", "", 0.9))
    assert geneval_check(TWO_CLOCKS, three).correct
    assert not geneval_check({**TWO_CLOCKS, "tag": "two_object"}, three).correct
    weak = {"tag": "single_object", "include": [{"class": "clock", "count": 1}]}
    assert geneval_check(weak, objects(("clock", "", 0.31))).correct
    assert not geneval_check(weak, objects(("clock", "", 0.3))).correct


def test_no_more_than_sixteen_of_a_class() -> None:
    metadata = {"tag": "counting", "include": [{"class": "clock", "count": 17}]}
    assert geneval_check(metadata, objects(*[("clock", "")] * 17)).reason == "expected clock >= 17, found 16"


def test_the_most_confident_are_taken() -> None:
    one = {"tag": "colors", "include": [{"class": "bus", "count": 1, "color": "red"}]}
    assert geneval_check(one, objects(("bus", "blue", 0.8), ("bus", "red", 0.9))).correct
    wrong = geneval_check(one, objects(("bus", "blue", 0.9), ("bus", "red", 0.8)))
    assert wrong.reason == "expected red bus >= 1, found 0 and blue"


def test_colours_of_both() -> None:
    assert geneval_check(COLOURS, objects(("bus", "red"), ("dog", "black"))).correct
    swapped = geneval_check(COLOURS, objects(("bus", "black"), ("dog", "red")))
    assert swapped.reason == "expected red bus >= 1, found 0 and black; expected black dog >= 1, found 0 and red"


def test_position() -> None:
    assert geneval_check(RIGHT, [at(0, 0, kind="bear"), at(100, 0)]).correct
    wrong = geneval_check(RIGHT, [at(0, 0, kind="bear"), at(-100, -100)])
    assert wrong.reason == "expected dog right of bear, found above and left of"
    near = geneval_check(RIGHT, [at(0, 0, kind="bear"), at(1, 0)])
    assert near.reason == "expected dog right of bear, found in no relation to"


def test_position_to_what_is_missing() -> None:
    wrong = geneval_check(RIGHT, [at(100, 0)])
    assert wrong.reason == "expected bear >= 1, found 0; no bear for dog to be right of"


def test_all_pairs_have_to_hold() -> None:
    metadata = {
        "tag": "position",
        "include": [{"class": "bear", "count": 2}, {"class": "dog", "count": 2, "position": ["right of", 0]}],
    }
    bears = [at(0, 0, kind="bear"), at(100, 0, kind="bear")]
    assert geneval_check(metadata, [*bears, at(200, 0), at(300, 0)]).correct
    # Right of the first bear, but left of the second.
    assert not geneval_check(metadata, [*bears, at(200, 0), at(50, 0)]).correct


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        ({}, "the metadata demands nothing; expected clauses in 'include' or 'exclude'"),
        ({"include": "dog"}, "include: 'dog'; expected a list of clauses"),
        ({"include": ["dog"]}, r"include\[0\]: 'dog'; expected a clause"),
        ({"include": [{"count": 1}]}, r"include\[0\]: class=None; expected the name of a class"),
        ({"include": [{"class": "dog"}]}, r"include\[0\]: count=None; expected a whole number of at least 1"),
        ({"exclude": [{"class": "dog", "count": 0}]}, r"exclude\[0\]: count=0; expected a whole number"),
        ({"include": [{"class": "dog", "count": True}]}, "count=True"),
        ({"include": [{"class": "dog", "count": 1, "color": 3}]}, r"color=3; expected the name of a colour"),
        (
            {"include": [{"class": "a", "count": 1}, {"class": "b", "count": 1, "position": ["left", 0]}]},
            r"include\[1\]: position 'left' is not known; did you mean 'left of'\?",
        ),
        (
            {"include": [{"class": "a", "count": 1, "position": ["left of", 0]}]},
            r"position=\['left of', 0\]; expected \[relation, index of an earlier clause\]",
        ),
    ],
)
def test_metadata_that_cannot_be_used(metadata: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        geneval_check(metadata, [])


def test_a_colour_that_was_not_looked_for_is_not_wrong() -> None:
    with pytest.raises(UsageError, match=r"a bus has no colour, but red is asked for; give Detection\(colour="):
        geneval_check(COLOURS, objects(("bus", ""), ("dog", "black")))


# From pixels


def test_decisions_about_drawn_scenes() -> None:
    shapes = (
        Shape("circle", "red", 100.0, 250.0, 60.0),
        Shape("circle", "blue", 400.0, 240.0, 40.0),
        Shape("star", "white", 250.0, 100.0, 50.0),
    )
    found = detect_shapes(draw_scene(Scene(shapes)))
    two = {"include": [{"class": "circle", "count": 2}], "exclude": [{"class": "circle", "count": 3}]}
    assert geneval_check({"tag": "counting", **two}, found).correct
    above = {"include": [{"class": "circle", "count": 2}, {"class": "star", "count": 1, "position": ["above", 0]}]}
    assert geneval_check({"tag": "position", **above}, found).correct
    white = {"include": [{"class": "star", "count": 1, "color": "white"}]}
    assert geneval_check({"tag": "colors", **white}, found).correct
    below = {"include": [{"class": "star", "count": 1}, {"class": "circle", "count": 1, "position": ["above", 0]}]}
    assert "expected circle above star, found" in geneval_check({"tag": "position", **below}, found).reason
    three = {"include": [{"class": "circle", "count": 3}]}
    assert geneval_check({"tag": "counting", **three}, found).reason == "expected circle >= 3, found 2"


# Scores


def scored(**tasks: list[list[float]]) -> Any:
    rows = [
        (tag, value, f"prompt {number}")
        for tag, prompts in tasks.items()
        for number, values in enumerate(prompts)
        for value in values
    ]
    tags, correct, groups = zip(*rows, strict=True)
    return geneval_scores(tags, correct, groups)


def test_scores_by_hand() -> None:
    scores = scored(counting=[[1, 1], [1, 0], [0, 0]], colors=[[1, 1]])
    # (1 + 0.5 + 0) / 3; 2 of 2; their mean; (1 + 0.5 + 0 + 1) / 4; three of four prompts.
    assert scores.tasks["counting"].value == pytest.approx(0.5)
    assert scores.tasks["colors"].value == 1.0
    assert scores.overall.value == pytest.approx(0.75)
    assert scores.pictures.value == pytest.approx(0.625)
    assert scores.prompts.value == pytest.approx(0.75)
    assert list(scores.tasks) == ["counting", "colors"]
    assert (scores.overall.n, scores.tasks["counting"].n, scores.overall.unit) == (4, 3, "prompt")
    assert scores.overall.units[0] == ("counting: prompt 2", 0.0)


def test_published_row() -> None:
    # GPT-ImgEval, table 1, GPT-4o: .99 .92 .85 .92 .75 .61, overall .84; here as hundredths of 100 prompts.
    row = {"single": 99, "two": 92, "count": 85, "colors": 92, "position": 75, "attr": 61}
    scores = scored(**{tag: [[1.0]] * hits + [[0.0]] * (100 - hits) for tag, hits in row.items()})
    assert scores.overall.value == pytest.approx(0.84)
    # The normal approximation: sqrt(sum p (1 - p) / 100) / 6 = 0.0138.
    assert scores.overall.high - scores.overall.low == pytest.approx(2 * 1.96 * 0.0138, abs=0.004)
    assert np.std(scores.overall.replicates) == pytest.approx(0.0138, abs=0.001)


def test_the_interval_of_one_task_is_its_own_and_of_perfect_ones_has_a_width() -> None:
    scores = scored(counting=[[1.0]] * 20)
    one = wilson(20, 20)
    assert (scores.overall.low, scores.overall.high) == pytest.approx((one.low, 1.0))
    # Two such tasks: sqrt(2) / 2 of the width.
    two = scored(counting=[[1.0]] * 20, colors=[[1.0]] * 20).overall
    assert 1 - two.low == pytest.approx((1 - one.low) / math.sqrt(2))


def test_tasks_are_resampled_apart() -> None:
    half = [[1.0], [0.0]] * 20
    tasks = scored(counting=half, colors=half).tasks
    correlation = np.corrcoef(tasks["counting"].replicates, tasks["colors"].replicates)[0, 1]
    assert abs(correlation) < 0.1


def test_two_generators_have_one_design() -> None:
    first, second = scored(a=[[1], [0], [1]], b=[[1], [1]]), scored(a=[[0], [0], [1]], b=[[math.nan], [1]])
    assert first.overall.design == second.overall.design
    assert first.tasks["a"].design == second.tasks["a"].design != first.tasks["b"].design
    assert scored(a=[[1], [0]], b=[[1], [1]]).overall.design != first.overall.design


def test_what_is_not_judged_is_left_out_and_counted() -> None:
    scores = scored(a=[[1, math.nan], [1, 1], [0, math.nan]] * 10, b=[[1, 1]] * 10)
    assert scores.tasks["a"].value == pytest.approx(2 / 3)
    assert scores.tasks["a"].missing == 20
    with pytest.raises(Inconclusive, match=r"a: valid share 0\.67"):
        assert scores.overall >= 0.5
    # A prompt with a wrong picture and one that is not known may have a correct one or not.
    assert scores.prompts.n == 30
    nothing = scored(a=[[math.nan]], b=[[1.0]])
    assert math.isnan(nothing.overall.value)
    assert math.isnan(nothing.overall.low)
    assert "no prompt has a value" in nothing.overall.reason


def test_no_pictures() -> None:
    with pytest.raises(UsageError, match="geneval_scores needs at least one picture: got none"):
        geneval_scores([], [], [])
    with pytest.raises(UsageError, match="expected equal lengths"):
        geneval_scores(["a"], [1, 0], ["p", "q"])


@pytest.mark.slow
def test_the_interval_covers() -> None:
    rng = np.random.default_rng(11)
    shares = {"a": 0.99, "b": 0.9, "c": 0.8, "d": 0.7, "e": 0.5, "f": 0.97}
    truth = np.mean(list(shares.values()))
    hits = 0
    for _ in range(1000):
        tags = [tag for tag in shares for _ in range(40)]
        correct = [float(rng.random() < shares[tag]) for tag in tags]
        overall = geneval_scores(tags, correct, list(range(240)), replicates=40).overall
        hits += overall.low <= truth <= overall.high
    assert 920 <= hits <= 980
