"""What a server says, with its replies, of how much more it takes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from threading import Lock

from pytest_vlmperception.models.failures import scaled, span, until

__all__ = ["Quota", "pause_s"]

# What is left, and when it is whole again: OpenAI's, which others have taken over, and Anthropic's.
LIMITS = (
    *((f"x-ratelimit-remaining-{what}", f"x-ratelimit-reset-{what}") for what in ("requests", "tokens")),
    *(
        (f"anthropic-ratelimit-{what}-remaining", f"anthropic-ratelimit-{what}-reset")
        for what in ("requests", "tokens", "input-tokens", "output-tokens")
    ),
)

# A longer pause is no matter of pace: a quota for the day is used up, or the header is wrong. The
# rejections that follow say which.
LONGEST_S = 3600.0


class Quota:
    """What the replies of one model said; all threads that ask it share one.

    Parameters
    ----------
    clock : callable
        Seconds on a monotonic clock.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._until = 0.0

    def note(self, headers: Mapping[str, str]) -> None:
        """Read the headers of a reply."""
        seconds = pause_s(headers, time.time())
        if seconds > 0:
            with self._lock:
                self._until = max(self._until, self._clock() + seconds)

    def take(self) -> float:
        """Return for how many seconds no call is to be sent, by what was said since the last time."""
        with self._lock:
            until, self._until = self._until, 0.0
        return max(0.0, until - self._clock())


def pause_s(headers: Mapping[str, str], now: float) -> float:
    """Return for how many seconds a server that did reply wants no further call.

    That is the longest of what ``Retry-After`` says, and of the times until limits of which nothing is
    left are whole again. Times over an hour do not count.

    Parameters
    ----------
    headers : mapping of str to str
        With names in lower case, or that takes names in any case.
    now : float
        Seconds since 1970.
    """
    return max((wait for wait in waits(headers, now) if wait is not None and wait <= LONGEST_S), default=0.0)


def waits(headers: Mapping[str, str], now: float) -> Iterator[float | None]:
    """Yield each time that a server gives."""
    yield scaled(headers.get("retry-after-ms"), 0.001)
    yield scaled(headers.get("retry-after"), 1.0)
    yield until(headers.get("retry-after"), now)
    for remaining, reset in LIMITS:
        if headers.get(remaining, "").strip() == "0":
            text = headers.get(reset, "").strip()
            yield scaled(text, 1.0)
            yield span(text)
            yield instant(text, now)


def instant(text: str, now: float) -> float | None:
    """Return the seconds until a time such as ``2026-11-21T12:00:00Z``; None for what is none."""
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    # Without a time zone it may be anywhere.
    return None if when.tzinfo is None else max(0.0, when.timestamp() - now)
