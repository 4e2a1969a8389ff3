"""Numbers from answers: pure functions on arrays."""

from pytest_vlmperception.analysis.agreement import Separability, SeparabilityBin, separability
from pytest_vlmperception.analysis.between import AgainstRest, InterVariability, inter_variability
from pytest_vlmperception.analysis.bias import order_bias
from pytest_vlmperception.analysis.bounded import bounded_interval
from pytest_vlmperception.analysis.bradley_terry import scale_bradley_terry
from pytest_vlmperception.analysis.ceiling import NoiseCeiling, noise_ceiling
from pytest_vlmperception.analysis.coefficients import rank_correlation
from pytest_vlmperception.analysis.correlation import kendall, pearson, spearman
from pytest_vlmperception.analysis.dprime import RateCorrection, d_prime
from pytest_vlmperception.analysis.estimands import Estimand
from pytest_vlmperception.analysis.intervals import expanded_interval
from pytest_vlmperception.analysis.kappa import KappaWeights, cohen_kappa
from pytest_vlmperception.analysis.krippendorff import MeasurementLevel, krippendorff_alpha
from pytest_vlmperception.analysis.mcnemar import Alternative, mcnemar_exact
from pytest_vlmperception.analysis.proportion import share, wilson
from pytest_vlmperception.analysis.psychometric import Psychometric, fit_psychometric
from pytest_vlmperception.analysis.ranks import average_ranks
from pytest_vlmperception.analysis.resampling import Bootstrap, Design, bootstrap, bootstrap_means
from pytest_vlmperception.analysis.scale_errors import errors_bradley_terry, errors_case_v
from pytest_vlmperception.analysis.scaling import Unanimous, compared_sets, scale_case_v
from pytest_vlmperception.analysis.variability import IntraVariability, intra_variability
from pytest_vlmperception.analysis.weights import AttributeWeights, attribute_weights
from pytest_vlmperception.analysis.wins import win_matrix

__all__ = [
    "AgainstRest",
    "Alternative",
    "AttributeWeights",
    "Bootstrap",
    "Design",
    "Estimand",
    "InterVariability",
    "IntraVariability",
    "KappaWeights",
    "MeasurementLevel",
    "NoiseCeiling",
    "Psychometric",
    "RateCorrection",
    "Separability",
    "SeparabilityBin",
    "Unanimous",
    "attribute_weights",
    "average_ranks",
    "bootstrap",
    "bootstrap_means",
    "bounded_interval",
    "cohen_kappa",
    "compared_sets",
    "d_prime",
    "errors_bradley_terry",
    "errors_case_v",
    "expanded_interval",
    "fit_psychometric",
    "inter_variability",
    "intra_variability",
    "kendall",
    "krippendorff_alpha",
    "mcnemar_exact",
    "noise_ceiling",
    "order_bias",
    "pearson",
    "rank_correlation",
    "scale_bradley_terry",
    "scale_case_v",
    "separability",
    "share",
    "spearman",
    "wilson",
    "win_matrix",
]
