from .bias import order_bias
from .correlation import Estimand, spearman
from .proportion import share, wilson
from .ranks import average_ranks, rank_correlation
from .resampling import Bootstrap, Design, bootstrap, bootstrap_means, expanded_interval
from .scaling import Unanimous, compared_sets, scale_case_v
from .wins import win_matrix

__all__ = [
    "Bootstrap",
    "Design",
    "Estimand",
    "Unanimous",
    "average_ranks",
    "bootstrap",
    "bootstrap_means",
    "compared_sets",
    "expanded_interval",
    "order_bias",
    "rank_correlation",
    "scale_case_v",
    "share",
    "spearman",
    "wilson",
    "win_matrix",
]
