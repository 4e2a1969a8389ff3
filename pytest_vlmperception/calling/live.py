"""The layers around a provider that is asked over the network, or computes."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from pytest_vlmperception.calling.announced import Announce, Announced
from pytest_vlmperception.calling.budget import Budget
from pytest_vlmperception.calling.budget_layer import Budgeted
from pytest_vlmperception.calling.caller import Pause
from pytest_vlmperception.calling.layers import Breaker, Cached, Counted, Paced, Quota, Retried
from pytest_vlmperception.calling.ledger import Ledger
from pytest_vlmperception.calling.pace import Pace
from pytest_vlmperception.calling.slots import Slots
from pytest_vlmperception.calling.store import Store
from pytest_vlmperception.models.base import Model, Provider
from pytest_vlmperception.records import Question, Reply

__all__ = ["Live", "Purse"]


@dataclass(frozen=True)
class Purse:
    """What a run may spend, and what a question to one model costs.

    Attributes
    ----------
    budget : Budget
        Shared by all models of the run.
    upper_usd : callable
        What a question costs at most; None where its price is not known.
    cost_usd : callable
        What a reply did cost; None where that is not known.
    """

    budget: Budget
    upper_usd: Callable[[Question], float | None]
    cost_usd: Callable[[Reply], float | None]


@dataclass(frozen=True)
class Live:
    """A `Chain`: ``Cached(Breaker(Retried(Budgeted(Paced(Counted(provider))))))``.

    Attributes
    ----------
    name : str
        What the user calls the model.
    provider : Provider
        Whom to ask.
    store : Store
        Where replies are kept.
    ledger : Ledger
        Where calls are counted.
    pace : Pace
        How many calls may be in flight.
    slots : Slots
        Places for them, over all workers.
    purse : Purse or None
        None where nothing limits what is spent.
    clock : callable
        Seconds on a monotonic clock.
    rng : random.Random
        Source of the jitter between attempts.
    explain : bool
        Whether questions that are not stored are noted, to say why.
    announce : callable or None
        Given the question of the first call before it is made.
    """

    name: str
    provider: Provider
    store: Store
    ledger: Ledger
    pace: Pace
    slots: Slots
    purse: Purse | None = None
    clock: Callable[[], float] = time.monotonic
    rng: random.Random | None = None
    explain: bool = False
    announce: Announce | None = None

    def __call__(self, pause: Pause) -> Cached:
        """Build the layers, given how to wait."""
        first: Model = self.provider if self.announce is None else Announced(self.provider, self.announce)
        counted = Counted(first, self.ledger, self.name)
        quota: Quota | None = getattr(self.provider, "quota", None)
        asked: Model = Paced(counted, self.slots, self.pace, lambda: pause(0.0), quota)
        if self.purse is not None:
            asked = Budgeted(asked, self.purse.budget, self.purse.upper_usd, self.purse.cost_usd, pause)
        retried = Retried(asked, self.clock, pause, self.rng or random.Random())  # noqa: S311 - jitter, no secret
        breaker = Breaker(retried, self.store, f"model {self.name}")
        return Cached(breaker, self.provider.identity, self.store, self.ledger, self.name, self.explain)
