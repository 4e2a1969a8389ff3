"""What another model reads in descriptions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from pytest_vlmperception.calling import Caller, Planner
from pytest_vlmperception.records import Answer, Draw, Reply
from pytest_vlmperception.results.answers import Answers
from pytest_vlmperception.tasks import Trial, percept_trial, read_percept

__all__ = ["Readings"]


class AtOnce:
    """Asks everything at once."""

    def ahead(self, items: Sequence[Any]) -> Collection[Any]:
        """Return all items."""
        return items

    def reader(self) -> str:
        """Name nobody: nothing is left to be asked."""
        return ""

    def saw(self, answers: Answers[Any, Any], item: Any) -> None:
        """Take no note: a reading says nothing of the model under test."""


class Readings(Answers[str, Answer]):
    """Percepts by text, as a judge reads them: asked at once, awaited where they are read.

    Parameters
    ----------
    texts : sequence of str
        Descriptions.
    caller : Caller or Planner
        Asks the judge.
    """

    _kind = "text"

    def __init__(self, texts: Sequence[str], caller: Caller | Planner) -> None:
        super().__init__({text: (percept_trial(text),) for text in texts}, caller, AtOnce())
        self._texts = tuple(texts)

    @property
    def answer(self) -> Answer:
        """The readings of all texts as the draws of one answer, in order."""
        return Answer(tuple(self[text].draws[0] for text in self._texts))

    def _read(self, trial: Trial, reply: Reply) -> Draw:
        return read_percept(trial, reply)

    def _answer(self, item: str, draws: tuple[Draw, ...]) -> Answer:
        return Answer(draws)
