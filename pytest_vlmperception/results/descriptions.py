"""Free-text descriptions of stimuli, and what they say of a face."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from pytest_vlmperception import analysis
from pytest_vlmperception.errors import Outcome
from pytest_vlmperception.records import Answer, Draw, Estimate, Feature, Percept, Polarity, Reply, Stimulus
from pytest_vlmperception.results import majorities
from pytest_vlmperception.results.answers import Answers
from pytest_vlmperception.results.references import Reference, reference_values
from pytest_vlmperception.results.units import independent
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
    """

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
    def percepts(self) -> tuple[Percept, ...]:
        """What each text says of a face, in the order of the draws; draws without a text are left out."""
        return tuple(analysis.read_description(str(draw.value)) for draw in self.draws if draw.status == "answered")

    @property
    def percept(self) -> Percept:
        """What `text` says of a face; it tells by itself whether it states an emotion."""
        self.check_answered()
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
    def _of_most(self) -> tuple[Percept, ...]:
        """The percepts, where most draws are texts; raises the outcome of the draws where they are not."""
        self.check_answered()
        return self.percepts


class Descriptions(Answers[Stimulus, Description]):
    """Descriptions by stimulus."""

    _incomparable = "two free texts are never alike to the letter"

    def _independent(self) -> tuple[list[str], str]:
        return independent(self)

    def _read(self, trial: Trial, reply: Reply) -> Draw:
        return read_text(trial, reply)

    def _answer(self, item: Stimulus, draws: tuple[Draw, ...]) -> Description:
        return Description(draws)

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
