"""What was read out of the replies to one item."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, Literal, NoReturn

from pytest_vlmperception.errors import (
    CannotJudge,
    Inconclusive,
    Outcome,
    Refused,
    Truncated,
    Unavailable,
    Unparsed,
)
from pytest_vlmperception.records.question import Reply

__all__ = ["CANNOT_JUDGE", "Answer", "Draw", "Status"]

Status = Literal["answered", "unparsed", "refused", "truncated", "unavailable"]

# Kind of the draws that the built-in observer refuses for want of a measure.
CANNOT_JUDGE = "cannot judge"

OUTCOMES: dict[str, type[Outcome]] = {
    "unparsed": Unparsed,
    "refused": Refused,
    "truncated": Truncated,
    "unavailable": Unavailable,
}


@dataclass(frozen=True, slots=True)
class Draw:
    """One trial: a single question asked once.

    Attributes
    ----------
    status : {"answered", "unparsed", "refused", "truncated", "unavailable"}
        Five different things, counted apart.
    value : object
        What was read; None unless answered.
    kind : str
        The status in detail, e.g. ``filtered``, ``network``, ``key``.
    reason : str
        Why there is no value.
    repeat : int
        Index of the repeat.
    order : str
        Presentation order: ``given`` or ``reversed``.
    reply : Reply or None
        The reply; None where there was none.
    """

    status: Status
    value: Any = None
    kind: str = "answered"
    reason: str = ""
    repeat: int = 0
    order: str = "given"
    reply: Reply | None = None

    @property
    def text(self) -> str:
        """The raw text of the reply; empty where there was none."""
        return self.reply.text if self.reply else ""

    @property
    def latency_s(self) -> float | None:
        """Seconds that the reply took; None where there was none."""
        return self.reply.latency_s if self.reply else None

    def raise_outcome(self) -> NoReturn:
        """Raise the exception that stands for why there is no value."""
        outcome = CannotJudge if self.kind == CANNOT_JUDGE else OUTCOMES[self.status]
        raise outcome(self.reason or self.kind)


@dataclass(frozen=True, repr=False, slots=True)
class Answer:
    """All draws of one item, and what a strict majority of them says.

    Attributes
    ----------
    draws : tuple of Draw
        In the order asked.
    """

    draws: tuple[Draw, ...]

    def __repr__(self) -> str:
        said = ", ".join(draw.text[:40] or draw.status for draw in self.draws[:3])
        return f"<{type(self).__name__} {self.status}: {said!r}>"

    @property
    def status(self) -> Status:
        """The status of a strict majority of draws, else the most frequent failure; never raises."""
        counts = Counter(draw.status for draw in self.draws)
        status, count = counts.most_common(1)[0]
        if 2 * count > len(self.draws):
            return status
        del counts["answered"]
        return counts.most_common(1)[0][0]

    @property
    def value(self) -> Any:
        """The value of a strict majority of draws.

        Raises
        ------
        Outcome
            `Refused`, `Unparsed`, `Truncated` or `Unavailable` where most draws are;
            `Inconclusive` where no value has a strict majority.
        """
        self.check_answered()
        counts = Counter(draw.value for draw in self.draws if draw.status == "answered")
        value, count = counts.most_common(1)[0]
        if 2 * count > len(self.draws):
            return value
        said = ", ".join(f"{value} {count}" for value, count in counts.most_common(4))
        raise Inconclusive(f"no strict majority among {len(self.draws)} draws: {said}")

    def check_answered(self) -> None:
        """Raise the outcome of the draws unless most of them were answered."""
        status = self.status
        if status != "answered":
            next(draw for draw in self.draws if draw.status == status).raise_outcome()
