"""Reading a description: from a text to a percept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from pytest_vlmperception.analysis.reading import english, japanese, names_en, names_ja
from pytest_vlmperception.analysis.reading.features import features_of
from pytest_vlmperception.analysis.reading.language import detected
from pytest_vlmperception.analysis.reading.marks import Parse
from pytest_vlmperception.analysis.reading.mentions import mentions_of
from pytest_vlmperception.analysis.reading.texts import Sentence, plain, sentences
from pytest_vlmperception.analysis.reading.verdict import verdict_of
from pytest_vlmperception.errors import UsageError, choices_hint
from pytest_vlmperception.records import Percept

__all__ = ["read_description"]


@dataclass(frozen=True)
class Language:
    """What is done otherwise in each language."""

    parse: Callable[[Sentence], Parse]
    is_request: Callable[[Parse], bool]
    count_words: Callable[[str], int]
    names_person: Callable[[Sentence], bool]


LANGUAGES: Mapping[str, Language] = {
    "en": Language(english.parse, english.is_request, english.count_words, names_en.names_person),
    "ja": Language(japanese.parse, japanese.is_request, japanese.count_words, names_ja.names_person),
}


def read_description(text: str, *, language: str | None = None) -> Percept:
    """Read what a description says of the expression of a face.

    Parameters
    ----------
    text : str
        Free text as a model wrote it; Markdown and tags are ignored.
    language : {"en", "ja"}, optional
        The language of the text; detected where it is not given.

    Returns
    -------
    Percept
        With polarity None and a reason where the text states no emotion: it is empty, a refusal, a question, in another
        language, or speaks of something else.

    Raises
    ------
    UsageError
        If `text` is no text, or there are no word lists for `language`.

    Notes
    -----
    The text is matched against word lists, one file a language; no weights are involved, and the time is linear in the
    length of the text. Each emotion that is mentioned counts with the strength of its word, changed by words of degree
    and by hedges. What is denied counts for nothing; what is said after "but" or as a conclusion counts for more than
    what is said before, and behaviour such as a smile for less than a named state. The valence is the weighted mean of
    the valences of `STATES` over the mentions. A reading is mixed where the lesser of its pleasant and unpleasant sides
    has more than half the weight of the greater, or a fifth where the text itself says that feelings are mixed. A text
    that names action units of a prototype, and no emotion, is read by the prototype.

    English words are counted by blanks. Japanese has none: phrases (bunsetsu) are counted, told by where the script
    changes from hiragana to another.

    Examples
    --------
    >>> percept = read_description("He isn't angry, just a bit confused: his brow is furrowed.")
    >>> percept.polarity, percept.leading, percept.features["brows"].action_units
    ('negative', 'confusion', (4,))
    >>> read_description("笑顔ではなく、怒っているように見えます。").leading
    'anger'
    >>> read_description("I can't identify people in images.").reason
    'refusal'
    """
    if not isinstance(text, str):
        raise UsageError(f"text={text!r:.80} is a {type(text).__name__}; expected the text of a description")
    if language is not None and language not in LANGUAGES:
        raise UsageError(f"language={language!r}; {choices_hint(str(language), LANGUAGES)}")
    body = plain(text)
    if not any(map(str.isalnum, body)):
        return unread("empty", language or "")
    spoken = language or detected(body)
    return read(body, spoken) if spoken else unread("language", "", words=english.count_words(body))


def unread(reason: str, language: str, *, words: int = 0) -> Percept:
    """Return the percept of a text that is not read."""
    return Percept(None, None, words=words, language=language, reason=reason)


def read(body: str, code: str) -> Percept:
    """Read a plain text in a known language."""
    language = LANGUAGES[code]
    parses = parsed_sentences(body, language)
    said = [parsed for parsed in parses if not language.is_request(parsed)]
    features = features_of(said)
    units = (unit for feature in features.values() for unit in feature.action_units)
    said_mixed = any(parsed.words("mixing") for parsed in said)
    verdict = verdict_of(mentions_of(said), units, said_mixed=said_mixed)
    refused = any(parsed.words("refusal") for parsed in parses)
    return Percept(
        verdict.polarity if verdict else None,
        verdict.valence if verdict else None,
        verdict.emotions if verdict else {},
        features,
        hedges=sum(len(parsed.words("hedge")) for parsed in said),
        names_person=any(language.names_person(parsed.sentence) for parsed in said),
        words=language.count_words(body),
        language=code,
        reason="" if verdict else "refusal" if refused else "no emotion stated",
    )


def parsed_sentences(body: str, language: Language) -> list[Parse]:
    """Parse each sentence, with the heading above it; a heading is parsed once."""
    headings: dict[str, Parse] = {}
    parses = []
    for sentence in sentences(body):
        heading = sentence.heading
        if heading and heading not in headings:
            headings[heading] = language.parse(Sentence(heading))
        parses.append(replace(language.parse(sentence), heading=headings.get(heading)))
    return parses
