"""One pytest run: its models, its store, its totals."""

from __future__ import annotations

import time
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import pytest

from pytest_vlmperception import calling, gate, models, report
from pytest_vlmperception.callers import Callers, cache_folder, check_price
from pytest_vlmperception.errors import ModelError, PerceptionError, StoreError, choices_hint
from pytest_vlmperception.image_verbs import ImageModel
from pytest_vlmperception.lookahead import ItemsAhead
from pytest_vlmperception.models import ModelSpec
from pytest_vlmperception.models.prices import Price, read_overrides
from pytest_vlmperception.options import Settings
from pytest_vlmperception.records import Totals
from pytest_vlmperception.records.files import Target
from pytest_vlmperception.runs import RunId
from pytest_vlmperception.verbs import VisionModel

__all__ = [
    "Reference",
    "Run",
    "baselines_folder",
    "check_settings",
    "explain_misses",
    "json_target",
    "model_specs",
    "price_overrides",
    "record",
    "references_of",
    "wait_for_workers",
]

LOOK_AGAIN_S = 0.2


@dataclass(frozen=True)
class Reference:
    """What models under test are held against: another model, or one of them with the suite's own prompts.

    Attributes
    ----------
    name : str
        What it is called among the tests' parameters and in the totals.
    spec : ModelSpec
        Who is asked, under that name.
    default_prompts : bool
        Whether it is asked by the suite's own prompts.
    of : str
        The one model that it is compared with; empty for all.
    """

    name: str
    spec: ModelSpec
    default_prompts: bool = False
    of: str = ""


class Run:
    """What the fixtures share in one process.

    Parameters
    ----------
    specs : mapping of str to ModelSpec
        The models under test by their names.
    callers : Callers
        Makes what asks them.
    look_ahead : ItemsAhead
        Decides what is asked before it is read.
    valid_share : float
        Share of valid trials below which statistics are inconclusive.
    judge : ModelSpec or None
        The model that reads what others have made; None where none was named.
    references : sequence of Reference
        What the models under test are held against.
    image_specs : callable
        Returns the image generators under test by their names.
    """

    def __init__(
        self,
        specs: Mapping[str, ModelSpec],
        callers: Callers,
        look_ahead: ItemsAhead,
        valid_share: float,
        judge: ModelSpec | None = None,
        references: Sequence[Reference] = (),
        image_specs: Callable[[], Mapping[str, ModelSpec]] = dict,
    ) -> None:
        self.specs = specs
        self._references = {reference.name: reference for reference in references}
        self._image_specs = image_specs
        self.callers = callers
        self._look_ahead = look_ahead
        self._valid_share = valid_share
        self._judge = judge
        self._models: dict[str, VisionModel] = {}
        self._reader: VisionModel | None = None
        self._image_models: dict[str, ImageModel] = {}

    def model(self, name: str) -> VisionModel:
        """Return the model under test of that name."""
        if name not in self._models:
            self._models.update(self._twins(name))
        return self._models[name]

    def _twins(self, name: str) -> dict[str, VisionModel]:
        """Make a model, and with it the one that it is compared with and that is asked the same."""
        reference = self._references.get(name)
        if reference is None and name not in self.specs:
            raise ModelError(f"{name!r} is none of the models under test; {choices_hint(name, self.specs)}")
        if reference is not None and reference.default_prompts:
            return {name: self._made(reference.spec, default_prompts=True)}
        old = next((each for each in self._references.values() if not each.default_prompts), None)
        if old is None:
            return {name: self._made(self.specs[name])}
        return self._mirrored(old)

    def _mirrored(self, old: Reference) -> dict[str, VisionModel]:
        """Make all models under test and the one that they are held against."""
        specs = {**self.specs, old.name: old.spec}
        callers = {name: self.callers.make(spec) for name, spec in specs.items()}
        live = [caller for caller in callers.values() if isinstance(caller, calling.Caller)]
        for caller in live:
            caller.twins = [other for other in live if other is not caller]
        return {name: self._model_of(caller) for name, caller in callers.items()}

    def judge(self) -> VisionModel:
        """Return the model that reads what others have made; it may be one of those under test.

        Raises
        ------
        ModelError
            If none was named.
        """
        if self._judge is None:
            raise ModelError("no judge was named; give --vlm-judge=provider/model, or vlm_judge in the ini file")
        return self._grading(self._judge)

    def grader(self) -> VisionModel:
        """Return the model that grades what others have made: the one that was named, or the built-in observer."""
        return self._grading(self._judge or ModelSpec(name="observer", provider="observer", model=""))

    def _grading(self, spec: ModelSpec) -> VisionModel:
        if self._references:
            # It looks at what one model has made: no other is asked along.
            if self._reader is None:
                self._reader = self._made(spec)
            return self._reader
        if spec.name not in self._models:
            self._models[spec.name] = self._made(spec)
        return self._models[spec.name]

    @cached_property
    def image_specs(self) -> Mapping[str, ModelSpec]:
        """The image generators under test by their names."""
        return self._image_specs()

    def image_model(self, name: str) -> ImageModel:
        """Return the image generator under test of that name."""
        if name not in self._image_models:
            if name not in self.image_specs:
                raise ModelError(f"{name!r} is none of the image models; {choices_hint(name, self.image_specs)}")
            caller = self.callers.make_image(self.image_specs[name])
            self._image_models[name] = ImageModel(caller, self._look_ahead, self._valid_share)
        return self._image_models[name]

    def _made(self, spec: ModelSpec, *, default_prompts: bool = False) -> VisionModel:
        return self._model_of(self.callers.make(spec), default_prompts=default_prompts)

    def _model_of(self, caller: calling.Caller | calling.Planner, *, default_prompts: bool = False) -> VisionModel:
        return VisionModel(caller, self._look_ahead, self._valid_share, self.judge, default_prompts=default_prompts)


def record(settings: Settings, run_id: RunId, totals: Totals, path: Path) -> int:
    """Write the replies of a run to a recording, those that could not be stored too; return how many there are."""
    store = calling.Store(cache_folder(settings, run_id), run_id.name, cast(calling.CacheMode, settings.cache))
    unstored = {key: calling.Row.from_json(row.encode()) for key, (_, row) in totals.unstored.items()}
    try:
        found = ((key, unstored.get(key) or store.get(key)) for key in sorted(totals.keys()))
        return calling.write_recording(path, ((key, row) for key, row in found if row is not None))
    finally:
        store.close()


def json_target(path: Path) -> Target:
    """Return the file of ``--vlm-json``."""
    return Target(path, "document", "--vlm-json")


def explain_misses(settings: Settings, run_id: RunId, totals: Totals) -> Iterator[str]:
    """Yield lines that say why questions of a run were not in the store."""
    missed = {name: model.missed for name, model in totals.models.items() if model.missed}
    if not missed:
        return
    store = calling.Store(cache_folder(settings, run_id), run_id.name)
    try:
        for name, questions in missed.items():
            yield from (report.miss_line(count, said, name) for count, said in calling.explain(questions, store))
    finally:
        store.close()


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
    try:
        store = calling.Store(cache_folder(settings, run_id), run_id.name)
    except StoreError:
        # No worker can have opened it either.
        return
    end = time.monotonic() + seconds
    try:
        while store.in_flight() and time.monotonic() < end:
            time.sleep(LOOK_AGAIN_S)
    finally:
        store.close()


def model_specs(
    config: pytest.Config, names: tuple[str, ...], trusted: tuple[str, ...], *, images: bool = False
) -> dict[str, ModelSpec]:
    """Return the models, taken apart and checked, by the names under which they are shown.

    Parameters
    ----------
    config : pytest.Config
        The configuration.
    names, trusted : tuple of str
        As the user named them, and those of them that stand on the command line or in the environment.
    images : bool
        Whether they are image generators.

    Raises
    ------
    pytest.UsageError
        If one cannot be used.
    """
    try:
        named = named_models(config)
        kind, create = (models.IMAGES, models.create_image) if images else (models.VISION, models.create)
        specs = [models.parse(name, trusted=name in trusted, named=named, kind=kind) for name in names]
        for spec in specs:
            create(spec)
    except PerceptionError as error:
        raise pytest.UsageError(str(error)) from None
    return {spec.name: spec for spec in specs}


def baselines_folder(config: pytest.Config) -> Path:
    """Return where baselines are kept."""
    return config.rootpath / ".vlm" / "baselines"


def references_of(config: pytest.Config, settings: Settings, trusted: tuple[str, ...]) -> list[Reference]:
    """Return what the models under test are held against, beside what a baseline holds.

    Raises
    ------
    pytest.UsageError
        If it is a model that cannot be used, or one of those under test.
    """
    specs = model_specs(config, settings.models, trusted)
    if settings.against is not None and settings.against.kind == "prompt":
        named = [(f"{name} (default prompts)", name) for name in specs]
        return [Reference(shown, replace(specs[name], name=shown), True, name) for shown, name in named]
    if settings.old_model is None:
        return []
    ((name, spec),) = model_specs(config, (settings.old_model,), trusted).items()
    if name in specs:
        raise pytest.UsageError(
            f"--vlm-against=model:{name}: that is the model under test; give the one that it is to replace"
        )
    return [Reference(name, spec)]


def check_settings(config: pytest.Config, settings: Settings, trusted: tuple[str, ...]) -> None:
    """Refuse models, prices, files and budgets that cannot be used, before anything is paid.

    Raises
    ------
    pytest.UsageError
        If one cannot.
    """
    specs = model_specs(config, settings.all_models, trusted)
    references_of(config, settings, trusted)
    image_specs = model_specs(config, settings.named_image_models, trusted, images=True)
    overrides = price_overrides(config)
    try:
        if settings.record is not None:
            calling.check_writable(settings.record)
        if (name := settings.save or settings.bless) is not None:
            gate.check_baseline_writable(
                baselines_folder(config), name, settings.bless is not None, settings.reason or ""
            )
        if settings.json is not None:
            json_target(settings.json).check()
        if settings.replay is None and settings.cache != "off":
            calling.check_folder(settings.cache_dir)
        if settings.replay is not None:
            calling.Recording.read(settings.replay)
        if settings.budget is not None:
            for spec in specs.values():
                check_price(spec, models.create(spec), overrides)
            for spec in image_specs.values():
                check_price(spec, models.create_image(spec), overrides)
    except PerceptionError as error:
        raise pytest.UsageError(str(error)) from None


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
