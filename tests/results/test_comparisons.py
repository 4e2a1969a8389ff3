"""What a set of comparisons tells: scales with intervals, variability, separability."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from fakes import FakeModel, World

from pytest_vlmperception import Inconclusive, Reply, Stimulus, Unavailable, UsageError
from pytest_vlmperception.analysis import (
    inter_variability,
    intra_variability,
    kendall,
    pearson,
    scale_bradley_terry,
    scale_case_v,
    separability,
)
from pytest_vlmperception.errors import CallError
from pytest_vlmperception.records import Picture
from pytest_vlmperception.records.estimate import check_decidable
from pytest_vlmperception.verbs import VisionModel


def stimulus(name, scene):
    data = name.encode()
    return Stimulus(name, Picture(name, lambda: ("image/png", data)), {"scene": scene}, {"level": ord(name[-1])})


SCENES = ("cup", "tree", "lake", "road", "boat")
SETS = {scene: [stimulus(f"{scene}{number}", scene) for number in range(1, 6)] for scene in SCENES}
PAIRS = [pair for stimuli in SETS.values() for pair in itertools.combinations(stimuli, 2)]
LEVELS = {each: each.reference["level"] for stimuli in SETS.values() for each in stimuli}


def shown(question):
    """Return the names of the pictures as shown."""
    return [picture.bytes.decode() for picture in question.pictures]


def larger(question):
    first, second = shown(question)
    return Reply("answered", "A" if first[-1] > second[-1] else "B")


def always_a(question):
    return Reply("answered", "A")


def noisy(seed, slope=0.7):
    """Answer like `larger`, the more often the farther apart the levels are; the same to the same question."""

    def answer(question):
        first, second = shown(question)
        chance = 1 / (1 + math.exp(-slope * (ord(first[-1]) - ord(second[-1]))))
        key = [seed, question.repeat, *map(ord, first + second)]
        return Reply("answered", "A" if np.random.default_rng(key).random() < chance else "B")

    return answer


def grid(comparisons):
    """Choices, shape (n_pairs, 2, n_repeats), from the answers one by one."""
    return np.array([
        [[float(draw.value == "A") for draw in comparisons[pair].draws if draw.order == order] for order in ORDERS]
        for pair in comparisons
    ])


ORDERS = ("given", "reversed")


class AllAtOnce:
    """Look-ahead as in a test's body."""

    def ahead(self, items):
        return items

    def reader(self):
        return ""

    def saw(self, answers, item):
        pass


@pytest.fixture
def ask(tmp_path):
    """Make a model that answers by a function."""
    worlds = []

    def make(answer):
        world = World(tmp_path / f"{len(worlds)}", FakeModel(answer), "run")
        worlds.append(world)
        return VisionModel(world.caller, AllAtOnce())

    yield make
    for world in worlds:
        world.__exit__()


def test_variability_is_that_of_the_choices(ask):
    comparisons = ask(noisy(1)).compare(PAIRS, "level?", repeats=3)
    found = comparisons.variability(replicates=200, seed=3)
    groups = [pair[0].groups["scene"] for pair in PAIRS]
    expected = intra_variability(grid(comparisons), groups=groups, unit="scene", replicates=200, seed=3)
    assert found == expected
    assert found.flip_rate.replicates == expected.flip_rate.replicates
    assert (found.flip_rate.n, found.flip_rate.unit) == (5, "scene")
    assert 0 < found.flip_rate.value < 100


def test_a_model_that_always_says_a_flips_with_the_order_only(ask):
    found = ask(always_a).compare(PAIRS, "level?", repeats=2).variability()
    assert (found.order_flips.value, found.repeat_flips.value, found.minority_share.value) == (100, 0, 50)
    assert ask(larger).compare(PAIRS, "level?", repeats=2).variability().flip_rate <= 5


def test_variability_needs_a_second_trial(ask):
    with pytest.raises(UsageError, match="one trial per pair; variability needs a second: compare with repeats=2"):
        ask(larger).compare(PAIRS, "level?", orders="given").variability()
    found = ask(larger).compare(PAIRS, "level?").variability()
    with pytest.raises(Inconclusive, match="nothing was repeated in the same order; compare with repeats=2 or more"):
        assert found.repeat_flips <= 10


def test_variability_of_one_scene_is_over_its_pairs(ask):
    pairs = [pair for pair in PAIRS if pair[0].groups["scene"] == "cup"]
    found = ask(noisy(1)).compare(pairs, "level?", repeats=2).variability().flip_rate
    assert (found.n, found.unit) == (10, "pair")


def test_a_model_that_refuses_half_is_inconclusive_everywhere(ask):
    def refuses(question):
        return Reply("refused", "no levels") if question.repeat else larger(question)

    comparisons = ask(refuses).compare(PAIRS, "level?", repeats=2)
    variability, curve = comparisons.variability(), comparisons.separability(LEVELS)
    reason = r"valid share 0.5 < 0.9 of 200 trials \(refused 100\); refused: no levels"
    for estimate in (
        variability.minority_share,
        variability.flip_rate,
        variability.order_flips,
        variability.repeat_flips,
        curve.slope,
        curve.agreement,
        curve.bins[0].agreement,
        comparisons.scale().estimates[PAIRS[0][0]],
        comparisons.scale().kendall(LEVELS),
        ask(larger).compare(PAIRS, "level?").inter_variability(comparisons).models["fake/m"].flip_rate,
    ):
        with pytest.raises(Inconclusive, match=reason):
            check_decidable(estimate)


def test_answers_that_could_not_be_had_are_unavailable(ask):
    def fails(question):
        raise CallError("OPENAI_API_KEY is not set", "key", sent=False)

    comparisons = ask(fails).compare(PAIRS, "level?")
    for read in (
        lambda: comparisons.variability().flip_rate <= 20,
        lambda: comparisons.separability(LEVELS).slope > 0,
        lambda: comparisons.scale().pearson(LEVELS) >= 0.8,
        lambda: ask(larger).compare(PAIRS, "level?").inter_variability(comparisons).flip_rate <= 20,
    ):
        with pytest.raises(Unavailable, match="OPENAI_API_KEY is not set"):
            read()


def test_variability_between_models_is_that_of_the_choices(ask):
    one, two, three = (ask(noisy(seed)).compare(PAIRS, "level?", repeats=2) for seed in (1, 2, 3))
    found = one.inter_variability(two, three, replicates=200)
    models = {"fake/m": grid(one), "fake/m (2)": grid(two), "fake/m (3)": grid(three)}
    groups = [pair[0].groups["scene"] for pair in PAIRS]
    assert found == inter_variability(models, groups=groups, unit="scene", replicates=200)
    assert list(found.models) == list(models)


def test_pairs_of_the_others_may_come_in_any_order(ask):
    one = ask(noisy(1)).compare(PAIRS, "level?")
    turned = [pair[::-1] if index % 2 else pair for index, pair in enumerate(PAIRS)][::-1]
    same, mixed = (ask(noisy(2)).compare(pairs, "level?", repeats=3) for pairs in (PAIRS, turned))
    straight, again = one.inter_variability(same), one.inter_variability(mixed)
    assert again.minority_share.value == pytest.approx(straight.minority_share.value)
    assert again.flip_rate.value == pytest.approx(straight.flip_rate.value)


def test_models_that_agree_and_models_that_contradict(ask):
    def smaller(question):
        return Reply("answered", "B" if larger(question).text == "A" else "A")

    one, same, other = (ask(answer).compare(PAIRS, "level?") for answer in (larger, larger, smaller))
    assert one.inter_variability(same).minority_share.value == 0
    assert one.inter_variability(other).flip_rate.value == 100
    assert one.inter_variability(same, other).models["fake/m (3)"].minority_share.value == 100


def test_between_models_the_pairs_must_be_the_same(ask):
    one, fewer = ask(larger).compare(PAIRS, "level?"), ask(larger).compare(PAIRS[1:], "level?")
    with pytest.raises(UsageError, match=r"fake/m and fake/m did not both judge cup1 / cup2; give both the same pairs"):
        one.inter_variability(fewer)
    with pytest.raises(UsageError, match="got no other comparisons; give those of at least one other model"):
        one.inter_variability()


def test_separability_is_that_of_the_choices(ask):
    comparisons = ask(noisy(1)).compare(PAIRS, "level?", repeats=3)
    found = comparisons.separability(LEVELS, bins=[0, 1.5, 4], replicates=200, seed=3)
    reference = [[LEVELS[first], LEVELS[second]] for first, second in PAIRS]
    groups = [pair[0].groups["scene"] for pair in PAIRS]
    options = {"groups": groups, "bins": [0, 1.5, 4], "unit": "scene", "replicates": 200, "seed": 3}
    assert found == separability(grid(comparisons), reference, **options)
    assert found.slope > 0
    assert [one.pairs for one in found.bins] == [20, 30]


def test_separability_against_the_scale_of_another_model(ask):
    reference = ask(noisy(1)).compare(PAIRS, "level?", repeats=5).scale()
    assert ask(noisy(2)).compare(PAIRS, "level?", repeats=3).separability(reference).agreement >= 0.6
    with pytest.raises(Inconclusive, match="all judgements agree with the reference: nothing can rise"):
        assert ask(larger).compare(PAIRS, "level?").separability(LEVELS).slope > 0
    with pytest.raises(UsageError, match="there is no reference value for 'cup1' and 24 others of the scale"):
        ask(larger).compare(PAIRS, "level?").separability({})


def test_a_scale_that_falls_short_is_no_reference(ask):
    def refuses(question):
        return Reply("refused", "no levels")

    reference = ask(refuses).compare(PAIRS, "level?").scale()
    found = ask(noisy(2)).compare(PAIRS, "level?").separability(reference)
    with pytest.raises(Inconclusive, match=r"reference: valid share 0 < 0.9 of 100 trials"):
        assert found.slope > 0


def test_scale_has_intervals_in_trials(ask):
    scale = ask(noisy(1)).compare(PAIRS, "level?", repeats=4).scale()
    for each in LEVELS:
        estimate = scale.estimates[each]
        # Four other renderings of the scene, two orders, four repeats.
        assert (estimate.value, estimate.n, estimate.unit, estimate.name) == (scale[each], 32, "trial", "scale value")
        assert estimate.low < estimate.value < estimate.high
    assert estimate.method.startswith("Thurstone Case V, unanimous pairs by the logistic rule; normal interval")
    more = ask(noisy(1)).compare(PAIRS, "level?", repeats=16).scale().estimates[each]
    assert more.high - more.low == pytest.approx((estimate.high - estimate.low) / 2, rel=0.3)


def test_methods_and_their_options(ask):
    comparisons = ask(noisy(1)).compare(PAIRS, "level?", repeats=4)
    wins = comparisons.wins()
    for group in comparisons.groups:
        counts, stimuli = wins.of(group), group.stimuli
        for options, expected in (
            ({}, scale_case_v(counts)),
            ({"unanimous": "half"}, scale_case_v(counts, unanimous="half")),
            ({"method": "bradley_terry", "prior": 0.5}, scale_bradley_terry(counts, prior=0.5)),
        ):
            scale = comparisons.scale(**options)
            assert [scale[each] for each in stimuli] == pytest.approx(list(expected))
    assert scale.estimates[stimuli[0]].method.startswith("Bradley-Terry, prior 0.5; ")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "thurstone"}, "method='thurstone'; known: bradley_terry, case_v"),
        ({"method": "bradley_tery"}, r"did you mean 'bradley_terry'\?"),
        ({"prior": 0.1}, "prior=0.1 is for method='bradley_terry'; give that, or leave it out"),
        ({"method": "bradley_terry", "unanimous": "half"}, "unanimous='half' is for method='case_v'; give prior="),
        ({"method": "bradley_terry"}, "never won against the rest.*give a prior"),
        ({"method": "bradley_terry", "prior": -1}, "prior=-1; expected a finite number of at least 0"),
        ({"unanimous": "third"}, "unanimous='third'; known: clip, half, logistic"),
    ],
)
def test_scale_refuses(ask, options, message):
    with pytest.raises(UsageError, match=message):
        ask(larger).compare(PAIRS, "level?").scale(**options)


def test_a_group_that_lost_its_answers_has_no_scale_value_and_says_why(ask):
    def silent_on_cup1(question):
        return Reply("truncated", "") if "cup1" in shown(question) else larger(question)

    scale = ask(silent_on_cup1).compare(PAIRS, "level?").scale()
    lost, fine = scale.estimates[SETS["cup"][0]], scale.estimates[SETS["tree"][0]]
    assert math.isnan(lost.value)
    assert (lost.n, lost.reason) == (0, "lost answers leave no comparison between some stimuli of the group")
    assert (math.isfinite(fine.value), fine.reason) == (True, "")


def test_kendall_and_pearson_beside_spearman(ask):
    scale = ask(noisy(1)).compare(PAIRS, "level?", repeats=3).scale()
    stimuli = [each for group in scale.groups for each in group.stimuli]
    values, levels = [scale[each] for each in stimuli], [LEVELS[each] for each in stimuli]
    groups = [each.groups["scene"] for each in stimuli]
    for found, function in ((scale.kendall, kendall), (scale.pearson, pearson)):
        for estimand in ("mean_of_groups", "pooled"):
            estimate = found(LEVELS, estimand=estimand, replicates=200)
            expected = function(values, levels, groups=groups, estimand=estimand, unit="scene", replicates=200)
            assert estimate.value == expected.value
            assert estimate.replicates == expected.replicates
            assert (estimate.n, estimate.unit) == (5, "scene")
    assert scale.kendall(LEVELS).name == "Kendall tau-b"
    assert scale.pearson(LEVELS).name == "Pearson r"
    assert scale.kendall(LEVELS) < scale.spearman(LEVELS).value
    tied = ask(always_a).compare(PAIRS, "level?").scale()
    with pytest.raises(Inconclusive, match="Pearson r: the scale is constant"):
        assert tied.pearson(LEVELS) >= 0.8
    with pytest.raises(UsageError, match="there is no reference value for 'cup1'"):
        scale.kendall({})


def test_one_scene_has_an_exact_p(ask):
    pairs = [pair for pair in PAIRS if pair[0].groups["scene"] == "cup"]
    tau = ask(larger).compare(pairs, "level?").scale().kendall(LEVELS)
    assert (tau.value, tau.n, tau.unit, tau.p) == (1, 5, "stimulus", pytest.approx(1 / math.factorial(5)))
