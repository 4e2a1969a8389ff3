"""A layer in the provider's place: it answers from a recording, and only from there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pytest_vlmperception.calling.keys import key_of, key_parts
from pytest_vlmperception.calling.ledger import Ledger
from pytest_vlmperception.calling.misses import nearest_difference
from pytest_vlmperception.calling.recordings import Recording
from pytest_vlmperception.errors import CallError
from pytest_vlmperception.models.base import Identity
from pytest_vlmperception.records import Question, Reply

__all__ = ["NOT_RECORDED", "Replayed"]

NOT_RECORDED = "not recorded"


@dataclass(frozen=True)
class Replayed:
    """Answer what was recorded. Makes no call, opens no store, needs no key.

    Parameters
    ----------
    recording : Recording
        The replies.
    identity : Identity
        Whose replies count.
    ledger : Ledger
        Where hits and misses are counted.
    name : str
        What the user calls the model.
    explain : bool
        Whether the error for a miss says what differs from the nearest question recorded.
    """

    recording: Recording
    identity: Identity
    ledger: Ledger
    name: str
    explain: bool = False

    def stored(self, question: Question) -> Reply:
        """Return the recorded reply, as `ask` does."""
        return self.ask(question)

    def ask(self, question: Question) -> Reply:
        """Return the recorded reply.

        Raises
        ------
        CallError
            If the question is not in the recording.
        """
        parts = key_parts(self.identity, question)
        key = key_of(parts)
        row = self.recording.get(key)
        if row is None:
            self.ledger.failed(self.name, key, NOT_RECORDED)
            raise CallError(self._miss(parts), NOT_RECORDED, sent=False)
        self.ledger.hit(self.name, key, row.reply)
        return row.reply

    def _miss(self, parts: Mapping[str, Any]) -> str:
        if self.explain:
            remedy = nearest_difference(parts, (row.parts for row in self.recording.values()))
        else:
            remedy = "record it with --vlm-record, or add --vlm-explain-miss to see what differs"
        return f"{self.name}: the question is not in the recording {self.recording.name}; {remedy}"
