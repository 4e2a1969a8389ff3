"""Why answers by level have no threshold."""

from __future__ import annotations

import math

import numpy as np

from pytest_vlmperception.analysis.psychometric.blocks import Blocks
from pytest_vlmperception.analysis.psychometric.climbing import Fits, maximise
from pytest_vlmperception.analysis.psychometric.likelihood import LAPSE, WIDTH
from pytest_vlmperception.analysis.psychometric.sigmoids import TAIL

__all__ = ["doubt", "refusal", "trend"]

# One-sided 5 % point of the normal distribution.
RISES = 1.645

# Twice a log likelihood ratio that no answer could tell.
NEGLIGIBLE = 0.01


def refusal(blocks: Blocks) -> str:
    """Say why the answers cannot have a threshold, whatever is fitted; empty where they may."""
    answered, total = int(blocks.successes.sum()), int(blocks.trials.counts.sum())
    levels = len(blocks.trials.levels)
    if levels < blocks.needed:
        return f"{levels} of {blocks.given} levels have trials; a fit needs {blocks.needed}"
    if answered == total:
        return f"all of {total} trials succeeded: the levels do not reach down to the threshold; add lower levels"
    if answered == 0:
        return f"none of {total} trials succeeded: the levels do not reach up to the threshold; add higher levels"
    z = trend(blocks)
    if z <= -RISES:
        return f"success falls with the level (trend z = {z:.2f}); where lower levels are easier, negate the levels"
    if z < RISES:
        return f"success does not rise with the level (trend z = {z:.2f} < {RISES}): there is no threshold to find"
    return ""


def trend(blocks: Blocks) -> float:
    r"""Return the Cochran-Armitage statistic of a trend over the ranks of levels, standard normal without one.

    :math:`z = \sum k_i (r_i - \bar r) / \sqrt{p (1 - p) \sum n_i (r_i - \bar r)^2}` with ranks r, so that a
    linear and a logarithmic scale of levels have one z.

    References
    ----------
    .. [1] Armitage, P. (1955). Tests for linear trends in proportions and frequencies. Biometrics 11, 375-386.
       :DOI:`10.2307/3001775`
    """
    counts, successes = blocks.trials.counts, blocks.successes[0]
    ranks = np.arange(len(counts), dtype=np.float64)
    ranks -= (counts @ ranks) / counts.sum()
    p = successes.sum() / counts.sum()
    return float(successes @ ranks) / math.sqrt(p * (1.0 - p) * float(counts @ ranks**2))


def doubt(blocks: Blocks, fit: Fits) -> str:
    """Say why a fit to the answers is none to rely on; empty where it is."""
    threshold, width, lapse = fit.parameters[0]
    steepest = maximise(blocks.trials, blocks.successes, blocks.box.fixed(WIDTH, blocks.box.low[WIDTH]))
    if 2.0 * (fit.log_likelihood[0] - steepest.log_likelihood[0]) < NEGLIGIBLE:
        return f"success rises in one step {where(blocks, steepest)}, too steep to fit; add levels there"
    if not fit.converged[0]:
        return "the fit did not converge; add trials, or levels around the threshold"
    if not 0.0 <= threshold <= 1.0:
        side, more = ("below", "lower") if threshold < 0.0 else ("above", "higher")
        return f"the threshold lies {side} the levels, {given(blocks, 0.0)} to {given(blocks, 1.0)}; add {more} levels"
    if width >= blocks.box.high[WIDTH]:
        return "success rises over more than ten times the range of levels; add lower and higher levels"
    if blocks.box.low[LAPSE] < blocks.box.high[LAPSE] <= lapse:
        return f"the lapse rate is at its limit of {lapse:g}: the highest levels fail too often; add higher levels"
    return ""


def where(blocks: Blocks, steepest: Fits) -> str:
    """Name the levels between which a steep fit rises."""
    levels = blocks.trials.levels
    shares = blocks.trials.sigmoid(blocks.trials.positions(steepest.parameters))[0]
    below, above = levels[shares < TAIL], levels[shares > 1.0 - TAIL]
    if not len(below):
        return f"below {given(blocks, above[0])}"
    if not len(above):
        return f"above {given(blocks, below[-1])}"
    return f"between {given(blocks, below[-1])} and {given(blocks, above[0])}"


def given(blocks: Blocks, level: float) -> str:
    """Return a level as it was given."""
    return f"{blocks.origin + blocks.span * level:.4g}"
