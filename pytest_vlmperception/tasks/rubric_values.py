"""Placeholders of a rubric, filled with what is known of a picture."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from pytest_vlmperception.errors import PromptError, choices_hint
from pytest_vlmperception.records.stimulus import PLACEHOLDER
from pytest_vlmperception.tasks.rubric import Rubric
from pytest_vlmperception.tasks.rubric_questions import RubricQuestion

__all__ = ["filled"]

# Of a value within a question, which is a word or a name.
MAX_WORDS = 200


def filled(rubric: Rubric, values: Mapping[str, Any], of: str) -> Rubric:
    """Return a rubric with its placeholders filled.

    In the instructions a value stands as JSON, so that a prompt or an explanation ends at its closing quote whatever is
    in it. In a question it stands as it is, and has to be a number or a text of one line. In a check, text that is
    nothing but a placeholder becomes the value itself.

    Parameters
    ----------
    rubric : Rubric
        With or without placeholders.
    values : mapping of str to object
        By placeholder.
    of : str
        Whose values they are, for messages.

    Raises
    ------
    PromptError
        If a placeholder has no value, or one that cannot stand there.
    """
    if not any(placeholders(rubric)):
        return rubric
    fill = Fill(rubric.name, values, of)
    return replace(
        rubric,
        instructions=PLACEHOLDER.sub(lambda match: fill.quoted(match[1]), rubric.instructions),
        questions=tuple(fill.question(question) for question in rubric.questions),
    )


def placeholders(rubric: Rubric) -> Iterator[str]:
    """Yield the names of all placeholders."""
    checks = [text for question in rubric.questions for text in question.check.values() if isinstance(text, str)]
    for text in (rubric.instructions, *(question.text for question in rubric.questions), *checks):
        yield from PLACEHOLDER.findall(text)


class Fill:
    """Puts the values of one picture into a rubric."""

    def __init__(self, rubric: str, values: Mapping[str, Any], of: str) -> None:
        self._rubric, self._values, self._of = rubric, values, of

    def value(self, name: str) -> Any:
        """Return the value of a placeholder."""
        if name not in self._values:
            hint = choices_hint(name, self._values)
            raise PromptError(
                f"rubric {self._rubric!r} asks for {{{name}}}, which {self._of!r} has no value of; {hint}"
            )
        return self._values[name]

    def quoted(self, name: str) -> str:
        """Return a value as JSON."""
        try:
            text = json.dumps(self.value(name), ensure_ascii=False, allow_nan=False)
        except (TypeError, ValueError):
            raise self.wrong(name, "a text, a number, or a list or mapping of them") from None
        # Half of a surrogate pair cannot be sent.
        return text.encode("utf-8", "replace").decode("utf-8")

    def word(self, name: str) -> str:
        """Return a value as it stands within a sentence."""
        value = self.value(name)
        text = str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
        if not text.strip() or len(text) > MAX_WORDS or not text.isprintable():
            raise self.wrong(name, f"a number, or a text of one line and at most {MAX_WORDS} characters")
        return text

    def wrong(self, name: str, expected: str) -> PromptError:
        """Say which value cannot stand in its place."""
        shown = repr(self.value(name))[:80]
        return PromptError(f"rubric {self._rubric!r}: {{{name}}} of {self._of!r} is {shown}; expected {expected}")

    def question(self, question: RubricQuestion) -> RubricQuestion:
        """Return a question with its text and its check filled."""
        text = PLACEHOLDER.sub(lambda match: self.word(match[1]), question.text)
        return replace(question, text=text, check={key: self.checked(value) for key, value in question.check.items()})

    def checked(self, value: Any) -> Any:
        """Return a value of a check."""
        if not isinstance(value, str):
            return value
        whole = PLACEHOLDER.fullmatch(value)
        return self.value(whole[1]) if whole else PLACEHOLDER.sub(lambda match: self.word(match[1]), value)
