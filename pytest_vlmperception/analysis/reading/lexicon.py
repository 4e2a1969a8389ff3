"""Word lists: data files, one a language, read when a text of that language is."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from pytest_vlmperception.analysis.reading.marks import Action, Emotion, Mark, Part, Sign, Word
from pytest_vlmperception.analysis.reading.trie import Trie

__all__ = ["STRENGTHS", "Lexicon", "compiled", "word_lists"]

# How strong a named state is by the list it stands in; behaviour that only stands for a state is `SHOWN`.
STRENGTHS = {"strong": 1.0, "plain": 0.8, "mild": 0.45}
SHOWN = 0.5

Spell = Callable[[str], Iterable[str]]


@dataclass(frozen=True)
class Lexicon:
    """Three layers, each matched by itself, so that "grin" can be a state and a mouth at once."""

    emotions: Trie[Mark] = field(default_factory=Trie)
    features: Trie[Mark] = field(default_factory=Trie)
    grammar: Trie[Mark] = field(default_factory=Trie)


@cache
def word_lists(name: str) -> Mapping[str, Any]:
    """Return the parsed file ``words/<name>.toml``."""
    return tomllib.loads(files(__package__).joinpath("words", f"{name}.toml").read_text("utf-8"))


def compiled(lists: Mapping[str, Any], spell: Spell, spell_grammar: Spell) -> Lexicon:
    """Build the layers of a language.

    Parameters
    ----------
    lists : mapping
        The parsed word lists.
    spell, spell_grammar : callable
        Split a phrase into the symbols that are matched.
    """
    lexicon = Lexicon()
    shields = [(phrase, Word("shield")) for phrase in lists["shields"]["words"]]
    for layer, entries, how in (
        (lexicon.emotions, [*emotion_entries(lists), *shields], spell),
        (lexicon.features, [*feature_entries(lists), *shields], spell),
        (lexicon.grammar, grammar_entries(lists), spell_grammar),
    ):
        for phrase, mark in entries:
            layer.add(how(phrase), mark)
    return lexicon


def emotion_entries(lists: Mapping[str, Any]) -> Iterator[tuple[str, Mark]]:
    """Yield the phrases that name or show a state."""
    for state, levels in lists["emotions"].items():
        for level, phrases in levels.items():
            yield from ((phrase, Emotion(state, STRENGTHS[level])) for phrase in phrases)
    for state, phrases in lists["displays"].items():
        yield from ((phrase, Emotion(state, SHOWN, shown=True)) for phrase in phrases)


def feature_entries(lists: Mapping[str, Any]) -> Iterator[tuple[str, Mark]]:
    """Yield the phrases that speak of the face."""
    for part in lists["part"]:
        yield from ((phrase, Part(part["name"], part["region"])) for phrase in part["words"])
        for units, phrases in part.get("units", {}).items():
            action = Action(part["name"], tuple(map(int, units.split("+"))))
            yield from ((phrase, action) for phrase in phrases)
    for sign in lists["sign"]:
        yield from ((phrase, Sign(sign["region"], tuple(sign.get("units", ())))) for phrase in sign["words"])


# Sections of the files whose words are grammar, by the kind that each gives.
GRAMMAR = {
    ("degrees", "strong"): "strong",
    ("degrees", "weak"): "weak",
    ("dampers", "words"): "damper",
    ("negation", "before"): "denies next",
    ("negation", "after"): "denies last",
    ("negation", "not_denying"): "shield",
    ("negation", "void"): "void",
    ("contrast", "turns"): "turn",
    ("contrast", "concessions"): "concession",
    ("contrast", "initial"): "initial concession",
    ("contrast", "stops"): "stop",
    ("feelings", "words"): "feeling",
    ("mixing", "words"): "mixing",
    ("conclusion", "words"): "conclusion",
    ("hedges", "words"): "hedge",
    ("refusal", "words"): "refusal",
    ("instructions", "words"): "instruction",
}


def grammar_entries(lists: Mapping[str, Any]) -> Iterator[tuple[str, Mark]]:
    """Yield the words of the grammar."""
    for (section, key), kind in GRAMMAR.items():
        yield from ((phrase, Word(kind)) for phrase in lists[section][key])
