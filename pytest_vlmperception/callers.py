"""How the models of a run are asked: live, from a recording, or only planned."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol, cast

from pytest_vlmperception import calling, models
from pytest_vlmperception.errors import UsageError
from pytest_vlmperception.models import Identity, Model, ModelSpec, Provider
from pytest_vlmperception.models.prices import Price, price_of
from pytest_vlmperception.options import Settings
from pytest_vlmperception.records import Outlook, Question, Reply, Usage
from pytest_vlmperception.runs import RunId

__all__ = ["Announcing", "Callers", "cache_folder", "check_price"]


OBSERVER = ModelSpec(name="observer", provider="observer", model="")


class Announcing(Protocol):
    """Tells the user before the first call to a model is made."""

    def expect(self, identity: Identity) -> None:
        """Prepare for calls to a model."""

    def announce(self, outlook: Outlook, identity: Identity) -> None:
        """Announce what lies ahead."""


@dataclass(frozen=True)
class Costs:
    """What questions to one model take and cost."""

    provider: Provider
    price: Price | None

    @cached_property
    def _picture_tokens(self) -> calling.PictureTokens:
        return calling.PictureTokens(self.provider.identity)

    def tokens(self, question: Question) -> tuple[int, int]:
        """Return the tokens in and out of a question, at most."""
        identity = self.provider.identity
        most = calling.made_tokens(identity) if question.makes else calling.max_output_tokens(identity)
        return calling.upper_tokens(question, most, self._picture_tokens)

    def parts(self, question: Question) -> tuple[int, int, int]:
        """Return the tokens of a question's text and pictures, and out, at most."""
        tokens_in, tokens_out = self.tokens(question)
        pictures = sum(map(self._picture_tokens, question.shown))
        return tokens_in - pictures, pictures, tokens_out

    def upper_usd(self, question: Question) -> float | None:
        """Return what a question costs at most."""
        if self.price is None:
            return None
        text, pictures, out = self.parts(question)
        return self.price.cost_usd(Usage(text + pictures, out, image_tokens=pictures, output_image_tokens=out))

    def reply_usd(self, reply: Reply) -> float | None:
        """Return what a reply did cost."""
        return None if self.price is None else self.price.cost_usd(reply.usage)


class Callers:
    """Makes the callers of a run and closes them.

    Parameters
    ----------
    settings : Settings
        The options.
    run_id : RunId
        The same in all processes of the run.
    ledger : Ledger
        Where calls are counted.
    overrides : mapping of str to Price
        Prices that the project sets.
    shared : bool
        Whether other processes take part in the run.
    announcing : Announcing or None
        Told before the first call to a model; None for nobody.
    """

    def __init__(
        self,
        settings: Settings,
        run_id: RunId,
        ledger: calling.Ledger,
        overrides: Mapping[str, Price],
        shared: bool,
        announcing: Announcing | None = None,
    ) -> None:
        self._settings = settings
        self._run_id = run_id
        self._ledger = ledger
        self._overrides = overrides
        self._shared = shared
        self._announcing = announcing
        self._made: list[calling.Caller | calling.Planner] = []
        self._paces: dict[str, tuple[calling.Pace, calling.Slots]] = {}

    @cached_property
    def store(self) -> calling.LastingStore:
        """The store of answers."""
        folder = cache_folder(self._settings, self._run_id)
        return calling.LastingStore(
            folder, self._run_id.name, cast(calling.CacheMode, self._settings.cache), self._ledger
        )

    @cached_property
    def recording(self) -> calling.Recording:
        """The recording that is replayed."""
        return calling.Recording.read(cast(Path, self._settings.replay))

    @cached_property
    def budget(self) -> calling.Budget | None:
        """What the run may spend; None where nothing limits it."""
        limits = calling.Limits(self._settings.max_calls, self._settings.budget)
        if limits == calling.Limits(None, None):
            return None
        cell = self.store.budget_cell() if self._shared else calling.MemoryCell(calling.BudgetState())
        return calling.Budget(limits, cell, time.monotonic, self.store.close_thread)

    def make(self, spec: ModelSpec) -> calling.Caller | calling.Planner:
        """Make the caller of one model."""
        return self._caller(spec, models.create(spec), lambda: models.create(OBSERVER))

    def make_image(self, spec: ModelSpec) -> calling.Caller | calling.Planner:
        """Make the caller of one image generator."""
        provider = models.create_image(spec)
        # What the painter draws costs nothing; nobody can stand in for another.
        return self._caller(spec, provider, lambda: provider if provider.identity.is_built_in else None)

    def _caller(
        self, spec: ModelSpec, provider: Provider, stand_in: Callable[[], Model | None]
    ) -> calling.Caller | calling.Planner:
        caller: calling.Caller | calling.Planner
        if self._settings.replay is not None:
            caller = self._replaying(spec, provider)
        elif self._settings.plan:
            caller = self._planning(spec, provider, stand_in())
        else:
            caller = self._live(spec, provider)
        self._made.append(caller)
        return caller

    def _replaying(self, spec: ModelSpec, provider: Provider) -> calling.Caller:
        replayed = calling.Replayed(
            self.recording, provider.identity, self._ledger, spec.name, self._settings.explain_miss
        )
        return calling.Caller(spec.name, provider, self._ledger, lambda pause: replayed, self._settings.concurrency)

    def _planning(self, spec: ModelSpec, provider: Provider, stand_in: Model | None) -> calling.Planner:
        costs, explain = Costs(provider, None), self._settings.explain_miss
        return calling.Planner(spec.name, provider, self.store, self._ledger, stand_in, costs.parts, explain)

    def _live(self, spec: ModelSpec, provider: Provider) -> calling.Caller:
        most = self._settings.concurrency
        pace, slots = self._pace(spec, provider, most)
        live = calling.Live(
            spec.name,
            provider,
            self.store,
            self._ledger,
            pace,
            slots,
            self._purse(provider),
            explain=self._settings.explain_miss,
            announce=self._announcement(spec, provider, lambda: caller),
        )
        caller = calling.Caller(
            spec.name,
            provider,
            self._ledger,
            live,
            with_spare(most),
            at_exit=self.store.close_thread,
            useful=lambda: with_spare(pace.limit()),
        )
        return caller

    def _announcement(
        self, spec: ModelSpec, provider: Provider, caller: Callable[[], calling.Caller]
    ) -> Callable[[Question], None] | None:
        """Return what announces the first call to a model; None where there is nobody to tell, or nothing to pay."""
        announcing, identity = self._announcing, provider.identity
        if announcing is None or identity.is_built_in:
            return None
        announcing.expect(identity)
        tokens = Costs(provider, None).tokens

        def announce(question: Question) -> None:
            outlook = calling.look_out(spec.name, question, caller().ahead(), self.store, identity, tokens)
            announcing.announce(outlook, identity)

        return announce

    def _pace(self, spec: ModelSpec, provider: Provider, most: int) -> tuple[calling.Pace, calling.Slots]:
        """Return what limits the calls to one model with one key, under whatever names it is asked."""
        identity = provider.identity
        endpoint = calling.canonical([identity.provider, identity.model, identity.base_url, spec.api_key_env])
        name = hashlib.sha256(endpoint.encode()).hexdigest()[:16]
        if name not in self._paces:
            self._paces[name] = self._shared_pace(name, most) if self._shared else self._own_pace(most)
        return self._paces[name]

    def _own_pace(self, most: int) -> tuple[calling.Pace, calling.Slots]:
        pace = calling.Pace(most, calling.MemoryCell(calling.Pace.start(most)), time.monotonic)
        return pace, calling.ThreadSlots(pace)

    def _shared_pace(self, name: str, most: int) -> tuple[calling.Pace, calling.Slots]:
        pace = calling.Pace(most, self.store.pace_cell(name, calling.Pace.start(most)), time.monotonic)
        return pace, calling.FileSlots(Path(self._run_id.folder) / "slots" / name, pace)

    def _purse(self, provider: Provider) -> calling.Purse | None:
        if self.budget is None:
            return None
        costs = Costs(provider, price_of_spec(provider, self._overrides))
        return calling.Purse(self.budget, costs.upper_usd, costs.reply_usd)

    def in_flight(self) -> bool:
        """Tell whether a call of the run is under way."""
        return "store" in self.__dict__ and self.store.in_flight()

    def close(self) -> None:
        """Drop what is queued, wait for what is in flight, close the store."""
        # All before any is waited for: a picture that is made meanwhile is shown to nobody.
        for caller in self._made:
            caller.stop()
        for caller in self._made:
            caller.close()
        if self.__dict__.get("budget") is not None:
            cast(calling.Budget, self.budget).close()
        if "store" in self.__dict__:
            self.store.close()


def with_spare(calls: int) -> int:
    """Return how many threads keep so many calls in flight: a few more prepare the next questions meanwhile."""
    return calls + max(1, calls // 4)


def price_of_spec(provider: Provider, overrides: Mapping[str, Price]) -> Price | None:
    """Return the price of a model; None where it is not known."""
    identity = provider.identity
    return price_of(identity.provider, identity.model, base_url=identity.base_url, overrides=overrides)


def check_price(spec: ModelSpec, provider: Provider, overrides: Mapping[str, Price]) -> None:
    """Raise `UsageError` if a budget is given for a model whose price is not known."""
    if price_of_spec(provider, overrides) is None:
        table = f'[tool.pytest_vlmperception.prices."{spec.provider}/{spec.model}"]'
        raise UsageError(f"--vlm-budget: the price of {spec.name!r} is not known; set it in {table} of pyproject.toml")


def cache_folder(settings: Settings, run_id: RunId) -> Path:
    """Return where the run keeps its answers."""
    return Path(run_id.folder) / "cache" if settings.cache == "off" else settings.cache_dir
