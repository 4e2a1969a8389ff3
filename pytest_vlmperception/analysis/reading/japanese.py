"""Japanese: no blanks between words, denials at the end of the clause."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from pytest_vlmperception.analysis.reading.lexicon import Lexicon, compiled, word_lists
from pytest_vlmperception.analysis.reading.marks import Hit, Mark, Parse, Part, Word, by_kind, scan
from pytest_vlmperception.analysis.reading.texts import Sentence
from pytest_vlmperception.analysis.reading.trie import Trie

__all__ = ["count_words", "is_request", "parse"]

# A phrase (bunsetsu) mostly begins with kanji, katakana, letters or digits, and ends in hiragana.
PHRASE = re.compile(r"[^\W\u3040-\u309f]+[\u3040-\u309f]*|[\u3040-\u309f]+")


def count_words(text: str) -> int:
    """Count phrases (bunsetsu), told by where the script changes; a run of hiragana alone is one.

    >>> count_words("男性は怒っているようです。")
    2
    """
    return sum(1 for _ in PHRASE.finditer(text))


@cache
def lexicon() -> Lexicon:
    """Return the layers of Japanese."""
    return compiled(word_lists("ja"), str.lower, str.lower)


def found(layer: Trie[Mark], text: str) -> tuple[Hit, ...]:
    """Return the phrases of a layer."""
    return scan(layer, text, [(place, place + 1) for place in range(len(text))])


def parse(sentence: Sentence) -> Parse:
    """Find the phrases of a sentence and where its clauses end."""
    text = "".join(lowered(character) for character in sentence.text)
    layers = lexicon()
    emotions, features = found(layers.emotions, text), found(layers.features, text)
    taken = {place for hit in emotions for place in spanned(hit) if text[place] in DENYING}
    grammar = by_kind(hit for hit in found(layers.grammar, text) if stands(text, hit, taken))
    commas = tuple(match.start() for match in COMMA.finditer(text))
    listed = {hit.end for hit in (*emotions, *features)}
    breaks = {comma for comma in commas if ends_clause(text, comma, listed)}
    breaks.update(hit.end for hit in grammar.get("turn", ()))
    stops = {*breaks, *topic_starts(text, features)}
    return Parse(sentence, emotions, features, grammar, tuple(sorted(breaks)), tuple(sorted(stops)), commas)


def lowered(character: str) -> str:
    """Return a character in lower case, as long as it stays one character."""
    low = character.lower()
    return low if len(low) == 1 else character


COMMA = re.compile(r"[、,;:()「」『』\u2013\u2014]|$")
# Endings before a comma after which the sentence goes on as before: "neither angry, nor sad".
GOES_ON = ("わけでも", "も", "や", "とか", "または", "もしくは", "あるいは")
# But these turn against what was said.
GOES_BACK = ("ても", "んでも", "ながらも", "つつも")
LIST_SIGNS = "、,"


def ends_clause(text: str, comma: int, listed: set[int]) -> bool:
    """Tell whether a clause ends at a comma: not between the items of a list."""
    if text[comma : comma + 1] not in LIST_SIGNS or comma == len(text):
        return True
    goes_on = text.endswith(GOES_ON, 0, comma) and not text.endswith(GOES_BACK, 0, comma)
    return comma not in listed and not goes_on


# "が、" joins two clauses after a verb or adjective only; after a noun it marks the subject.
PREDICATE_ENDS = "すだるたいうくむつぬぶぐ"


def stands(text: str, hit: Hit, taken: set[int]) -> bool:
    """Tell whether a word of the grammar is one here.

    Not the ない of 「元気がない」, which is part of what is felt, nor the が of a subject.
    """
    if Word("denies last") in hit.marks and hit.start in taken:
        return False
    return text[hit.start : hit.end] != "が、" or text[hit.start - 1 : hit.start] in tuple(PREDICATE_ENDS)


# What a phrase must have for a denial that begins in it to be part of it.
DENYING = "なずぬ"


# Not before 「、」 or 「なく」: 「怒った目も、固い口もなく」 denies all of it.
TOPIC = re.compile("(?:は|が|も|に|を)(?![、な])")


def topic_starts(text: str, features: tuple[Hit, ...]) -> Iterator[int]:
    """Yield where a part of the face becomes what the clause is about: a denial after it denies what is said of it."""
    for hit in features:
        topic = TOPIC.match(text, hit.end)
        if topic and any(isinstance(mark, Part) for mark in hit.marks):
            yield hit.start


def is_request(parsed: Parse) -> bool:
    """Tell whether a sentence asks or tells somebody to do something, as an echo of the prompt does."""
    return parsed.sentence.text.endswith("?") or bool(parsed.words("instruction"))


def known_share(text: str) -> float:
    """Return the share of the letters that the word lists know; 0 without any letter."""
    layers = lexicon()
    known = {
        place for layer in (layers.emotions, layers.features) for hit in found(layer, text) for place in spanned(hit)
    }
    letters = {place for place, character in enumerate(text) if character.isalpha()}
    return len(known & letters) / len(letters) if letters else 0.0


def spanned(hit: Hit) -> range:
    """Return the places that a hit covers."""
    return range(hit.start, hit.end)


def has_known(text: str) -> bool:
    """Tell whether a text has a word that names an emotion or a part of the face."""
    return bool(found(lexicon().emotions, text) or found(lexicon().features, text))
