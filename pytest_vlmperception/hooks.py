"""Hooks around tests, registered once a test of a model, or one that may hold estimates, is collected."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import pytest

import pytest_vlmperception
from pytest_vlmperception.callers import Callers
from pytest_vlmperception.calling import Ledger, Planned
from pytest_vlmperception.collector import Collector
from pytest_vlmperception.durable import durable_id, fixture_name
from pytest_vlmperception.errors import CannotJudge, MissingData, PerceptionError, Unavailable
from pytest_vlmperception.gate import VerdictJudge
from pytest_vlmperception.lookahead import ItemsAhead, models_of, params_of
from pytest_vlmperception.marks import check_prompts, is_reference, margin_of, policy_of
from pytest_vlmperception.models import ModelSpec
from pytest_vlmperception.notes import Note, strict_json
from pytest_vlmperception.options import COLLECTOR, MODEL_FIXTURES, SHARED, settings_of
from pytest_vlmperception.outcomes import forget_outcome, head_message, note_outcome, outcome_in, undecided
from pytest_vlmperception.records import JUDGE, Verdict
from pytest_vlmperception.runs import RunId
from pytest_vlmperception.session import Run, model_specs, price_overrides, references_of
from pytest_vlmperception.telling import Telling, telling_of

__all__ = ["TestHooks"]

T = TypeVar("T")
Wrapper = Generator[None, T, T]

HOME = Path(pytest_vlmperception.__file__).parent


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
        self._look_ahead = ItemsAhead(self._settings.measures and not self._settings.plan)
        self._ledger = Ledger()
        # One judge in one context for the session: what a fixture or an event loop of an earlier test
        # has copied is still the judge of the test that runs now.
        self._judge = VerdictJudge("", "", self._settings.gate)
        self._judge.measuring = self._settings.measures or self._settings.plan
        self._token = JUDGE.set(self._judge)

    @cached_property
    def run(self) -> Run:
        """The models under test, made when a test first needs one."""
        specs = model_specs(self._config, self._settings.models, self._run_id.trusted)
        named = (self._settings.judge,) if self._settings.judge else ()
        judge = next(iter(model_specs(self._config, named, self._run_id.trusted).values()), None)
        shared = hasattr(self._config, "workerinput")
        overrides = price_overrides(self._config)
        announcing = self._telling.announcing
        callers = Callers(self._settings, self._run_id, self._ledger, overrides, shared, announcing)
        self._telling.start()
        references = references_of(self._config, self._settings, self._run_id.trusted)
        return Run(specs, callers, self._look_ahead, self._settings.valid_share, judge, references, self._image_specs)

    def _image_specs(self) -> dict[str, ModelSpec]:
        return model_specs(self._config, self._settings.image_models, self._run_id.trusted, images=True)

    @cached_property
    def _telling(self) -> Telling:
        return telling_of(self._config, self._run_id, self._ledger, price_overrides(self._config))

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any, request: pytest.FixtureRequest) -> Wrapper[object]:
        """Look ahead for the batches made in a fixture, and judge its comparisons under its own name."""
        if fixturedef.argname in MODEL_FIXTURES:
            return (yield)
        with self._judged_as(fixturedef.argname, request), self._look_ahead.inside_fixture(fixturedef.argname, request):
            return (yield)

    @contextmanager
    def _judged_as(self, fixture: str, request: pytest.FixtureRequest) -> Iterator[None]:
        judge, node = self._judge, request.node
        before = judge.test, judge.durable, judge.policy, judge.margin
        if request.scope != "function":
            # Whichever test comes first sets it up.
            judge.policy, judge.margin = self._settings.gate, None
            fixture = fixture_name(request._pyfuncitem, fixture)
        judge.test = f"{node.nodeid} ({fixture})"
        judge.durable = f"{durable_id(node)} ({fixture})"
        try:
            yield
        finally:
            judge.test, judge.durable, judge.policy, judge.margin = before

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Say which test runs from now on, its teardown included."""
        forget_outcome(item)
        self._look_ahead.enter_test(item.nodeid)
        judge = self._judge
        judge.test, judge.durable = item.nodeid, durable_id(item)
        judge.model = " + ".join(filter(None, models_of(item)))
        judge.subject = str(params_of(item).get("vlm", ""))
        judge.policy, judge.margin = policy_of(item, self._settings.gate), margin_of(item)
        judge.rehearsing = self._settings.plan and concerns_model(item)
        judge.referring = is_reference(item)
        judge.begin()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Wrapper[pytest.TestReport]:
        """Attach what the test found to its report, and give outcomes of our own their place."""
        verdicts, explanations = self._judge.drain()
        # The message says what to do; lines of ours and of pytest do not.
        error = call.excinfo.value if call.excinfo else None
        bare = isinstance(error, PerceptionError) and not end_at_users_line(error.__traceback__, item)
        item.user_properties += [(SHARED, strict_json(verdict)) for verdict in verdicts]
        report = yield
        error = call.excinfo.value if call.excinfo else None
        if self._settings.plan and report.when != "teardown" and concerns_model(item):
            # What stood in for answers is judged by nobody; an exception of the test's own is its business later.
            if report.when == "call" or isinstance(error, Planned | MissingData):
                skip(report, item, str(error) if isinstance(error, MissingData) else "planned")
            # Whatever ended the test, what it would have asked after that is not known.
            if not isinstance(error, MissingData | pytest.skip.Exception | None):
                error = Planned()
        elif self.skips(error) and report.failed:
            skip(report, item, str(error))
        elif report.failed:
            if bare:
                report.longrepr = f"{undecided(error, verdicts) or type(error).__name__}: {error}"
            head_message(report, undecided(error, verdicts), error)
            add_explanations(report, item, explanations)
        note = self._note(item, report, error, verdicts)
        if is_reference(item) and not report.skipped:
            note = replace(note, reference=note.outcome or report.outcome, outcome="", reason="", verdicts=[])
            excuse(report, item, error)
        elif note.concerned or note.outcome:
            note_outcome(item, report, note.outcome)
        if note.events or note.concerned or note.outcome:
            note.attach(report)
        return report

    def check_marks(self, items: Sequence[pytest.Item]) -> None:
        """Refuse marks and prompts that cannot be used, before anything is paid.

        Raises
        ------
        pytest.UsageError
            If one cannot.
        """
        for item in items:
            policy_of(item, self._settings.gate)
            margin_of(item)
        check_prompts(self._settings.prompts, items)

    def skips(self, error: BaseException | None) -> bool:
        """Tell whether an outcome is none of the model's: then the test is skipped with its reason."""
        if isinstance(error, Unavailable):
            return self._settings.unavailable == "skip"
        return isinstance(error, CannotJudge | MissingData)

    @property
    def rehearses(self) -> bool:
        """Whether stand-ins are read where there is no answer."""
        return self._settings.plan

    def other_first(self, item: pytest.Item) -> str:
        """Name the first model under test where a test is one of another, or of a reference; else empty."""
        params = params_of(item)
        for fixture, tested in (("image_model", self._settings.image_models), ("vlm", self._settings.models)):
            if fixture in params:
                images = fixture == "image_model"
                names = list(model_specs(self._config, tested, self._run_id.trusted, images=images))
                if params[fixture] in names[1:] or is_reference(item):
                    return names[0]
        return ""

    def _note(
        self, item: pytest.Item, report: pytest.TestReport, error: BaseException | None, verdicts: list[Verdict]
    ) -> Note:
        # The reason that a test of a model gives for a skip of its own is told, too: pytest tells it with -rs only.
        own = isinstance(error, pytest.skip.Exception) and concerns_model(item)
        outcome = "skipped" if own or self.skips(error) else undecided(error, verdicts)
        if self._settings.plan:
            outcome, verdicts = "planned" if isinstance(error, Planned) else outcome, []
        if report.passed:
            # A comparison that does not hold and fails no test was a question, not a requirement.
            verdicts = [replace(v, result="not held") if v.result == "failed" else v for v in verdicts]
        batches = self._look_ahead.batches(item) if self._settings.measures else ()
        return Note(
            # A test that is run again has no report of the teardown in between.
            events=self._ledger.drain() if report.when != "teardown" else [],
            verdicts=verdicts,
            outcome=outcome,
            reason=str(error) if outcome and error else "",
            concerned=concerns_model(item) or bool(verdicts) or bool(outcome_in(item.user_properties)),
            test=durable_id(item),
            model=" + ".join(filter(None, models_of(item))),
            subject=str(params_of(item).get("vlm", "")),
            measurements=[replace(each, batches=batches) for each in self._judge.measurements()],
            observations=self._look_ahead.observed(),
        )

    @pytest.hookimpl(tryfirst=True)
    def pytest_keyboard_interrupt(self) -> None:
        """Say why the run does not end at once."""
        if "run" in self.__dict__ and self.run.callers.in_flight():
            self._say("waiting for calls in flight, whose answers are kept; interrupt again to give them up")

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """Drop what is queued, wait for what is in flight, and report what was counted since the last test."""
        if "run" not in self.__dict__:
            return
        try:
            self.run.callers.close()
        except KeyboardInterrupt:
            # The second one: whoever presses it twice does not want to wait for what is in flight.
            self._say("calls in flight were given up")
        finally:
            self._telling.close()
        events = self._ledger.drain()
        if hasattr(self._config, "workeroutput"):
            self._config.workeroutput[SHARED] = strict_json(events)
            return
        collector = self._config.pluginmanager.get_plugin(COLLECTOR)
        if isinstance(collector, Collector):
            collector.totals.add(events)

    def _say(self, text: str) -> None:
        reporter = self._config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:
            reporter.write_line(f"perception: {text}")

    def pytest_unconfigure(self) -> None:
        """Leave the context as it was."""
        JUDGE.reset(self._token)


def add_explanations(report: pytest.TestReport, item: pytest.Item, explanations: list[list[str]]) -> None:
    """Add what is said of estimates and snapshots where the message of a failure lacks it."""
    # Inside all(), a helper of the user's or plain asserts, pytest has no place for them.
    text = str(report.longrepr)
    report.sections += [("estimate", "\n".join(lines)) for lines in explanations if lines[0] not in text]
    # Pytest cuts long explanations off.
    snapshot = getattr(item, "funcargs", {}).get("percept_snapshot")
    changes = getattr(snapshot, "explanations", [])
    report.sections += [("percept", "\n".join(lines)) for lines in changes if lines[-1] not in text]


def skip(report: pytest.TestReport, item: pytest.Item, reason: str) -> None:
    """Make a report one of a skipped test, at the test's own line."""
    path, line, _ = item.reportinfo()
    report.outcome = "skipped"
    report.longrepr = (os.fspath(path), (line or 0) + 1, f"Skipped: {reason}")


def excuse(report: pytest.TestReport, item: pytest.Item, error: BaseException | None) -> None:
    """Make a report one of a test that fails nothing; without its setup the test cannot be called."""
    if report.failed and report.when == "setup":
        skip(report, item, f"setup of a reference failed: {type(error).__name__}: {error}".partition("\n")[0])
    else:
        report.outcome, report.longrepr = "passed", None


def concerns_model(item: Any) -> bool:
    """Tell whether a test uses a model under test."""
    return not MODEL_FIXTURES.isdisjoint(getattr(item, "fixturenames", ()))


def end_at_users_line(traceback: TracebackType | None, item: pytest.Item) -> bool:
    """Cut off the frames below the user's last line; False where none of the user's lines is there."""
    users = None
    while traceback is not None:
        if is_users(Path(traceback.tb_frame.f_code.co_filename), item):
            users = traceback
        traceback = traceback.tb_next
    if users is None:
        return False
    users.tb_next = None
    return True


def is_users(path: Path, item: pytest.Item) -> bool:
    """Tell whether a file belongs to the suite of a test, or to the project around it."""
    if HOME in path.parents:
        return False
    # A virtual environment lies in the project, too; and a suite may lie in site-packages.
    in_project = item.config.rootpath in path.parents and "site-packages" not in path.parts
    return in_project or item.path.parent in path.parents
