"""Which parts of the face a text speaks of, what it says of them, and the action units that this names."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from pytest_vlmperception.analysis.reading.clauses import clauses_of
from pytest_vlmperception.analysis.reading.marks import Action, Hit, Parse, Part, Sign
from pytest_vlmperception.records import REGIONS, Feature

__all__ = ["features_of"]

# Quotes kept of each region, and their length in characters: enough to see what was read.
MAX_QUOTES = 5
MAX_QUOTE = 160


@dataclass
class Gathered:
    """What was found of one region so far."""

    said: list[str] = field(default_factory=list)
    units: set[int] = field(default_factory=set)

    def quote(self, text: str) -> None:
        """Keep a quote unless there are enough."""
        if text and text not in self.said and len(self.said) < MAX_QUOTES:
            self.said.append(text)


def features_of(parses: Iterable[Parse]) -> dict[str, Feature]:
    """Return what is said of each region, in the order of `REGIONS`."""
    found: dict[str, Gathered] = {}
    for parsed in parses:
        for hit, region in regions(parsed):
            found.setdefault(region, Gathered()).quote(quote(parsed, hit))
        for region, units in action_units(parsed):
            found.setdefault(region, Gathered()).units.update(units)
    return {
        region: Feature(tuple(found[region].said), tuple(sorted(found[region].units)))
        for region in REGIONS
        if region in found
    }


def regions(parsed: Parse) -> Iterator[tuple[Hit, str]]:
    """Yield the phrases that speak of a region."""
    for hit in parsed.features:
        for mark in hit.marks:
            if isinstance(mark, Part | Sign):
                yield hit, mark.region


def quote(parsed: Parse, hit: Hit) -> str:
    """Return the part of the sentence around a phrase; after a label, what it labels."""
    text = parsed.sentence.text
    index = bisect_right(parsed.commas, hit.start)
    start = parsed.commas[index - 1] + 1 if index else 0
    end = parsed.commas[index] if index < len(parsed.commas) else len(text)
    if text[end : end + 1] == ":":
        end = parsed.commas[index + 1] if index + 1 < len(parsed.commas) else len(text)
    start = max(start, hit.start - MAX_QUOTE)
    return text[start:end][:MAX_QUOTE].strip(" ,.;:()、。\"'-")


def action_units(parsed: Parse) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield the action units that are said and not denied, with their region."""
    denied = clauses_of(parsed).denied
    parts = parts_of(parsed)
    above = [part for _, part in parts_of(parsed.heading)] if parsed.heading else []
    for hit in parsed.features:
        if not denied.holds(hit.start):
            yield from ((mark.region, mark.units) for mark in hit.marks if isinstance(mark, Sign) and mark.units)
            yield from acted(hit, [*nearest(parts, hit, parsed.commas), *above])


def parts_of(parsed: Parse) -> list[tuple[Hit, Part]]:
    """Return the phrases that name a part."""
    return [(hit, mark) for hit in parsed.features for mark in hit.marks if isinstance(mark, Part)]


def acted(hit: Hit, parts: Iterable[Part]) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield the units of what a phrase says of the first of `parts` that can do it."""
    actions = {mark.part: mark.units for mark in hit.marks if isinstance(mark, Action)}
    for part in parts:
        if part.name in actions:
            yield part.region, actions[part.name]
            return


# "raised brows": a part that follows at once is meant before any other.
ADJACENT = 2


def nearest(parts: Sequence[tuple[Hit, Part]], hit: Hit, commas: Sequence[int]) -> Iterator[Part]:
    """Yield the parts that a phrase may speak of: the one it stands at, the two before it, the next one."""
    index = bisect_left(parts, hit.start, key=lambda part: part[0].start)
    following = [part for part in parts[index : index + 1] if within(commas, hit.end, part[0].start)]
    yield from (part for place, part in following if place.start - hit.end <= ADJACENT)
    yield from (part for _, part in reversed(parts[max(0, index - 2) : index]))
    yield from (part for _, part in following)


def within(commas: Sequence[int], start: int, end: int) -> bool:
    """Tell whether there is no comma between two places."""
    return bisect_left(commas, start) == bisect_left(commas, end)
