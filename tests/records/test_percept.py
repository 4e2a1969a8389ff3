"""The record of what a description says: its rules, and its way through JSON."""

from __future__ import annotations

import copy
import json
import pickle
import re

import pytest

from pytest_vlmperception import UsageError
from pytest_vlmperception.records import FAMILIES, REGIONS, STATES, Feature, Percept

SAD = Percept(
    "negative",
    -0.5,
    {"sadness": 0.8, "grief": 0.8, "confusion": 0.3},
    {"brows": Feature(("inner brows raised",), (1, 4)), "mouth": Feature(("corners down",), (15,))},
    hedges=2,
    words=12,
    language="en",
)
UNREAD = Percept(None, None, reason="refusal", language="en", words=3)


@pytest.mark.parametrize("percept", [SAD, UNREAD], ids=["read", "unread"])
def test_survives_json_pickle_and_copy(percept):
    assert Percept.from_json(json.loads(json.dumps(percept.to_json(), allow_nan=False))) == percept
    assert pickle.loads(pickle.dumps(percept)) == copy.deepcopy(percept) == percept


def test_order_of_emotions_survives_json():
    assert list(Percept.from_json(json.loads(json.dumps(SAD.to_json()))).emotions) == ["sadness", "grief", "confusion"]


def test_leading_is_a_family_or_a_state_without_one():
    assert SAD.leading == "sadness"
    assert SAD.families == {"sadness": 0.8}
    assert Percept("negative", -0.4, {"confusion": 0.9, "anger": 0.5, "irritation": 0.5}).leading == "confusion"
    assert UNREAD.leading is None


def test_action_units_of_the_whole_face():
    assert SAD.action_units == (1, 4, 15)


def test_every_state_names_a_family_that_is_one():
    assert set(FAMILIES) == {"anger", "contempt", "disgust", "fear", "happiness", "sadness", "surprise"}
    assert {state.family for state in STATES.values()} == {"", *FAMILIES}
    assert all(STATES[family].family == family for family in FAMILIES)
    assert all(-1 <= state.valence <= 1 for state in STATES.values())


def test_signs_of_valence_follow_the_convention_of_faces():
    # Russell & Mehrabian 1977, pleasure: joy .76, anger -.51, fear -.64; a surprised face is read either way.
    assert (STATES["happiness"].valence, STATES["anger"].valence, STATES["fear"].valence) == (0.76, -0.51, -0.64)
    assert STATES["surprise"].valence == STATES["neutral"].valence == 0


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"polarity": "bad"}, "polarity='bad'; known: mixed, negative, neutral, positive"),
        ({"valence": 1.5}, "valence=1.5; expected a number from -1 to 1"),
        ({"valence": float("nan")}, "valence=nan; expected a number from -1 to 1, or None"),
        ({"valence": None}, "expected a polarity and a valence, or a reason why there are none"),
        ({"polarity": None, "valence": None, "reason": ""}, "expected a polarity and a valence, or a reason"),
        ({"emotions": {"rage": 0.5}}, r"emotions\['rage'\]; .*known: amusement, anger"),
        ({"emotions": {"anger": 0.0}}, r"emotions\['anger'\]=0.0; expected a strength above 0 and at most 1"),
        ({"emotions": {"anger": True}}, r"emotions\['anger'\]=True; expected a strength"),
        ({"features": {"ears": {"said": [], "action_units": []}}}, r"features\['ears'\]; .*known: body, brows"),
        ({"features": {"eyes": {"said": []}}}, r"features\['eyes'\] is .*; expected an object with the fields said"),
        ({"features": {"eyes": {"said": [1], "action_units": []}}}, r"said=\(1,\); expected a tuple of quotes"),
        (
            {"features": {"eyes": {"said": [], "action_units": [99]}}},
            r"action_units=\(99,\); expected numbers from 1 to 69",
        ),
        ({"features": {"eyes": {"said": [], "action_units": [True]}}}, r"action_units=\(True,\); expected numbers"),
        ({"hedges": -1}, "hedges=-1; expected a count"),
        ({"hedges": True}, "percept has hedges=True; expected int"),
        ({"words": "3"}, "percept has words='3'; expected int"),
        ({"names_person": 1}, "percept has names_person=1; expected bool"),
        ({"extra": 1}, "expected an object with the fields polarity, valence, emotions"),
    ],
)
def test_foreign_json_is_refused(values, message):
    with pytest.raises(UsageError, match=message):
        Percept.from_json(SAD.to_json() | values)


@pytest.mark.parametrize("content", [None, [], "{}", 3])
def test_json_that_is_no_object_is_refused(content):
    with pytest.raises(UsageError, match=re.escape(f"percept is {content!r}; expected an object")):
        Percept.from_json(content)


def test_regions_go_from_top_to_bottom():
    assert REGIONS == ("brows", "eyes", "gaze", "nose", "cheeks", "mouth", "jaw", "head", "body")
