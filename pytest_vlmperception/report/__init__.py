"""Records to lines: pure functions."""

from pytest_vlmperception.report.terminal import outcome_line, totals_line, verdict_line

__all__ = ["outcome_line", "totals_line", "verdict_line"]
