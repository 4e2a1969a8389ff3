"""Grades of pictures, and what they come to over prompts, skills and categories."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, cast

from pytest_vlmperception import analysis
from pytest_vlmperception.calling import Caller, Planner
from pytest_vlmperception.errors import Outcome, UsageError, choices_hint
from pytest_vlmperception.records import Draw, Estimate, Reply, Stimulus
from pytest_vlmperception.results.answers import Answers, LookAhead
from pytest_vlmperception.results.grade import Grade
from pytest_vlmperception.results.units import independent
from pytest_vlmperception.results.validity import MIN_VALID, with_losses
from pytest_vlmperception.tasks import GradeTrial, Rubric, Trial, read_grade

__all__ = ["Grades"]


class Grades(Answers[Stimulus, Grade]):
    """Grades by picture; of edits, by the picture after the edit.

    A judgement that failed is missing: it is left out and counted, and below the valid share a statistic is
    inconclusive. Pictures that were made from one prompt, or show one scene, are one independent unit.

    Parameters
    ----------
    trials : mapping of Stimulus to sequence of GradeTrial
        The trials of each picture.
    caller, look_ahead, min_valid
        As of `Answers`.
    """

    _kind = "picture"

    def __init__(
        self,
        trials: Mapping[Stimulus, Sequence[GradeTrial]],
        caller: Caller | Planner,
        look_ahead: LookAhead,
        min_valid: float = MIN_VALID,
    ) -> None:
        self._rubrics = {stimulus: asked[0].rubric for stimulus, asked in trials.items()}
        super().__init__(trials, caller, look_ahead, min_valid)

    @property
    def rubrics(self) -> Mapping[Stimulus, Rubric]:
        """The rubric of each picture, its placeholders filled."""
        return {stimulus: self._rubrics[stimulus] for stimulus in self}

    @staticmethod
    def _name(item: Any) -> str:
        # A pair is known by the picture after the edit.
        return str(item[-1] if isinstance(item, tuple) else item)

    def _independent(self) -> tuple[list[str], str]:
        return independent(self, self._kind)

    def _read(self, trial: Trial, reply: Reply) -> Draw:
        return read_grade(cast(GradeTrial, trial), reply)

    def _answer(self, item: Stimulus, draws: tuple[Draw, ...]) -> Grade:
        return Grade(draws, self._rubrics[item])

    def _cells(self, item: Stimulus) -> dict[str, str]:
        rubric = self._rubrics[item]
        questions = " ".join(question.id for question in rubric.questions)
        return {"stimulus": item.id, "rubric": rubric.name, "questions": questions}

    def by(self, group: str) -> Mapping[str, Grades]:
        """Return the grades of each part of the set, such as a task: ``grades.by("task")["counting"].share_passed()``.

        Parameters
        ----------
        group : str
            A key of `Stimulus.groups` that every picture has.

        Raises
        ------
        UsageError
            If a picture has none.
        """
        parts: dict[str, list[Stimulus]] = {}
        for stimulus, value in zip(self, self._group(group), strict=True):
            parts.setdefault(value, []).append(stimulus)
        return {value: self._part(stimuli) for value, stimuli in parts.items()}

    def _part(self, stimuli: Sequence[Stimulus]) -> Grades:
        """Return the grades of some pictures, whose questions are asked once for the whole and the part."""
        part = object.__new__(type(self))
        # What was computed of the whole is not of the part.
        kept = {name: value for name, value in vars(self).items() if not is_cached(type(self), name)}
        vars(part).update(kept)
        part._trials = {stimulus: self._trials[stimulus] for stimulus in stimuli}
        part._names = {self._name(stimulus): stimulus for stimulus in stimuli}
        return part

    def _group(self, group: str) -> list[str]:
        """Return the value that each picture has in a grouping."""
        for stimulus in self:
            if not stimulus.groups.get(group):
                raise UsageError(f"{stimulus.id!r} has no group {group!r}; {choices_hint(group, stimulus.groups)}")
        return [stimulus.groups[group] for stimulus in self]

    def share_passed(self) -> Estimate:
        """Share of pictures that pass: all questions answered yes, every scale at its best.

        Returns
        -------
        Estimate
            Mean over independent units; see `Answers.share`.
        """
        return replace(self.share(lambda stimulus, grade: grade.passed), name="share passed")

    def score(self) -> Estimate:
        """Mean score of the pictures, from 0 to 1; of a checklist, the mean share of its questions answered yes.

        Returns
        -------
        Estimate
            Mean over independent units; see `analysis.mean_of_strata`.
        """
        return self._mean(lambda grade: grade.score, name="mean score")

    def mean_over(self, group: str, *, weights: Mapping[str, float] | None = None) -> Estimate:
        """Mean over the parts of the set, such as tasks, of what each comes to: its share passed, or its mean score.

        GenEval's overall score is that of six tasks, ``grades.mean_over("task")``: not the share of all pictures.

        Parameters
        ----------
        group : str
            A key of `Stimulus.groups` that every picture has.
        weights : mapping of str to float, optional
            Of every part; default, all alike.

        Returns
        -------
        Estimate
            See `analysis.mean_of_strata`.

        Raises
        ------
        UsageError
            If a picture has no such group, or a part no weight.
        """
        strata = self._group(group)
        return self._mean(lambda grade: grade.value, name=f"mean over {group}", strata=strata, weights=weights)

    def wiscore(self, weights: Mapping[str, float] | None = None, *, group: str = "category") -> Estimate:
        """Overall score of WISE [1]_: the mean over its six categories, weighted by their numbers of prompts.

        The score of a picture graded by the rubric ``wise`` is (0.7 consistency + 0.2 realism + 0.1 aesthetic
        quality) / 2.

        Parameters
        ----------
        weights : mapping of str to float, optional
            Of every category; default, those of the first edition, ``stimuli.WISE_WEIGHTS["legacy"]``.
        group : str
            The key of `Stimulus.groups` that names the category.

        Returns
        -------
        Estimate
            From 0 to 1.

        Raises
        ------
        UsageError
            If a picture has no category, or a category no weight or no picture.

        References
        ----------
        .. [1] Niu, Y. et al. (2025). WISE: a world knowledge-informed semantic evaluation for text-to-image
           generation. :DOI:`10.48550/arXiv.2503.07265`
        """
        # All readers of data sets come with it.
        from pytest_vlmperception.stimuli import WISE_WEIGHTS

        chosen = WISE_WEIGHTS["legacy"] if weights is None else weights
        return replace(self.mean_over(group, weights=chosen), name="WiScore")

    @property
    def skills(self) -> tuple[str, ...]:
        """The skills that the questions test, in the order in which they first appear."""
        found = (question.skill for rubric in self.rubrics.values() for question in rubric.questions)
        return tuple(dict.fromkeys(skill for skill in found if skill))

    def skill(self, name: str) -> Estimate:
        """Mean answer to the questions that test a skill, from 0 to 1: of yes/no questions, the share answered yes.

        A question whose parent is answered no counts as no, though it was not judged.

        Parameters
        ----------
        name : str
            One of `skills`.

        Returns
        -------
        Estimate
            Mean over independent units of the mean over their questions.

        Raises
        ------
        UsageError
            If no question tests it.
        """
        if name not in self.skills:
            raise UsageError(f"no question tests the skill {name!r}; {choices_hint(name, self.skills)}")
        asked = [any(question.skill == name for question in rubric.questions) for rubric in self.rubrics.values()]
        return self._mean(lambda grade: mean_of_skill(grade, name), name=name, asked=asked)

    def _mean(
        self,
        measure: Callable[[Grade], float],
        *,
        name: str,
        asked: Sequence[bool] | None = None,
        strata: Sequence[str] | None = None,
        weights: Mapping[str, float] | None = None,
    ) -> Estimate:
        """Average a number from 0 to 1 of each picture over independent units; of all, or of those with `asked`."""
        self.check_judged()
        labels, unit = self._independent()
        rows, lost = [], []
        parts = strata or ["all"] * len(self)
        for stimulus, label, part, wanted in zip(self, labels, parts, asked or [True] * len(self), strict=True):
            if wanted:
                try:
                    rows.append((float(measure(self[stimulus])), label, part))
                except Outcome as outcome:
                    rows.append((math.nan, label, part))
                    lost.append(outcome)
        values, groups, of = zip(*rows, strict=True)
        estimate = analysis.mean_of_strata(
            values, of, weights=weights, groups=groups, unit=unit, name=name, min_valid=self.min_valid
        )
        return with_losses(estimate, lost, len(rows), self.min_valid)


def mean_of_skill(grade: Grade, skill: str) -> float:
    """Return the mean answer to a picture's questions of one skill; NaN where one is a tie."""
    shares = grade.shares
    found = [shares[question.id] for question in grade.rubric.questions if question.skill == skill]
    return math.fsum(found) / len(found)


def is_cached(cls: type, name: str) -> bool:
    """Tell whether an attribute is a property that was computed once."""
    return isinstance(getattr(cls, name, None), cached_property)
