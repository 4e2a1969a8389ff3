"""One picture's grade: what a judge answered to the questions of a rubric, and what they come to."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean
from types import MappingProxyType

from pytest_vlmperception.errors import Inconclusive
from pytest_vlmperception.records import Answer
from pytest_vlmperception.tasks import Rubric, RubricQuestion

__all__ = ["Grade", "held"]


@dataclass(frozen=True, repr=False)
class Grade(Answer):
    """The grade of one picture.

    With repeats, a yes/no question is answered by a strict majority of the draws, and a scale by their mean. Every
    property raises the `Outcome` of the draws where most of them have no answer: a failed judgement is missing, not
    zero.

    Attributes
    ----------
    rubric : Rubric
        What was asked of this picture, its placeholders filled.
    """

    rubric: Rubric

    @cached_property
    def answers(self) -> Mapping[str, bool | float | None]:
        """The answer to each question, by its id.

        True or False, or a number on the question's scale. None where the draws are a tie, and where a parent is one;
        False where a parent is answered no.
        """
        self.check_answered()
        draws = [draw.value for draw in self.draws if draw.status == "answered"]
        found = {
            question.id: self._answer(question, [draw[place] for draw in draws])
            for place, question in enumerate(self.rubric.questions)
        }
        return MappingProxyType(held(self.rubric, found))

    def _answer(self, question: RubricQuestion, given: list[bool | int]) -> bool | float | None:
        if question.points is not None:
            return fmean(given)
        answer, count = Counter(map(bool, given)).most_common(1)[0]
        return answer if 2 * count > len(self.draws) else None

    @property
    def judged(self) -> tuple[str, ...]:
        """Ids of the questions that were judged: all but those one of whose parents is answered no."""
        answers = self.answers
        return tuple(
            question.id
            for question in self.rubric.questions
            if all(answers[parent] is not False for parent in question.parents)
        )

    @property
    def value(self) -> bool | float:
        """`passed` by a rubric all of whose questions must hold, `score` by any other."""
        return self.passed if self.rubric.combine == "all" else self.score

    @property
    def passed(self) -> bool:
        """Whether all questions are answered yes, and have the best point of their scale where they have one.

        Raises
        ------
        Inconclusive
            If no question says otherwise, but the draws are a tie for one.
        """
        shares = self.shares.values()
        if any(share < 1.0 for share in shares):
            return False
        self._check_decided()
        return True

    @property
    def score(self) -> float:
        """From 0 to 1: the lowest answer, or the weighted mean, each on its scale from 0 to 1; of yes/no, their share.

        Raises
        ------
        Inconclusive
            If the draws are a tie for a question.
        """
        self._check_decided()
        shares = self.shares
        if self.rubric.combine == "lowest":
            return min(shares.values())
        # A checklist counts each of its questions alike, whatever they weigh.
        equal = self.rubric.combine == "all"
        weights = [1.0 if equal else question.weight for question in self.rubric.questions]
        total = math.fsum(weight * share for weight, share in zip(weights, shares.values(), strict=True))
        return total / math.fsum(weights)

    @property
    def shares(self) -> Mapping[str, float]:
        """The answer to each question on a scale from 0 to 1, by its id; NaN for a tie."""
        answers = self.answers
        found = {question.id: (question, answers[question.id]) for question in self.rubric.questions}
        return {
            name: math.nan if answer is None else question.share(answer) for name, (question, answer) in found.items()
        }

    def _check_decided(self) -> None:
        tied = next((name for name, answer in self.answers.items() if answer is None), None)
        if tied is not None:
            raise Inconclusive(f"no strict majority among {len(self.draws)} draws on question {tied!r}")


def held(rubric: Rubric, answers: Mapping[str, bool | float | None]) -> dict[str, bool | float | None]:
    """Return answers with those to a question whose parent is no made no; None below an undecided parent."""
    found: dict[str, bool | float | None] = {}
    for question in rubric.questions:
        parents = [found[parent] for parent in question.parents]
        if False in parents:
            found[question.id] = False if question.points is None else float(question.points[0])
        elif None in parents:
            found[question.id] = None
        else:
            found[question.id] = answers[question.id]
    return found
