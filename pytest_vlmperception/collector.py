"""Gathers what the tests of all processes report, and says what it comes to."""

from __future__ import annotations

import json
import math
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, is_dataclass
from typing import Any

import pytest

from pytest_vlmperception.models.prices import Price
from pytest_vlmperception.money import planned_usd, spent_usd
from pytest_vlmperception.options import SHARED, Settings
from pytest_vlmperception.records import Totals, Verdict, counted
from pytest_vlmperception.report import outcome_line, plan_line, totals_line, unstored_line, verdict_line

__all__ = ["Collector", "Note", "strict_json"]

# Of request.node.user_properties: what a test has under this name is shown at the end of the run.
SHOWN = "published"


@dataclass(frozen=True)
class Note:
    """What one report of a test carries to the controller, as one JSON text.

    Attributes
    ----------
    events : sequence
        Drained from the ledger: of any test, because calls are made in the background.
    verdicts : list of Verdict
        Comparisons that the test made.
    outcome, reason : str
        ``inconclusive``, ``unavailable`` or ``skipped`` for want of an answer, and why; else empty.
    concerned : bool
        Whether the test uses a model or compared an estimate.
    """

    events: Sequence[Sequence[Any]]
    verdicts: list[Verdict] = field(default_factory=list)
    outcome: str = ""
    reason: str = ""
    concerned: bool = False

    def attach(self, report: pytest.TestReport) -> None:
        """Put the note on a report; text survives every transport between processes."""
        setattr(report, SHARED, json.dumps(asdict(self)))

    @classmethod
    def of(cls, report: Any) -> Note | None:
        """Return the note on a report, if it has one."""
        text = getattr(report, SHARED, None)
        if not isinstance(text, str):
            return None
        content = json.loads(text)
        return cls(**{**content, "verdicts": [Verdict(**verdict) for verdict in content["verdicts"]]})


def strict_json(value: Any) -> str:
    """Return JSON that strict readers take: what is not a number is null."""
    content = asdict(value) if is_dataclass(value) and not isinstance(value, type) else value
    if isinstance(content, dict):
        content = {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in content.items()}
    return json.dumps(content, allow_nan=False)


class Collector:
    """Merges the notes of all processes.

    Parameters
    ----------
    started : float
        When the run began, on the monotonic clock.
    settings : Settings
        The options.
    prices : callable
        Returns the prices that the project sets.
    """

    def __init__(self, started: float, settings: Settings, prices: Callable[[], Mapping[str, Price]]) -> None:
        self._started = started
        self._settings = settings
        self._prices = prices
        self.totals = Totals()
        # By their text: a NaN is not equal to itself, and a fixture's verdict comes from each worker.
        self._verdicts: dict[str, Verdict] = {}
        # Place of each test in the order of collection: workers finish in any order.
        self._places: dict[str, int] = {}
        self._undecided: dict[tuple[str, str], str] = {}
        self._skipped: Counter[str] = Counter()
        self._planned_to_the_end = True
        # Of any phase and process: in the order of arrival, each once.
        self._shown: dict[str, None] = {}
        self._closing: list[str] = []
        self._concerned = False
        self._judged = False
        self._turned_red = False

    def add(self, report: pytest.TestReport) -> None:
        """Take the note of one report."""
        note = Note.of(report)
        if note is None:
            return
        self.totals.add(note.events)
        self._shown.update((str(value), None) for name, value in report.user_properties if name == SHOWN)
        self._places.setdefault(report.nodeid, getattr(report, "item_index", len(self._places)))
        self._verdicts.update((repr(verdict), verdict) for verdict in note.verdicts)
        if note.outcome == "planned":
            self._planned_to_the_end = False
        elif note.outcome == "skipped":
            self._skipped[note.reason] += 1
        elif note.outcome and report.failed:
            self._undecided[(note.outcome, report.nodeid)] = note.reason
        if note.concerned:
            self._concerned = True
            ran = report.when == "call" and (not report.skipped or hasattr(report, "wasxfail"))
            self._judged |= ran and not note.outcome

    def say(self, line: str) -> None:
        """Add a line to the end of the summary."""
        self._closing.append(line)

    def lines(self) -> Iterator[str]:
        """Yield the lines of the summary."""
        last = len(self._places)
        verdicts = sorted(self._verdicts.values(), key=lambda verdict: self._places.get(verdict.test, last))
        yield from map(verdict_line, verdicts)
        told = {(verdict.result, verdict.test) for verdict in verdicts}
        undecided = sorted(self._undecided.items(), key=lambda item: self._places[item[0][1]])
        for (outcome, nodeid), reason in undecided:
            if (outcome, nodeid) not in told:
                yield outcome_line(outcome, reason, nodeid)
        for text in () if self._settings.plan else self._shown:
            yield from text.splitlines()
        for reason, count in self._skipped.items():
            yield outcome_line("skipped", reason, counted(count, "test"))
        for model, totals in self.totals.models.items():
            if self._settings.plan:
                low, high = planned_usd(totals, self._prices())
                calls = self._settings.concurrency
                yield plan_line(model, totals, low, high, calls, exact=self._planned_to_the_end)
            else:
                yield totals_line(model, totals, spent_usd(totals, self._prices()))
        if self.totals.unstored and self._settings.cache != "off":
            reasons = Counter(reason for reason, _ in self.totals.unstored.values())
            yield unstored_line(len(self.totals.unstored), self._settings.cache_dir, reasons.most_common(1)[0][0])
        yield from self._closing
        if self._turned_red:
            yield "no test was judged, so the run is not green: each test of a model was skipped"

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: Any) -> tuple[str, str, str] | None:
        """Give outcomes of our own their own letter and word."""
        note = Note.of(report) if report.failed else None
        if note is None or not note.outcome:
            return None
        return note.outcome, note.outcome[0].upper(), note.outcome.upper()

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Make sure that a run that judged nothing is not green, and that a plan is."""
        if self._settings.plan and self._concerned:
            if session.exitstatus == pytest.ExitCode.TESTS_FAILED:
                session.exitstatus = pytest.ExitCode.OK
            return
        rehearsal = session.config.option.setuponly or session.config.option.setupplan
        if self._concerned and not self._judged and not rehearsal and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
            self._turned_red = True

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Print estimates, outcomes and totals."""
        lines = list(self.lines())
        if lines:
            seconds = time.monotonic() - self._started
            terminalreporter.section(f"perception ({seconds:.1f} s)")
            for line in lines:
                terminalreporter.line(line)
