from .agreement import Separability, SeparabilityBin, separability
from .balanced import balanced_accuracy
from .between import AgainstRest, InterVariability, inter_variability
from .bias import order_bias
from .bounded import bounded_interval
from .bradley_terry import scale_bradley_terry
from .ceiling import NoiseCeiling, noise_ceiling
from .coefficients import rank_correlation
from .correlation import kendall, pearson, spearman
from .dprime import RateCorrection, d_prime
from .estimands import Estimand
from .geneval import GenEvalCheck, geneval_check
from .geneval_scores import GenEvalScores, geneval_scores
from .intervals import expanded_interval
from .judge_accuracy import JudgeAccuracy, sensitivity_specificity
from .kappa import KappaWeights, cohen_kappa
from .krippendorff import MeasurementLevel, krippendorff_alpha
from .mcnemar import Alternative, mcnemar_exact
from .paired import mean_difference, mean_ratio
from .paired_shares import Discordance, share_difference
from .proportion import wilson
from .psychometric import Psychometric, fit_psychometric
from .ranks import average_ranks
from .reading import read_description
from .resampling import Bootstrap, Design, bootstrap, bootstrap_means
from .rogan_gladen import rogan_gladen
from .scale_errors import errors_bradley_terry, errors_case_v
from .scaling import Unanimous, compared_sets, scale_case_v
from .shares import mean_share, share
from .spread import repeat_spread
from .strata import mean_of_strata
from .variability import IntraVariability, intra_variability
from .weights import AttributeWeights, attribute_weights
from .wins import win_matrix
from .youden import youden

__all__ = [
    "AgainstRest",
    "Alternative",
    "AttributeWeights",
    "Bootstrap",
    "Design",
    "Discordance",
    "Estimand",
    "GenEvalCheck",
    "GenEvalScores",
    "InterVariability",
    "IntraVariability",
    "JudgeAccuracy",
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
    "balanced_accuracy",
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
    "geneval_check",
    "geneval_scores",
    "inter_variability",
    "intra_variability",
    "kendall",
    "krippendorff_alpha",
    "mcnemar_exact",
    "mean_difference",
    "mean_of_strata",
    "mean_ratio",
    "mean_share",
    "noise_ceiling",
    "order_bias",
    "pearson",
    "rank_correlation",
    "read_description",
    "repeat_spread",
    "rogan_gladen",
    "scale_bradley_terry",
    "scale_case_v",
    "sensitivity_specificity",
    "separability",
    "share",
    "share_difference",
    "spearman",
    "wilson",
    "win_matrix",
    "youden",
]
