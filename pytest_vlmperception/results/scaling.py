"""The methods that scale values are made by."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from statistics import NormalDist
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from pytest_vlmperception import analysis
from pytest_vlmperception.errors import UsageError, choices_hint
from pytest_vlmperception.records import Estimate

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Method", "Scaling", "scaling_of"]

Method = Literal["case_v", "bradley_terry"]
Matrix: TypeAlias = "NDArray[np.float64]"

LEVEL = 0.95


@dataclass(frozen=True)
class Scaling:
    """A method with its options.

    Attributes
    ----------
    name : str
        The method in words.
    values, errors : callable
        From wins, shape (n, n), to scale values and to their standard errors, shape (n,).
    """

    name: str
    values: Callable[[Matrix], Matrix]
    errors: Callable[[Matrix], Matrix]

    def estimates(self, wins: Matrix) -> list[Estimate]:
        """Scale the stimuli of one group; NaN where they were not all compared, directly or through others."""
        trials = (wins.sum(axis=0) + wins.sum(axis=1)).astype(int).tolist()
        if len(analysis.compared_sets(wins)) > 1:
            reason = "lost answers leave no comparison between some stimuli of the group"
            return [self._estimate(math.nan, math.nan, n, reason) for n in trials]
        values, errors = self.values(wins).tolist(), self.errors(wins).tolist()
        return [self._estimate(*found) for found in zip(values, errors, trials, strict=True)]

    def _estimate(self, value: float, error: float, n: int, reason: str = "") -> Estimate:
        margin = NormalDist().inv_cdf((1.0 + LEVEL) / 2.0) * error
        return Estimate(
            value=value,
            low=value - margin,
            high=value + margin,
            n=n,
            level=LEVEL,
            unit="trial",
            method=f"{self.name}; normal interval, trials of a pair independent",
            name="scale value",
            reason=reason,
        )


def scaling_of(method: Method, unanimous: Literal["logistic", "half", "clip"], prior: float) -> Scaling:
    """Return the method that is asked for, or say what does not fit it."""
    if method not in get_args(Method):
        raise UsageError(f"method={method!r}; {choices_hint(str(method), get_args(Method))}")
    if method == "case_v" and prior != 0.0:
        raise UsageError(f"prior={prior!r} is for method='bradley_terry'; give that, or leave it out")
    if method == "bradley_terry" and unanimous != "logistic":
        raise UsageError(f"unanimous={unanimous!r} is for method='case_v'; give prior= instead, or leave it out")
    if method == "case_v":
        values = partial(analysis.scale_case_v, unanimous=unanimous)
        return Scaling(f"Thurstone Case V, unanimous pairs by the {unanimous} rule", values, analysis.errors_case_v)
    values, errors = (
        partial(function, prior=prior) for function in (analysis.scale_bradley_terry, analysis.errors_bradley_terry)
    )
    return Scaling(f"Bradley-Terry, prior {prior:g}", values, errors)
