"""The word lists are data that anybody may add to: what must hold of them."""

from __future__ import annotations

import unicodedata
from collections import Counter

import pytest

from pytest_vlmperception.analysis.reading import english
from pytest_vlmperception.analysis.reading.lexicon import (
    GRAMMAR,
    STRENGTHS,
    emotion_entries,
    feature_entries,
    grammar_entries,
    word_lists,
)
from pytest_vlmperception.records import REGIONS, STATES

LANGUAGES = ["en", "ja"]


def lists_of(value, path=""):
    """Yield every list of words of a file with its place."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from lists_of(inner, f"{path}.{key}")
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for inner in value:
            yield from lists_of(inner, f"{path}.{inner.get('name', inner.get('region'))}")
    elif isinstance(value, list) and not path.endswith("units"):
        yield path, value


@pytest.mark.parametrize("language", LANGUAGES)
def test_source_and_licence_are_stated(language):
    about = word_lists(language)["about"]
    assert about["language"] == language
    assert about["licence"] == "MIT"
    assert "no entry is taken from" in about["source"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_states_regions_and_units_are_known(language):
    lists = word_lists(language)
    assert {*lists["emotions"], *lists["displays"]} <= set(STATES)
    assert {level for levels in lists["emotions"].values() for level in levels} <= set(STRENGTHS)
    assert {entry["region"] for entry in (*lists["part"], *lists["sign"])} <= set(REGIONS)
    units = [int(unit) for part in lists["part"] for units in part.get("units", {}) for unit in units.split("+")]
    units += [unit for sign in lists["sign"] for unit in sign.get("units", ())]
    assert {unit for unit in units if not 0 < unit <= 69} == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_both_languages_have_words_for_every_state(language):
    assert set(word_lists(language)["emotions"]) == set(STATES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_section_is_read(language):
    lists = word_lists(language)
    assert set(lists) == {"about", "emotions", "displays", "part", "sign", "shields", "language"} | {
        section for section, _ in GRAMMAR
    }
    for section, _ in GRAMMAR:
        assert set(lists[section]) == {key for name, key in GRAMMAR if name == section}


@pytest.mark.parametrize("language", ["en", "ja", "en_persons", "ja_persons"])
def test_entries_are_in_the_form_that_texts_are_brought_to(language):
    for path, words in lists_of(word_lists(language)):
        strange = [
            word for word in words if unicodedata.normalize("NFKC", word).lower() != word or word != word.strip()
        ]
        assert (path, strange) == (path, [])
        assert (path, [word for word, count in Counter(words).items() if count > 1 or not word]) == (path, [])


def test_english_phrases_keep_a_word_when_articles_and_adverbs_are_left_out():
    lists = word_lists("en")
    articles = {"the", "a", "an", "his", "her", "their", "its", "my", "your", "our"}
    adverbs = set(lists["language"]["skipped"]) - articles
    entries = [phrase for phrase, _ in (*emotion_entries(lists), *feature_entries(lists))]
    # "gently smiling" would match every "smiling": a phrase must not rest on a word that is left out.
    assert [phrase for phrase in entries if adverbs & set(english.spelled_fully(phrase))] == []
    assert [phrase for phrase in entries if not english.spelled(phrase)] == []
    assert [phrase for phrase, _ in grammar_entries(lists) if not english.spelled_fully(phrase)] == []
