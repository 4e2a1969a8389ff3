"""Fits of psychometric functions, in numbers that a test can hold against a threshold."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from pytest_vlmperception.analysis.checks import FloatArray, check_fraction, check_whole, numbers_of
from pytest_vlmperception.analysis.psychometric.blocks import Blocks, Lapse
from pytest_vlmperception.analysis.psychometric.climbing import maximise
from pytest_vlmperception.analysis.psychometric.estimates import Fitted, percentiles
from pytest_vlmperception.analysis.psychometric.refusals import doubt, refusal
from pytest_vlmperception.analysis.psychometric.sigmoids import SIGMOIDS
from pytest_vlmperception.records import Estimate

__all__ = ["Psychometric", "fit_psychometric"]


@dataclass(frozen=True)
class Psychometric:
    r"""A fitted psychometric function.

    :math:`\psi(x) = g + (1 - g - \lambda) F(c (x - \mathrm{threshold}) / \mathrm{width})`, with g the guess
    rate, :math:`\lambda` the lapse rate, F the logistic or normal distribution function, and c the distance
    between the 0.05 and 0.95 quantiles of F.

    Attributes
    ----------
    threshold : Estimate
        Level at which F = 0.5, in units of the levels: half way between the asymptotes. With guess 0.5 and
        no lapses that is 75 % success. For another proportion use `level_at`.
    slope : Estimate
        dF/dx at the threshold, per unit of the levels: of F, not of the proportion of success, which
        rises by (1 - g - lapse) times as much.
    width : Estimate
        Distance from F = 0.05 to F = 0.95, in units of the levels, as in psignifit [1]_.
    lapse : Estimate
        Proportion of failures far above the threshold.
    deviance : Estimate
        Goodness of fit: twice the log likelihood ratio to a model of one free proportion a level; its `p` is the
        share of replicates drawn from the fit with at least that deviance. A small p says that answers vary
        more than the function and independent trials allow.
    guess : float
        As given.
    shape : {"logistic", "normal"}
        F.

    References
    ----------
    .. [1] Schütt, H. H., Harmeling, S., Macke, J. H. and Wichmann, F. A. (2016). Painfree and accurate Bayesian
       estimation of psychometric functions for (potentially) overdispersed data. Vision Research 122,
       105-123. :DOI:`10.1016/j.visres.2016.02.002`
    """

    threshold: Estimate
    slope: Estimate
    width: Estimate
    lapse: Estimate
    deviance: Estimate
    guess: float
    shape: Literal["logistic", "normal"]

    def proportion(self, levels: ArrayLike) -> FloatArray:
        """Return the fitted proportion of success at `levels`, shape (n,); NaN where there is no fit."""
        sigmoid = SIGMOIDS[self.shape]
        z = sigmoid.width * (numbers_of("levels", levels) - self.threshold.value) / self.width.value
        return np.asarray(self.guess + (1.0 - self.guess - self.lapse.value) * sigmoid(z), dtype=np.float64)

    def level_at(self, proportion: float) -> Estimate:
        """Estimate the level at which a given proportion succeeds.

        Parameters
        ----------
        proportion : float
            Between 0 and 1, e.g. 0.75 or 0.816.

        Returns
        -------
        Estimate
            With the percentile interval of the replicates. NaN with a reason where the proportion lies
            outside the asymptotes, guess and 1 - lapse.
        """
        check_fraction("proportion", proportion, closed=False)
        drawn = [np.array(field.replicates or ()) for field in (self.threshold, self.width, self.lapse)]
        # A given lapse rate has no replicates.
        threshold, width, lapse = (*drawn[:2], drawn[2] if len(drawn[2]) else np.full(len(drawn[0]), self.lapse.value))
        replicates = self._levels_at(proportion, threshold, width, lapse)
        fitted = (np.array([field.value]) for field in (self.threshold, self.width, self.lapse))
        value = float(self._levels_at(proportion, *fitted)[0])
        known = math.isfinite(value)
        top = 1.0 - self.lapse.value
        outside = f"{proportion:g} lies outside the asymptotes, {self.guess:g} and {top:.4g}"
        low, high = percentiles(replicates) if known else (math.nan, math.nan)
        return Estimate(
            value=value if known else math.nan,
            low=low,
            high=high,
            n=self.threshold.n,
            unit=self.threshold.unit,
            method=f"maximum likelihood, {self.shape}; percentiles of {len(replicates)} parametric replicates",
            name=f"level at {proportion:g}",
            replicates=tuple(replicates.tolist()) if known else None,
            reason="" if known else self.threshold.reason or outside,
        )

    def _levels_at(self, proportion: float, threshold: FloatArray, width: FloatArray, lapse: FloatArray) -> FloatArray:
        """Return the level at a proportion of each function; infinite beyond its asymptotes."""
        sigmoid = SIGMOIDS[self.shape]
        shares = (proportion - self.guess) / (1.0 - self.guess - lapse)
        inner = [sigmoid.inverse(share) if 0.0 < share < 1.0 else math.copysign(math.inf, share) for share in shares]
        return np.asarray(threshold + width * np.array(inner) / sigmoid.width, dtype=np.float64)


def fit_psychometric(
    levels: ArrayLike,
    successes: ArrayLike,
    trials: ArrayLike,
    *,
    guess: float,
    lapse: Lapse = "free",
    shape: Literal["logistic", "normal"] = "logistic",
    replicates: int = 400,
    seed: int = 0,
) -> Psychometric:
    r"""Fit a psychometric function to successes by level, by maximum likelihood.

    Parameters
    ----------
    levels : array_like of float, shape (n,)
        Stimulus levels, in any order, on the scale that the function is to be symmetric on: give logarithms for
        a threshold on a log scale. Success must rise with the level; where it falls, negate the levels.
    successes, trials : array_like of int, shape (n,)
        Successes, and trials, at each level. Entries of one level are added up; levels without trials
        are left out.
    guess : float
        Proportion of success far below the threshold: 0.5 where one of two is chosen, 0 for yes/no.
    lapse : float or "free"
        Proportion of failures far above the threshold. ``"free"`` fits it, between 0 and 0.25: a few lapses
        taken for misses would shift threshold and width [1]_.
    shape : {"logistic", "normal"}
        The sigmoid.
    replicates, seed : int
        Of the parametric bootstrap; 0 for none.

    Returns
    -------
    Psychometric
        NaN with a reason in every field where the answers have no threshold: all succeed, or none;
        success does not rise with the level (Cochran-Armitage trend test over ranks of levels, one-sided 5 %) or falls;
        the threshold lies outside the levels; success rises in one step between two of them, which every steep
        enough function fits; the fit did not converge, or ended on the limit of the lapse rate.

    Raises
    ------
    UsageError
        If an argument is none, or fewer than 4 distinct levels were given (3 with a given lapse rate).

    Notes
    -----
    Intervals are those of the profile likelihood: all values that a likelihood-ratio test at 5 % does not
    reject, by the chi-square quantile or by that of the replicates, whichever is larger. They covered
    the truth better than bootstrap percentiles in simulations, which the documentation lists. An
    end that the answers do not bound is infinite (of the width: 0).

    Trials are taken as independent. Several trials of one picture are not, which `deviance` may show.
    Replicates are drawn by one seed for every fit: those of two fits are no pairs, so that the
    estimates have no `design`.

    References
    ----------
    .. [1] Wichmann, F. A. and Hill, N. J. (2001). The psychometric function: I. Fitting, sampling, and goodness of
       fit. Perception & Psychophysics 63, 1293-1313. :DOI:`10.3758/BF03194544`
    .. [2] Wichmann, F. A. and Hill, N. J. (2001). The psychometric function: II. Bootstrap-based confidence
       intervals and sampling. Perception & Psychophysics 63, 1314-1329. :DOI:`10.3758/BF03194545`

    Examples
    --------
    >>> fit = fit_psychometric([0, 2, 4, 6, 8, 10], [24, 32, 40, 48, 50, 48], [50] * 6, guess=0.5)
    >>> print(fit.threshold)
    threshold 3.3 [2.31, 4.16]
    """
    check_whole("replicates", replicates, least=0)
    check_whole("seed", seed, least=0)
    blocks = Blocks.of(levels, successes, trials, guess, lapse, shape)
    reason = refusal(blocks)
    if reason:
        return unfitted(blocks, reason, guess, shape)
    fit = maximise(blocks.trials, blocks.successes, blocks.box)
    reason = doubt(blocks, fit)
    if reason:
        return unfitted(blocks, reason, guess, shape)
    fitted = Fitted.of(blocks, fit, replicates=replicates, seed=seed, method=f"maximum likelihood, {shape}")
    return Psychometric(
        fitted.threshold(), fitted.slope(), fitted.width(), fitted.lapse(), fitted.deviance(), float(guess), shape
    )


def unfitted(blocks: Blocks, reason: str, guess: float, shape: Literal["logistic", "normal"]) -> Psychometric:
    """Return a function without numbers, and why."""
    n = int(blocks.trials.counts.sum())
    names = ("threshold", "slope", "width", "lapse", "deviance")
    numbers = {name: Estimate(math.nan, n=n, unit="trial", name=name, reason=reason) for name in names}
    return Psychometric(**numbers, guess=float(guess), shape=shape)
