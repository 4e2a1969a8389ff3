"""What happens in this process, noted for the totals of the run."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Lock
from typing import Any

from pytest_vlmperception.records import Reply

__all__ = ["Ledger"]

# Some 600 bytes each travel to the controller.
MOST_MISSED = 2_000


class Ledger:
    """Counts what happens in this process until it is drained into a report."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._events: list[list[Any]] = []
        self._missed = 0

    def _add(self, *event: Any) -> None:
        with self._lock:
            self._events.append(list(event))

    def known(self, model: str, provider: str, model_id: str, base_url: str) -> None:
        """Say who a model is, for its price."""
        self._add("model", model, provider, model_id, base_url)

    def called(self, model: str) -> None:
        """Count one attempt that was sent."""
        self._add("call", model)

    def hit(self, model: str, key: str, kind: str) -> None:
        """Count a question whose reply was stored before the run began."""
        self._add("hit", model, key, kind)

    def replied(self, model: str, key: str, reply: Reply) -> None:
        """Count a question that was answered by a call of this run."""
        usage = reply.usage
        self._add("reply", model, key, reply.kind, usage.input_tokens, usage.output_tokens)

    def planned(self, model: str, key: str, tokens_in: int, tokens_out: int) -> None:
        """Count a question that a real run would ask, with the tokens it may take at most."""
        self._add("plan", model, key, tokens_in, tokens_out)

    def missed(self, model: str, key: str, parts: Mapping[str, Any]) -> None:
        """Note a question that was not stored: with the readable parts of its key, if it is among the first."""
        with self._lock:
            self._missed += 1
            known = dict(parts) if self._missed <= MOST_MISSED else None
            self._events.append(["miss", model, key, known])

    def failed(self, model: str, key: str, kind: str) -> None:
        """Count a question without a usable answer: not to be had, or not one of the choices."""
        self._add("failure", model, key, kind)

    def unstored(self, key: str, reason: str, row: str) -> None:
        """Note a reply that could not be stored, with its row as JSON."""
        self._add("unstored", key, reason, row)

    def stored(self, key: str) -> None:
        """Note that a reply that could not be stored was stored after all."""
        self._add("stored", key)

    def drain(self) -> list[list[Any]]:
        """Return what happened since the last time; safe to send as JSON."""
        with self._lock:
            events, self._events = self._events, []
        return events
