"""The layer that asks nothing the run cannot pay."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pytest_vlmperception.calling.budget import Budget
from pytest_vlmperception.calling.spending import Amount
from pytest_vlmperception.errors import CallError
from pytest_vlmperception.models.base import Model
from pytest_vlmperception.records import Question, Reply

__all__ = ["Budgeted"]


@dataclass(frozen=True)
class Budgeted:
    """Reserve each attempt before it is sent; pay for it afterwards.

    Its place is ``Cached(Breaker(Retried(Budgeted(Paced(Counted(provider))))))``:

    - inside `Cached`, since a stored reply costs nothing, and inside `Breaker`, since a question that
      is not asked because the model is out of reach costs nothing either;
    - inside `Retried`, so that each attempt is reserved once and nothing is held during the pause
      between two;
    - outside `Paced`, so that waiting for money takes no slot from a question that can be paid. A
      reservation may wait for a slot, never the other way round: neither blocks the other for good.

    Parameters
    ----------
    inner : Model
        Whom to ask.
    budget : Budget
        What the run may spend.
    upper_usd : callable
        What a question costs at most; None where its price is not known.
    cost_usd : callable
        What a reply did cost; None where that is not known: then what was reserved counts as paid.
    pause : callable
        Waits for a number of seconds; raises `CallError` at the end of the run.
    """

    inner: Model
    budget: Budget
    upper_usd: Callable[[Question], float | None]
    cost_usd: Callable[[Reply], float | None]
    pause: Callable[[float], None]

    def ask(self, question: Question) -> Reply:
        """Wait until the question can be paid, then ask.

        Raises
        ------
        CallError
            Of kind ``budget``, if it never can.
        """
        reserved = self.budget.reserve(self.upper_usd(question), self.pause)
        # What ends in any other way than below may have been paid.
        paid = reserved
        try:
            reply = self.inner.ask(question)
            usd = self.cost_usd(reply)
            paid = reserved if usd is None else Amount.of_call(usd)
        except CallError as error:
            paid = Amount.of_call() if error.sent else Amount()
            raise
        finally:
            self.budget.settle(reserved, paid)
        return reply
