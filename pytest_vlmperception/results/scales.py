"""Scale values of stimuli, and their agreement with reference values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pytest_vlmperception import analysis
from pytest_vlmperception.errors import UsageError
from pytest_vlmperception.records import Estimate, Stimulus
from pytest_vlmperception.results.groups import Group
from pytest_vlmperception.results.validity import Shortfall

__all__ = ["Scale"]


class Scale(Mapping[Stimulus, float]):
    """Scale values by stimulus, centred in each group.

    Parameters
    ----------
    values : mapping of Stimulus to float
        Scale values; NaN where a group could not be scaled.
    groups : tuple of Group
        Groups of stimuli that share a scale.
    shortfall : Shortfall
        Why statistics of the scale decide nothing, if so.
    """

    def __init__(self, values: Mapping[Stimulus, float], groups: tuple[Group, ...], shortfall: Shortfall) -> None:
        self._values = values
        self.groups = groups
        self.shortfall = shortfall

    def __getitem__(self, stimulus: Stimulus) -> float:
        return self._values[stimulus]

    def __iter__(self) -> Iterator[Stimulus]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        values = ", ".join(f"{stimulus}: {value:.3g}" for stimulus, value in self.items())
        return f"Scale({{{values}}})"

    def spearman(
        self,
        reference: Mapping[Stimulus, Any],
        *,
        estimand: Literal["mean_of_groups", "pooled"] = "mean_of_groups",
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
        stimuli = [stimulus for group in self.groups for stimulus in group.stimuli]
        missing = [stimulus.id for stimulus in stimuli if stimulus not in reference]
        if missing:
            raise UsageError(
                f"there is no reference value for {missing[0]!r} and {len(missing) - 1} others of the scale"
            )
        grouped = len(self.groups) > 1
        names = [group.name for group in self.groups for _ in group.stimuli]
        estimate = analysis.spearman(
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
