"""Free-text descriptions of stimuli, and what they say of a face."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from pytest_vlmperception import analysis
from pytest_vlmperception.calling import Caller, Planner
from pytest_vlmperception.errors import Outcome, UsageError
from pytest_vlmperception.records import Answer, Draw, Estimate, Feature, Percept, Polarity, Reply, Stimulus
from pytest_vlmperception.results import majorities
from pytest_vlmperception.results.answers import Answers, LookAhead
from pytest_vlmperception.results.readings import Readings
from pytest_vlmperception.results.references import Reference, reference_values
from pytest_vlmperception.results.units import independent
from pytest_vlmperception.results.validity import MIN_VALID
from pytest_vlmperception.tasks import Trial, read_text

__all__ = ["Description", "Descriptions"]


@dataclass(frozen=True, repr=False)
class Description(Answer):
    """What a model said of one stimulus.

    The fields that describe the expression of a face are read from the texts of all draws. Polarity, leading emotion
    and whether a person is named are what a strict majority of all draws says; features are those that a strict
    majority speaks of; valence and strengths of emotions are means over the draws that state an emotion.

    Reading one raises where it is not there: the outcome of the draws where most have no text, `Refused` or `Unparsed`
    where most texts state no emotion, `Inconclusive` where the draws do not agree.

    Attributes
    ----------
    stimulus : Stimulus or None
        What was described.
    model : str
        Name of the model that was asked.
    readings : Readings or None
        What a judge reads in the texts; None where word lists read them.
    """

    stimulus: Stimulus | None = None
    model: str = ""
    readings: Readings | None = None

    @property
    def text(self) -> str:
        """The first text, where most draws are texts.

        Two draws never agree to the letter, so texts have no majority; `draws` has all of them.

        Raises
        ------
        Outcome
            Where most draws have no text.
        """
        self.check_answered()
        return next(str(draw.value) for draw in self.draws if draw.status == "answered")

    @property
    def value(self) -> str:
        """The same as `text`."""
        return self.text

    @cached_property
    def by_words(self) -> tuple[Percept, ...]:
        """What each text says of a face by the word lists, in order; draws without a text are left out."""
        return tuple(analysis.read_description(str(draw.value)) for draw in self.draws if draw.status == "answered")

    @cached_property
    def percepts(self) -> tuple[Percept, ...]:
        """What each text says of a face, in order; draws without a text, or a judge's reading, are left out."""
        if self.readings is None:
            return self.by_words
        read = zip(self.readings.answer.draws, self.by_words, strict=True)
        # How long a text is, and in which language, is no matter of judgement.
        return tuple(
            replace(draw.value, words=words.words, language=words.language)
            for draw, words in read
            if draw.status == "answered"
        )

    @property
    def percept(self) -> Percept:
        """What `text` says of a face; it tells by itself whether it states an emotion."""
        self.check_answered()
        if self.readings is not None and self.readings.answer.draws[0].status != "answered":
            self.readings.answer.draws[0].raise_outcome()
        return self.percepts[0]

    @property
    def polarity(self) -> Polarity:
        """Whether the expression is said to be positive, negative, neutral or mixed."""
        read = majorities.check_read(self._of_most)
        polarity: Polarity = majorities.agreed([percept.polarity for percept in read], len(self.draws))
        return polarity

    @property
    def leading(self) -> str:
        """The emotion that leads: a family, or a state without one."""
        read = majorities.check_read(self._of_most)
        return str(majorities.agreed([percept.leading for percept in read], len(self.draws)))

    @property
    def valence(self) -> float:
        """How pleasant the expression is said to be, from -1 to 1."""
        return majorities.mean_valence(majorities.check_read(self._of_most))

    @property
    def emotions(self) -> Mapping[str, float]:
        """Mean strengths of families and states, strongest first."""
        return majorities.mean_strengths(majorities.check_read(self._of_most))

    @property
    def features(self) -> Mapping[str, Feature]:
        """What is said of the face, by region, as the first draw that speaks of it says it."""
        return majorities.common_features(self._of_most, len(self.draws))

    @property
    def names_person(self) -> bool:
        """Whether somebody is identified by name."""
        return bool(majorities.agreed([percept.names_person for percept in self._of_most], len(self.draws)))

    @property
    def summary(self) -> Percept:
        """What all draws say together; a person is named where any draw names one."""
        read = majorities.check_read(self._of_most)
        return replace(
            read[0],
            polarity=self.polarity,
            valence=round(self.valence, 3),
            emotions=majorities.rounded(self.emotions),
            features=dict(self.features),
            names_person=any(percept.names_person for percept in self.percepts),
        )

    @property
    def _of_most(self) -> tuple[Percept, ...]:
        """The percepts, where most draws have a text that is read; raises the outcome of the draws where not."""
        self.check_answered()
        if self.readings is not None:
            self.readings.answer.check_answered()
        return self.percepts


class Descriptions(Answers[Stimulus, Description]):
    """Descriptions by stimulus.

    Parameters
    ----------
    trials, caller, look_ahead, min_valid
        As of `Answers`.
    judge : Caller or Planner, optional
        Asks the model that reads the descriptions; word lists read them by default.
    """

    _incomparable = "two free texts are never alike to the letter"

    def __init__(
        self,
        trials: Mapping[Stimulus, Sequence[Trial]],
        caller: Caller | Planner,
        look_ahead: LookAhead,
        min_valid: float = MIN_VALID,
        judge: Caller | Planner | None = None,
    ) -> None:
        self._judge = judge
        super().__init__(trials, caller, look_ahead, min_valid)

    def __getitem__(self, item: Stimulus | Any) -> Description:
        found = super().__getitem__(item)
        if self._judge is not None:
            # The judge reads what has arrived meanwhile, too, before anybody waits for it.
            for other in [each for each, asked in self._promises.items() if all(promise.done() for promise in asked)]:
                super().__getitem__(other)
        return found

    def _independent(self) -> tuple[list[str], str]:
        return independent(self)

    def _read(self, trial: Trial, reply: Reply) -> Draw:
        return read_text(trial, reply)

    def _answer(self, item: Stimulus, draws: tuple[Draw, ...]) -> Description:
        texts = [str(draw.value) for draw in draws if draw.status == "answered"]
        readings = Readings(texts, self._judge) if self._judge is not None else None
        return Description(draws, item, self.model, readings)

    def _said(self, answer: Description) -> str:
        # By the word lists: a judge who reads would be waited for, one text after the other.
        answer.check_answered()
        read = majorities.check_read(answer.by_words)
        polarity, leading = ([each.polarity for each in read], [each.leading for each in read])
        return f"{majorities.agreed(polarity, len(answer.draws))}, {majorities.agreed(leading, len(answer.draws))}"

    def agreement(self) -> Estimate:
        """Share of stimuli whose polarity is the same, read by the judge and by the word lists, with Wilson's interval.

        Of several draws the first one counts. That no emotion is stated is a reading like any other. A description that
        cannot be had, or that the judge does not read, is left out and counted.

        Raises
        ------
        UsageError
            If no judge reads the descriptions.
        """
        if self._judge is None:
            raise UsageError("agreement() compares two readings; give vlm.describe(..., read_with='judge')")
        return self.share(lambda _, said: said.percept.polarity == said.by_words[0].polarity)

    def spearman(self, reference: Reference = "valence", *, replicates: int = 2000, seed: int = 0) -> Estimate:
        """Spearman's rank correlation of the valence that the descriptions state with reference values.

        Parameters
        ----------
        reference : str, mapping or callable
            A key of `Stimulus.reference`, a mapping from stimulus to number, or a function of the stimulus.
        replicates, seed : int
            Of the bootstrap over independent units.

        Returns
        -------
        Estimate
            The mean of the coefficients within each scene, clip or identity, or the coefficient over all stimuli where
            they have none; see `analysis.spearman`.

        Raises
        ------
        UsageError
            If a stimulus has no reference value, or there are fewer than three stimuli.
        """
        self.check_judged()
        references = reference_values(reference, self)
        labels, unit = self._independent()
        grouped = len(set(labels)) < len(labels)
        estimate = analysis.spearman(
            [self._valence(stimulus) for stimulus in self],
            references,
            groups=labels if grouped else None,
            units=None if grouped else labels,
            unit=unit,
            names=("the stated valence", "the reference"),
            min_valid=self.min_valid,
            replicates=replicates,
            seed=seed,
        )
        return self.shortfall().mark(estimate)

    def _valence(self, stimulus: Stimulus) -> float:
        try:
            return self[stimulus].valence
        except Outcome:
            return math.nan
