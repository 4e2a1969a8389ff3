from .columns import side_by_side
from .document import document_json, run_document
from .progress import asking_line, progress_line
from .returned import returned_line
from .terminal import miss_line, outcome_line, plan_line, rerun_line, totals_line, unstored_line, verdict_line
from .upgrade import changed_lines, comparison_line, not_compared_lines, upgrade_line

__all__ = [
    "asking_line",
    "changed_lines",
    "comparison_line",
    "document_json",
    "miss_line",
    "not_compared_lines",
    "outcome_line",
    "plan_line",
    "progress_line",
    "rerun_line",
    "returned_line",
    "run_document",
    "side_by_side",
    "totals_line",
    "unstored_line",
    "upgrade_line",
    "verdict_line",
]
