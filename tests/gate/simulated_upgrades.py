"""Simulated upgrades: a suite of ten estimates of two models whose true difference is known.

Every run draws scenes, faces and items anew, from a population in which they differ; both models see the same ones.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.special import ndtr, ndtri
from scipy.stats import rankdata

from pytest_vlmperception import analysis

RENDERINGS = 7
PAIRS = np.array(list(itertools.combinations(range(RENDERINGS), 2)))
LADDER = np.linspace(-1.5, 1.5, RENDERINGS)
TRIALS = 6  # Both orders of a pair, three times each.

# SD of the error of each rendering that a model makes in what it sees, besides that of each answer.
ERRORS = np.array([0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.15, 1.3, 1.5, 1.75, 2.0])


@dataclass(frozen=True)
class Kind:
    """One estimate of a suite: how it is drawn, and how good the old model is."""

    name: str
    draw: object
    good: float
    n: int
    comparator: str = ">="
    replicates: int = 500

    def pair(self, random, loss, n=None):
        """Return the estimates of the new model, which is worse by `loss`, and of the old one."""
        return self.draw(self, random, loss, n or self.n)


def labels(units, each):
    return np.repeat([f"unit{i:05d}" for i in range(units)], each)


def scales(random, units, error, gains, common):
    """Case V scale values of what a model sees of the ladder, shape (units, RENDERINGS)."""
    seen = gains * (LADDER + common + error * random.normal(size=(units, RENDERINGS)))
    first = random.binomial(TRIALS, ndtr(seen[:, PAIRS[:, 0]] - seen[:, PAIRS[:, 1]]))
    z = z_scores()[first]
    sums = np.zeros((units, RENDERINGS))
    for pair, (i, j) in enumerate(PAIRS):
        sums[:, i] += z[:, pair]
        sums[:, j] -= z[:, pair]
    return np.round(sums / RENDERINGS, 12)


@cache
def z_scores():
    """The Case V difference of two stimuli, by how often of `TRIALS` the first was chosen."""
    of_two = [analysis.scale_case_v([[0, wins], [TRIALS - wins, 0]]) for wins in range(TRIALS + 1)]
    return np.array([one - other for one, other in of_two])


def scenes(random, units):
    return np.exp(0.4 * random.normal(size=(units, 1))), 0.3 * random.normal(size=(units, RENDERINGS))


def rank_correlations(scale):
    """The rank correlation of each scene's scale values with the ladder; 0 where they are constant."""
    ranks = rankdata(scale, axis=1) - (RENDERINGS + 1) / 2
    ladder = np.arange(RENDERINGS) - (RENDERINGS - 1) / 2
    return ranks @ ladder / np.sqrt(np.maximum((ranks**2).sum(axis=1), 1.0) * (ladder @ ladder))


@cache
def correlation_by_error():
    """The mean rank correlation that each error of `ERRORS` leaves, from 40,000 scenes each."""
    random = np.random.default_rng(1)
    of_scenes = (scales(random, 40_000, error, *scenes(random, 40_000)) for error in ERRORS)
    return np.array([rank_correlations(scale).mean() for scale in of_scenes])


def both_scales(random, rhos, units):
    """Scale values of the same scenes by two models that have these mean rank correlations in the long run."""
    gains, common = scenes(random, units)
    errors = [float(np.interp(-rho, -correlation_by_error(), ERRORS)) for rho in rhos]
    return [scales(random, units, error, gains, common) for error in errors]


def scene_correlations(random, rhos, units):
    """Rank correlations of the same scenes by two models, shape (units,) each."""
    return [rank_correlations(scale) for scale in both_scales(random, rhos, units)]


def correlations(kind, random, loss, units):
    """Spearman's rho of the scale values of the renderings of scenes."""
    grouped = {"groups": labels(units, RENDERINGS), "unit": "scene", "replicates": kind.replicates}
    for scale in both_scales(random, (kind.good - loss, kind.good), units):
        yield analysis.spearman(scale.ravel(), np.tile(LADDER, units), **grouped)


def chances(random, good, units, spread, common):
    """The chance of each unit to come out well, `good` on average; half of its variance is the model's own."""
    own = random.normal(size=units)
    z = spread * (math.sqrt(0.5) * common + math.sqrt(0.5) * own)
    return ndtr(ndtri(good) * math.sqrt(1.0 + spread**2) + z)


def grouped_shares(kind, random, loss, units, each=14):
    """A share of yes/no answers, of which several belong to one scene or identity."""
    common = random.normal(size=units)
    for good in (kind.good - loss, kind.good):
        right = random.random((each, units)) < chances(random, good, units, 0.6, common)
        outcomes = right.T.ravel() if kind.comparator == ">=" else ~right.T.ravel()
        yield analysis.share(
            outcomes.astype(float), groups=labels(units, each), unit="identity", replicates=kind.replicates
        )


def items(kind, random, loss, units):
    """A share of independent yes/no items."""
    common = random.normal(size=units)
    for good in (kind.good - loss, kind.good):
        right = random.random(units) < chances(random, good, units, 1.5, common)
        yield analysis.share(right.astype(float), unit="item", replicates=kind.replicates)


def measures(kind, random, loss, units):
    """A mean difference from a reference that is skewed over scenes."""
    common, zero = random.exponential(size=(units, 1)), np.zeros(units * 4)
    for shift in (-loss, 0.0):
        own = 0.06 * random.normal(size=(units, 1)) + 0.05 * random.normal(size=(units, 4))
        values = (0.3 * common + own + shift).ravel()
        yield analysis.mean_difference(values, zero, groups=labels(units, 4), unit="scene", replicates=kind.replicates)


SUITE = (
    Kind("rho of contrast", correlations, 0.93, 7),
    Kind("rho of colorfulness", correlations, 0.90, 7),
    Kind("rho of preference", correlations, 0.80, 7),
    Kind("share of pairs", grouped_shares, 0.90, 7),
    Kind("share of variable answers", grouped_shares, 0.92, 7, "<="),
    Kind("share of faces", grouped_shares, 0.85, 6),
    Kind("24 items", items, 0.90, 24),
    Kind("36 items", items, 0.80, 36),
    Kind("48 items", items, 0.95, 48),
    Kind("mean difference", measures, 0.0, 24),
)
