"""What a run asked, had stored, lost and paid: the same totals with and without workers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["ModelTotals", "Totals"]


@dataclass
class ModelTotals:
    """Totals of one model over a run.

    Attributes
    ----------
    provider, model_id, base_url : str
        Who the model is.
    calls : int
        Attempts that were sent.
    hits : set of str
        Keys of questions that were stored before the run began.
    kinds : dict of str to str
        How each question ended, by key: ``answered``, ``refused``, ``unparsed``, ``network`` ...
    tokens : dict of str to (int or None, int or None)
        Tokens in and out of each reply of the run, by key; None where the provider did not say.
    picture_tokens : dict of str to (int or None, int)
        How many of these are of pictures, for replies that have pictures of their own.
    missed : dict of str to (dict or None)
        Questions that were not stored, by key, if that is to be explained: the readable parts of the key.
    planned : dict of str to (int, int, int)
        Tokens at most of each question that a real run would ask, by key: of its text, of its pictures, and out.
    timed : (float, int) or None
        Typical latency in seconds, and of how many stored replies; None where none is stored.
    """

    provider: str = ""
    model_id: str = ""
    base_url: str = ""
    calls: int = 0
    hits: set[str] = field(default_factory=set)
    kinds: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, tuple[int | None, int | None]] = field(default_factory=dict)
    picture_tokens: dict[str, tuple[int | None, int]] = field(default_factory=dict)
    missed: dict[str, dict[str, Any] | None] = field(default_factory=dict)
    planned: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    timed: tuple[float, int] | None = None

    def add(self, name: str, rest: list[Any]) -> None:
        """Take one event of a ledger."""
        match name:
            case "model":
                self.provider, self.model_id, self.base_url = rest
            case "calls":
                self.calls += rest[0]
            case "hit":
                self.hits.add(rest[0])
                self.kinds.setdefault(rest[0], rest[1])
            case "reply":
                self.kinds.setdefault(rest[0], rest[1])
                self.tokens[rest[0]] = (rest[2], rest[3])
            case "pictures":
                self.picture_tokens[rest[0]] = (rest[1], rest[2])
            case "miss":
                self.missed[rest[0]] = rest[1]
            case "plan":
                self.planned[rest[0]] = (rest[1], rest[2], rest[3])
            case "timed":
                self.timed = (rest[0], rest[1])
            case "failure":
                self.kinds[rest[0]] = rest[1]

    @property
    def failures(self) -> Mapping[str, int]:
        """Number of questions without a usable answer, by kind."""
        return Counter(kind for kind in self.kinds.values() if kind != "answered")

    @property
    def tokens_in(self) -> int | None:
        """Tokens read by the model; None where any reply does not say."""
        return total([tokens[0] for tokens in self.tokens.values()])

    @property
    def tokens_out(self) -> int | None:
        """Tokens written by the model; None where any reply does not say."""
        return total([tokens[1] for tokens in self.tokens.values()])


class Totals:
    """Totals of a run, by model: events of all processes are merged by question."""

    def __init__(self) -> None:
        self.models: dict[str, ModelTotals] = {}
        # Replies that are in no store, by key: why not, and the row as JSON.
        self.unstored: dict[str, tuple[str, str]] = {}

    def keys(self) -> set[str]:
        """Return the keys of all questions of the run that have a reply or a failure."""
        return {key for totals in self.models.values() for key in totals.kinds}

    def add(self, events: Iterable[Sequence[Any]]) -> None:
        """Merge events drained from a ledger."""
        for event in events:
            match event:
                case "unstored", key, reason, row:
                    self.unstored[key] = (reason, row)
                case "stored", key:
                    self.unstored.pop(key, None)
                case name, model, *rest:
                    self.models.setdefault(model, ModelTotals()).add(name, rest)


def total(counts: list[int | None]) -> int | None:
    """Return the sum; None where any count is not known."""
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None
