"""When two descriptions of a face say the same."""

from __future__ import annotations

import random

import drift
import pytest

from pytest_vlmperception.analysis import read_description
from pytest_vlmperception.errors import UsageError
from pytest_vlmperception.gate import FEATURES_LOST, Tolerance, differing_facts, learnt
from pytest_vlmperception.records import Feature, Percept


def percept(polarity="positive", regions=("brows", "eyes", "cheeks", "mouth"), *, named=False, **emotions):
    features = {region: Feature((f"of the {region}",)) for region in regions}
    return Percept(polarity, 0.5, emotions or {"happiness": 0.9}, features, names_person=named)


def changed(old, new, tolerance=None):
    return [line.partition(":")[0] for line in differing_facts(old, new, tolerance or learnt([old]))]


@pytest.mark.parametrize("language", drift.LANGUAGES)
def test_other_words_pass_and_another_emotion_fails(language):
    rng = random.Random(5)
    count = 25 * len(drift.EMOTIONS)

    def differ(one, other):
        old, new = (read_description(drift.described(language, emotion, rng)) for emotion in (one, other))
        # What states no emotion is never compared: it counts against paraphrases, and is no other emotion.
        return None if None in (old.polarity, new.polarity) else bool(differing_facts(old, new, learnt([old])))

    alike = [differ(emotion, emotion) for emotion in 25 * drift.EMOTIONS]
    other = [differ(one, rng.choice([e for e in drift.EMOTIONS if e != one])) for one in 25 * drift.EMOTIONS]
    passed, failed = alike.count(False) / count, other.count(True) / count
    print(f"{language}: {passed:.1%} of {count} paraphrases pass, {failed:.1%} of {count} other emotions fail")
    assert count == 200
    assert passed >= 0.95
    assert failed >= 0.95


def test_a_description_says_the_same_as_itself():
    for emotion in drift.EMOTIONS:
        read = read_description(drift.described("en", emotion, random.Random(0)))
        assert differing_facts(read, read, learnt([read])) == []


def test_each_fact_is_one_line():
    old, new = percept(), percept("negative", ("mouth",), named=True, anger=0.9)
    assert differing_facts(old, new, Tolerance()) == [
        "polarity: positive -> negative",
        "emotion: happiness -> anger",
        "features: brows, eyes, cheeks lost (3 of 4; at most 2 may be)",
        "person: none named -> somebody identified by name",
    ]


@pytest.mark.parametrize(
    ("old", "new", "compatible"),
    [
        ({"happiness": 0.9}, {"surprise": 0.9, "happiness": 0.5}, True),
        ({"surprise": 0.9, "happiness": 0.5}, {"happiness": 0.9}, True),
        ({"happiness": 0.9}, {"surprise": 0.9, "happiness": 0.4}, False),
        ({"sadness": 0.9}, {"grief": 0.5, "sadness": 0.5}, True),
        ({"calm": 0.8}, {"concentration": 0.6}, True),
        ({"calm": 0.8}, {"boredom": 0.6}, False),
        ({"confusion": 0.8}, {"skepticism": 0.6}, False),
        ({"neutral": 0.8}, {"surprise": 0.6}, False),
    ],
)
def test_leading_emotions_are_compatible_where_each_may_lead(old, new, compatible):
    assert (changed(percept(**old), percept(**new)) == []) is compatible


def test_a_text_that_names_no_emotion_has_none_that_differs():
    silent = Percept("positive", 0.5)
    assert changed(percept(regions=()), silent) == []
    assert changed(silent, percept()) == []
    assert changed(Percept("negative", -0.5), percept()) == ["polarity"]


def test_half_of_the_features_may_be_lost_where_one_draw_teaches_nothing():
    assert learnt([percept()]).features_lost == FEATURES_LOST == 0.5
    assert changed(percept(), percept(regions=("eyes", "mouth"))) == []
    assert changed(percept(), percept(regions=("eyes",))) == ["features"]
    assert changed(percept(regions=()), percept()) == []


def test_a_person_may_go_and_not_come():
    assert changed(percept(named=True), percept()) == []
    assert changed(percept(), percept(named=True)) == ["person"]
    assert changed(percept(named=True), percept(named=True)) == []


def test_what_differs_between_draws_is_tolerated():
    draws = [percept(), percept("neutral", ("brows", "eyes", "cheeks"), calm=0.7), percept()]
    tolerance = learnt(draws)
    assert tolerance == Tolerance(3, ("neutral", "positive"), ("calm", "happiness"), 0.333)
    assert changed(percept(), percept("neutral", ("brows", "eyes", "cheeks"), concentration=0.7), tolerance) == []
    assert changed(percept(), percept(regions=("eyes", "cheeks")), tolerance) == ["features"]
    assert changed(percept(), percept("negative", anger=0.9), tolerance) == ["polarity", "emotion"]


def test_draws_that_agree_still_allow_one_region_less():
    tolerance = learnt(3 * [percept()])
    assert changed(percept(), percept(regions=("brows", "eyes", "mouth")), tolerance) == []
    assert changed(percept(), percept(regions=("eyes", "mouth")), tolerance) == ["features"]


def test_the_only_region_may_not_be_lost():
    alone = percept(regions=("mouth",))
    for draws in ([alone], 3 * [alone]):
        assert changed(alone, percept(regions=("eyes",)), learnt(draws)) == ["features"]


def test_a_draw_without_a_feature_lets_all_be_lost():
    assert learnt([percept(), percept(regions=())]).features_lost == 1.0


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"draws": 0}, "draws=0; expected a count from 1"),
        ({"draws": True}, "draws=True; expected a count from 1"),
        ({"polarities": ("happy",)}, "polarities has 'happy'; known: mixed, negative, neutral, positive"),
        ({"leading": ("angry",)}, "leading has 'angry'; did you mean 'anger'"),
        ({"leading": (1,)}, "leading has 1; "),
        ({"features_lost": 1.1}, "features_lost=1.1; expected a share from 0 to 1"),
        ({"features_lost": float("nan")}, "features_lost=nan; expected a share"),
    ],
)
def test_a_tolerance_that_is_none_is_refused(values, message):
    with pytest.raises(UsageError, match=message):
        Tolerance(**values)


def test_a_tolerance_survives_json():
    tolerance = Tolerance(3, ("neutral", "positive"), ("calm",), 0.25)
    assert Tolerance.from_json(tolerance.to_json()) == tolerance
    with pytest.raises(UsageError, match=r"tolerance is .*expected an object with the fields draws, "):
        Tolerance.from_json({})
