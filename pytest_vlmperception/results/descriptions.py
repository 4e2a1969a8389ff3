"""Free-text descriptions of stimuli, and what they say of an expression."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean

from pytest_vlmperception import analysis
from pytest_vlmperception.errors import Inconclusive, Outcome
from pytest_vlmperception.records import Answer, Draw, Estimate, Feature, Percept, Polarity, Reply, Stimulus
from pytest_vlmperception.results.answers import Answers
from pytest_vlmperception.results.references import Reference, reference_values
from pytest_vlmperception.results.units import independent
from pytest_vlmperception.tasks import Trial, read_description

__all__ = ["Description", "Descriptions"]


@dataclass(frozen=True, repr=False)
class Description(Answer):
    """What a model said of one stimulus.

    Reading what it says raises, as reading its text does, where most draws have no text.
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
        """What each of the texts says; see `analysis.read_description`."""
        self.check_answered()
        return tuple(analysis.read_description(str(d.value)) for d in self.draws if d.status == "answered")

    @property
    def percept(self) -> Percept:
        """What the first text says that has the polarity of a strict majority of the draws.

        Raises
        ------
        Inconclusive
            If no polarity has a strict majority.
        """
        counts = Counter(percept.polarity for percept in self.percepts)
        polarity, count = counts.most_common(1)[0]
        if 2 * count <= len(self.draws):
            said = ", ".join(f"{polarity} {count}" for polarity, count in counts.most_common())
            raise Inconclusive(f"no polarity has a strict majority among {len(self.draws)} draws: {said}")
        return next(percept for percept in self.percepts if percept.polarity == polarity)

    @property
    def polarity(self) -> Polarity | None:
        """Polarity of a strict majority of the draws; None where they state no emotion."""
        return self.percept.polarity

    @property
    def valence(self) -> float:
        """Mean valence of the draws, from -1 to 1; NaN where none states an emotion."""
        stated = [percept.valence for percept in self.percepts if percept.valence is not None]
        return fmean(stated) if stated else math.nan

    @property
    def emotions(self) -> Mapping[str, float]:
        """Emotions that `percept` names, with their strengths, strongest first."""
        return self.percept.emotions

    @property
    def features(self) -> Mapping[str, Feature]:
        """What `percept` says of the regions of the face."""
        return self.percept.features

    @property
    def names_person(self) -> bool:
        """Whether any of the texts identifies somebody by name."""
        return any(percept.names_person for percept in self.percepts)


class Descriptions(Answers[Stimulus, Description]):
    """Descriptions by stimulus."""

    _incomparable = "two free texts are never alike to the letter"

    def _independent(self) -> tuple[list[str], str]:
        return independent(self)

    def _read(self, trial: Trial, reply: Reply) -> Draw:
        return read_description(trial, reply)

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
