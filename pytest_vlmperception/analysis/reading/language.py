"""Which language a text is in."""

from __future__ import annotations

import unicodedata
from collections import Counter

from pytest_vlmperception.analysis.reading import english, japanese

__all__ = ["detected"]

# Share of kana among kana and kanji: Japanese has them in nearly every phrase, Chinese has none.
MIN_KANA = 0.1
# Share of Japanese letters among all letters: terms and names may stand in Latin letters.
MIN_JAPANESE = 0.3
# Texts of kanji alone are Japanese if they are as short as 「無表情。」 and the word lists know half of them.
SHORT, MIN_KNOWN_KANJI = 12, 0.5
# Share of words that the word lists of English know: about two thirds in English, a tenth elsewhere.
MIN_KNOWN = 0.33
# The beginning of a text is enough to tell.
SAMPLE = 4000


def detected(text: str) -> str:
    """Return ``en`` or ``ja``; an empty text where it is another language or cannot be told."""
    sample = text[:SAMPLE]
    letters = Counter(script(character) for character in sample if character.isalpha())
    kana, kanji, total = letters["kana"], letters["kanji"], letters.total()
    if kana + kanji and kana + kanji >= MIN_JAPANESE * total:
        return "ja" if is_japanese(sample, kana, kanji) else ""
    is_english = letters["latin"] > total / 2 and english.known_share(sample) >= MIN_KNOWN
    return "en" if is_english else ""


def is_japanese(sample: str, kana: int, kanji: int) -> bool:
    """Tell Japanese from Chinese."""
    if kana:
        return kana >= MIN_KANA * (kana + kanji)
    return kanji <= SHORT and japanese.known_share(sample) >= MIN_KNOWN_KANJI


def script(character: str) -> str:
    """Return the script of a letter: ``latin``, ``kana``, ``kanji`` or ``other``."""
    if character.isascii():
        return "latin"
    if "\u3040" <= character <= "\u30ff":
        return "kana"
    if "\u3400" <= character <= "\u9fff" or character == "々":
        return "kanji"
    return "latin" if unicodedata.name(character, "").startswith("LATIN") else "other"
