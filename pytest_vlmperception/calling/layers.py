"""Layers around a provider. Each has the provider's one verb, ``ask``."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from pytest_vlmperception.calling.keys import key_of, key_parts
from pytest_vlmperception.calling.ledger import Ledger
from pytest_vlmperception.calling.pace import Pace
from pytest_vlmperception.calling.promise import ENDED
from pytest_vlmperception.calling.slots import Slots
from pytest_vlmperception.calling.store import Store
from pytest_vlmperception.calling.whole import whole
from pytest_vlmperception.errors import CallError
from pytest_vlmperception.models.base import Identity, Model
from pytest_vlmperception.records import Question, Reply

__all__ = ["Breaker", "Cached", "Counted", "LeasedElsewhereError", "Paced", "Quota", "Retried"]


RATE_LIMIT = "rate limit"
UNUSABLE = ("empty", "malformed")


class LeasedElsewhereError(Exception):
    """Somebody else is asking this question now: come back later."""


class Quota(Protocol):
    """Remembers what a server's replies said."""

    def take(self) -> float:
        """Return for how many seconds no call is to be sent, by what was said since the last time."""


@dataclass(frozen=True)
class Counted:
    """Count each attempt that is sent."""

    inner: Model
    ledger: Ledger
    name: str

    def ask(self, question: Question) -> Reply:
        """Ask, and count the attempt however it ends."""
        try:
            with self.ledger.sending():
                reply = self.inner.ask(question)
        except CallError as error:
            if error.sent:
                self.ledger.called(self.name)
            raise
        self.ledger.called(self.name)
        return reply


@dataclass(frozen=True)
class Paced:
    """Ask only while holding one of the slots that all workers of the run share.

    Parameters
    ----------
    inner : Model
        Whom to ask.
    slots : Slots
        Places for calls in flight.
    pace : Pace
        Learns from how calls end.
    check_running : callable
        Raises `CallError` if the run ended while the call waited for a slot.
    quota : Quota or None
        What the server's replies say of how much more it takes; None where nobody reads that.
    """

    inner: Model
    slots: Slots
    pace: Pace
    check_running: Callable[[], None]
    quota: Quota | None = None

    def ask(self, question: Question) -> Reply:
        """Wait for a slot, then ask."""
        with self.slots.one(self.check_running):
            self.check_running()
            sent_at = self.pace.now()
            try:
                reply = self.inner.ask(question)
            except CallError as error:
                self._learn(error, sent_at)
                raise
            # Before the place is free: whoever takes it meets the pause, and a limit that has grown.
            seconds = self.quota.take() if self.quota is not None else 0.0
            if seconds > 0:
                self.pace.used_up(seconds)
            self.pace.replied()
        return reply

    def _learn(self, error: CallError, sent_at: float) -> None:
        if error.kind == RATE_LIMIT:
            self.pace.rejected(sent_at, error.retry_after)
        elif error.transient:
            self.pace.disturbed()


@dataclass(frozen=True)
class Retried:
    """Ask again after an error that may pass, outside the slot.

    Parameters
    ----------
    inner : Model
        Whom to ask.
    clock : callable
        Seconds on a monotonic clock.
    sleep : callable
        Wait for a number of seconds.
    rng : random.Random
        Source of the jitter.
    tries : int
        Attempts at most, those that the server rejected as one too many not counted; two for a reply that
        says nothing, because it may have been paid.
    deadline_s : float
        Seconds after which no new attempt starts.
    """

    inner: Model
    clock: Callable[[], float]
    sleep: Callable[[float], None]
    rng: random.Random
    tries: int = 6
    deadline_s: float = 600.0

    def ask(self, question: Question) -> Reply:
        """Ask until there is a reply, the error is final, or tries or time are used up."""
        end = self.clock() + self.deadline_s
        tries = rejections = 0
        while True:
            try:
                return self.inner.ask(question)
            except CallError as error:
                if not error.transient:
                    raise
                # A rejection says nothing of the question: only the deadline bounds how often it is asked again.
                rejected = error.kind == RATE_LIMIT
                tries, rejections = tries + (not rejected), rejections + rejected
                pause = self.pause(error, tries + rejections)
                most = 2 if error.kind in UNUSABLE else self.tries
                if tries >= most or self.clock() + pause > end:
                    message = f"{error.message} (tried {tries + rejections} times)"
                    # Where not even a connection can be made, no other question gets further.
                    raise CallError(message, error.kind, whole_model=not error.sent, sent=error.sent) from error
            self.sleep(pause)

    def pause(self, error: CallError, attempt: int) -> float:
        """Return the seconds to wait: what the server asked for, or 0.5 s doubled each time up to 30 s."""
        if error.retry_after is not None:
            return error.retry_after + self.rng.uniform(0.0, 0.1)
        return float(min(30.0, 0.5 * 2 ** (attempt - 1)) * self.rng.uniform(0.75, 1.25))


@dataclass(frozen=True)
class Breaker:
    """Stop asking a model after an error that every other question of the run must meet alike."""

    inner: Model
    store: Store
    name: str

    def ask(self, question: Question) -> Reply:
        """Ask, unless a worker of the run has found the model out of reach."""
        failure = self.store.failure(self.name)
        if failure is not None:
            raise failure
        try:
            return self.inner.ask(question)
        except CallError as error:
            if error.whole_model:
                self.store.put_failure(self.name, error)
            raise


@dataclass(frozen=True)
class Cached:
    """Ask each question once over all threads and workers; read it from the store afterwards."""

    inner: Model
    identity: Identity
    store: Store
    ledger: Ledger
    name: str
    explain: bool = False

    def stored(self, question: Question) -> Reply | None:
        """Return the stored reply, None where there is none."""
        return self._found(key_of(key_parts(self.identity, question)))

    def ask(self, question: Question) -> Reply:
        """Return the stored reply, or ask and store it before anybody reads it.

        Raises
        ------
        LeasedElsewhereError
            If another thread or worker is asking the same question now.
        """
        parts = key_parts(self.identity, question)
        key = key_of(parts)
        for picture in question.shown:
            picture.check()
        with self.store.lease(key) as mine:
            if not mine:
                raise LeasedElsewhereError
            reply = self.known(key)
            if reply is not None:
                return reply
            if self.explain:
                self.ledger.missed(self.name, key, parts)
            try:
                reply = whole(self.inner.ask(question))
            except CallError as error:
                if error.kind != ENDED:
                    self.store.put_failure(key, error)
                    self.ledger.failed(self.name, key, error.kind)
                raise
            reply = self.store.put(key, reply, parts).reply
            self.ledger.replied(self.name, key, reply)
            return reply

    def known(self, key: str) -> Reply | None:
        """Return the stored reply; raise the failure that this run met; None for neither."""
        reply = self._found(key)
        failure = self.store.failure(key) if reply is None else None
        if failure is not None:
            raise failure
        return reply

    def _found(self, key: str) -> Reply | None:
        row = self.store.get(key)
        if row is None:
            return None
        if row.run != self.store.run:
            self.ledger.hit(self.name, key, row.reply)
        return row.reply
