"""What people saw, from their votes: scale values as references, and how far people agree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Literal

from pytest_vlmperception import analysis
from pytest_vlmperception.errors import UsageError
from pytest_vlmperception.records import Stimulus, Votes

__all__ = ["human_ceiling", "human_scale"]

# Conditions that a message names.
NAMED = 5


def human_scale(
    votes: Votes,
    stimuli: Iterable[Stimulus],
    attribute: str | None = None,
    *,
    unanimous: Literal["logistic", "half", "clip"] = "logistic",
) -> Mapping[Stimulus, float]:
    """Return scale values by Thurstone's Case V from people's votes, each scene on its own scale.

    Parameters
    ----------
    votes : Votes
        Of one attribute, or of several of which `attribute` names one.
    stimuli : iterable of Stimulus
        What was voted on: the groups ``scene`` and ``condition`` say which; without the group
        ``condition`` the id does. A stimulus without votes gets no value, a condition without stimulus
        counts nevertheless.
    attribute : str, optional
        E.g. ``contrast``.
    unanimous : {"logistic", "half", "clip"}
        Rule for pairs on which all agreed; see `analysis.scale_case_v`.

    Returns
    -------
    mapping of Stimulus to float
        In units in which P(i chosen over j) = Phi(s_i - s_j), centred in each scene: a reference for
        ``comparisons.scale().spearman(...)``.

    Raises
    ------
    UsageError
        If no stimulus is a condition that was voted on, there is no vote for the attribute, or
        the votes of a scene fall apart into conditions that were never compared.
    """
    of_attribute = votes if attribute is None else votes.of(attribute=attribute)
    shown = {key_of(stimulus): stimulus for stimulus in stimuli}
    values: dict[Stimulus, float] = {}
    for scene in sorted({scene for scene, _ in shown}.intersection(of_attribute.scenes)):
        of_scene = of_attribute.of(scene=scene)
        scaled = analysis.scale_case_v(of_scene.wins(), unanimous=unanimous)
        for condition, value in zip(of_scene.conditions, map(float, scaled), strict=True):
            if (scene, condition) in shown:
                values[shown[scene, condition]] = value
    if not values:
        voted = ", ".join(of_attribute.conditions[:NAMED])
        expected = "expected groups 'scene' and 'condition' as in the votes"
        raise UsageError(f"{votes.name!r} has no vote on any of the stimuli, but on {voted} ...; {expected}")
    return MappingProxyType(values)


def human_ceiling(
    votes: Votes, attribute: str | None = None, *, splits: int = 100, replicates: int = 2000, seed: int = 0
) -> analysis.NoiseCeiling:
    """Return how far people agree with each other on what they chose: the ceiling for any model.

    Which condition of a pair comes first is arbitrary, and correlations must not depend on it: each pair is counted
    both ways round, as the share of votes for the one and for the other.

    Parameters
    ----------
    votes : Votes
        Of one attribute, or of several of which `attribute` names one.
    attribute : str, optional
        E.g. ``contrast``.
    splits, replicates, seed : int
        See `analysis.noise_ceiling`.

    Returns
    -------
    NoiseCeiling
        ``.split_half`` and ``.leave_one_out``, over scenes; of a single scene over its pairs.

    Raises
    ------
    UsageError
        If there are fewer than 2 observers, there is no vote for the attribute, or there are several attributes.
    """
    of_attribute = votes if attribute is None else votes.of(attribute=attribute)
    ways = [[*row, *(1.0 - share for share in row)] for row in of_attribute.choices()]
    several = len(of_attribute.scenes) > 1
    labels = [scene if several else f"{one} / {other}" for scene, one, other in of_attribute.pairs]
    unit = "scene" if several else "pair"
    return analysis.noise_ceiling(ways, groups=labels * 2, unit=unit, splits=splits, replicates=replicates, seed=seed)


def key_of(stimulus: Stimulus) -> tuple[str, str]:
    """Return scene and condition of a stimulus."""
    return stimulus.groups.get("scene", ""), stimulus.groups.get("condition", stimulus.id)
