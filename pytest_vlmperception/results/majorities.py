"""What several readings of one face agree on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

from pytest_vlmperception.errors import Inconclusive, Refused, Unparsed
from pytest_vlmperception.records import REGIONS, Feature, Percept

__all__ = ["agreed", "check_read", "common_features", "mean_strengths", "mean_valence", "rounded"]


def agreed(values: Sequence[Any], draws: int) -> Any:
    """Return the value of a strict majority of draws.

    Raises
    ------
    Inconclusive
        If no value has one.
    """
    counts = Counter(values)
    value, count = counts.most_common(1)[0]
    if 2 * count > draws:
        return value
    said = ", ".join(f"{value} {count}" for value, count in counts.most_common(4))
    raise Inconclusive(f"no strict majority among {draws} draws: {said}")


def check_read(percepts: Sequence[Percept]) -> list[Percept]:
    """Return the percepts that state an emotion, where they are more than half.

    Raises
    ------
    Refused
        If most state none, and most of those are refusals.
    Unparsed
        If most state none for another reason.
    """
    read = [percept for percept in percepts if percept.polarity is not None]
    if 2 * len(read) > len(percepts):
        return read
    reasons = Counter(percept.reason for percept in percepts if percept.polarity is None)
    reason, _ = reasons.most_common(1)[0]
    outcome = Refused if reason == "refusal" else Unparsed
    raise outcome(f"{len(percepts) - len(read)} of {len(percepts)} descriptions state no emotion: {reason}")


def mean_valence(percepts: Sequence[Percept]) -> float:
    """Return the mean valence of percepts that have one."""
    return fmean(percept.valence for percept in percepts if percept.valence is not None)


def mean_strengths(percepts: Sequence[Percept]) -> Mapping[str, float]:
    """Return the mean strength of each emotion, strongest first; one that a percept has not is 0 there."""
    names = dict.fromkeys(name for percept in percepts for name in percept.emotions)
    means = {name: fmean(percept.emotions.get(name, 0.0) for percept in percepts) for name in names}
    return dict(sorted(means.items(), key=lambda item: -item[1]))


def rounded(strengths: Mapping[str, float]) -> Mapping[str, float]:
    """Return strengths to the hundredth, without those that are nothing then."""
    return {name: round(strength, 2) for name, strength in strengths.items() if round(strength, 2) > 0.0}


def common_features(percepts: Sequence[Percept], draws: int) -> Mapping[str, Feature]:
    """Return the features that a strict majority of draws speaks of."""
    found = {region: [p.features[region] for p in percepts if region in p.features] for region in REGIONS}
    return {region: features[0] for region, features in found.items() if 2 * len(features) > draws}
