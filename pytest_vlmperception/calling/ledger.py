"""What happens in this process, noted for the totals of the run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from threading import Lock
from typing import Any

from pytest_vlmperception.records import Question, Reply

__all__ = ["Ledger", "fingerprint"]

# Some 600 bytes each travel to the controller.
MOST_MISSED = 2_000


class Ledger:
    """Counts what happens in this process until it is drained into a report."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._events: list[Sequence[Any]] = []
        self._calls: Counter[str] = Counter()
        self._missed = 0
        self._asked: list[tuple[str, Question]] = []
        self._heard: list[Sequence[Any]] = []
        self._listened_to = False
        self.in_flight = 0

    def _add(self, *event: Any) -> None:
        with self._lock:
            self._events.append(event)
            if self._listened_to:
                self._heard.append(event)

    def known(self, model: str, provider: str, model_id: str, base_url: str) -> None:
        """Say who a model is, for its price."""
        self._add("model", model, provider, model_id, base_url)

    def asked(self, model: str, questions: Iterable[Question]) -> None:
        """Count questions that were submitted, for those who listen."""
        if self._listened_to:
            with self._lock:
                self._asked += [(model, question) for question in questions]

    @contextmanager
    def sending(self) -> Iterator[None]:
        """Count an attempt as in flight."""
        with self._lock:
            self.in_flight += 1
        try:
            yield
        finally:
            with self._lock:
                self.in_flight -= 1

    def called(self, model: str) -> None:
        """Count one attempt that was sent."""
        with self._lock:
            self._calls[model] += 1

    def hit(self, model: str, key: str, kind: str) -> None:
        """Count a question whose reply was stored before the run began."""
        self._add("hit", model, key, kind)

    def replied(self, model: str, key: str, reply: Reply) -> None:
        """Count a question that was answered by a call of this run."""
        usage = reply.usage
        if usage.output_image_tokens is not None:
            self._add("pictures", model, key, usage.image_tokens, usage.output_image_tokens)
        self._add("reply", model, key, reply.kind, usage.input_tokens, usage.output_tokens)

    def planned(self, model: str, key: str, text: int, pictures: int, tokens_out: int) -> None:
        """Count a question that a real run would ask, with the tokens it may take at most."""
        self._add("plan", model, key, text, pictures, tokens_out)

    def timed(self, model: str, latency_s: float, replies: int) -> None:
        """Say how long a model takes to reply, by so many replies."""
        self._add("timed", model, latency_s, replies)

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

    def drain(self) -> list[Sequence[Any]]:
        """Return what happened since the last time; safe to send as JSON."""
        with self._lock:
            events: list[Sequence[Any]] = [("calls", model, count) for model, count in self._calls.items()]
            events += self._events
            self._calls.clear()
            self._events = []
        return events

    def listen(self) -> None:
        """Keep from now on what happens for `heard`, beside what is drained."""
        self._listened_to = True

    def heard(self) -> list[Sequence[Any]]:
        """Return what happened since the last time, and how many calls are in flight; safe to send as JSON."""
        with self._lock:
            asked, self._asked = self._asked, []
            events, self._heard = self._heard, []
            gauge = ["in flight", "", self.in_flight]
        return [*(["asked", model, fingerprint(model, question)] for model, question in asked), *events, gauge]


def fingerprint(model: str, question: Question) -> str:
    """Return what tells questions apart, the same in all processes, without reading a picture."""
    pictures = [picture.name for picture in question.shown]
    content = repr((model, question.prompt, pictures, question.choices, question.repeat))
    return blake2b(content.encode("utf-8", "replace"), digest_size=8).hexdigest()
