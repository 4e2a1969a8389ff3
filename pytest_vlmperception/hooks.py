"""Hooks around tests, registered once a test of a model or an estimate is collected."""

from __future__ import annotations

import json
from collections.abc import Generator
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import pytest

from pytest_vlmperception.collector import Collector, Note
from pytest_vlmperception.errors import CannotJudge, Inconclusive, PerceptionError, Unavailable
from pytest_vlmperception.gate import VerdictJudge, explain
from pytest_vlmperception.options import settings_of
from pytest_vlmperception.records import JUDGE, Estimate, Verdict
from pytest_vlmperception.runs import RunId
from pytest_vlmperception.session import Run, model_specs

__all__ = ["TestHooks", "explained"]

T = TypeVar("T")
Wrapper = Generator[None, T, T]

# Folders whose files are none of the user's.
OTHERS = ("pytest_vlmperception", "_pytest", "pluggy", "concurrent")
FLIPPED = {">=": "<=", ">": "<", "<=": ">=", "<": ">"}


class TestHooks:
    """Judges the comparisons of each test and turns outcomes into reports.

    Parameters
    ----------
    config : pytest.Config
        The configuration.
    run_id : RunId
        The same in all processes of the run.
    """

    __test__ = False

    def __init__(self, config: pytest.Config, run_id: RunId) -> None:
        self._config = config
        self._run_id = run_id
        self._settings = settings_of(config)
        self._verdicts: list[Verdict] = []
        self._explanations: list[list[str]] = []

    @cached_property
    def run(self) -> Run:
        """The run's models and store, made when a test first needs a model."""
        specs = model_specs(self._config, self._settings.models, self._run_id.trusted)
        return Run(self._settings, specs, self._run_id, shared=hasattr(self._config, "workerinput"))

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any, request: pytest.FixtureRequest) -> Wrapper[object]:
        """Look ahead for the batches made in a fixture, and judge its comparisons under its own name."""
        if fixturedef.argname in ("vlm", "vlms"):
            return (yield)
        judge = self._judge_for(f"{request.node.nodeid} ({fixturedef.argname})", request._pyfuncitem)
        token = JUDGE.set(judge)
        try:
            with self.run.look_ahead.inside_fixture(fixturedef.argname, request):
                return (yield)
        finally:
            JUDGE.reset(token)
            self._verdicts += judge.verdicts

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Wrapper[None]:
        """Run the fixtures of a test."""
        return (yield from self._phase(item))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Wrapper[None]:
        """Run the body of a test."""
        return (yield from self._phase(item))

    def _phase(self, item: pytest.Item) -> Wrapper[None]:
        self.run.look_ahead.enter_test(item.nodeid)
        judge = self._judge_for(item.nodeid, item)
        token = JUDGE.set(judge)
        try:
            return (yield)
        except CannotJudge as reason:
            raise skipped(reason) from None
        except Unavailable as reason:
            if self._settings.unavailable == "skip":
                raise skipped(reason) from None
            raise
        finally:
            JUDGE.reset(token)
            self._verdicts += judge.verdicts
            self._explanations += judge.explanations

    def _judge_for(self, name: str, item: Any) -> VerdictJudge:
        model = getattr(item, "callspec", None) and item.callspec.params.get("vlm")
        return VerdictJudge(name, str(model or ""), self._settings.gate)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Wrapper[pytest.TestReport]:
        """Attach what the test found to its report."""
        error = call.excinfo.value if call.excinfo else None
        # The message says what to do; lines of ours and of pytest do not.
        ours = isinstance(error, PerceptionError) and not end_at_users_line(error.__traceback__)
        verdicts, self._verdicts = self._verdicts, []
        item.user_properties += [("vlmperception", json.dumps(asdict(verdict))) for verdict in verdicts]
        report = yield
        if ours and report.failed:
            report.longrepr = f"{type(error).__name__}: {error}"
        explanations, self._explanations = self._explanations, []
        if report.failed:
            # Inside all(), a helper of the user's or plain asserts, pytest has no place for them.
            text = str(report.longrepr)
            report.sections += [("estimate", "\n".join(lines)) for lines in explanations if lines[0] not in text]
        outcome = outcome_of(error) if report.failed else ""
        note = Note(self.run.ledger.drain(), verdicts, outcome, str(error) if outcome else "")
        if concerns_model(item) or note.events or note.verdicts:
            note.attach(report)
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """Drop what is queued, wait for what is in flight, and report what was counted since the last test."""
        self.run.close()
        events = self.run.ledger.drain()
        if hasattr(self._config, "workeroutput"):
            self._config.workeroutput["vlmperception"] = json.dumps(events)
            return
        collector = self._config.pluginmanager.get_plugin("vlmperception-collector")
        if isinstance(collector, Collector):
            collector.totals.add(events)


def concerns_model(item: Any) -> bool:
    """Tell whether a test uses a model under test."""
    return not {"vlm", "vlms"}.isdisjoint(getattr(item, "fixturenames", ()))


def outcome_of(error: BaseException | None) -> str:
    """Name the outcome of our own that an exception stands for."""
    if isinstance(error, Unavailable):
        return "unavailable"
    return "inconclusive" if isinstance(error, Inconclusive) else ""


def skipped(reason: Exception) -> BaseException:
    """Return pytest's exception for a skipped test, reported at the test and not at this line."""
    return pytest.skip.Exception(str(reason), _use_item_location=True)


def end_at_users_line(traceback: TracebackType | None) -> bool:
    """Cut off the frames below the user's last line; False where none of the user's lines is there."""
    users = None
    while traceback is not None:
        if not set(OTHERS).intersection(Path(traceback.tb_frame.f_code.co_filename).parts):
            users = traceback
        traceback = traceback.tb_next
    if users is None:
        return False
    users.tb_next = None
    return True


def explained(comparator: str, left: object, right: object) -> list[str] | None:
    """Return the lines that explain ``left comparator right`` if one side is an estimate."""
    if not isinstance(left, Estimate):
        left, right, comparator = right, left, FLIPPED.get(comparator, comparator)
    if not isinstance(left, Estimate) or comparator not in FLIPPED:
        return None
    judge = JUDGE.get()
    policy = judge.policy if isinstance(judge, VerdictJudge) else "point"
    return explain(left, comparator, float(right), policy)  # type: ignore[arg-type]
