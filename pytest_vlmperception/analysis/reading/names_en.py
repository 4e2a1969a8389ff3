"""English: whether somebody is identified by name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import dropwhile

from pytest_vlmperception.analysis.reading import english
from pytest_vlmperception.analysis.reading.lexicon import word_lists
from pytest_vlmperception.analysis.reading.texts import Sentence

__all__ = ["names_person"]

LATIN = "A-Za-z\u00c0-\u024f"
# Not matched: what is in capitals throughout, such as "FACS". Other scripts may stand right beside it.
CAPITALISED = re.compile(
    rf"(?<![{LATIN}'])[A-Z\u00c0-\u00de](?:[{LATIN}]*[a-z\u00df-\u00ff][{LATIN}]*|\.)(?:['-][{LATIN}]+)*"
)
# What stands between the words of one name: a blank, and perhaps a particle.
JOINT = re.compile(r"(?:\.? |-)(?:(?:de|da|del|della|di|du|van|von|der|den|la|le|bin|al) ){0,2}")
WORD_AFTER = re.compile(r"\s*([^\W\d_]+)")
# Words before a name that may make it one, at most this many characters.
LOOK_BACK = 30


@dataclass(frozen=True, slots=True)
class Run:
    """Capitalised words side by side.

    Attributes
    ----------
    words : tuple of str
        In lower case, without 's.
    before : str
        The end of the text before them, in lower case.
    after : str
        The word after them, in lower case.
    owns : bool
        Whether they end in 's.
    """

    words: tuple[str, ...]
    before: str
    after: str
    owns: bool

    @property
    def opens(self) -> bool:
        """Whether the sentence begins with them."""
        return not any(map(str.isalpha, self.before))

    def follows(self, section: str) -> bool:
        """Tell whether a word of a list stands right before them."""
        before = self.before.rstrip(" \"'(,:")
        return any(f" {before}".endswith(f" {word}") for word in listed(section))


@cache
def listed(section: str) -> frozenset[str]:
    """Return one list of names, or of words around them."""
    return frozenset(word_lists("en_persons")[section]["words"])


def names_person(sentence: Sentence) -> bool:
    """Tell whether a sentence has the name of a person."""
    return any(is_name(run) for run in runs(sentence.text))


def runs(text: str) -> Iterator[Run]:
    """Yield the capitalised words of a text, those of one name together, without common words in front."""
    group: list[re.Match[str]] = []
    for match in CAPITALISED.finditer(text):
        if group and not JOINT.fullmatch(text, group[-1].end(), match.start()):
            yield from run_of(text, group)
            group = []
        group.append(match)
    yield from run_of(text, group)


def run_of(text: str, group: Sequence[re.Match[str]]) -> Iterator[Run]:
    """Yield what is left of a group of words when the common ones in front are gone."""
    kept = list(dropwhile(lambda match: is_common(bare(match)), group))
    if kept:
        start, end = kept[0].start(), kept[-1].end()
        after = WORD_AFTER.match(text, end)
        yield Run(
            tuple(map(bare, kept)),
            text[max(0, start - LOOK_BACK) : start].lower(),
            after[1].lower() if after else "",
            kept[-1][0].endswith("'s"),
        )


def bare(match: re.Match[str]) -> str:
    """Return a word in lower case, without 's."""
    return match[0].lower().removesuffix("'s")


def is_common(word: str) -> bool:
    """Tell whether a word is one that sentences begin with, or one of the reader's own words."""
    if word in listed("given"):
        return False
    return word in listed("common") or english.is_known(word)


def is_name(run: Run) -> bool:
    """Tell whether capitalised words are the name of a person."""
    if run.words[0] in listed("not_names") or run.words[-1] in listed("scholars"):
        return False
    if any(word in listed("given") for word in run.words):
        return len(run.words) > 1 or not run.opens or is_subject(run)
    if len(run.words) > 1 and run.words[0] in listed("strong_roles"):
        return True
    if any(word in listed("not_names") or is_common(word) for word in run.words):
        return False
    if len(run.words) == 1:
        return run.follows("strong_roles") or (run.opens and is_subject(run))
    if run.opens:
        return is_subject(run)
    return run.follows("roles") or not (run.follows("titles") or run.follows("articles"))


def is_subject(run: Run) -> bool:
    """Tell whether words are followed by what persons do or have."""
    return run.owns or run.after in listed("verbs") or run.after in ("and", "from", "as", "in")
