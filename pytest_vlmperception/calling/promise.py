"""A reply to come, in less than a tenth of the memory of `concurrent.futures.Future`."""

from __future__ import annotations

from collections.abc import Callable
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

    __slots__ = ("_awaited", "_calls", "_changed", "_outcome")

    def __init__(self, changed: Condition) -> None:
        self._changed = changed
        self._outcome: Reply | BaseException | None = None
        self._awaited = False
        self._calls: tuple[Callable[[], None], ...] = ()

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
            calls, self._calls = self._calls, ()
            if self._awaited:
                self._changed.notify_all()
        # Without the lock: what is called may settle, or wait for, others that share it.
        for call in calls:
            call()

    def when_done(self, call: Callable[[], None]) -> None:
        """Call once it is settled, from the thread that settles it; at once where it is."""
        with self._changed:
            if self._outcome is None:
                self._calls += (call,)
                return
        call()

    def drop(self) -> None:
        """Say that the question will not be asked any more."""
        self.settle(CallError("the run ended before the question was asked", ENDED, sent=False))
