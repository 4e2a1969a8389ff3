"""What the grammar around a phrase does to it: deny it, weaken it, give it more weight."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pytest_vlmperception.analysis.reading.marks import Hit, Parse

__all__ = ["Clauses", "Spans", "clauses_of", "degree_before"]


@dataclass(frozen=True, slots=True)
class Spans:
    """Parts of a sentence that do not overlap, in order.

    Attributes
    ----------
    starts, ends : tuple of int
        In characters; the end is outside.
    """

    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def holds(self, place: int) -> bool:
        """Tell whether a place lies in one of the spans."""
        index = bisect_right(self.starts, place) - 1
        return index >= 0 and place < self.ends[index]


def merged(spans: Iterator[tuple[int, int]]) -> Spans:
    """Join spans that overlap."""
    starts, ends = list[int](), list[int]()
    for start, end in sorted(spans):
        if ends and start <= ends[-1]:
            ends[-1] = max(ends[-1], end)
        elif start < end:
            starts.append(start)
            ends.append(end)
    return Spans(tuple(starts), tuple(ends))


@dataclass(frozen=True, slots=True)
class Clauses:
    """A sentence's grammar, asked by place.

    Attributes
    ----------
    denied : Spans
        What the text says is not so.
    void : Spans
        What it neither says nor denies.
    conceded : Spans
        What it admits before it says the opposite.
    dampened : Spans
        Where a smile is called forced, polite or bitter.
    turn : int
        Where the last "but" ends; -1 without one.
    opens_with_turn : bool
        Whether the sentence begins with "but", and so turns against the one before it.
    """

    denied: Spans
    void: Spans
    conceded: Spans
    dampened: Spans
    turn: int
    opens_with_turn: bool


def clauses_of(parsed: Parse) -> Clauses:
    """Work out the grammar of a sentence."""
    turns = parsed.words("turn")
    denied = merged(denied_spans(parsed))
    return Clauses(
        denied,
        merged(void_spans(parsed)),
        merged(conceded_spans(parsed)),
        merged(dampened_spans(parsed, denied)),
        turns[-1].end if turns else -1,
        bool(turns) and not any(map(str.isalnum, parsed.sentence.text[: turns[0].start])),
    )


def denied_spans(parsed: Parse) -> Iterator[tuple[int, int]]:
    """Yield what denials reach: on to the next stop, or back to the last."""
    for hit in parsed.words("denies next"):
        yield hit.end, after(parsed.stops, hit.end, len(parsed.sentence.text))
    for hit in parsed.words("denies last"):
        yield before(parsed.stops, hit.start), hit.start


def conceded_spans(parsed: Parse) -> Iterator[tuple[int, int]]:
    """Yield what is conceded: from the word to the end of its clause."""
    for hit in parsed.words("concession"):
        yield hit.end, clause_end(parsed, hit)
    for hit in parsed.words("initial concession"):
        if not any(map(str.isalnum, parsed.sentence.text[: hit.start])):
            yield hit.end, clause_end(parsed, hit)


def void_spans(parsed: Parse) -> Iterator[tuple[int, int]]:
    """Yield what is neither said nor denied: from the word to the end of its clause."""
    return ((hit.end, clause_end(parsed, hit)) for hit in parsed.words("void"))


def dampened_spans(parsed: Parse, denied: Spans) -> Iterator[tuple[int, int]]:
    """Yield the clauses in which a smile is called forced, polite or bitter."""
    for hit in parsed.words("damper"):
        if not denied.holds(hit.start):
            yield before(parsed.breaks, hit.start), clause_end(parsed, hit)


def clause_end(parsed: Parse, hit: Hit) -> int:
    """Return where the clause of a hit ends."""
    return after(parsed.breaks, hit.end, len(parsed.sentence.text))


def after(places: Sequence[int], place: int, last: int) -> int:
    """Return the first of `places` from `place` on, else `last`."""
    index = bisect_left(places, place)
    return places[index] if index < len(places) else last


def before(places: Sequence[int], place: int) -> int:
    """Return the last of `places` up to `place`, else 0."""
    index = bisect_right(places, place) - 1
    return places[index] if index >= 0 else 0


def degree_before(parsed: Parse, degrees: Sequence[Hit], place: int, reach: int) -> Hit | None:
    """Return the word of degree that belongs to what begins at a place: shortly before it, with no comma between."""
    index = bisect_right(degrees, place, key=lambda hit: hit.end) - 1
    if index < 0 or place - degrees[index].end > reach:
        return None
    return degrees[index] if before(parsed.commas, place) <= degrees[index].start else None
