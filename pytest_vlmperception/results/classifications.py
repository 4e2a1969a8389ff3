"""Labels of stimuli, and how they agree with reference labels."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pytest_vlmperception import analysis
from pytest_vlmperception.calling import Caller, Planner
from pytest_vlmperception.errors import UsageError
from pytest_vlmperception.records import Answer, Draw, Estimate, Reply, Stimulus
from pytest_vlmperception.results.answers import Answers, LookAhead
from pytest_vlmperception.results.confusion import Confusion, confusion_of
from pytest_vlmperception.results.references import Reference, reference_values
from pytest_vlmperception.results.units import independent
from pytest_vlmperception.results.validity import MIN_VALID
from pytest_vlmperception.tasks import Trial, find_label, read_label

__all__ = ["Classification", "Classifications"]


@dataclass(frozen=True, repr=False)
class Classification(Answer):
    """The label of one stimulus: `value` is that of a strict majority of draws, spelt as the suite does."""


@dataclass(frozen=True)
class Labelled:
    """All trials of a set beside their reference labels.

    Attributes
    ----------
    references : list of str
        The label that each trial should have.
    answered : list of str or None
        The label that it has; None without a usable answer.
    stimuli : list of str
        The stimulus that it is of.
    labels : list of str
        The independent unit that it belongs to.
    unit : str
        What such a unit is called.
    """

    references: list[str]
    answered: list[str | None]
    stimuli: list[str]
    labels: list[str]
    unit: str

    @property
    def correct(self) -> list[float]:
        """1 for each trial with the right label, 0 with another, NaN without."""
        pairs = zip(self.references, self.answered, strict=True)
        return [math.nan if answer is None else float(answer == reference) for reference, answer in pairs]


class Classifications(Answers[Stimulus, Classification]):
    """Labels by stimulus.

    Every analysis takes a `reference`: a key of `Stimulus.reference`, a mapping from stimulus to label, or a function
    of the stimulus. Every draw counts: repeats of a stimulus, and stimuli of one scene, clip or identity, are averaged
    or resampled together, never as independent ones.
    """

    def __init__(
        self,
        trials: Mapping[Stimulus, Sequence[Trial]],
        caller: Caller | Planner,
        look_ahead: LookAhead,
        labels: tuple[str, ...],
        min_valid: float = MIN_VALID,
    ) -> None:
        self.labels = labels
        super().__init__(trials, caller, look_ahead, min_valid)

    def _independent(self) -> tuple[list[str], str]:
        return independent(self)

    def _read(self, trial: Trial, reply: Reply) -> Draw:
        return read_label(trial, reply)

    def _answer(self, item: Stimulus, draws: tuple[Draw, ...]) -> Classification:
        return Classification(draws)

    def confusion(self, reference: Reference) -> Confusion:
        """Count the trials by reference label (rows) and answered label (columns).

        Returns
        -------
        Confusion
            With the trials that have no usable answer beside each row.

        Raises
        ------
        UsageError
            If a stimulus has no reference value, or one that is no label.
        """
        found = self._labelled(reference)
        return confusion_of(self.labels, found.references, found.answered)

    def accuracy(self, reference: Reference, *, replicates: int = 2000, seed: int = 0) -> Estimate:
        """Share of the answers that are the reference label, with Wilson's interval over independent units.

        Returns
        -------
        Estimate
            In [0, 1]; below the valid share it is inconclusive, as every analysis is.

        Raises
        ------
        UsageError
            As `confusion` does.
        """
        found = self._labelled(reference)
        estimate = analysis.share(
            found.correct,
            units=found.stimuli,
            groups=found.labels,
            unit=found.unit,
            name="accuracy",
            min_valid=self.min_valid,
            replicates=replicates,
            seed=seed,
        )
        return self.shortfall().mark(estimate)

    def balanced_accuracy(self, reference: Reference, *, replicates: int = 2000, seed: int = 0) -> Estimate:
        """Mean over the reference labels of the share answered correctly; see `analysis.balanced_accuracy`.

        Returns
        -------
        Estimate
            In [0, 1]; 1 / k for a model that always gives one label, where the stimuli have k.

        Raises
        ------
        UsageError
            As `confusion` does.
        """
        found = self._labelled(reference)
        estimate = analysis.balanced_accuracy(
            found.correct,
            found.references,
            groups=found.labels,
            unit=found.unit,
            replicates=replicates,
            seed=seed,
        )
        return self.shortfall().mark(estimate)

    def kappa(self, reference: Reference, *, replicates: int = 2000, seed: int = 0) -> Estimate:
        """Agreement of the answers with the reference labels beyond chance: Cohen's kappa; see `analysis.cohen_kappa`.

        Returns
        -------
        Estimate
            1 for full agreement, 0 for what chance gives, as for a model that always gives one label.

        Raises
        ------
        UsageError
            As `confusion` does.
        """
        found = self._labelled(reference)
        estimate = analysis.cohen_kappa(
            found.references,
            found.answered,
            groups=found.labels,
            unit=found.unit,
            min_valid=self.min_valid,
            replicates=replicates,
            seed=seed,
        )
        return self.shortfall().mark(estimate)

    def _labelled(self, reference: Reference) -> Labelled:
        """Wait for the whole set, and lay it beside the reference labels."""
        values = reference_values(reference, self)
        truth = [self._label(stimulus, value) for stimulus, value in zip(self, values, strict=True)]
        self.check_judged()
        labels, unit = self._independent()
        rows = [
            (right, draw.value, stimulus.id, label)
            for stimulus, right, label in zip(self, truth, labels, strict=True)
            for draw in self[stimulus].draws
        ]
        references, answered, stimuli, groups = map(list, zip(*rows, strict=True))
        return Labelled(references, answered, stimuli, groups, unit)

    def _label(self, stimulus: Stimulus, value: Any) -> str:
        """Return the label that a reference value is."""
        label = find_label(str(value), self.labels)
        if label is None:
            known = ", ".join(self.labels)
            raise UsageError(f"the reference {value!r} of {stimulus.id!r} is none of the labels: {known}")
        return label
