"""From mentions to the strengths of emotions, valence and polarity."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pytest_vlmperception.analysis.reading.mentions import Mention
from pytest_vlmperception.records import STATES, Polarity

__all__ = ["Verdict", "verdict_of", "verdict_of_units"]

# Below this share of the greater the lesser of pleasant and unpleasant evidence does not make a reading mixed; the
# second where the text says that feelings are mixed. Nor does it where it is faint among all that is said.
MIXED, SAID_MIXED, FAINT_SIDE = 0.5, 0.2, 0.06
# A valence nearer to 0 than this is neutral. Calm, curious and serious faces are; confused and sceptical ones are not.
NEUTRAL = 0.14
# Behaviour counts for less where the text names a state.
SHOWN_BESIDE_NAMED = 0.6
# Strength of what is concluded from denials or action units alone.
SOLE = 0.4
# Weaker than this is not worth reporting.
FAINT = 0.05
# No single mention is certain.
CERTAIN = 0.95
# Behaviour makes a state less certain than its name does.
SHOWN_AS_NAMED = 0.7
# Being calm, serious or concentrated goes with many emotions; what is felt beside it leads.
SLIGHT, MILD = 0.2, 0.6


@dataclass(frozen=True, slots=True)
class Verdict:
    """What all mentions together say."""

    polarity: Polarity
    valence: float
    emotions: Mapping[str, float]


def verdict_of(mentions: Sequence[Mention], units: Iterable[int], *, said_mixed: bool) -> Verdict | None:
    """Weigh all mentions, else read the action units; None where there is nothing to read."""
    asserted = [mention for mention in mentions if not mention.denied]
    if asserted:
        return weighed(asserted, SAID_MIXED if said_mixed else MIXED)
    # "No sign of anger" says that a face is neutral; "not smiling" leaves open what it is.
    unpleasant = any(mention.denied and STATES[mention.state].valence < 0 for mention in mentions)
    shown = None if unpleasant else verdict_of_units(units)
    return shown or (Verdict("neutral", 0.0, {"neutral": SOLE}) if mentions else None)


def weighed(mentions: Sequence[Mention], mixed: float) -> Verdict:
    """Weigh the mentions that are asserted."""
    named = not all(mention.shown for mention in mentions)
    pleasant, unpleasant, total = 0.0, 0.0, 0.0
    for mention in mentions:
        share = mention.weight * (SHOWN_BESIDE_NAMED if mention.shown and named else 1.0)
        value = share * mention.strength * STATES[mention.state].valence
        pleasant, unpleasant = pleasant + max(value, 0.0), unpleasant + max(-value, 0.0)
        total += share * mention.base
    valence = max(-1.0, min(1.0, (pleasant - unpleasant) / total))
    lesser, greater = sorted((pleasant, unpleasant))
    is_mixed = lesser > max(mixed * greater, FAINT_SIDE * total)
    return Verdict("mixed" if is_mixed else polarity_of(valence), round(valence, 2), strengths(mentions))


def polarity_of(valence: float) -> Polarity:
    """Name the polarity of a reading that is not mixed."""
    if abs(valence) < NEUTRAL:
        return "neutral"
    return "positive" if valence > 0 else "negative"


def strengths(mentions: Iterable[Mention]) -> dict[str, float]:
    """Return the strength of every state and family, strongest first, a family before its states.

    Independent mentions add up like independent evidence: 1 - prod(1 - s), with s the weighted strength of each.
    """
    doubts: dict[str, float] = {}
    for mention in mentions:
        state = STATES[mention.state]
        factor = (SHOWN_AS_NAMED if mention.shown else 1.0) * (
            1.0 if state.family or abs(state.valence) > SLIGHT else MILD
        )
        doubt = 1.0 - min(CERTAIN, mention.strength * mention.weight * factor)
        for name in {mention.state, state.family or mention.state}:
            doubts[name] = doubts.get(name, 1.0) * doubt
    ranked = sorted(doubts, key=lambda name: (doubts[name], name != STATES[name].family, name))
    found = {name: round(1.0 - doubts[name], 2) for name in ranked}
    return {name: strength for name, strength in found.items() if strength >= FAINT}


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
            return Verdict(polarity_of(valence), valence, {state: SOLE})
    return None
