"""Gathers what the tests of all processes report, and says what it comes to."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from pytest_vlmperception.models.prices import Price
from pytest_vlmperception.money import planned_usd, spent_usd
from pytest_vlmperception.notes import Note
from pytest_vlmperception.options import Settings
from pytest_vlmperception.outcomes import RunExit, TestEndings
from pytest_vlmperception.records import (
    UNDECIDED,
    Comparison,
    Ending,
    Measurement,
    Observation,
    Totals,
    Verdict,
    counted,
)
from pytest_vlmperception.report import (
    outcome_line,
    plan_line,
    rerun_line,
    returned_line,
    totals_line,
    unstored_line,
    verdict_line,
)

__all__ = ["Collector", "Place", "Tested"]

# Where something was said: verb, prompt, item and batch.
Place = tuple[str, str, str, str]

# Name of the property by which a test shows lines at the end of the run: record_property("published", text).
SHOWN = "published"


@dataclass(frozen=True)
class Tested:
    """What became of one test of one model.

    Attributes
    ----------
    nodeid, location
        As of its report.
    outcome : str
        ``passed``, ``failed``, ``skipped``, ``inconclusive`` or ``unavailable``.
    """

    nodeid: str
    location: tuple[str, int | None, str]
    outcome: str


def belongs_to(verdict: Verdict, nodeid: str) -> bool:
    """Tell whether a comparison was made by a test, or by a fixture made for it alone."""
    return verdict.test == nodeid or verdict.test.startswith(f"{nodeid} (")


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
        # What is said of an upgrade, and the same as records.
        self.upgrade: list[str] = []
        self.comparisons: Sequence[Comparison] = ()
        self.nothing_compared = False
        # Node ids of the reports of comparisons, which have lines of their own.
        self.compared: set[str] = set()
        # By their text: a NaN is not equal to itself, and a fixture's verdict comes from each worker.
        self._verdicts: dict[str, Verdict] = {}
        # Place of each test in the order of collection: workers finish in any order.
        self._places: dict[str, int] = {}
        self.tests: dict[tuple[str, str], Tested] = {}
        self.measurements: dict[tuple[str, str, str, int, str], Measurement] = {}
        self.observations: dict[tuple[str, Place], Observation] = {}
        self._endings = TestEndings()
        self._skipped: Counter[str] = Counter()
        self.planned_to_the_end = True
        # Of any phase and process: in the order of arrival, each once.
        self._shown: dict[str, None] = {}
        self._closing: list[str] = []
        self._concerned = False
        self._judged = False
        self._turned_red = False
        # Whether a process went down, with what it had not reported.
        self.went_down = False

    def add(self, report: pytest.TestReport) -> None:
        """Take the note of one report."""
        note = Note.of(report)
        if note is None:
            return
        # Pytest keeps reports to the end: what is taken here is not kept twice.
        note.slim().attach(report)
        self.totals.add(note.events)
        if self._endings.supersede(report):
            self._keep_wider(note, report.nodeid)
            return
        self._shown.update((str(value), None) for name, value in report.user_properties if name == SHOWN)
        self._places.setdefault(report.nodeid, getattr(report, "item_index", len(self._places)))
        self._verdicts.update((repr(verdict), verdict) for verdict in note.verdicts)
        self._endings.add(report, note.model, note.reason)
        if note.outcome == "planned":
            self.planned_to_the_end = False
        elif note.outcome == "skipped":
            self._skipped[note.reason] += 1
        self._measured(report, note)
        if note.concerned and not note.reference:
            self._concerned = True
            ran = report.when == "call" and (not report.skipped or hasattr(report, "wasxfail"))
            self._judged |= ran and not note.outcome

    def place(self, measurement: Measurement) -> tuple[int, str, str, int]:
        """Return by what measurements are sorted: the place of the test, those of fixtures last."""
        test, model = measurement.test, measurement.model
        tested, last = self.tests.get((test, model)), len(self._places)
        return self._places.get(tested.nodeid, last) if tested else last, test, model, measurement.ordinal

    def _measured(self, report: pytest.TestReport, note: Note) -> None:
        """Keep what a test came to, and what it measured, for comparisons."""
        for each in note.measurements:
            self.measurements[(each.model, *each.key)] = each
        for batch, said in note.observations:
            self.observations[said.model, (said.verb, said.prompt, said.item, batch)] = said
        if note.concerned and (report.when == "call" or not report.passed or note.reference not in ("", "passed")):
            outcome = note.reference or note.outcome or report.outcome
            self.tests[note.test, note.subject] = Tested(report.nodeid, report.location, outcome)

    def _keep_wider(self, note: Note, nodeid: str) -> None:
        """Forget what a test compared that is run again, but not what its wider fixtures did: they are not."""
        self._verdicts.update((repr(v), v) for v in note.verdicts if v.result in ("passed", "not held"))
        self._verdicts = {text: v for text, v in self._verdicts.items() if not belongs_to(v, nodeid)}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the report of a test whose worker went down, which has no note."""
        if report.failed and Note.of(report) is None:
            self.went_down |= self._endings.went_down(report)

    def say(self, line: str) -> None:
        """Add a line to the end of the summary."""
        self._closing.append(line)

    def verdicts(self) -> list[Verdict]:
        """Return what was compared, in the order of collection; then what fixtures compared."""
        last = len(self._places)
        return sorted(self._verdicts.values(), key=lambda v: (self._places.get(v.test, last), v.test))

    def endings(self) -> list[Ending]:
        """Return what each test of a model came to, in the order of collection."""
        return sorted(self._endings, key=lambda ending: self._places[ending.nodeid])

    @property
    def seconds(self) -> float:
        """How long the run takes so far."""
        return time.monotonic() - self._started

    def lines(self) -> Iterator[str]:
        """Yield the lines of the summary."""
        verdicts = self.verdicts()
        yield from map(verdict_line, verdicts)
        told = {(verdict.result, verdict.test) for verdict in verdicts}
        for ending in self.endings():
            if ending.nodeid in self.compared:
                continue
            if ending.outcome in UNDECIDED and (ending.outcome, ending.nodeid) not in told:
                yield outcome_line(ending.outcome, ending.reason, ending.nodeid)
        for text in () if self._settings.plan else self._shown:
            yield from text.splitlines()
        for reason, count in self._skipped.items():
            yield outcome_line("skipped", reason, counted(count, "test"))
        yield from self.upgrade
        for model, totals in self.totals.models.items():
            if self._settings.plan:
                low, high = planned_usd(totals, self._prices())
                calls = self._settings.concurrency
                yield plan_line(model, totals, low, high, calls, exact=self.planned_to_the_end)
            else:
                yield totals_line(model, totals, spent_usd(totals, self._prices()))
            stored, new = (totals.returned_with(keys) for keys in (totals.hits, totals.tokens))
            changed = returned_line(model, stored, new, replayed=self._settings.replay is not None)
            if changed:
                yield changed
        if self.totals.unstored and self._settings.cache != "off":
            reasons = Counter(reason for reason, _ in self.totals.unstored.values())
            yield unstored_line(len(self.totals.unstored), self._settings.cache_dir, reasons.most_common(1)[0][0])
        if self._endings.reruns:
            yield rerun_line(self._endings.reruns.total(), len(self._endings.reruns))
        yield from self._closing
        if self.nothing_compared:
            yield f"nothing was compared with {self._settings.against}, so the run is not green"
        if self._turned_red:
            yield "no test was judged, so the run is not green: each test of a model was skipped"

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: Any) -> tuple[str, str, str] | None:
        """Give outcomes of our own their own letter and word."""
        note = Note.of(report)
        if note is not None and note.reference:
            ended = report.when == "call" or report.skipped
            return ("reference", "r", "REFERENCE") if ended else ("", "", "")
        if note is None or not note.outcome or not report.failed:
            return None
        return note.outcome, note.outcome[0].upper(), note.outcome.upper()

    # After syrupy, which mixes its own code with pytest's bit by bit.
    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Tell undecided from failed; make sure that a run that judged nothing is not green, and that a plan is."""
        if self._settings.plan and self._concerned:
            if session.exitstatus == pytest.ExitCode.TESTS_FAILED:
                session.exitstatus = pytest.ExitCode.OK
            return
        rehearsal = session.config.option.setuponly or session.config.option.setupplan
        if self._concerned and not self._judged and not rehearsal and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
            self._turned_red = True
        elif self.nothing_compared and self._concerned and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = RunExit.INCONCLUSIVE
        elif session.exitstatus == pytest.ExitCode.TESTS_FAILED:
            session.exitstatus = self._endings.exit_code(session.testsfailed)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Print estimates, outcomes and totals."""
        lines = list(self.lines())
        if lines:
            terminalreporter.section(f"perception ({self.seconds:.1f} s)")
            for line in lines:
                terminalreporter.line(line)
