"""What a server's refusal to serve means: an HTTP status, its codes and its words, as `CallError`."""

from __future__ import annotations

import json
import math
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

from pytest_vlmperception.errors import CallError

__all__ = ["Failure", "call_error", "json_or_none", "printable", "retry_after", "transport_error", "without_key"]

WORDS = 300
LOOKED_AT = 10 * WORDS

# What is shorter stands in for a key at a server that wants none, and may be a word of an answer.
SHORTEST_KEY = 5

QUOTA = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_not_active", "daily_quota"})
KEY = frozenset({"invalid_api_key", "API_KEY_INVALID", "API_KEY_SERVICE_BLOCKED", "PERMISSION_DENIED"})
MODEL = frozenset({"model_not_found", "model_not_available", "model_deprecated", "model_retired", "deprecated_model"})
BUSY = frozenset({"rate_limit_exceeded", "RESOURCE_EXHAUSTED"})
SERVER = frozenset({"server_error", "vector_store_timeout", "UNAVAILABLE", "INTERNAL"})

# Of httpx and its successor; nothing left this machine when one of these is raised.
CLIENTS = frozenset({"httpcore", "httpcore2", "httpx", "httpx2"})
UNSENT = frozenset({"ConnectError", "ConnectTimeout", "InvalidURL", "LocalProtocolError", "PoolTimeout", "ProxyError"})

SPAN = re.compile(r"(?P<value>\d+(?:\.\d+)?)(?P<unit>ms|s|m|h|d)")
SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


@dataclass(frozen=True)
class Failure:
    """A server's answer that is no reply.

    Attributes
    ----------
    status : int
        HTTP status.
    codes : frozenset of str
        The codes, types and reasons that the server gave.
    words : str
        Its message.
    retry_after : float or None
        Seconds that it asked to wait.
    """

    status: int
    codes: frozenset[str] = frozenset()
    words: str = ""
    retry_after: float | None = None


def call_error(model: str, failure: Failure, secret: str = "") -> CallError:
    """Return the error for a server's answer that is no reply.

    Parameters
    ----------
    model : str
        Name of the model.
    failure : Failure
        The answer.
    secret : str
        The key, which some servers repeat in their message.
    """
    kind, transient, whole_model = classified(failure.status, failure.codes)
    words = printable(failure.words, secret)
    message = f"{model}: HTTP {failure.status}: {words}" if words else f"{model}: HTTP {failure.status}"
    return CallError(
        f"{message.rstrip('.')}; {remedy(failure)}" if kind == "model" else message,
        kind,
        transient=transient,
        retry_after=failure.retry_after if transient else None,
        whole_model=whole_model,
    )


def remedy(failure: Failure) -> str:
    """Say what to do where a server knows no such model, or has nothing where it was looked for."""
    if failure.status == 410 or failure.codes & MODEL or "model" in failure.words.lower():
        return "is it retired? name another with --vlm-model, --vlm-against or --vlm-judge"
    return "is base_url right, and the model not retired? name another with --vlm-model, --vlm-against or --vlm-judge"


def classified(status: int, codes: frozenset[str]) -> tuple[str, bool, bool]:
    """Return kind, whether asking again may help, and whether the whole model fails alike.

    The codes come first: Gemini answers 400 to a wrong key, and both vendors 429 to an empty account.
    """
    if status == 402 or codes & QUOTA:
        return "quota", False, True
    if status in {401, 403} or codes & KEY:
        return "key", False, True
    if status in {404, 410} or codes & MODEL:
        return "model", False, True
    if status == 429 or codes & BUSY:
        return "rate limit", True, False
    if status in {408, 409} or status >= 500 or codes & SERVER:
        return "server", True, False
    return "request", False, 300 <= status < 400


def printable(words: str, secret: str = "") -> str:
    """Return the start of a server's message as one line, without the key."""
    words = without_key(words, secret)[:LOOKED_AT]
    line = " ".join("".join(char if char.isprintable() else " " for char in words).split())
    return line if len(line) <= WORDS else f"{line[:WORDS]}..."


def without_key(text: str, secret: str) -> str:
    """Return a server's text without the key, which some servers repeat."""
    return text.replace(secret, "[key]") if len(secret) >= SHORTEST_KEY else text


def json_or_none(body: str | bytes) -> Any:
    """Return a JSON body; None where it is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that a server's headers ask to wait; None where they do not.

    Parameters
    ----------
    headers : mapping of str to str
        With names in lower case, or that takes names in any case.
    """
    waits = (
        scaled(headers.get("retry-after-ms"), 0.001),
        scaled(headers.get("retry-after"), 1.0),
        until(headers.get("retry-after"), time.time()),
        reset(headers),
    )
    return next((wait for wait in waits if wait is not None), None)


def scaled(text: str | None, scale: float) -> float | None:
    """Return a number of seconds; None for what is none."""
    try:
        seconds = float(text or "") * scale
    except ValueError:
        return None
    return max(0.0, seconds) if math.isfinite(seconds) else None


def until(text: str | None, now: float) -> float | None:
    """Return the seconds until an HTTP date."""
    try:
        return max(0.0, parsedate_to_datetime(text or "").timestamp() - now)
    except (ValueError, OverflowError):
        return None


def reset(headers: Mapping[str, str]) -> float | None:
    """Return the seconds until the limits that are used up are free again."""
    waits = [
        span(headers.get(f"x-ratelimit-reset-{what}", ""))
        for what in ("requests", "tokens")
        if headers.get(f"x-ratelimit-remaining-{what}", "0").strip() == "0"
    ]
    return max((wait for wait in waits if wait is not None), default=None)


def span(text: str) -> float | None:
    """Return a time span such as ``6m0s``, ``0.7s`` or ``20ms`` in seconds; None for what is none."""
    if not re.fullmatch(f"({SPAN.pattern.replace('?P<value>', '').replace('?P<unit>', '')})+", text):
        return None
    seconds = sum(float(value) * SECONDS[unit] for value, unit in SPAN.findall(text))
    return seconds if math.isfinite(seconds) else None


def transport_error(model: str, error: BaseException, secret: str = "") -> CallError:
    """Return the error for a request that got no answer, or that the SDK did not send."""
    own = next((cause for cause in causes(error) if isinstance(cause, CallError)), None)
    if own is not None:
        return own
    cause = next((cause for cause in causes(error) if type(cause).__module__.partition(".")[0] in CLIENTS), None)
    if isinstance(error, UnicodeDecodeError | RecursionError):
        return CallError(f"{model}: malformed reply: {type(error).__name__}", "malformed", transient=True)
    if cause is None:
        what = printable(str(error), secret)
        return CallError(f"{model}: {type(error).__name__}: {what}", "request", sent=False)
    classes = {kind.__name__ for kind in type(cause).__mro__}
    what = printable(str(cause), secret) or "no details"
    message = f"{model}: {type(cause).__name__}: {what}"
    sent = not classes & UNSENT
    if "TimeoutException" in classes:
        return CallError(message, "timeout", transient=True, sent=sent)
    if "DecodingError" in classes:
        return CallError(message, "malformed", transient=True)
    if "TransportError" in classes:
        return CallError(message, "network", transient=True, sent=sent)
    return CallError(message, "request", sent=sent)


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception and its causes; the SDKs differ in what they wrap."""
    while error is not None:
        yield error
        error = error.__cause__
