"""How far a run is: what its processes have asked and got so far."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pytest_vlmperception.records.question import Usage

__all__ = ["Figures", "Progress"]

# What a call cost, in US dollars; None where that is not known.
Cost = Callable[[Usage], float | None]


@dataclass(frozen=True)
class Figures:
    """A run at one moment, in questions unless said otherwise.

    Attributes
    ----------
    asked : int
        Submitted so far by the running tests.
    done : int
        Of these, with a reply or a final failure.
    hits : int
        Of these, stored before the run began.
    failures : int
        Of these, without a usable answer.
    in_flight : int
        Calls under way.
    usd : float or None
        What the run has paid, in US dollars; None where that is not known.
    """

    asked: int = 0
    done: int = 0
    hits: int = 0
    failures: int = 0
    in_flight: int = 0
    usd: float | None = 0.0


class Progress:
    """Merges the events of all processes of a run; a question that several of them ask counts once.

    Parameters
    ----------
    cost_of : callable
        Returns, for provider, model and base URL, what a call costs.
    """

    def __init__(self, cost_of: Callable[[str, str, str], Cost]) -> None:
        self._cost_of = cost_of
        self._costs: dict[str, Cost] = {}
        self._asked: set[str] = set()
        self._kinds: dict[str, str] = {}
        self._hits: set[str] = set()
        self._in_flight: dict[str, int] = {}
        self._picture_tokens: dict[str, tuple[int | None, int]] = {}
        self._usd: float | None = 0.0

    def add(self, process: str, events: Iterable[Sequence[Any]]) -> None:
        """Merge what a ledger heard in one process."""
        for name, model, *rest in events:
            match name:
                case "model":
                    self._costs.setdefault(model, self._cost_of(*rest))
                case "asked":
                    self._asked.add(rest[0])
                case "hit":
                    self._hits.add(rest[0])
                    self._kinds.setdefault(rest[0], rest[1])
                case "reply":
                    self._kinds.setdefault(rest[0], rest[1])
                    seen, drawn = self._picture_tokens.pop(rest[0], (None, None))
                    self._pay(model, Usage(rest[2], rest[3], image_tokens=seen, output_image_tokens=drawn))
                case "pictures":
                    self._picture_tokens[rest[0]] = (rest[1], rest[2])
                case "failure":
                    self._kinds[rest[0]] = rest[1]
                case "in flight":
                    self._in_flight[process] = rest[0]

    def _pay(self, model: str, usage: Usage) -> None:
        usd = self._costs[model](usage) if model in self._costs else None
        self._usd = None if self._usd is None or usd is None else self._usd + usd

    def figures(self) -> Figures:
        """Return the figures of this moment."""
        return Figures(
            # A worker may say what it got before another says what it asked.
            asked=max(len(self._asked), len(self._kinds)),
            done=len(self._kinds),
            hits=len(self._hits),
            failures=sum(kind != "answered" for kind in self._kinds.values()),
            in_flight=sum(self._in_flight.values()),
            usd=self._usd,
        )
