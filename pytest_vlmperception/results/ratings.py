"""Ratings of stimuli, how they agree with reference values, and how far repeats lie apart."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Literal

from pytest_vlmperception import analysis
from pytest_vlmperception.calling import Caller, Planner
from pytest_vlmperception.errors import Outcome, UsageError
from pytest_vlmperception.records import Answer, Draw, Estimate, Reply, Stimulus
from pytest_vlmperception.results.answers import Answers, LookAhead
from pytest_vlmperception.results.references import Reference, reference_values
from pytest_vlmperception.results.units import independent
from pytest_vlmperception.results.validity import MIN_VALID
from pytest_vlmperception.tasks import RatingScale, Trial, read_rating

__all__ = ["Rating", "Ratings"]

Estimand = Literal["mean_of_groups", "pooled"]


@dataclass(frozen=True, repr=False)
class Rating(Answer):
    """The rating of one stimulus: `value` is that of a strict majority of draws, a number or a category.

    Attributes
    ----------
    scale : RatingScale
        The ratings that can be given.
    """

    scale: RatingScale

    @property
    def mean(self) -> float:
        """Mean of the answered draws; the k categories of a scale count 1 to k, lowest first.

        Raises
        ------
        Outcome
            Where most draws have no rating.
        """
        self.check_answered()
        return fmean(self.scale.number(draw.value) for draw in self.draws if draw.status == "answered")


class Ratings(Answers[Stimulus, Rating]):
    """Ratings by stimulus.

    Analyses compare the mean rating of each stimulus with a `reference`: a key of `Stimulus.reference`, a mapping
    from stimulus to number, or a function of the stimulus.
    """

    def __init__(
        self,
        trials: Mapping[Stimulus, Sequence[Trial]],
        caller: Caller | Planner,
        look_ahead: LookAhead,
        scale: RatingScale,
        min_valid: float = MIN_VALID,
    ) -> None:
        self.scale = scale
        super().__init__(trials, caller, look_ahead, min_valid)

    def _independent(self) -> tuple[list[str], str]:
        return independent(self)

    def _read(self, trial: Trial, reply: Reply) -> Draw:
        return read_rating(trial, reply, self.scale)

    def _answer(self, item: Stimulus, draws: tuple[Draw, ...]) -> Rating:
        return Rating(draws, self.scale)

    def _said(self, answer: Rating) -> str:
        return f"{answer.mean:.3g}"

    def means(self) -> Mapping[Stimulus, float]:
        """Return the mean rating of each stimulus; NaN where most of its draws have none."""
        self.check_judged()
        return {stimulus: self._mean(stimulus) for stimulus in self}

    def _mean(self, stimulus: Stimulus) -> float:
        try:
            return self[stimulus].mean
        except Outcome:
            return math.nan

    def spearman(
        self, reference: Reference, *, estimand: Estimand = "mean_of_groups", replicates: int = 2000, seed: int = 0
    ) -> Estimate:
        """Spearman's rank correlation of mean ratings with reference values.

        Parameters
        ----------
        reference : str, mapping or callable
            E.g. ``"contrast"``.
        estimand : {"mean_of_groups", "pooled"}
            Mean of the coefficients within each scene, clip or identity (the default), or the coefficient over all
            stimuli at once. Stimuli that are all of one group, or all of their own, are pooled.
        replicates, seed : int
            Of the bootstrap over groups.

        Returns
        -------
        Estimate
            See `analysis.spearman`.

        Raises
        ------
        UsageError
            If a stimulus has no reference value, or there are fewer than three stimuli.
        """
        return self._correlation(analysis.spearman, reference, estimand, replicates, seed)

    def kendall(
        self, reference: Reference, *, estimand: Estimand = "mean_of_groups", replicates: int = 2000, seed: int = 0
    ) -> Estimate:
        """Kendall's tau-b of mean ratings with reference values; otherwise as `spearman`."""
        return self._correlation(analysis.kendall, reference, estimand, replicates, seed)

    def pearson(
        self, reference: Reference, *, estimand: Estimand = "mean_of_groups", replicates: int = 2000, seed: int = 0
    ) -> Estimate:
        """Pearson's correlation of mean ratings with reference values; otherwise as `spearman`."""
        return self._correlation(analysis.pearson, reference, estimand, replicates, seed)

    def _correlation(
        self, function: Callable[..., Estimate], reference: Reference, estimand: Estimand, replicates: int, seed: int
    ) -> Estimate:
        references = reference_values(reference, self)
        labels, unit = self._independent()
        grouped = len(set(labels)) < len(labels)
        estimate = function(
            list(self.means().values()),
            references,
            groups=labels if grouped else None,
            units=None if grouped else labels,
            estimand=estimand if grouped else "pooled",
            unit=unit,
            names=("the rating", "the reference"),
            min_valid=self.min_valid,
            replicates=replicates,
            seed=seed,
        )
        return self.shortfall().mark(estimate)

    def repeat_spread(self, *, replicates: int = 2000, seed: int = 0) -> Estimate:
        """How far repeated ratings of one stimulus lie apart: their standard deviation; see `analysis.repeat_spread`.

        Raises
        ------
        UsageError
            If every stimulus was asked once.
        """
        if all(len(trials) < 2 for trials in self._trials.values()):
            raise UsageError("repeat_spread() needs repeats; rate with repeats=2 or more")
        shortfall = self.shortfall()
        labels, unit = self._independent()
        rows = [
            (math.nan if draw.value is None else self.scale.number(draw.value), stimulus.id, label)
            for stimulus, label in zip(self, labels, strict=True)
            for draw in self[stimulus].draws
        ]
        numbers, stimuli, groups = zip(*rows, strict=True)
        estimate = analysis.repeat_spread(numbers, stimuli, groups=groups, unit=unit, replicates=replicates, seed=seed)
        return shortfall.mark(estimate)

    def agreement(self, *others: Ratings, replicates: int = 2000, seed: int = 0) -> Estimate:
        """Krippendorff's alpha of these ratings and those of other observers, e.g. of other models.

        Each observer's rating of a stimulus is the mean of its draws; its level is interval for numbers, ordinal for
        categories.

        Parameters
        ----------
        *others : Ratings
            Of the same stimuli on the same scale.
        replicates, seed : int
            Of the bootstrap over independent units.

        Returns
        -------
        Estimate
            See `analysis.krippendorff_alpha`.

        Raises
        ------
        UsageError
            If there are none, or they rate other stimuli or on another scale.
        """
        if not others:
            raise UsageError("agreement() got no other ratings; give those of another observer of the same stimuli")
        for other in others:
            if not isinstance(other, Ratings) or set(other) != set(self) or other.scale != self.scale:
                raise UsageError(f"agreement() got {other!r}; expected ratings of the same stimuli on the same scale")
        # All observers are asked before the answers of the first are awaited.
        for other in others:
            other._submit(tuple(other))
        means = [observer.means() for observer in (self, *others)]
        labels, unit = self._independent()
        estimate = analysis.krippendorff_alpha(
            [[mean[stimulus] for stimulus in self] for mean in means],
            level="interval" if self.scale.numeric else "ordinal",
            groups=labels,
            unit=unit,
            min_valid=self.min_valid,
            replicates=replicates,
            seed=seed,
        )
        found = [observer.shortfall() for observer in (self, *others)]
        return next((shortfall for shortfall in found if shortfall.reason), found[0]).mark(estimate)
