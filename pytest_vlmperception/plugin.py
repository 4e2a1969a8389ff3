"""The pytest plugin: options, fixtures, and the few hooks that every pytest run pays for.

Everything else waits in `hooks` and `collector` until a test of a model is collected.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from collections.abc import Callable, Generator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_vlmperception import options
from pytest_vlmperception.closing import HOLDS, Reports
from pytest_vlmperception.errors import UsageError
from pytest_vlmperception.finding import load_unchanged
from pytest_vlmperception.options import COLLECTOR, DATA_FIXTURES, MODEL_FIXTURES, SHARED, TESTED
from pytest_vlmperception.parts import (
    RUN_ID,
    STARTED,
    collector_of,
    hooks_of,
    is_worker,
    keep_snapshots,
    run_id_of,
    tell_for_workers,
)

if TYPE_CHECKING:
    from pytest_vlmperception.durable import Variant
    from pytest_vlmperception.image_verbs import ImageModel
    from pytest_vlmperception.records import Votes
    from pytest_vlmperception.snapshots import PerceptAssertion
    from pytest_vlmperception.stimuli import PromptSet, StimulusSet
    from pytest_vlmperception.tasks import PromptFolder
    from pytest_vlmperception.verbs import VisionModel

OUR_VALUES = "pytest_vlmperception.records"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    options.add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Refuse options that cannot be used before anything is collected."""
    config.stash[STARTED] = time.monotonic()
    load_unchanged(config)
    config.pluginmanager.register(Reports(config), "vlmperception-reports")
    for marker in options.MARKERS:
        config.addinivalue_line("markers", marker)
    settings = options.settings_of(config)
    if not options.is_default(settings, config):
        if not gc.get_freeze_count():
            # pytest stays until the end: looking for garbage in it again and again takes a tenth of a second.
            gc.freeze()
        from pytest_vlmperception.session import check_settings

        check_settings(config, settings, run_id_of(config).trusted)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove what only this run needed."""
    if RUN_ID in config.stash and not is_worker(config):
        config.stash[RUN_ID].close()


@pytest.hookimpl(trylast=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the tests of ``vlm`` and ``image_model`` once for each model under test."""
    for fixture in TESTED:
        if fixture in metafunc.fixturenames and not has_models(metafunc, fixture):
            variants = models_under_test(metafunc.config, fixture)
            ids = [str(variant) if variant.shown else pytest.HIDDEN_PARAM for variant in variants]
            metafunc.parametrize(fixture, variants, indirect=True, scope="session", ids=ids)


def models_under_test(config: pytest.Config, fixture: str) -> list[Variant]:
    """Return the models that a fixture stands for, and what they are held against."""
    from pytest_vlmperception.durable import Variant
    from pytest_vlmperception.session import model_specs, references_of

    settings, trusted, images = options.settings_of(config), run_id_of(config).trusted, fixture == "image_model"
    names = list(model_specs(config, settings.image_models if images else settings.models, trusted, images=images))
    # With one model the node ids hold no model: they are the same before and after an upgrade.
    variants = [Variant(name, shown=len(names) > 1) for name in names]
    old = [] if images else references_of(config, settings, trusted)
    return variants + [Variant(each.name, reference=True) for each in old]


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
        hooks_of(config).check_marks(items)
        if options.settings_of(config).against is not None:
            side_by_side(items)
    held = [item for item in items if HOLDS in getattr(item, "fixturenames", ())]
    for item in held:
        item.keywords[HOLDS] = True
    if held and config.pluginmanager.has_plugin("syrupy"):
        from pytest_vlmperception import snapshots

        snapshots.discover(held)


def side_by_side(items: list[pytest.Item]) -> None:
    """Have the tests of all models run file by file, so that what is compared is measured in one window."""
    places: dict[Path, int] = {}
    for item in items:
        places.setdefault(item.path, len(places))
    items.sort(key=lambda item: places[item.path])


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker which run it belongs to."""
    from pytest_vlmperception.screen import WATCHED, watched

    config = node.config
    node.workerinput[SHARED] = run_id_of(config).to_json()
    node.workerinput[WATCHED] = watched(config)
    if not options.is_default(options.settings_of(config), config):
        tell_for_workers(config)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Take what a worker counted after its last test; keep all snapshots if it went down before."""
    if error:
        keep_snapshots(node.config)
    events = getattr(node, "workeroutput", {}).get(SHARED)
    if events:
        collector_of(node.config).totals.add(json.loads(events))


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
    """Model of ``--vlm-judge``, which grades what others have made; without it the built-in observer."""
    return hooks_of(request.config).run.grader()


@pytest.fixture(scope="module")
def prompts(request: pytest.FixtureRequest) -> PromptFolder:
    """Prompts by name: the ``prompts/*.md`` nearest to the test file."""
    from pytest_vlmperception.marks import prompts_of

    config = request.config
    return prompts_of(request.path.parent, config.rootpath, options.settings_of(config).prompts)


@pytest.fixture(scope="module")
def prompt_sets(request: pytest.FixtureRequest) -> Callable[[str], PromptSet]:
    """Load a set of prompts for image generators: ``prompt_sets("shapes")`` reads ``prompt_sets/shapes.toml``.

    A test that asks for a data set without ``--vlm-data NAME=PATH`` is skipped.
    """
    from pytest_vlmperception.stimuli.named import load_named_prompts

    folders, data = places_of(request)
    return lambda name: load_named_prompts(name, folders, data)


@pytest.fixture(scope="module")
def stimuli(request: pytest.FixtureRequest) -> Callable[[str], StimulusSet]:
    """Load a set of the suite by name: ``stimuli("faces")`` reads the nearest ``stimuli/faces.toml``.

    A test that asks for a data set without ``--vlm-data NAME=PATH`` is skipped.
    """
    from pytest_vlmperception.stimuli.named import load_named

    folders, data = places_of(request)
    return lambda name: load_named(name, folders, data)


@pytest.fixture(scope="module")
def votes(request: pytest.FixtureRequest) -> Callable[[str], Votes]:
    """Load votes of people by name: ``votes("tone_mapping")`` reads the data of ``stimuli/tone_mapping.toml``."""
    from pytest_vlmperception.stimuli.named import load_named_votes

    folders, data = places_of(request)
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


def places_of(request: pytest.FixtureRequest) -> tuple[list[Path], Mapping[str, Path]]:
    """Return the folders in which a suite may keep its sets, and where the user keeps data sets."""
    from pytest_vlmperception.marks import suite_folders

    config = request.config
    return suite_folders(request.path.parent, config.rootpath), options.settings_of(config).data
