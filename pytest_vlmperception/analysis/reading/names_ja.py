"""Japanese: whether somebody is identified by name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from pytest_vlmperception.analysis.reading import japanese, names_en
from pytest_vlmperception.analysis.reading.lexicon import word_lists
from pytest_vlmperception.analysis.reading.texts import Sentence

__all__ = ["names_person"]

KANJI = "\u3400-\u9fff々"
KATAKANA = "\u30a1-\u30faー"
# A run of one script; katakana names are joined by a point. Bounded, so that no long run is scanned twice.
RUN = re.compile(rf"[{KATAKANA}]{{1,20}}(?:[・=][{KATAKANA}]{{1,20}}){{0,3}}|[{KANJI}]{{1,12}}")
# Titles of works stand in these; what they say is no name of a person.
WORK = re.compile("『[^『』]{0,60}』")
QUOTED = re.compile("「[^「」]{0,60}」の$")
# Endings of words for what somebody does, for places, and for qualities.
NO_NAMES_END = tuple("者員師人長手生屋婦官士親役優県市町村区駅府城寺的性感力化中用際時")
LOOK_BACK = 70
LOOK_AHEAD = 12
MIN_NAME, MAX_NAME = 3, 6


@dataclass(frozen=True, slots=True)
class Run:
    """Characters of one script, with the text around them."""

    word: str
    before: str
    after: str

    @property
    def is_kanji(self) -> bool:
        """Whether it is written in kanji."""
        return self.word[0] == "々" or self.word[0] >= "\u3400"

    @property
    def has_surname(self) -> bool:
        """Whether it begins with a surname of the lists."""
        return any(self.word[:length] in listed("surnames") for length in range(1, 5))


@cache
def listed(section: str) -> frozenset[str]:
    """Return one list of names, or of words around them."""
    return frozenset(word_lists("ja_persons")[section]["words"])


def names_person(sentence: Sentence) -> bool:
    """Tell whether a sentence has the name of a person, in Japanese or in Latin letters."""
    return any(is_name(run) for run in runs(sentence.text)) or names_en.names_person(sentence)


def runs(text: str) -> Iterator[Run]:
    """Yield the runs of kanji and katakana outside of titles of works."""
    outside = WORK.sub(lambda match: f"『{' ' * (len(match[0]) - 2)}』", text)
    for match in RUN.finditer(outside):
        start, end = match.span()
        yield Run(match[0], outside[max(0, start - LOOK_BACK) : start], outside[end : end + LOOK_AHEAD])


def is_name(run: Run) -> bool:
    """Tell whether a run is the name of a person."""
    if is_other_word(run.word):
        return False
    if run.is_kanji:
        return is_kanji_name(run)
    parts = re.split("[・=]", run.word)
    known = parts[0] in listed("given_katakana")
    return known or len(parts) > 1 or (len(run.word) > 1 and is_introduced(run))


def is_kanji_name(run: Run) -> bool:
    """Tell whether a run of kanji is a name: by its surname, or by the words around it."""
    if run.has_surname:
        whole = MIN_NAME <= len(run.word) <= MAX_NAME and not run.word.endswith(NO_NAMES_END)
        return whole or is_introduced(run)
    if run.word.endswith(NO_NAMES_END):
        return False
    if run.after.startswith(tuple(listed("titles"))) or run.after.startswith(tuple(listed("acts"))):
        return len(run.word) > 1
    return MIN_NAME <= len(run.word) <= MAX_NAME and is_introduced(run)


def is_introduced(run: Run) -> bool:
    """Tell whether a role, a title, a verb of acting or the title of a work stands beside a run."""
    if run.after.startswith((*listed("titles"), *listed("acts"))):
        return True
    before = run.before.removesuffix("の").removesuffix("、").removesuffix("・").removesuffix("である")
    return before.endswith(tuple(listed("roles"))) or follows_work(run.before)


def follows_work(before: str) -> bool:
    """Tell whether a text ends in the title of a work and 「の」."""
    if before.endswith("』の"):
        return True
    quoted = QUOTED.search(before)
    return bool(quoted) and before[: quoted.start()].endswith(tuple(listed("works"))) if quoted else False


def is_other_word(word: str) -> bool:
    """Tell whether a run is a word for persons or things, or one of the reader's own words."""
    others = listed("not_names")
    ends = (word[place:] in others for place in range(max(0, len(word) - 6), len(word) - 1))
    return (
        word in others
        or any(part in others for part in re.split("[・=]", word))
        or any(ends)
        or japanese.has_known(word)
    )
