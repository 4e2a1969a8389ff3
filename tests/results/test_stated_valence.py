"""The valence that descriptions state, beside reference values."""

from __future__ import annotations

import pytest

from pytest_vlmperception import Inconclusive, Reply, Stimulus, UsageError
from pytest_vlmperception.records import Picture

VALENCES = {"delighted": 1.0, "pleased": 0.5, "blank": 0.0, "sad": -0.6, "terrified": -1.0}
WORDS = {
    "delighted": "He is extremely happy.",
    "pleased": "He looks slightly happy.",
    "blank": "A neutral expression.",
    "sad": "He looks slightly sad.",
    "terrified": "He is utterly terrified.",
}


def people(names):
    return [person(name, mood) for name in names for mood in VALENCES]


def person(name, mood):
    picture = Picture(mood, lambda: ("image/png", mood.encode()))
    return Stimulus(f"{name}-{mood}", picture, {"identity": name}, {"valence": VALENCES[mood]})


def test_stated_valence_follows_a_reference(ask):
    said = ask(lambda question: Reply("answered", WORDS[question.pictures[0].bytes.decode()]))
    rho = said.describe(people(["ann", "bob"]), "Describe the expression.").spearman()
    # Both identities say all five in the right order.
    assert (rho.value, rho.n, rho.unit) == (1.0, 2, "identity")


def test_stated_valence_the_wrong_way_round(ask):
    moods = list(VALENCES)
    opposite = dict(zip(moods, reversed(moods), strict=True))
    said = ask(lambda question: Reply("answered", WORDS[opposite[question.pictures[0].bytes.decode()]]))
    described = said.describe(people(["ann"]), "Describe the expression.")
    assert described.spearman("valence").value == -1.0
    with pytest.raises(UsageError, match="there is no reference value 'valenz' for 'ann-delighted'; did you mean"):
        described.spearman("valenz")


def test_descriptions_without_an_emotion_have_no_rank(ask):
    said = ask(lambda question: Reply("answered", "A picture of a wall."))
    rho = said.describe(people(["ann"]), "Describe the expression.").spearman()
    with pytest.raises(Inconclusive):
        _ = rho >= 0.8
