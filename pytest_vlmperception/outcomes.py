"""What the tests of a run came to, and the code that the run exits with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, MutableSequence, Sequence
from enum import IntEnum
from typing import Any

import pytest

from pytest_vlmperception.errors import Inconclusive, Unavailable
from pytest_vlmperception.options import SHARED
from pytest_vlmperception.records import UNDECIDED, Ending, Verdict

__all__ = [
    "OUTCOME",
    "RunExit",
    "TestEndings",
    "forget_outcome",
    "head_message",
    "note_outcome",
    "outcome_in",
    "undecided",
]

# Name of the property, of a report and in JUnit XML, that holds what a test of a model came to.
OUTCOME = "vlm_outcome"

# The worst first: what the phases of a test come to together.
OUTCOMES = ("failed", "inconclusive", "unavailable", "skipped", "passed")

SKIPPED = "Skipped: "


class RunExit(IntEnum):
    """Exit codes beside those of pytest, 0 to 5.

    Attributes
    ----------
    INCONCLUSIVE
        Nothing failed, but at least one test has answers that decide nothing.
    UNAVAILABLE
        Nothing failed, and all that is undecided is for want of answers: asking again later may settle it.
    """

    INCONCLUSIVE = 10
    UNAVAILABLE = 11


def undecided(error: BaseException | None, verdicts: Sequence[Verdict]) -> str:
    """Name the outcome that an exception stands for; empty where the test simply failed, or did not.

    A comparison that did not hold is a failure, whatever else could not be decided.
    """
    if any(verdict.result == "failed" for verdict in verdicts):
        return ""
    if isinstance(error, Unavailable):
        return "unavailable"
    return "inconclusive" if isinstance(error, Inconclusive) else ""


def head_message(report: pytest.TestReport, outcome: str, error: BaseException | None) -> None:
    """Begin the message of an undecided report with its outcome, for those who read no more than that."""
    crash = getattr(report.longrepr, "reprcrash", None)
    if outcome in UNDECIDED and crash is not None:
        crash.message = f"{outcome}: {error}"


def note_outcome(item: pytest.Item, report: pytest.TestReport, outcome: str) -> None:
    """Put what a test came to so far among the properties of a report.

    Parameters
    ----------
    item : pytest.Item
        The test; it carries the property on to its next report.
    report : pytest.TestReport
        The report of a phase.
    outcome : str
        ``inconclusive`` or ``unavailable``; anything else leaves it to the report.
    """
    now = min(outcome_in(item.user_properties) or "passed", phase_outcome(report, outcome), key=OUTCOMES.index)
    for properties in (item.user_properties, report.user_properties):
        forget(properties, OUTCOME)
        properties.append((OUTCOME, now))


def outcome_in(properties: Iterable[tuple[str, object]]) -> str:
    """Return what a test came to so far; empty where it is none of a model."""
    found = [str(value) for name, value in properties if name == OUTCOME]
    # A test may record a property of this name, too.
    return next((outcome for outcome in found if outcome in OUTCOMES), "")


def forget_outcome(item: pytest.Item) -> None:
    """Take away what a test came to, and compared, when it was run before."""
    forget(item.user_properties, OUTCOME, SHARED)


def forget(properties: MutableSequence[tuple[str, object]], *names: str) -> None:
    """Remove the properties of these names."""
    properties[:] = [(name, value) for name, value in properties if name not in names]


def phase_outcome(report: pytest.TestReport, outcome: str) -> str:
    """Return what one phase of a test came to."""
    if report.failed:
        return outcome if outcome in UNDECIDED else "failed"
    return "skipped" if report.skipped else "passed"


def reason_of(report: pytest.TestReport) -> str:
    """Return in one line why a test failed or was skipped; empty where it was neither."""
    if report.passed or report.longrepr is None:
        return ""
    if report.skipped and hasattr(report, "wasxfail"):
        return f"expected to fail: {report.wasxfail}".removesuffix(": ")
    crash = getattr(report.longrepr, "reprcrash", None)
    if isinstance(report.longrepr, tuple | list):
        text = str(report.longrepr[2]).removeprefix(SKIPPED)
    else:
        text = str(report.longrepr) if crash is None else str(crash.message)
    return text.partition("\n")[0]


class TestEndings:
    """What each test came to over its phases; where it was run again, the last run counts."""

    __test__ = False

    def __init__(self) -> None:
        self._endings: dict[str, Ending] = {}
        # Models of tests whose setup is done, by node id.
        self._begun: dict[str, str] = {}
        self._undecided: Counter[str] = Counter()
        self.reruns: Counter[str] = Counter()

    def __iter__(self) -> Iterator[Ending]:
        return iter(self._endings.values())

    def add(self, report: pytest.TestReport, model: str, reason: str) -> None:
        """Take the report of a phase of a test of a model.

        Parameters
        ----------
        report : pytest.TestReport
            The report, with the outcome among its properties.
        model : str
            Name of the model under test; empty where the test has none, or several.
        reason : str
            Why it is not decided; empty where it is.
        """
        outcome = outcome_in(report.user_properties)
        if not outcome:
            return
        if report.when == "setup" and report.passed:
            self._begun[report.nodeid] = model
            return
        if report.failed and phase_outcome(report, outcome) in UNDECIDED:
            self._undecided[report.nodeid] += 1
        self._end(Ending(report.nodeid, model, outcome, reason or reason_of(report)))

    def went_down(self, report: pytest.TestReport) -> bool:
        """Take the report of a test that a process did not survive; tell whether it is one of a model."""
        begun = report.nodeid in self._begun
        if begun:
            self._end(Ending(report.nodeid, self._begun[report.nodeid], "failed", reason_of(report)))
        return begun

    def _end(self, ending: Ending) -> None:
        before = self._endings.get(ending.nodeid)
        # A phase that passed has no reason of its own.
        if before is None or before.outcome != ending.outcome or not before.reason:
            self._endings[ending.nodeid] = ending

    def supersede(self, report: Any) -> bool:
        """Tell whether another run of the test follows this one, by pytest-rerunfailures; then forget this one."""
        nodeid, attempt = report.nodeid, getattr(report, "rerun", self.reruns[report.nodeid])
        if not outcome_in(report.user_properties):
            return False
        if report.outcome == "rerun":
            self.reruns[nodeid] = attempt + 1
            self._endings.pop(nodeid, None)
            self._undecided.pop(nodeid, None)
        elif attempt >= self.reruns[nodeid]:
            return False
        # JUnit XML has a case for each run.
        forget(report.user_properties, OUTCOME, SHARED)
        return True

    def exit_code(self, failed: int) -> int:
        """Return the code for a run in which so many reports failed, those of other tests included."""
        count = self._undecided.total()
        if not count or failed > count:
            return pytest.ExitCode.TESTS_FAILED
        unavailable = all(ending.outcome != "inconclusive" for ending in self)
        return RunExit.UNAVAILABLE if unavailable else RunExit.INCONCLUSIVE
