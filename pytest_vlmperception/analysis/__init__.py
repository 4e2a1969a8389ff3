"""Numbers from answers: pure functions on arrays."""

from pytest_vlmperception.analysis.bias import order_bias
from pytest_vlmperception.analysis.correlation import Estimand, spearman
from pytest_vlmperception.analysis.intervals import expanded_interval
from pytest_vlmperception.analysis.proportion import share, wilson
from pytest_vlmperception.analysis.psychometric import Psychometric, fit_psychometric
from pytest_vlmperception.analysis.ranks import average_ranks, rank_correlation
from pytest_vlmperception.analysis.resampling import Bootstrap, Design, bootstrap, bootstrap_means
from pytest_vlmperception.analysis.scaling import Unanimous, compared_sets, scale_case_v
from pytest_vlmperception.analysis.wins import win_matrix

__all__ = [
    "Bootstrap",
    "Design",
    "Estimand",
    "Psychometric",
    "Unanimous",
    "average_ranks",
    "bootstrap",
    "bootstrap_means",
    "compared_sets",
    "expanded_interval",
    "fit_psychometric",
    "order_bias",
    "rank_correlation",
    "scale_case_v",
    "share",
    "spearman",
    "wilson",
    "win_matrix",
]
