"""Emotions as the sentences of a text mention them, each with its weight."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from pytest_vlmperception.analysis.reading.clauses import Clauses, clauses_of, degree_before
from pytest_vlmperception.analysis.reading.lexicon import STRENGTHS
from pytest_vlmperception.analysis.reading.marks import Emotion, Hit, Parse
from pytest_vlmperception.records import FAMILIES, STATES

__all__ = ["Mention", "mentions_of"]

# How far a word of degree reaches, in characters.
REACH = 24
STRONG, WEAK = 1.25, 0.6
HEDGED = 0.85
# What is said after "but", or as a conclusion, outweighs what was said on the way there.
BEFORE_TURN, AFTER_TURN, CONCEDED, CONCLUDED = 0.55, 1.3, 0.3, 1.6
# A smile that is called forced is hardly a happy one.
DAMPENED = 0.15
# So many families in one sentence are a list of choices, such as an echo of the prompt, and no reading of a face.
TOO_MANY = 5


@dataclass(frozen=True, slots=True)
class Mention:
    """One emotion at one place of the text.

    Attributes
    ----------
    state : str
        Name of the state.
    base : float
        How strong the word is by itself.
    strength : float
        How strong it is here, after words of degree.
    weight : float
        How much the place counts.
    shown : bool
        Whether only its behaviour is mentioned.
    denied : bool
        Whether the text says that it is not there.
    """

    state: str
    base: float
    strength: float
    weight: float
    shown: bool
    denied: bool


def mentions_of(parses: Iterable[Parse]) -> list[Mention]:
    """Return the mentions of all sentences."""
    found, last = list[Mention](), list[Mention]()
    for parsed in parses:
        clauses = clauses_of(parsed)
        if clauses.opens_with_turn:
            last = [replace(mention, weight=mention.weight * BEFORE_TURN) for mention in last]
        found += last
        last = list(sentence_mentions(parsed, clauses))
    return found + last


def sentence_mentions(parsed: Parse, clauses: Clauses) -> Iterator[Mention]:
    """Yield the mentions of one sentence; none where it lists the choices."""
    kept = [hit for hit in parsed.emotions if not clauses.void.holds(hit.start)]
    mentions = [mention_of(parsed, clauses, hit, mark) for hit in kept for mark in states_of(hit)]
    choices = {mention.state for mention in mentions if not mention.shown and not mention.denied}
    if len(choices & {*FAMILIES, "neutral"}) < TOO_MANY:
        yield from mentions
        yield from denied_feelings(parsed, clauses)


def states_of(hit: Hit) -> Iterable[Emotion]:
    """Return what a phrase names or shows, each state once: "annoyed" is a word and a form of "annoy"."""
    marks = sorted((mark for mark in hit.marks if isinstance(mark, Emotion)), key=lambda mark: mark.strength)
    return {mark.state: mark for mark in marks}.values()


def denied_feelings(parsed: Parse, clauses: Clauses) -> Iterator[Mention]:
    """Yield a neutral mention where a text denies feelings as such: "no strong emotion"."""
    for hit in parsed.words("feeling"):
        if clauses.denied.holds(hit.start) and not clauses.void.holds(hit.start):
            weight = place_weight(parsed, clauses, hit.start)
            yield Mention("neutral", STRENGTHS["plain"], STRENGTHS["plain"], weight, shown=False, denied=False)


def mention_of(parsed: Parse, clauses: Clauses, hit: Hit, mark: Emotion) -> Mention:
    """Weigh one mention by the grammar around it."""
    strength = mark.strength * degree_factor(parsed, hit)
    if STATES[mark.state].family == "happiness" and mark.shown and clauses.dampened.holds(hit.start):
        strength *= DAMPENED
    return Mention(
        mark.state,
        mark.strength,
        strength,
        place_weight(parsed, clauses, hit.start),
        mark.shown,
        clauses.denied.holds(hit.start),
    )


def degree_factor(parsed: Parse, hit: Hit) -> float:
    """Return how much a word of degree before a phrase strengthens or weakens it."""
    for kind, factor in (("weak", WEAK), ("strong", STRONG)):
        if degree_before(parsed, parsed.words(kind), hit.start, REACH):
            return factor
    return 1.0


def place_weight(parsed: Parse, clauses: Clauses, place: int) -> float:
    """Return how much a place of the text counts."""
    weight = HEDGED if parsed.words("hedge") else 1.0
    if parsed.words("conclusion") or (parsed.heading and parsed.heading.words("conclusion")):
        weight *= CONCLUDED
    if clauses.conceded.holds(place):
        return weight * CONCEDED
    if clauses.turn < 0:
        return weight
    return weight * (AFTER_TURN if place >= clauses.turn else BEFORE_TURN)
