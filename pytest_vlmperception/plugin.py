"""The pytest plugin: options, fixtures, and the few hooks that every pytest run pays for.

Everything else waits in `hooks` and `collector` until a test of a model is collected.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Generator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_vlmperception import options
from pytest_vlmperception.errors import PerceptionError, UsageError
from pytest_vlmperception.options import COLLECTOR, DATA_FIXTURES, MODEL_FIXTURES, SHARED, TESTED

if TYPE_CHECKING:
    from pytest_vlmperception.collector import Collector
    from pytest_vlmperception.hooks import TestHooks
    from pytest_vlmperception.image_verbs import ImageModel
    from pytest_vlmperception.records import Votes
    from pytest_vlmperception.runs import RunId
    from pytest_vlmperception.snapshots import PerceptAssertion
    from pytest_vlmperception.stimuli import StimulusSet
    from pytest_vlmperception.tasks import PromptFolder
    from pytest_vlmperception.verbs import VisionModel

HOOKS = "vlmperception-hooks"
OUR_VALUES = "pytest_vlmperception.records"

# The fixture of snapshots, by which their tests are known in every process.
HOLDS = "percept_snapshot"

RUN_ID = pytest.StashKey["RunId"]()
STARTED = pytest.StashKey[float]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    options.add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Refuse options that cannot be used before anything is collected."""
    config.stash[STARTED] = time.monotonic()
    config.pluginmanager.register(Reports(config), "vlmperception-reports")
    settings = options.settings_of(config)
    if not options.is_default(settings, config):
        from pytest_vlmperception.session import check_settings

        check_settings(config, settings, run_id_of(config).trusted)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove what only this run needed."""
    if RUN_ID in config.stash and not is_worker(config):
        config.stash[RUN_ID].close()


def is_worker(config: pytest.Config) -> bool:
    """Tell whether this process is a worker of pytest-xdist."""
    return hasattr(config, "workerinput")


def run_id_of(config: pytest.Config) -> RunId:
    """Return the id that all processes of the run share."""
    if RUN_ID not in config.stash:
        from pytest_vlmperception.runs import RunId

        sent = getattr(config, "workerinput", {}).get(SHARED)
        config.stash[RUN_ID] = RunId.from_json(sent) if sent else RunId.new(config)
    return config.stash[RUN_ID]


@pytest.hookimpl(trylast=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the tests of ``vlm`` and ``image_model`` once for each model under test."""
    for fixture in TESTED:
        if fixture in metafunc.fixturenames and not has_models(metafunc, fixture):
            names = models_under_test(metafunc.config, fixture)
            # With one model the node ids hold no model: they are the same before and after an upgrade.
            ids = [pytest.HIDDEN_PARAM] if len(names) == 1 else names
            metafunc.parametrize(fixture, names, indirect=True, scope="session", ids=ids)


def models_under_test(config: pytest.Config, fixture: str) -> list[str]:
    """Return the names of the models that a fixture stands for."""
    from pytest_vlmperception.session import model_specs

    settings, images = options.settings_of(config), fixture == "image_model"
    names = settings.image_models if images else settings.models
    return list(model_specs(config, names, run_id_of(config).trusted, images=images))


def has_models(metafunc: pytest.Metafunc, fixture: str) -> bool:
    """Tell whether the test, or its suite's own fixture of that name, names the models."""
    if any(fixture in call.params for call in metafunc._calls):
        return True
    fixtures = metafunc._arg2fixturedefs.get(fixture, ())
    if not fixtures:
        return False
    nearest = fixtures[-1]
    # A fixture of the suite's own that builds on ours gets our models; any other is none of our business.
    foreign = nearest.func.__module__ != __name__ and fixture not in nearest.argnames
    return foreign or nearest.params is not None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Start the rest of the plugin if any test concerns a model or a data set, or may hold an estimate."""
    ours = MODEL_FIXTURES | DATA_FIXTURES
    if OUR_VALUES in sys.modules or any(ours.intersection(getattr(i, "fixturenames", ())) for i in items):
        collector_of(config)
        hooks_of(config)
    held = [item for item in items if HOLDS in getattr(item, "fixturenames", ())]
    for item in held:
        item.keywords[HOLDS] = True
    if held and config.pluginmanager.has_plugin("syrupy"):
        from pytest_vlmperception import snapshots

        snapshots.discover(held)


def hooks_of(config: pytest.Config) -> TestHooks:
    """Return the hooks around tests, registered at first use."""
    from pytest_vlmperception.hooks import TestHooks

    hooks: TestHooks = registered(config, HOOKS, lambda: TestHooks(config, run_id_of(config)))
    return hooks


def collector_of(config: pytest.Config) -> Collector:
    """Return what gathers the reports of all processes, registered at first use."""
    from pytest_vlmperception.collector import Collector
    from pytest_vlmperception.session import price_overrides

    def make() -> Collector:
        return Collector(config.stash[STARTED], options.settings_of(config), lambda: price_overrides(config))

    collector: Collector = registered(config, COLLECTOR, make)
    return collector


def registered(config: pytest.Config, name: str, make: Callable[[], Any]) -> Any:
    """Return the plugin of that name; make and register it at first use."""
    plugin = config.pluginmanager.get_plugin(name)
    if plugin is None:
        plugin = make()
        config.pluginmanager.register(plugin, name)
    return plugin


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker which run it belongs to."""
    from pytest_vlmperception.screen import WATCHED, watched

    config = node.config
    node.workerinput[SHARED] = run_id_of(config).to_json()
    node.workerinput[WATCHED] = watched(config)
    if not options.is_default(options.settings_of(config), config):
        tell_for_workers(config)


def tell_for_workers(config: pytest.Config) -> None:
    """Let the controller tell what its workers ask."""
    from pytest_vlmperception import telling

    telling.tell_for_workers(config, run_id_of(config))


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Take what a worker counted after its last test; keep all snapshots if it went down before."""
    if error:
        keep_snapshots(node.config)
    events = getattr(node, "workeroutput", {}).get(SHARED)
    if events:
        collector_of(node.config).totals.add(json.loads(events))


def keep_snapshots(config: pytest.Config) -> None:
    """Have syrupy delete nothing: of what was not compared it is not known whether it is still used."""
    config.option.no_cleanup = True


@pytest.hookimpl(wrapper=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None, object, object]:
    """Keep the snapshots of an interrupted run, and let its workers keep what they have paid for."""
    config = session.config
    interrupted = session.exitstatus == pytest.ExitCode.INTERRUPTED or session.shouldfail or session.shouldstop
    if interrupted:
        keep_snapshots(config)
    if interrupted and config.pluginmanager.has_plugin("dsession") and config.pluginmanager.has_plugin(COLLECTOR):
        from pytest_vlmperception.session import wait_for_workers

        wait_for_workers(options.settings_of(config), run_id_of(config), options.DEADLINE_S)
    return (yield)


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

    def pytest_keyboard_interrupt(self) -> None:
        """Keep all snapshots, whatever code the run exits with."""
        keep_snapshots(self._config)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the recording that was asked for, and explain what was not in the store."""
        if is_worker(self._config) or not self._config.pluginmanager.has_plugin(COLLECTOR):
            return
        settings = options.settings_of(self._config)
        if settings.record is not None:
            self._record(session, settings, settings.record)
        if settings.explain_miss:
            self._explain(settings)

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


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """Explain a comparison of an estimate with a threshold."""
    if OUR_VALUES not in sys.modules:
        return None
    from pytest_vlmperception.gate import explained

    return explained(op, left, right)


@pytest.fixture(scope="session")
def vlm(request: pytest.FixtureRequest) -> VisionModel:
    """Model under test; tests that use it run once for each ``--vlm-model``."""
    run = hooks_of(request.config).run
    return run.model(getattr(request, "param", next(iter(run.specs))))


@pytest.fixture(scope="session")
def vlms(request: pytest.FixtureRequest) -> Mapping[str, VisionModel]:
    """All models under test by name, for tests between models."""
    run = hooks_of(request.config).run
    return {name: run.model(name) for name in run.specs}


@pytest.fixture(scope="session")
def image_model(request: pytest.FixtureRequest) -> ImageModel:
    """Image generator under test; tests that use it run once for each ``--vlm-image-model``."""
    run = hooks_of(request.config).run
    name: str = request.param if hasattr(request, "param") else next(iter(run.image_specs))
    return run.image_model(name)


@pytest.fixture(scope="session")
def image_models(request: pytest.FixtureRequest) -> Mapping[str, ImageModel]:
    """All image generators under test by name, for tests between them."""
    run = hooks_of(request.config).run
    return {name: run.image_model(name) for name in run.image_specs}


@pytest.fixture(scope="session")
def judge(request: pytest.FixtureRequest) -> VisionModel:
    """Model of ``--vlm-judge``, which reads what others have made."""
    return hooks_of(request.config).run.judge()


@pytest.fixture(scope="module")
def prompts(request: pytest.FixtureRequest) -> PromptFolder:
    """Prompts by name: the ``prompts/*.md`` nearest to the test file."""
    from pytest_vlmperception.tasks import PromptFolder

    folders = [folder / "prompts" for folder in suite_folders(request)]
    return PromptFolder(*(folder for folder in folders if folder.is_dir()))


@pytest.fixture(scope="module")
def stimuli(request: pytest.FixtureRequest) -> Callable[[str], StimulusSet]:
    """Load a set of the suite by name: ``stimuli("faces")`` reads the nearest ``stimuli/faces.toml``.

    A test that asks for a data set without ``--vlm-data NAME=PATH`` is skipped.
    """
    from pytest_vlmperception.stimuli.named import load_named

    folders, data = suite_folders(request), options.settings_of(request.config).data
    return lambda name: load_named(name, folders, data)


@pytest.fixture(scope="module")
def votes(request: pytest.FixtureRequest) -> Callable[[str], Votes]:
    """Load votes of people by name: ``votes("tone_mapping")`` reads the data of ``stimuli/tone_mapping.toml``."""
    from pytest_vlmperception.stimuli.named import load_named_votes

    folders, data = suite_folders(request), options.settings_of(request.config).data
    return lambda name: load_named_votes(name, folders, data)


@pytest.fixture
def percept_snapshot(request: pytest.FixtureRequest) -> PerceptAssertion:
    """Compare with what was described before: ``assert descriptions[face] == percept_snapshot``.

    Tolerant in wording, strict in facts; ``--snapshot-update`` keeps what is said now.
    """
    if not request.config.pluginmanager.has_plugin("syrupy"):
        raise UsageError("percept_snapshot needs the plugin syrupy, which is switched off; take -p no:syrupy away")
    from pytest_vlmperception.snapshots import percept_assertion

    hooks, item = hooks_of(request.config), request.node
    return percept_assertion(item, first=hooks.other_first(item), rehearsing=hooks.rehearses, skips=hooks.skips)


def suite_folders(request: pytest.FixtureRequest) -> list[Path]:
    """Return the folder of the test file and those above it, up to rootdir."""
    folder, root = request.path.parent, request.config.rootpath
    if folder.is_relative_to(root):
        return [folder, *(above for above in folder.parents if above.is_relative_to(root))]
    return [folder, *(above for above in folder.parents if (above / "__init__.py").is_file())]
