"""The parts of the plugin that a process makes at first use; light, because every pytest run imports this."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from pytest_vlmperception import options
from pytest_vlmperception.options import COLLECTOR, SHARED

if TYPE_CHECKING:
    from pytest_vlmperception.collector import Collector
    from pytest_vlmperception.hooks import TestHooks
    from pytest_vlmperception.runs import RunId

__all__ = [
    "RUN_ID",
    "STARTED",
    "collector_of",
    "hooks_of",
    "is_rehearsal",
    "is_worker",
    "keep_snapshots",
    "run_id_of",
    "tell_for_workers",
]

HOOKS = "vlmperception-hooks"

RUN_ID = pytest.StashKey["RunId"]()
STARTED = pytest.StashKey[float]()


def is_worker(config: pytest.Config) -> bool:
    """Tell whether this process is a worker of pytest-xdist."""
    return hasattr(config, "workerinput")


def is_rehearsal(config: pytest.Config) -> bool:
    """Tell whether no test is called."""
    return bool(config.option.collectonly or config.option.setuponly or config.option.setupplan)


def run_id_of(config: pytest.Config) -> RunId:
    """Return the id that all processes of the run share."""
    if RUN_ID not in config.stash:
        from pytest_vlmperception.runs import RunId

        sent = getattr(config, "workerinput", {}).get(SHARED)
        config.stash[RUN_ID] = RunId.from_json(sent) if sent else RunId.new(config)
    return config.stash[RUN_ID]


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


def tell_for_workers(config: pytest.Config) -> None:
    """Let the controller tell what its workers ask."""
    from pytest_vlmperception import telling

    telling.tell_for_workers(config, run_id_of(config))


def keep_snapshots(config: pytest.Config) -> None:
    """Have syrupy delete nothing: of what was not compared it is not known whether it is still used."""
    config.option.no_cleanup = True
