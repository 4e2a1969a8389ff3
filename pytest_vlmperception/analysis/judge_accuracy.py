"""How far a judge who says yes or no can be believed, from what is known to be right or wrong."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from pytest_vlmperception.analysis.checks import FloatArray, check_lengths, labels_of, outcomes_of
from pytest_vlmperception.analysis.grids import labels_or_own
from pytest_vlmperception.analysis.kappa import cohen_kappa
from pytest_vlmperception.analysis.resampling import Design, bootstrap_means, mean_of, unit_means
from pytest_vlmperception.analysis.shares import share
from pytest_vlmperception.analysis.youden import youden
from pytest_vlmperception.errors import UsageError
from pytest_vlmperception.records import Estimate

__all__ = ["JudgeAccuracy", "sensitivity_specificity"]

# Of the bootstrap: another than the default of what is graded, so that both are drawn independently.
SEED = 1978


@dataclass(frozen=True)
class JudgeAccuracy:
    """How a judge's yes and no agree with the truth.

    Attributes
    ----------
    sensitivity : Estimate
        Share of yes to what is right.
    specificity : Estimate
        Share of no to what is wrong.
    kappa : Estimate
        Agreement with the truth beyond chance; see `cohen_kappa`.
    yes_bias : Estimate
        By how much the share of yes exceeds the share of what is right, from -1 to 1, for as many right and wrong
        pictures as were judged.
    youden : Estimate
        Sensitivity + specificity - 1: 1 for no errors, 0 for answers that have nothing to do with the truth.
    skills : mapping of str to JudgeAccuracy
        The same of each skill alone; empty where none were given.
    """

    sensitivity: Estimate
    specificity: Estimate
    kappa: Estimate
    yes_bias: Estimate
    youden: Estimate
    skills: Mapping[str, JudgeAccuracy] = field(default_factory=dict)


def sensitivity_specificity(
    judged: ArrayLike,
    truth: ArrayLike,
    *,
    skills: Iterable[Any] | None = None,
    groups: Iterable[Any] | None = None,
    unit: str | None = None,
    min_valid: float = 0.9,
    replicates: int = 2000,
    seed: int = SEED,
) -> JudgeAccuracy:
    """Estimate how often a judge says yes to what is right, and no to what is wrong.

    Both have Wilson's interval over independent units, as `share` makes it. Their replicates are of one
    resampling of all units, as a unit may have pictures of both kinds.

    Parameters
    ----------
    judged : array_like of float, shape (n,)
        1 for yes, 0 for no, NaN for no answer: left out and counted.
    truth : array_like of float, shape (n,)
        1 for what is right, 0 for what is wrong; known for every datum.
    skills : iterable of n labels, optional
        What each datum tests.
    groups : iterable of n labels, optional
        The independent unit, e.g. the scene, of each datum; default, each is its own.
    unit : str, optional
        What one unit is called; default ``group``, or ``stimulus`` without groups.
    min_valid : float
        Least share, 0-1, of data and of units that must have an answer.
    replicates, seed : int
        Of the bootstrap.

    Returns
    -------
    JudgeAccuracy
        Its estimates have a `reason` where nothing is right, or nothing wrong.

    Raises
    ------
    UsageError
        If there are no data, or a truth is not known.

    Examples
    --------
    >>> print(sensitivity_specificity([1, 1, 0, 1], [1, 1, 0, 0]).specificity)
    specificity 0.5 [0.0945, 0.905]
    """
    said, right = outcomes_of("judged", judged), outcomes_of("truth", truth)
    owners = labels_or_own(len(said), groups, "judged")
    check_lengths(judged=said, truth=right, groups=owners)
    if not len(said) or np.isnan(right).any():
        what = "a truth that is NaN" if len(said) else "no data"
        raise UsageError(f"sensitivity_specificity() got {what}; give 1 (right) or 0 (wrong) for each judgement")
    options = {"unit": unit or ("stimulus" if groups is None else "group"), "min_valid": min_valid}
    judgements = Judgements(said, right, owners, options, replicates, seed)
    if skills is None:
        return judgements.accuracy()
    labels = labels_of("skills", skills)
    check_lengths(judged=said, skills=labels)
    parts = {name: judgements.of([label == name for label in labels]) for name in dict.fromkeys(labels)}
    of_skills = MappingProxyType({name: part.accuracy() for name, part in parts.items()})
    return replace(judgements.accuracy(), skills=of_skills)


@dataclass(frozen=True, eq=False)
class Judgements:
    """What was said of what is known.

    Attributes
    ----------
    said, right : ndarray of float, shape (n,)
        1 for yes and for right; `said` is NaN where there is no answer.
    owners : tuple of str
        The independent unit of each.
    options : mapping
        `unit` and `min_valid` of every estimate.
    replicates, seed : int
        Of the bootstrap.
    """

    said: FloatArray
    right: FloatArray
    owners: Sequence[str]
    options: Mapping[str, Any]
    replicates: int
    seed: int

    def of(self, wanted: Sequence[bool]) -> Judgements:
        """Return some of the judgements."""
        chosen = np.array(wanted)
        owners = [owner for owner, want in zip(self.owners, wanted, strict=True) if want]
        return replace(self, said=self.said[chosen], right=self.right[chosen], owners=owners)

    def accuracy(self) -> JudgeAccuracy:
        """Return the estimates."""
        sampling: dict[str, Any] = {"groups": self.owners, "replicates": self.replicates, "seed": self.seed}
        sampling |= self.options
        sensitivity = self.share_of(1.0, "sensitivity")
        specificity = self.share_of(0.0, "specificity")
        labels = [None if math.isnan(said) else said for said in self.said.tolist()]
        return JudgeAccuracy(
            sensitivity=sensitivity,
            specificity=specificity,
            kappa=cohen_kappa(labels, self.right, **sampling),
            yes_bias=yes_bias(sensitivity, specificity, mean_of(np.where(np.isnan(self.said), np.nan, self.right))),
            youden=youden(sensitivity, specificity),
        )

    def share_of(self, kind: float, name: str) -> Estimate:
        """Return the share of what is right, or of what is wrong, that is called so."""
        chosen = self.right == kind
        if not chosen.any():
            what = "right" if kind else "wrong"
            return Estimate(math.nan, unit=self.options["unit"], name=name, reason=f"no picture is known to be {what}")
        agrees = np.where(np.isnan(self.said), np.nan, self.said == kind)
        owners = [owner for owner, of_kind in zip(self.owners, chosen, strict=True) if of_kind]
        found = share(agrees[chosen], groups=owners, name=name, replicates=1, **self.options)
        design = Design.of(self.owners, replicates=self.replicates, seed=self.seed)
        by_unit = unit_means(np.where(chosen, agrees, np.nan), design.positions(self.owners), design.n)
        resampled = bootstrap_means(by_unit, design).replicates
        return replace(found, replicates=tuple(resampled.tolist()), design=design.key)


def yes_bias(sensitivity: Estimate, specificity: Estimate, right: float) -> Estimate:
    """Return (1 - sp) (1 - q) - (1 - se) q, for a share q of what is right; its interval from those of both (MOVER)."""
    wrong = 1.0 - right
    found = youden(sensitivity, specificity)
    below = math.hypot(right * (sensitivity.value - sensitivity.low), wrong * (specificity.high - specificity.value))
    above = math.hypot(right * (sensitivity.high - sensitivity.value), wrong * (specificity.value - specificity.low))
    value = wrong * (1.0 - specificity.value) - right * (1.0 - sensitivity.value)
    both = zip(sensitivity.replicates or (), specificity.replicates or (), strict=False)
    return replace(
        found,
        value=value,
        low=max(value - below, -right),
        high=min(value + above, wrong),
        name="yes bias",
        method="share of yes less share of what is right; interval from those of sensitivity and specificity (MOVER)",
        replicates=tuple(wrong * (1.0 - sp) - right * (1.0 - se) for se, sp in both) if found.replicates else None,
    )
