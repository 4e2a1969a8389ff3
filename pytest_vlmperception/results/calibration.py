"""A judge held against pictures of known content, and shares corrected for its errors."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_vlmperception import analysis
from pytest_vlmperception.errors import Outcome, UsageError, choices_hint
from pytest_vlmperception.records import Estimate, Stimulus
from pytest_vlmperception.results.grades import Grades
from pytest_vlmperception.results.marking import marked
from pytest_vlmperception.results.references import Reference, reference_values
from pytest_vlmperception.results.truths import truths_of

if TYPE_CHECKING:
    from pytest_vlmperception.analysis import JudgeAccuracy

__all__ = ["Calibration"]


@dataclass(frozen=True)
class Calibration:
    """How far a judge can be believed, from pictures that are known to be right, or wrong in a known respect.

    What is measured is the judge with its rubric: where a question is answered no, those below it count as no.

    Attributes
    ----------
    judge : str
        Name of the model.
    pictures : JudgeAccuracy
        Of whole pictures, passed or not.
    skills : mapping of str to JudgeAccuracy
        Of the questions that test each skill; empty where only whole pictures are known.
    """

    judge: str
    pictures: JudgeAccuracy
    skills: Mapping[str, JudgeAccuracy]

    @classmethod
    def of(cls, grades: Grades, truth: Reference, *, replicates: int = 2000) -> Calibration:
        """Hold grades against what is known.

        Parameters
        ----------
        grades : Grades
            By rubrics of yes/no questions; their own pictures, not those whose share is corrected.
        truth : str, mapping or callable
            A key of `Stimulus.reference`, a value for each picture, or a function of it: True or False for the whole
            picture; a mapping from the id of each question to True or False; or the `Scene` that is drawn, of which the
            checks of the questions are decided.
        replicates : int
            Of the bootstrap.

        Raises
        ------
        UsageError
            If a truth is none of these, or a rubric has scales.
        """
        known = dict(zip(grades, reference_values(truth, grades), strict=True))
        check_yes_no(grades)
        truths = {picture: truths_of(value, grades.rubrics[picture], picture.id) for picture, value in known.items()}
        shortfall = grades.shortfall()
        labels, unit = grades._independent()
        owners = dict(zip(grades, labels, strict=True))
        options: dict[str, Any] = {"unit": unit, "min_valid": grades.min_valid, "replicates": replicates}
        whole = [(judged(grades, picture), all_of(value), owners[picture]) for picture, value in truths.items()]
        said, right, of = zip(*whole, strict=True)
        pictures = analysis.sensitivity_specificity(said, right, groups=of, **options)
        return cls(
            grades.model, marked(pictures, shortfall), marked(by_skill(grades, truths, owners, options), shortfall)
        )

    def correct(self, found: Estimate | Grades, skill: str | None = None) -> Estimate:
        """Return a share corrected for the judge's errors; `Estimate.method` names the raw one.

        Parameters
        ----------
        found : Grades or Estimate
            Of grades, the share of pictures that passed, or of a skill the share of its questions; else any share that
            the judge found.
        skill : str, optional
            The skill whose errors are corrected for; by default those on whole pictures.

        Returns
        -------
        Estimate
            See `analysis.rogan_gladen`; undecidable where the judge is not shown to be better than chance.

        Raises
        ------
        UsageError
            If another judge gave the grades, or the skill was not calibrated.
        """
        if skill is not None and skill not in self.skills:
            known = choices_hint(skill, self.skills) if self.skills else "give the truth of every question"
            raise UsageError(f"the skill {skill!r} was not calibrated; {known}")
        accuracy = self.pictures if skill is None else self.skills[skill]
        if isinstance(found, Grades):
            if found.model != self.judge:
                raise UsageError(f"{self.judge} was calibrated, and {found.model} gave the grades; calibrate that one")
            check_yes_no(found)
            found = found.share_passed() if skill is None else found.skill(skill)
        return analysis.rogan_gladen(found, accuracy.sensitivity, accuracy.specificity)

    def __str__(self) -> str:
        rows = [("pictures", self.pictures), *self.skills.items()]
        return "\n".join([f"calibration of {self.judge}", *(f"  {name}: {line_of(each)}" for name, each in rows)])


def by_skill(
    grades: Grades,
    truths: Mapping[Stimulus, bool | Mapping[str, bool]],
    owners: Mapping[Stimulus, str],
    options: Mapping[str, Any],
) -> Mapping[str, JudgeAccuracy]:
    """Return the accuracy of each skill; none where the truth of a picture is that of the whole."""
    rows = list(question_rows(grades, truths, owners))
    if not rows or not all(isinstance(value, Mapping) for value in truths.values()):
        return {}
    skills, said, right, of = zip(*rows, strict=True)
    return analysis.sensitivity_specificity(said, right, skills=skills, groups=of, **options).skills


def question_rows(
    grades: Grades, truths: Mapping[Stimulus, bool | Mapping[str, bool]], owners: Mapping[Stimulus, str]
) -> Iterator[tuple[str, float, bool, str]]:
    """Yield skill, answer, truth and independent unit of each question that tests a skill."""
    for picture, known in truths.items():
        answers = answers_to(grades, picture)
        for question in grades.rubrics[picture].questions:
            if question.skill and isinstance(known, Mapping):
                answer = answers.get(question.id)
                yield question.skill, math.nan if answer is None else answer, known[question.id], owners[picture]


def answers_to(grades: Grades, picture: Stimulus) -> Mapping[str, bool | float | None]:
    """Return the answers about a picture; none where they are missing."""
    try:
        return grades[picture].answers
    except Outcome:
        return {}


def judged(grades: Grades, picture: Stimulus) -> float:
    """Return 1 where a picture passed, 0 where not, NaN where that is missing."""
    try:
        return float(grades[picture].passed)
    except Outcome:
        return math.nan


def all_of(truth: bool | Mapping[str, bool]) -> bool:
    """Return whether a picture is right as a whole."""
    return truth if isinstance(truth, bool) else all(truth.values())


def check_yes_no(grades: Grades) -> None:
    """Refuse rubrics with scales: right and wrong are two."""
    for picture, rubric in grades.rubrics.items():
        if rubric.combine != "all":
            raise UsageError(
                f"rubric {rubric.name!r} of {picture.id!r} gives scores; expected one whose questions are answered "
                "yes or no, such as checklist(...)"
            )


def line_of(accuracy: JudgeAccuracy) -> str:
    """Return the figures of one row."""
    return ", ".join(map(str, (accuracy.sensitivity, accuracy.specificity, accuracy.kappa, accuracy.yes_bias)))
