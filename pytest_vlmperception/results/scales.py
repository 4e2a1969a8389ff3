"""Scale values of stimuli, and their agreement with reference values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Literal

from pytest_vlmperception import analysis
from pytest_vlmperception.errors import UsageError
from pytest_vlmperception.records import Estimate, Stimulus
from pytest_vlmperception.results.groups import Group
from pytest_vlmperception.results.marking import marked
from pytest_vlmperception.results.validity import Shortfall

__all__ = ["Scale", "check_referenced", "shortfall_with"]

Estimand = Literal["mean_of_groups", "pooled"]


class Scale(Mapping[Stimulus, float]):
    """Scale values by stimulus, centred in each group.

    Parameters
    ----------
    estimates : mapping of Stimulus to Estimate
        Scale values; NaN with a reason where a group could not be scaled.
    groups : tuple of Group
        Groups of stimuli that share a scale.
    shortfall : Shortfall
        Why statistics of the scale decide nothing, if so.
    """

    def __init__(self, estimates: Mapping[Stimulus, Estimate], groups: tuple[Group, ...], shortfall: Shortfall) -> None:
        self._estimates = estimates
        self.groups = groups
        self.shortfall = shortfall

    def __getitem__(self, stimulus: Stimulus) -> float:
        return self._estimates[stimulus].value

    def __iter__(self) -> Iterator[Stimulus]:
        return iter(self._estimates)

    def __len__(self) -> int:
        return len(self._estimates)

    def __repr__(self) -> str:
        values = ", ".join(f"{stimulus}: {value:.3g}" for stimulus, value in self.items())
        return f"Scale({{{values}}})"

    @property
    def estimates(self) -> Mapping[Stimulus, Estimate]:
        """Scale values with their intervals, by stimulus.

        An interval says how well the value of this very picture is known from so many trials; n are the trials
        that showed it. It takes the trials of a pair as independent, which those of a model without sampling
        noise are not: it repeats itself, and the interval is then too narrow. It says nothing of
        other scenes, which are what `spearman` and the like resample.
        """
        return MappingProxyType({stimulus: self.shortfall.mark(found) for stimulus, found in self._estimates.items()})

    def spearman(
        self,
        reference: Mapping[Stimulus, Any],
        *,
        estimand: Estimand = "mean_of_groups",
        replicates: int = 2000,
        seed: int = 0,
    ) -> Estimate:
        """Spearman's rank correlation with reference values.

        Parameters
        ----------
        reference : mapping of Stimulus to float
            E.g. ``stimuli.reference("contrast")``.
        estimand : {"mean_of_groups", "pooled"}
            Mean of each group's rho (the default), or rho over all stimuli at once.
        replicates, seed : int
            Of the bootstrap over groups.

        Returns
        -------
        Estimate
            Its units are the groups, worst first. With a single group, units are the stimuli.

        Raises
        ------
        UsageError
            If a stimulus has no reference value, or there are fewer than three stimuli.
        """
        return self._correlated(analysis.spearman, reference, estimand, replicates, seed)

    def kendall(
        self,
        reference: Mapping[Stimulus, Any],
        *,
        estimand: Estimand = "mean_of_groups",
        replicates: int = 2000,
        seed: int = 0,
    ) -> Estimate:
        """Kendall's tau-b with reference values: pairs ordered alike less pairs ordered otherwise.

        Parameters and errors are those of `spearman`.

        Returns
        -------
        Estimate
            As of `spearman`.
        """
        return self._correlated(analysis.kendall, reference, estimand, replicates, seed)

    def pearson(
        self,
        reference: Mapping[Stimulus, Any],
        *,
        estimand: Estimand = "mean_of_groups",
        replicates: int = 2000,
        seed: int = 0,
    ) -> Estimate:
        """Pearson's correlation with reference values, which must be in a unit that scale values are linear in.

        Parameters and errors are those of `spearman`.

        Returns
        -------
        Estimate
            As of `spearman`.
        """
        return self._correlated(analysis.pearson, reference, estimand, replicates, seed)

    def _correlated(
        self,
        coefficient: Callable[..., Estimate],
        reference: Mapping[Stimulus, Any],
        estimand: Estimand,
        replicates: int,
        seed: int,
    ) -> Estimate:
        """Correlate with reference values, group by group or over all stimuli."""
        stimuli, names = self._members()
        check_referenced(stimuli, reference)
        grouped = len(self.groups) > 1
        estimate = coefficient(
            [self[stimulus] for stimulus in stimuli],
            [reference[stimulus] for stimulus in stimuli],
            groups=names if grouped else None,
            units=None if grouped else [stimulus.id for stimulus in stimuli],
            estimand=estimand if grouped else "pooled",
            unit=self.groups[0].unit if grouped else "stimulus",
            names=("the scale", "the reference"),
            min_valid=self.shortfall.min_valid,
            replicates=replicates,
            seed=seed,
        )
        return self.shortfall.mark(estimate)

    def weights(
        self, attributes: Mapping[str, Mapping[Stimulus, Any]], *, replicates: int = 2000, seed: int = 0
    ) -> analysis.AttributeWeights:
        """How much each attribute weighs in this scale, e.g. in that of overall preference, by linear regression.

        Parameters
        ----------
        attributes : mapping of str to mapping of Stimulus to float
            Scales of the same stimuli, or reference values, by name: ``{"contrast": contrast.scale(), ...}``.
        replicates, seed : int
            Of the bootstrap over groups; without groups over stimuli.

        Returns
        -------
        AttributeWeights
            ``.weights[name]``, ``.relative[name]``, ``.r2``, ``.collinearity`` and ``.dominance(a, b)``; see
            `analysis.attribute_weights`.

        Raises
        ------
        UsageError
            If a stimulus has no value of an attribute, or there are too few stimuli.
        """
        stimuli, names = self._members()
        shortfall = self.shortfall
        for name, values in attributes.items():
            check_referenced(stimuli, values)
            shortfall = shortfall_with(shortfall, values, name)
        grouped = len(self.groups) > 1
        found = analysis.attribute_weights(
            [self[stimulus] for stimulus in stimuli],
            {name: [values[stimulus] for stimulus in stimuli] for name, values in attributes.items()},
            groups=names if grouped else None,
            unit=self.groups[0].unit if grouped else "stimulus",
            min_valid=self.shortfall.min_valid,
            replicates=replicates,
            seed=seed,
        )
        return marked(found, shortfall)

    def _members(self) -> tuple[list[Stimulus], list[str]]:
        """Return all stimuli, group by group, and the name of the group of each."""
        stimuli = [stimulus for group in self.groups for stimulus in group.stimuli]
        return stimuli, [group.name for group in self.groups for _ in group.stimuli]


def check_referenced(stimuli: Iterable[Stimulus], reference: Mapping[Stimulus, Any]) -> None:
    """Raise unless every stimulus has a reference value."""
    missing = [stimulus.id for stimulus in stimuli if stimulus not in reference]
    if missing:
        raise UsageError(f"there is no reference value for {missing[0]!r} and {len(missing) - 1} others of the scale")


def shortfall_with(shortfall: Shortfall, values: Mapping[Stimulus, Any], name: str) -> Shortfall:
    """Return the shortfall; that of the values where they are a scale, and only they have one."""
    if shortfall.reason or not isinstance(values, Scale) or not values.shortfall.reason:
        return shortfall
    return replace(values.shortfall, reason=f"{name}: {values.shortfall.reason}")
