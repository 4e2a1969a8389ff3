"""Records to lines: pure functions."""

from pytest_vlmperception.report.terminal import totals_line, verdict_line

__all__ = ["totals_line", "verdict_line"]
