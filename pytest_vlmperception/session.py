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
from pytest_vlmperception.errors import PerceptionError
from pytest_vlmperception.lookahead import ItemsAhead
from pytest_vlmperception.models import ModelSpec
from pytest_vlmperception.options import Settings
from pytest_vlmperception.runs import RunId
from pytest_vlmperception.verbs import VisionModel

__all__ = ["Run", "model_specs"]


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
    shared : bool
        Whether other processes take part in the run.
    """

    def __init__(self, settings: Settings, specs: Mapping[str, ModelSpec], run_id: RunId, shared: bool) -> None:
        self.settings = settings
        self.specs = specs
        self.run_id = run_id
        self.shared = shared
        self.ledger = Ledger()
        self.look_ahead = ItemsAhead()
        self._models: dict[str, VisionModel] = {}
        self._callers: list[Caller] = []

    @cached_property
    def store(self) -> Store:
        """The store of answers, open."""
        directory = Path(self.run_id.folder) if self.run_id.folder else self.settings.cache_dir
        store = Store(directory, self.run_id.name, cast(CacheMode, self.settings.cache))
        store.open()
        return store

    def model(self, name: str) -> VisionModel:
        """Return the model under test of that name."""
        if name not in self._models:
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
        slots = FileSlots(self.store.directory / "slots" / self.run_id.name / name, pace, time.sleep)
        return Caller(spec.name, provider, self.store, self.ledger, pace, slots, most)

    def close(self) -> None:
        """Drop what is queued, wait for what is in flight, close the store."""
        for caller in self._callers:
            caller.close()
        if "store" in self.__dict__:
            self.store.close()


def model_specs(config: pytest.Config, names: tuple[str, ...], trusted: tuple[str, ...]) -> dict[str, ModelSpec]:
    """Return the models of these names, taken apart and checked.

    Raises
    ------
    pytest.UsageError
        If one cannot be used.
    """
    try:
        named = named_models(config)
        specs = {name: models.parse(name, trusted=name in trusted, named=named) for name in names}
        for spec in specs.values():
            models.create(spec)
    except PerceptionError as error:
        raise pytest.UsageError(str(error)) from None
    return specs


def named_models(config: pytest.Config) -> Mapping[str, Mapping[str, Any]]:
    """Return ``[tool.pytest_vlmperception.models]`` of the pyproject.toml in rootdir."""
    path = config.rootpath / "pyproject.toml"
    if not path.is_file():
        return {}
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise pytest.UsageError(f"{path} cannot be read for named models: {error}") from None
    named = content.get("tool", {}).get("pytest_vlmperception", {}).get("models", {})
    if not isinstance(named, dict) or not all(isinstance(table, dict) for table in named.values()):
        raise pytest.UsageError(f"{path}: [tool.pytest_vlmperception.models] must hold one table per model name")
    return named
