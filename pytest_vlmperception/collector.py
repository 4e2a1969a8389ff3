"""Gathers what the tests of all processes report, and says what it comes to."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import pytest

from pytest_vlmperception.calling import Totals
from pytest_vlmperception.records import Verdict
from pytest_vlmperception.report import outcome_line, totals_line, verdict_line

__all__ = ["Collector", "Note"]

ATTRIBUTE = "vlmperception"


@dataclass(frozen=True)
class Note:
    """What one report of a test carries to the controller, as one JSON text.

    Attributes
    ----------
    events : list
        Drained from the ledger.
    verdicts : list of Verdict
        Comparisons that the test made.
    outcome, reason : str
        ``inconclusive`` or ``unavailable``, and why; empty for any other outcome.
    """

    events: list[list[Any]]
    verdicts: list[Verdict] = field(default_factory=list)
    outcome: str = ""
    reason: str = ""

    def attach(self, report: pytest.TestReport) -> None:
        """Put the note on a report; text survives every transport between processes."""
        setattr(report, ATTRIBUTE, json.dumps(asdict(self)))

    @classmethod
    def of(cls, report: Any) -> Note | None:
        """Return the note on a report, if it has one."""
        text = getattr(report, ATTRIBUTE, None)
        if not isinstance(text, str):
            return None
        content = json.loads(text)
        verdicts = [Verdict(**verdict) for verdict in content["verdicts"]]
        return cls(content["events"], verdicts, content["outcome"], content["reason"])


class Collector:
    """Merges the notes of all processes.

    Parameters
    ----------
    started : float
        When the run began, on the monotonic clock.
    """

    def __init__(self, started: float) -> None:
        self._started = started
        self.totals = Totals()
        self.verdicts: list[Verdict] = []
        self.undecided: list[tuple[str, str, str]] = []
        self.concerned = False
        self.judged = False

    def add(self, report: pytest.TestReport) -> None:
        """Take the note of one report."""
        note = Note.of(report)
        if note is None:
            return
        self.concerned = True
        self.totals.add(note.events)
        self.verdicts += [verdict for verdict in note.verdicts if verdict not in self.verdicts]
        if note.outcome:
            self.undecided.append((note.outcome, report.nodeid, note.reason))
        elif report.when == "call" and (report.outcome != "skipped" or hasattr(report, "wasxfail")):
            self.judged = True

    @property
    def judged_nothing(self) -> bool:
        """Whether tests of ours were selected and none of them came to a verdict."""
        return self.concerned and not self.judged

    def lines(self) -> Iterator[str]:
        """Yield the lines of the summary."""
        yield from map(verdict_line, self.verdicts)
        told = {(verdict.result, verdict.test) for verdict in self.verdicts}
        for outcome, nodeid, reason in self.undecided:
            if (outcome, nodeid) not in told:
                yield outcome_line(outcome, reason, nodeid)
        for model, totals in self.totals.models.items():
            yield totals_line(model, totals, 0.0 if model.partition("?")[0] == "observer" else None)
        if self.judged_nothing:
            yield "no test was judged: every test of a model was skipped, inconclusive or unavailable"

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: Any) -> tuple[str, str, str] | None:
        """Give outcomes of our own their own letter and word."""
        note = Note.of(report) if report.failed else None
        if note is None or not note.outcome:
            return None
        return note.outcome, note.outcome[0].upper(), note.outcome.upper()

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Make sure that a run that judged nothing is not green."""
        if self.judged_nothing and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Print estimates, outcomes and totals."""
        lines = list(self.lines())
        if lines:
            seconds = time.monotonic() - self._started
            terminalreporter.section(f"perception ({seconds:.1f} s)")
            for line in lines:
                terminalreporter.line(line)
