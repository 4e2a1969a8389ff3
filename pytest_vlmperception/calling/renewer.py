"""A thread that keeps leases alive."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Lock, Thread

__all__ = ["Renewer"]


class Renewer:
    """Calls a function every few seconds, from its start until it is closed.

    Parameters
    ----------
    renew : callable
        Must not raise.
    every_s : float
        Seconds between calls.
    at_exit : callable
        Called by the thread before it ends.
    """

    def __init__(self, renew: Callable[[], None], every_s: float, at_exit: Callable[[], None] = lambda: None) -> None:
        self._renew = renew
        self._every_s = every_s
        self._at_exit = at_exit
        self._lock = Lock()
        self._closed = Event()
        self._thread: Thread | None = None

    def start(self) -> None:
        """Start the thread, if it does not run yet."""
        with self._lock:
            if self._thread is None and not self._closed.is_set():
                self._thread = Thread(target=self._run, name="vlmperception-renewer", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while not self._closed.wait(self._every_s):
            self._renew()
        self._at_exit()

    def close(self) -> None:
        """End the thread, if it runs."""
        self._closed.set()
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.join()
