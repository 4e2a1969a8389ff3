"""One pytest run: its models, its store, its totals."""

from __future__ import annotations

import hashlib
import time
import tomllib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import pytest

from pytest_vlmperception import models
from pytest_vlmperception.calling import CacheMode, Caller, FileSlots, Ledger, MemoryCell, Pace, Store, ThreadSlots
from pytest_vlmperception.calling.keys import canonical
from pytest_vlmperception.errors import ModelError, PerceptionError, choices_hint
from pytest_vlmperception.lookahead import ItemsAhead
from pytest_vlmperception.models import ModelSpec
from pytest_vlmperception.models.prices import Price, read_overrides
from pytest_vlmperception.options import Settings
from pytest_vlmperception.runs import RunId
from pytest_vlmperception.verbs import VisionModel

__all__ = ["Run", "model_specs", "price_overrides", "wait_for_workers"]

LOOK_AGAIN_S = 0.2


class Run:
    """What the fixtures share in one process.

    Parameters
    ----------
    settings : Settings
        The options.
    specs : mapping of str to ModelSpec
        The models under test by their names.
    run_id : RunId
        The same in all workers.
    look_ahead : ItemsAhead
        Decides what is asked before it is read.
    shared : bool
        Whether other processes take part in the run.
    """

    def __init__(
        self,
        settings: Settings,
        specs: Mapping[str, ModelSpec],
        run_id: RunId,
        look_ahead: ItemsAhead,
        shared: bool,
    ) -> None:
        self.settings = settings
        self.specs = specs
        self.run_id = run_id
        self.look_ahead = look_ahead
        self.shared = shared
        self.ledger = Ledger()
        self._models: dict[str, VisionModel] = {}
        self._callers: list[Caller] = []

    @cached_property
    def store(self) -> Store:
        """The store of answers, open."""
        directory = cache_folder(self.settings, self.run_id)
        return Store(directory, self.run_id.name, cast(CacheMode, self.settings.cache))

    def model(self, name: str) -> VisionModel:
        """Return the model under test of that name."""
        if name not in self._models:
            if name not in self.specs:
                raise ModelError(f"{name!r} is none of the models under test; {choices_hint(name, self.specs)}")
            caller = self._caller(self.specs[name])
            self._callers.append(caller)
            self._models[name] = VisionModel(caller, self.look_ahead)
        return self._models[name]

    def _caller(self, spec: ModelSpec) -> Caller:
        provider = models.create(spec)
        most = self.settings.concurrency
        if not self.shared:
            pace = Pace(most, MemoryCell(Pace.start(most)), time.monotonic)
            return Caller(spec.name, provider, self.store, self.ledger, pace, ThreadSlots(pace), most)
        identity = provider.identity
        endpoint = canonical([identity.provider, identity.model, identity.base_url, spec.api_key_env])
        name = hashlib.sha256(endpoint.encode()).hexdigest()[:16]
        pace = Pace(most, self.store.pace_cell(name, Pace.start(most)), time.monotonic)
        slots = FileSlots(Path(self.run_id.folder) / "slots" / name, pace, time.sleep)
        return Caller(spec.name, provider, self.store, self.ledger, pace, slots, most)

    def close(self) -> None:
        """Drop what is queued, wait for what is in flight, close the store."""
        for caller in self._callers:
            caller.close()
        if "store" in self.__dict__:
            self.store.close()


def wait_for_workers(settings: Settings, run_id: RunId, seconds: float) -> None:
    """Wait until no worker of the run has a question in flight: pytest-xdist kills workers soon after.

    Parameters
    ----------
    settings : Settings
        The options.
    run_id : RunId
        The run.
    seconds : float
        How long to wait at most.
    """
    store = Store(cache_folder(settings, run_id), run_id.name)
    end = time.monotonic() + seconds
    try:
        while store.in_flight() and time.monotonic() < end:
            time.sleep(LOOK_AGAIN_S)
    finally:
        store.close()


def cache_folder(settings: Settings, run_id: RunId) -> Path:
    """Return where the run keeps its answers."""
    return Path(run_id.folder) / "cache" if settings.cache == "off" else settings.cache_dir


def model_specs(config: pytest.Config, names: tuple[str, ...], trusted: tuple[str, ...]) -> dict[str, ModelSpec]:
    """Return the models, taken apart and checked, by the names under which they are shown.

    Raises
    ------
    pytest.UsageError
        If one cannot be used.
    """
    try:
        named = named_models(config)
        specs = [models.parse(name, trusted=name in trusted, named=named) for name in names]
        for spec in specs:
            models.create(spec)
    except PerceptionError as error:
        raise pytest.UsageError(str(error)) from None
    return {spec.name: spec for spec in specs}


def price_overrides(config: pytest.Config) -> Mapping[str, Price]:
    """Return ``[tool.pytest_vlmperception.prices]`` of the pyproject.toml in rootdir.

    Raises
    ------
    pytest.UsageError
        If it cannot be used.
    """
    try:
        return read_overrides(tool_table(config).get("prices", {}))
    except PerceptionError as error:
        raise pytest.UsageError(str(error)) from None


def named_models(config: pytest.Config) -> Mapping[str, Mapping[str, Any]]:
    """Return ``[tool.pytest_vlmperception.models]`` of the pyproject.toml in rootdir."""
    named = tool_table(config).get("models", {})
    if not isinstance(named, dict) or not all(isinstance(table, dict) for table in named.values()):
        path = config.rootpath / "pyproject.toml"
        raise pytest.UsageError(f"{path}: [tool.pytest_vlmperception.models] must hold one table per model name")
    return named


def tool_table(config: pytest.Config) -> Mapping[str, Any]:
    """Return ``[tool.pytest_vlmperception]`` of the pyproject.toml in rootdir; empty where there is none."""
    path = config.rootpath / "pyproject.toml"
    if not path.is_file():
        return {}
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise pytest.UsageError(f"{path} cannot be read for named models: {error}") from None
    table = content.get("tool", {}).get("pytest_vlmperception", {})
    if not isinstance(table, dict):
        raise pytest.UsageError(f"{path}: [tool.pytest_vlmperception] must be a table")
    return table
