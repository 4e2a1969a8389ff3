"""What an upgrade comes to: compared in the controller when all tests have run, one report for each estimate."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import pytest

from pytest_vlmperception.collector import Collector, Tested
from pytest_vlmperception.errors import BaselineError
from pytest_vlmperception.gate import (
    Compared,
    Table,
    change_lines,
    changed_models,
    compared,
    outdated,
    read_baseline,
    stale,
)
from pytest_vlmperception.notes import Note, strict_json
from pytest_vlmperception.opponents import Opponent, unique
from pytest_vlmperception.options import SHARED, Settings, settings_of
from pytest_vlmperception.outcomes import OUTCOME
from pytest_vlmperception.records import UNDECIDED, Comparison, ComparisonVerdict, Measurement, Observation
from pytest_vlmperception.report import changed_lines, comparison_line, not_compared_lines, upgrade_line
from pytest_vlmperception.runs import RunId
from pytest_vlmperception.session import baselines_folder, model_specs, references_of

__all__ = ["Upgrades"]

OF_NO_MODEL = "its test is of no model that --vlm-model names, so that there is nothing to hold it against"

OLD_ONLY = "measured of the old one only, as the new one's test did not come to it"


class Upgrades:
    """Compares what a run has measured, after its last test.

    Parameters
    ----------
    config : pytest.Config
        The configuration.
    collector : Collector
        What all tests came to.
    run_id : RunId
        The run.
    """

    def __init__(self, config: pytest.Config, collector: Collector, run_id: RunId) -> None:
        self._config = config
        self._collector = collector
        self._run_id = run_id
        self._settings = settings_of(config)

    def compare(self, session: pytest.Session) -> None:
        """Compare, and report what comes of it as further tests."""
        upgrade = upgrade_of(self._collector, self._settings, self.opponents())
        for report in upgrade.reports():
            session.testscollected += 1
            self._collector.compared.add(report.nodeid)
            self._config.hook.pytest_runtest_logreport(report=report)
            self._config.hook.pytest_runtest_logreport(report=end_of(report))
        self._collector.upgrade = list(upgrade.lines())
        self._collector.comparisons = upgrade.comparisons
        outcomes = (upgrade.outcome(each) for each in upgrade.comparisons)
        self._collector.nothing_compared = all(outcome == "skipped" for outcome in outcomes)
        self._rerun(upgrade)

    def opponents(self) -> list[Opponent]:
        """Return what each model under test is held against."""
        settings, trusted = self._settings, self._run_id.trusted
        names = list(model_specs(self._config, settings.models, trusted))
        against = settings.against
        if against is not None and against.kind == "baseline":
            return [self._baseline(against.name, name) for name in [*names, ""]]
        return [
            Opponent.of(self._collector, name, str(against), reference.name)
            for name in names
            for reference in references_of(self._config, settings, trusted)
            if reference.of in ("", name)
        ]

    def _baseline(self, name: str, model: str) -> Opponent:
        """Return a baseline as what a model is held against; the tests of no model have none."""
        shown = f"baseline {name}"
        try:
            baseline = read_baseline(baselines_folder(self._config), name)
        except BaselineError as error:
            why = str(error)
            return Opponent(model, shown, {}, {}, lambda new, old: why)
        measured = {each.key: each for each in baseline.measurements}
        said = unique(((each.verb, each.prompt, each.item, ""), each) for each in baseline.observations)
        totals = self._collector.totals.models.get(model)
        returned = changed_models(baseline, totals.returned) if totals is not None else ""

        def obstacle(new: Measurement, old: Measurement | None) -> str:
            if old is None:
                remedy = f'take it in with the model that you trust: --vlm-bless {name} --vlm-reason "..."'
                return f"baseline {name!r} has no such estimate; {remedy}"
            return outdated(baseline) or stale(old, new)

        return Opponent(model, shown, measured, said, obstacle, returned)

    def _rerun(self, upgrade: Upgrade) -> None:
        """Have ``--lf`` run the tests of a comparison that failed: it is none that can be run."""
        last_failed = self._config.pluginmanager.get_plugin("lfplugin")
        if last_failed is None:
            return
        for row, report in zip(upgrade.table.compared, upgrade.reports(), strict=True):
            if report.failed:
                last_failed.pytest_runtest_logreport(outcome_report(report.nodeid, report.location, "passed"))
                for tested in self._tests_of(row.new):
                    last_failed.pytest_runtest_logreport(outcome_report(tested.nodeid, tested.location, "failed"))

    def _tests_of(self, measurement: Measurement) -> list[Tested]:
        """Return the runs of the test that measured something; where a fixture did, of all tests that may use it."""
        tests, test = self._collector.tests, measurement.test
        found = [tested for (name, _), tested in tests.items() if name == test]
        place, of_fixture, _ = test.rpartition(" (")
        return found or [tested for (name, _), tested in tests.items() if of_fixture and name.startswith(place)]


def end_of(report: pytest.TestReport) -> pytest.TestReport:
    """Return the report of a teardown, with which JUnit XML takes the properties."""
    properties = report.user_properties
    return pytest.TestReport(report.nodeid, report.location, {}, "passed", None, "teardown", user_properties=properties)


def outcome_report(
    nodeid: str, location: tuple[str, int | None, str], outcome: Literal["passed", "failed"]
) -> pytest.TestReport:
    """Return a report that says no more than what a test came to."""
    return pytest.TestReport(nodeid, location, {}, outcome, None, "call")


@dataclass(frozen=True)
class Upgrade:
    """What the models under test are beside what they are held against.

    Attributes
    ----------
    opponents : sequence of Opponent
        One for each model under test.
    table : Table
        What became of each measurement.
    comparisons : sequence of Comparison
        The same as records, in the order of `table.compared`.
    collector : Collector
        What all tests came to.
    lenient : bool
        Whether those are skipped for which answers could not be had.
    """

    opponents: Sequence[Opponent]
    table: Table
    comparisons: Sequence[Comparison]
    collector: Collector
    lenient: bool

    def reports(self) -> Iterator[pytest.TestReport]:
        """Yield the report of each compared estimate."""
        for row, comparison in zip(self.table.compared, self.comparisons, strict=True):
            tested = self.collector.tests.get((row.new.test, row.new.model))
            yield report_of(row, comparison, tested, self.outcome(comparison))

    def outcome(self, comparison: Comparison) -> str:
        """Return what a comparison comes to as a test."""
        if not comparison.fails:
            return "passed"
        if comparison.verdict == "unavailable":
            return "skipped" if self.lenient else "unavailable"
        return "failed" if comparison.verdict == "worse" else "inconclusive"

    def lines(self) -> Iterator[str]:
        """Yield the lines of the table."""
        yield from map(comparison_line, self.comparisons)
        left_out = [(named(each), reason) for each, reason in self.table.left_out]
        strays = [(named(each), OF_NO_MODEL) for each in self._strays()]
        yield from not_compared_lines([*left_out, *strays, *self._unmeasured()])
        for opponent in self.opponents:
            both = self._both_said(opponent)
            if both:
                new, old = zip(*both, strict=True)
                yield from changed_lines(new, old, opponent.model if self.several else "")
        yield from filter(None, dict.fromkeys(opponent.note for opponent in self.opponents))
        for opponent in self.opponents:
            found = [each for each in self.comparisons if each.model == opponent.model]
            if opponent.model or found:
                yield upgrade_line(opponent.model or "tests of no model", opponent.name, found)

    @property
    def several(self) -> bool:
        """Whether there are several models under test."""
        return len({opponent.model for opponent in self.opponents if opponent.model}) > 1

    def _strays(self) -> list[Measurement]:
        """Return what was measured of no opponent, and is none itself."""
        known = {name for opponent in self.opponents for name in (opponent.model, opponent.reference)}
        strays = (each for each in self.collector.measurements.values() if each.model not in known)
        return sorted(strays, key=self.collector.place)

    def _unmeasured(self) -> Iterator[tuple[str, str]]:
        """Yield what was measured of an opponent only: its tests did not run, or did not come so far."""
        measured = self.collector.measurements.values()
        for opponent in filter(lambda each: each.model, self.opponents):
            ours = {each.key for each in measured if each.model in ("", opponent.model)}
            for each in (each for key, each in opponent.measurements.items() if key not in ours):
                where = f" with {opponent.model}" if self.several else ""
                yield named(each), f"{OLD_ONLY}{where}"

    def _both_said(self, opponent: Opponent) -> list[tuple[Observation, Observation]]:
        """Return what both have said of the same items."""
        said = {place: each for (of, place), each in self.collector.observations.items() if of == opponent.model}
        if not opponent.reference:
            said = unique(((*place[:3], ""), each) for place, each in said.items())
        return [(said[place], opponent.observations[place]) for place in sorted(said.keys() & opponent.observations)]


def upgrade_of(collector: Collector, settings: Settings, opponents: Sequence[Opponent]) -> Upgrade:
    """Compare whatever was measured of the models under test."""
    by_model = {opponent.model: opponent for opponent in opponents}
    new = sorted((m for m in collector.measurements.values() if m.model in by_model), key=collector.place)
    pairs = [by_model[each.model].pair(each) for each in new]
    table = compared(pairs, settings.margin, missing=lambda each: by_model[each.model].missing(each))
    rows = [comparison_of(row, by_model[row.new.model], collector) for row in table.compared]
    return Upgrade(opponents, table, rows, collector, lenient=settings.unavailable == "skip")


def named(measurement: Measurement) -> str:
    """Return what was measured, in words."""
    return f"{measurement.estimate.name} of {measurement.test}"


def comparison_of(row: Compared, opponent: Opponent, collector: Collector) -> Comparison:
    """Return a row of the table as a record."""
    change, new, old = row.change, row.new, row.old
    return Comparison(
        test=collector.tests[new.test, new.model].nodeid if (new.test, new.model) in collector.tests else new.test,
        model=new.model,
        against=opponent.name,
        name=new.estimate.name,
        verdict=verdict_of(row),
        new=new.estimate.value,
        old=old.estimate.value if old else math.nan,
        difference=change.difference.value if change else math.nan,
        low=change.difference.low if change else math.nan,
        high=change.difference.high if change else math.nan,
        margin=change.margin if change else math.nan,
        p=change.p if change else math.nan,
        adjusted=change.adjusted if change else math.nan,
        family=change.family if change else 0,
        n=change.difference.n if change else new.estimate.n,
        unit=new.estimate.unit,
        policy=new.policy,
        scale=new.estimate.scale,
        reason=row.reason or (change.reason if change else ""),
    )


def verdict_of(row: Compared) -> ComparisonVerdict:
    """Return the verdict on a row."""
    if row.change is None or not row.change.verdict:
        return "inconclusive"
    return row.change.verdict


def report_of(row: Compared, comparison: Comparison, tested: Tested | None, outcome: str) -> pytest.TestReport:
    """Return the report of one compared estimate, as if it were one more test."""
    place = tested.nodeid if tested else row.new.test
    label = f"{comparison.name} against {comparison.against}" + (f" {row.new.ordinal + 1}" if row.new.ordinal else "")
    nodeid = f"{place.removesuffix(']')}{'-' if place.endswith(']') else '['}{label}]"
    path, line, _ = tested.location if tested else (place.partition("::")[0].partition(" (")[0], None, "")
    report = pytest.TestReport(
        nodeid=nodeid,
        location=(path, line, nodeid.partition("::")[2]),
        keywords={},
        outcome="failed" if outcome in ("failed", *UNDECIDED) else "skipped" if outcome == "skipped" else "passed",
        longrepr="\n".join(message(row, comparison)) if comparison.fails else None,
        when="call",
        user_properties=[(SHARED, strict_json(comparison)), (OUTCOME, outcome)],
    )
    if outcome == "skipped":
        report.longrepr = (path, (line or 0) + 1, f"Skipped: {comparison.reason}")
    note = Note([], outcome=outcome if outcome in UNDECIDED else "", reason=comparison.reason, model=row.new.model)
    note.attach(report)
    return report


def message(row: Compared, comparison: Comparison) -> list[str]:
    """Return what is said of a comparison that fails."""
    return change_lines(row.change) if row.change is not None else [f"inconclusive: {comparison.reason}"]
