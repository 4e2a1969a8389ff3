"""Numbers from answers: pure functions on arrays."""

from pytest_vlmperception.analysis.balanced import balanced_accuracy
from pytest_vlmperception.analysis.bias import order_bias
from pytest_vlmperception.analysis.coefficients import rank_correlation
from pytest_vlmperception.analysis.correlation import kendall, pearson, spearman
from pytest_vlmperception.analysis.estimands import Estimand
from pytest_vlmperception.analysis.mean_share import mean_share
from pytest_vlmperception.analysis.proportion import share, wilson
from pytest_vlmperception.analysis.ranks import average_ranks
from pytest_vlmperception.analysis.resampling import Bootstrap, Design, bootstrap, bootstrap_means, expanded_interval
from pytest_vlmperception.analysis.scaling import Unanimous, compared_sets, scale_case_v
from pytest_vlmperception.analysis.spread import repeat_spread
from pytest_vlmperception.analysis.wins import win_matrix

__all__ = [
    "Bootstrap",
    "Design",
    "Estimand",
    "Unanimous",
    "average_ranks",
    "balanced_accuracy",
    "bootstrap",
    "bootstrap_means",
    "compared_sets",
    "expanded_interval",
    "kendall",
    "mean_share",
    "order_bias",
    "pearson",
    "rank_correlation",
    "repeat_spread",
    "scale_case_v",
    "share",
    "spearman",
    "wilson",
    "win_matrix",
]
