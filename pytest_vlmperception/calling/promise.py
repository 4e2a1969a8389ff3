"""A reply to come, in less than a tenth of the memory of `concurrent.futures.Future`."""

from __future__ import annotations

from threading import Condition

from pytest_vlmperception.errors import CallError
from pytest_vlmperception.records import Reply

__all__ = ["ENDED", "Promise"]

ENDED = "ended"


class Promise:
    """The reply to one question, or why there is none.

    Parameters
    ----------
    changed : Condition
        Tells whoever waits that some promise was kept; many promises share one.
    """

    __slots__ = ("_awaited", "_changed", "_outcome")

    def __init__(self, changed: Condition) -> None:
        self._changed = changed
        self._outcome: Reply | BaseException | None = None
        self._awaited = False

    def done(self) -> bool:
        """Tell whether `result` returns, or raises, at once."""
        return self._outcome is not None

    def result(self, timeout: float | None = None) -> Reply:
        """Wait for the reply.

        Parameters
        ----------
        timeout : float, optional
            Seconds to wait at most.

        Raises
        ------
        CallError
            If there is none.
        TimeoutError
            If there is none yet.
        """
        if self._outcome is None:
            with self._changed:
                self._awaited = True
                if not self._changed.wait_for(self.done, timeout):
                    raise TimeoutError(f"no reply within {timeout} s")
        if isinstance(self._outcome, BaseException):
            raise self._outcome
        assert self._outcome is not None  # noqa: S101 - for the type checker
        return self._outcome

    def settle(self, outcome: Reply | BaseException) -> None:
        """Give the reply, or the reason why there is none."""
        with self._changed:
            self._outcome = outcome
            if self._awaited:
                self._changed.notify_all()

    def drop(self) -> None:
        """Say that the question will not be asked any more."""
        self.settle(CallError("the run ended before the question was asked", ENDED, sent=False))
