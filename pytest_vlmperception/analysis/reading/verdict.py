"""From mentions to the strengths of emotions, valence and polarity."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pytest_vlmperception.analysis.reading.mentions import Mention
from pytest_vlmperception.records import STATES, Polarity

__all__ = ["Verdict", "verdict_of", "verdict_of_units"]

# Below this share of the greater the lesser of pleasant and unpleasant evidence does not make a reading mixed.
MIXED = 0.5
# A valence nearer to 0 than this is neutral. Calm, curious and serious faces are; confused and sceptical ones are not.
NEUTRAL = 0.16
# Behaviour counts for less where the text names a state.
SHOWN_BESIDE_NAMED = 0.6
# Strength of what is concluded from denials or action units alone.
SOLE = 0.4
# Weaker than this is not worth reporting.
FAINT = 0.05
CERTAIN = 0.95


@dataclass(frozen=True, slots=True)
class Verdict:
    """What all mentions together say."""

    polarity: Polarity
    valence: float
    emotions: Mapping[str, float]


def verdict_of(mentions: Sequence[Mention]) -> Verdict | None:
    """Weigh all mentions; None where there are none."""
    asserted = [mention for mention in mentions if not mention.denied]
    if not asserted:
        # A text that denies emotions and asserts none says that the face is neutral.
        return Verdict("neutral", 0.0, {"neutral": SOLE}) if mentions else None
    named = not all(mention.shown for mention in asserted)
    pleasant, unpleasant, total = 0.0, 0.0, 0.0
    for mention in asserted:
        share = mention.weight * (SHOWN_BESIDE_NAMED if mention.shown and named else 1.0)
        value = share * mention.strength * STATES[mention.state].valence
        pleasant, unpleasant = pleasant + max(value, 0.0), unpleasant + max(-value, 0.0)
        total += share * mention.base
    valence = max(-1.0, min(1.0, (pleasant - unpleasant) / total))
    return Verdict(polarity_of(valence, pleasant, unpleasant), round(valence, 2), strengths(asserted))


def polarity_of(valence: float, pleasant: float, unpleasant: float) -> Polarity:
    """Name the polarity."""
    if pleasant and min(pleasant, unpleasant) > MIXED * max(pleasant, unpleasant):
        return "mixed"
    if abs(valence) < NEUTRAL:
        return "neutral"
    return "positive" if valence > 0 else "negative"


def strengths(mentions: Iterable[Mention]) -> dict[str, float]:
    """Return the strength of every state and family, strongest first, a family before its states.

    Independent mentions add up like independent evidence: 1 - prod(1 - s), with s the weighted strength of each.
    """
    doubts: dict[str, float] = {}
    for mention in mentions:
        doubt = 1.0 - min(CERTAIN, mention.strength * mention.weight * (0.7 if mention.shown else 1.0))
        for name in {mention.state, STATES[mention.state].family or mention.state}:
            doubts[name] = doubts.get(name, 1.0) * doubt
    found = {name: round(1.0 - doubt, 2) for name, doubt in doubts.items() if 1.0 - doubt >= FAINT}
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0] != STATES[item[0]].family, item[0])))


# Signs of an emotion that are enough by themselves where a text names none, each a set of action units of which all are
# said; after the prototypes of FACS and EMFACS, reduced to what tells one emotion from the others.
PROTOTYPES = (
    ("fear", {1, 2, 4, 5}),
    ("fear", {5, 20}),
    ("disgust", {9}),
    ("disgust", {10}),
    ("sadness", {1, 4, 15}),
    ("sadness", {1, 15}),
    ("anger", {4, 5}),
    ("anger", {4, 7, 24}),
    ("anger", {4, 7, 23}),
    ("anger", {4, 24}),
    ("anger", {4, 23}),
    ("surprise", {1, 2, 5}),
    ("surprise", {1, 2, 26}),
    ("surprise", {5, 26}),
    ("happiness", {6, 12}),
    ("happiness", {12}),
    ("sadness", {15}),
    ("contempt", {14}),
)


def verdict_of_units(units: Iterable[int]) -> Verdict | None:
    """Read action units where a text describes a face and names no emotion; None where they tell nothing."""
    said = set(units)
    for state, needed in PROTOTYPES:
        if needed <= said:
            valence = STATES[state].valence
            return Verdict(polarity_of(valence, max(valence, 0.0), max(-valence, 0.0)), valence, {state: SOLE})
    return None
