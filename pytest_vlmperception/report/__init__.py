"""Records to lines: pure functions."""

from pytest_vlmperception.report.columns import side_by_side
from pytest_vlmperception.report.document import document_json, run_document
from pytest_vlmperception.report.progress import asking_line, progress_line
from pytest_vlmperception.report.returned import returned_line
from pytest_vlmperception.report.terminal import (
    miss_line,
    outcome_line,
    plan_line,
    rerun_line,
    totals_line,
    unstored_line,
    verdict_line,
)
from pytest_vlmperception.report.upgrade import changed_lines, comparison_line, not_compared_lines, upgrade_line

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
