"""GenEval's scores, with their uncertainty."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import mean
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from pytest_vlmperception.analysis.checks import FloatArray, check_lengths, labels_of, outcomes_of
from pytest_vlmperception.analysis.shares import share
from pytest_vlmperception.errors import UsageError
from pytest_vlmperception.records import Estimate

__all__ = ["GenEvalScores", "geneval_scores"]


@dataclass(frozen=True)
class GenEvalScores:
    """Shares of correct pictures.

    Attributes
    ----------
    tasks : mapping of str to Estimate
        The share of each task, by its tag, in the order in which tags come first.
    overall : Estimate
        The unweighted mean of the tasks' shares: GenEval's score.
    pictures : Estimate
        The share over all tasks together, in which tasks with more prompts weigh more.
    prompts : Estimate
        The share of prompts with at least one correct picture.
    """

    tasks: Mapping[str, Estimate]
    overall: Estimate
    pictures: Estimate
    prompts: Estimate


def geneval_scores(
    tags: Iterable[Any],
    correct: ArrayLike,
    groups: Iterable[Any],
    *,
    min_valid: float = 0.9,
    replicates: int = 2000,
    seed: int = 0,
) -> GenEvalScores:
    r"""Estimate GenEval's scores [1]_ over prompts, the independent units.

    Pictures of one prompt are averaged first: with as many pictures of every prompt, as the benchmark has them, that
    is the share of pictures. The overall score is the mean of the K tasks' scores. Its replicates are made within
    tasks, each resampled by a design of its own: the number of prompts of a task is part of the benchmark, not of
    chance. Its interval combines those of the tasks, which hold at scores of 0 and 1, too [2]_::

        low = score - sqrt(sum (p_k - l_k)^2) / K,   high = score + sqrt(sum (u_k - p_k)^2) / K

    Parameters
    ----------
    tags : iterable of n labels
        The task of each picture.
    correct : array_like of float, shape (n,)
        1 for a correct picture, 0 for a wrong one, NaN where it is not known: left out and counted.
    groups : iterable of n labels
        The prompt of each picture; ids are those of one task.
    min_valid : float
        Least share, 0-1, of pictures and of prompts that must be judged.
    replicates, seed : int
        Of the bootstrap.

    Returns
    -------
    GenEvalScores
        `overall` has the worst prompts in its `units`.

    References
    ----------
    .. [1] Ghosh, D., Hajishirzi, H. and Schmidt, L. (2023). GenEval: an object-focused framework for evaluating
       text-to-image alignment. NeurIPS. arXiv 2310.11513
    .. [2] Zou, G. Y., Huang, W. and Zhang, X. (2009). A note on confidence interval estimation for a linear function
       of binomial proportions. Comput. Stat. Data Anal. 53, 1080-1085. :DOI:`10.1016/j.csda.2008.09.033`

    Examples
    --------
    >>> scores = geneval_scores(["counting", "counting", "colors"], [1, 0, 1], ["a", "b", "c"])
    >>> scores.overall.value, scores.pictures.value
    (0.75, 0.6666666666666666)
    """
    values, names, prompts = outcomes_of("correct", correct), labels_of("tags", tags), labels_of("groups", groups)
    check_lengths(correct=values, tags=names, groups=prompts)
    if not len(values):
        raise UsageError("geneval_scores needs at least one picture: got none")
    settings: dict[str, Any] = {"min_valid": min_valid, "replicates": replicates}
    units = [f"{name}: {prompt}" for name, prompt in zip(names, prompts, strict=True)]
    tasks = {name: task_score(name, names, values, units, seed, settings) for name in dict.fromkeys(names)}
    best = best_of(values, units)
    return GenEvalScores(
        MappingProxyType(tasks),
        mean_of_tasks(tasks),
        share(values, groups=units, unit="prompt", name="correct pictures", seed=seed, **settings),
        share(list(best.values()), groups=best, unit="prompt", name="prompts solved", seed=seed, **settings),
    )


def task_score(
    name: str, names: Sequence[str], values: FloatArray, units: Sequence[str], seed: int, settings: Mapping[str, Any]
) -> Estimate:
    """Return the share of correct pictures of one task."""
    members = [index for index, other in enumerate(names) if other == name]
    # Tasks of as many prompts, resampled by one seed, would rise and fall together.
    own = int.from_bytes(hashlib.sha256(json.dumps([seed, name]).encode()).digest()[:8], "big")
    groups = [units[index] for index in members]
    return share(values[members], groups=groups, unit="prompt", name=name, seed=own, **settings)


def best_of(values: FloatArray, units: Sequence[str]) -> dict[str, float]:
    """Return for each prompt whether one of its pictures is correct; NaN where a picture that is not known decides."""
    found: dict[str, list[float]] = {}
    for value, unit in zip(values.tolist(), units, strict=True):
        found.setdefault(unit, []).append(value)
    return {unit: 1.0 if 1.0 in outcomes else sum(outcomes) for unit, outcomes in found.items()}


def mean_of_tasks(tasks: Mapping[str, Estimate]) -> Estimate:
    """Return the unweighted mean of the tasks' scores."""
    parts = list(tasks.values())
    value = mean(part.value for part in parts)
    below, above = (
        math.sqrt(math.fsum((part.value - end) ** 2 for part, end in zip(parts, ends, strict=True))) / len(parts)
        for ends in ([part.low for part in parts], [part.high for part in parts])
    )
    drawn = np.mean([part.replicates or () for part in parts], axis=0)
    return Estimate(
        value=value,
        low=float(np.clip(value - below, 0.0, 1.0)),
        high=float(np.clip(value + above, 0.0, 1.0)),
        n=sum(part.n for part in parts),
        unit="prompt",
        method=f"mean of {len(parts)} tasks' shares; intervals of the tasks combined, replicates within tasks",
        name="GenEval score",
        replicates=tuple(drawn.tolist()),
        design=hashlib.sha256(json.dumps([part.design for part in parts]).encode()).hexdigest(),
        units=tuple(sorted((unit for part in parts for unit in part.units), key=lambda pair: pair[1])),
        missing=sum(part.missing for part in parts),
        reason="; ".join(f"{name}: {part.reason}" for name, part in tasks.items() if part.reason),
    )
