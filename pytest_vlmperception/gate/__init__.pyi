from .baselines import (
    SCORING,
    Baseline,
    Earlier,
    baseline_names,
    changed_models,
    check_baseline_writable,
    commit_of,
    outdated,
    read_baseline,
    stale,
    write_baseline,
)
from .change_messages import change_lines
from .changes import MARGIN, MARGIN_OF_PERCENTAGES, MARGIN_OF_RATIOS, Change, change
from .families import judge_changes
from .held import Held
from .judging import VerdictJudge
from .messages import explain, explained
from .percepts import FEATURES_LOST, Tolerance, differing_facts, learnt
from .plan_messages import plan_lines
from .policies import POLICIES, decide
from .power import Detection, smallest_drop
from .upgrades import Compared, Table, compared

__all__ = [
    "FEATURES_LOST",
    "MARGIN",
    "MARGIN_OF_PERCENTAGES",
    "MARGIN_OF_RATIOS",
    "POLICIES",
    "SCORING",
    "Baseline",
    "Change",
    "Compared",
    "Detection",
    "Earlier",
    "Held",
    "Table",
    "Tolerance",
    "VerdictJudge",
    "baseline_names",
    "change",
    "change_lines",
    "changed_models",
    "check_baseline_writable",
    "commit_of",
    "compared",
    "decide",
    "differing_facts",
    "explain",
    "explained",
    "judge_changes",
    "learnt",
    "outdated",
    "plan_lines",
    "read_baseline",
    "smallest_drop",
    "stale",
    "write_baseline",
]
