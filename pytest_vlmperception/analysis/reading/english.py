"""English: words, their base forms and where clauses end."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise

from pytest_vlmperception.analysis.reading.lexicon import Lexicon, compiled, word_lists
from pytest_vlmperception.analysis.reading.marks import Hit, Mark, Parse, by_kind, scan
from pytest_vlmperception.analysis.reading.texts import Sentence
from pytest_vlmperception.analysis.reading.trie import Trie

__all__ = ["count_words", "forms", "is_request", "parse"]

WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")


@dataclass(frozen=True, slots=True)
class Token:
    """One word, in lower case, with its place."""

    text: str
    start: int
    end: int


def tokens(text: str) -> list[Token]:
    """Return the words of a text."""
    return [Token(match[0].lower(), match.start(), match.end()) for match in WORD.finditer(text)]


def count_words(text: str) -> int:
    """Count what stands between blanks and has a letter or a digit."""
    return sum(any(map(str.isalnum, word)) for word in text.split())


# Endings, and whether what is left may lack an e or end in a doubled letter.
ENDINGS = (("s", False), ("es", False), ("d", False), ("ed", True), ("ing", True), ("ly", False), ("ness", False))
CONTRACTED = {"cannot": ("can't", "not"), "can't": ("cannot",)}


@lru_cache(maxsize=4096)
def forms(word: str) -> tuple[str, ...]:
    """Return a word and what it may be an inflection of.

    >>> forms("furrowed")
    ('furrowed', 'furrowe', 'furrow', 'furrowed!')
    >>> "knit" in forms("knitting"), "cry" in forms("cries"), "n't" in forms("isn't")
    (True, True, True)
    """
    whole = word.removesuffix("'s")
    found = [word, whole, *CONTRACTED.get(word, ())]
    if word.endswith("n't"):
        found.append("n't")
    for ending, changes in ENDINGS:
        if whole.endswith(ending) and len(whole) - len(ending) > 2:
            found += bases(whole.removesuffix(ending), changes)
    return tuple(dict.fromkeys([*found, word + "!"]))


def bases(stem: str, changes: bool) -> Iterator[str]:
    """Yield the words that a stem may come from."""
    yield stem
    if stem.endswith("i"):
        yield stem[:-1] + "y"
    if changes:
        yield stem + "e"
        if stem[-1] == stem[-2]:
            yield stem[:-1]


@cache
def listed(section: str, key: str) -> frozenset[str]:
    """Return a word list as a set."""
    return frozenset(word_lists("en")[section][key])


def spelled(phrase: str) -> list[str]:
    """Return the symbols of a phrase of the word lists, without the words that are left out."""
    return [symbol for symbol in spelled_fully(phrase) if symbol not in listed("language", "skipped")]


def spelled_fully(phrase: str) -> list[str]:
    """Return all symbols of a phrase of the word lists."""
    symbols = [token.text for token in tokens(phrase)]
    return [*symbols[:-1], symbols[-1] + "!"] if phrase.endswith("!") else symbols


@cache
def lexicon() -> Lexicon:
    """Return the layers of English."""
    return compiled(word_lists("en"), spelled, spelled_fully)


def found(layer: Trie[Mark], among: Sequence[Token]) -> tuple[Hit, ...]:
    """Return the phrases of a layer."""
    return scan(layer, [forms(token.text) for token in among], [(token.start, token.end) for token in among])


def parse(sentence: Sentence) -> Parse:
    """Find the phrases of a sentence and where its clauses end."""
    every = tokens(sentence.text)
    content = [token for token in every if token.text not in listed("language", "skipped")]
    layers = lexicon()
    grammar = without_comparisons(by_kind(found(layers.grammar, every)), every)
    commas = tuple(match.start() for match in COMMA.finditer(sentence.text))
    breaks = {*clause_ends(sentence.text, every, commas), *(hit.start for hit in grammar.get("turn", ()))}
    stops = {*breaks, *(hit.start for hit in grammar.get("stop", ()))}
    return Parse(
        sentence,
        found(layers.emotions, content),
        found(layers.features, content),
        grammar,
        tuple(sorted(breaks)),
        tuple(sorted(stops)),
        commas,
    )


def without_comparisons(
    grammar: Mapping[str, tuple[Hit, ...]], among: Sequence[Token]
) -> Mapping[str, tuple[Hit, ...]]:
    """Return the grammar without the denials of "than" after "less": "less angry than tired" asserts what follows."""
    less = [token.start for token in among if token.text == "less"]
    than = {token.start for token in among if token.text == "than"}
    denials = grammar.get("denies next", ())
    kept = tuple(hit for hit in denials if hit.start not in than or not bisect_left(less, hit.start))
    return {**grammar, "denies next": kept}


COMMA = re.compile(r"[,;:()\u2013\u2014]| - |$")
HARD = re.compile(r"[;:()\u2013\u2014]| - ")


def clause_ends(text: str, among: Sequence[Token], commas: Sequence[int]) -> Iterator[int]:
    """Yield the commas that are no commas of a list."""
    starts = [token.start for token in among]
    items = pairwise(bisect_left(starts, comma) for comma in (*commas, len(text)))
    for comma, (first, last) in zip(commas, items, strict=True):
        if HARD.match(text, comma) or not is_list_item([token.text for token in among[first:last]]):
            yield comma


JOINING = frozenset({"or", "nor", "and"})
MAX_ITEM_WORDS = 4


def is_list_item(words: Sequence[str]) -> bool:
    """Tell whether the words after a comma continue a list."""
    if words and words[0] in JOINING:
        return len(words) > 1 and words[1] not in listed("language", "clause")
    return 0 < len(words) <= MAX_ITEM_WORDS and listed("language", "clause").isdisjoint(words)


def is_request(parsed: Parse) -> bool:
    """Tell whether a sentence asks or tells somebody to do something, as an echo of the prompt does."""
    begins = parsed.words("instruction")[:1]
    first = WORD.search(parsed.sentence.text)
    return parsed.sentence.text.endswith("?") or bool(begins and first and begins[0].start == first.start())


def known_share(text: str) -> float:
    """Return the share of the words that the word lists know; 0 without any word."""
    every, layers = tokens(text), lexicon()
    hits = [hit for layer in (layers.emotions, layers.features, layers.grammar) for hit in found(layer, every)]
    known = {token.start for token in every if token.text in listed("language", "words")}
    known.update(token.start for hit in hits for token in every_within(every, hit))
    return len(known) / len(every) if every else 0.0


def every_within(among: Sequence[Token], hit: Hit) -> Sequence[Token]:
    """Return the words that a hit covers."""
    first = bisect_left(among, hit.start, key=lambda token: token.start)
    return among[first : bisect_left(among, hit.end, key=lambda token: token.start)]


@cache
def is_known(word: str) -> bool:
    """Tell whether the word lists have a word, or a phrase that begins with it."""
    layers = lexicon()
    tries = (layers.emotions, layers.features, layers.grammar)
    return word in listed("language", "words") or any(form in trie.branches for trie in tries for form in forms(word))
