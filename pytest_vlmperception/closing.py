"""What becomes of the reports of a run: they are taken in, compared, and written down when it is over."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from pytest_vlmperception import options
from pytest_vlmperception.errors import PerceptionError
from pytest_vlmperception.options import COLLECTOR, SHARED
from pytest_vlmperception.parts import (
    collector_of,
    is_rehearsal,
    is_worker,
    keep_snapshots,
    run_id_of,
    tell_for_workers,
)

__all__ = ["HOLDS", "Reports"]

# The fixture of snapshots, by which their tests are known in every process.
HOLDS = "percept_snapshot"


class Reports:
    """Hands reports that carry a note to the collector: a controller collects no tests itself."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the note of a report."""
        if report.failed and HOLDS in report.keywords:
            keep_snapshots(self._config)
        if hasattr(report, SHARED) and not is_worker(self._config):
            collector_of(self._config).add(report)
            if hasattr(report, "node"):
                tell_for_workers(self._config)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        """Compare with another model, prompt or run what was measured, also if the run was ended early."""
        try:
            result = yield
        except (session.Failed, session.Interrupted, KeyboardInterrupt, pytest.exit.Exception):
            # That of pytest-xdist, which -x raises there, is a KeyboardInterrupt.
            self._compare(session)
            raise
        self._compare(session)
        return result

    def _compare(self, session: pytest.Session) -> None:
        settings = options.settings_of(self._config)
        asked = settings.against is not None and not settings.plan and not is_rehearsal(self._config)
        if asked and not is_worker(self._config) and self._config.pluginmanager.has_plugin(COLLECTOR):
            from pytest_vlmperception.upgrades import Upgrades

            Upgrades(self._config, collector_of(self._config), run_id_of(self._config)).compare(session)

    def pytest_keyboard_interrupt(self) -> None:
        """Keep all snapshots, whatever code the run exits with."""
        keep_snapshots(self._config)

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, object, object]:
        """When the code to exit with is known: write what was asked for, explain what was not in the store."""
        result = yield
        if not is_worker(self._config):
            settings = options.settings_of(self._config)
            if self._config.pluginmanager.has_plugin(COLLECTOR):
                self._finish(session, settings)
            if settings.json is not None:
                self._document(session, settings.json)
        return result

    def _finish(self, session: pytest.Session, settings: options.Settings) -> None:
        if settings.record is not None:
            self._record(session, settings, settings.record)
        if settings.explain_miss:
            self._explain(settings)
        if settings.plan:
            self._tell_power(settings)
        elif (settings.save or settings.bless) and not is_rehearsal(self._config):
            self._save(session, settings)

    def _document(self, session: pytest.Session, path: Path) -> None:
        from pytest_vlmperception.documents import write_document

        collector = collector_of(self._config)
        try:
            write_document(session, collector, run_id_of(self._config).trusted, path)
        except PerceptionError as error:
            collector.say(str(error))
            session.exitstatus = pytest.ExitCode.USAGE_ERROR

    def _tell_power(self, settings: options.Settings) -> None:
        from pytest_vlmperception.powers import power_lines

        collector = collector_of(self._config)
        for line in power_lines(self._config, settings, collector):
            collector.say(line)

    def _save(self, session: pytest.Session, settings: options.Settings) -> None:
        from pytest_vlmperception.saving import save

        collector = collector_of(self._config)
        try:
            collector.say(save(session, settings, collector, run_id_of(self._config).trusted))
        except PerceptionError as error:
            collector.say(str(error))
            if session.exitstatus == pytest.ExitCode.OK:
                session.exitstatus = pytest.ExitCode.USAGE_ERROR

    def _explain(self, settings: options.Settings) -> None:
        from pytest_vlmperception.session import explain_misses

        collector = collector_of(self._config)
        try:
            for line in explain_misses(settings, run_id_of(self._config), collector.totals):
                collector.say(line)
        except PerceptionError as error:
            collector.say(str(error))

    def _record(self, session: pytest.Session, settings: options.Settings, path: Path) -> None:
        from pytest_vlmperception.session import record

        collector = collector_of(self._config)
        try:
            count = record(settings, run_id_of(self._config), collector.totals, path)
            collector.say(f"{count} replies recorded in {path}")
        except (PerceptionError, OSError) as error:
            collector.say(str(error))
            session.exitstatus = pytest.ExitCode.USAGE_ERROR
