"""Reading what a server that speaks Anthropic's protocol sent back."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from pytest_vlmperception.errors import CallError
from pytest_vlmperception.models.bodies import Node, empty
from pytest_vlmperception.models.failures import Failure, call_error, json_or_none, retry_after
from pytest_vlmperception.records import Reply, ReplyKind, Usage

__all__ = ["failed", "read"]

CUT_OFF = frozenset({"max_tokens", "model_context_window_exceeded", "pause_turn"})

# The status that each type of error comes with; a gateway may send the error with status 200.
STATUSES: Mapping[str, int] = MappingProxyType({
    "api_error": 500,
    "authentication_error": 401,
    "billing_error": 402,
    "not_found_error": 404,
    "overloaded_error": 529,
    "permission_error": 403,
    "rate_limit_error": 429,
    "request_too_large": 413,
    "timeout_error": 504,
})

# What these mean in the words that `call_error` knows; their status does not tell.
MEANINGS: Mapping[str, str] = MappingProxyType({
    "contract_spend_limit_reached": "insufficient_quota",
    "enforced_spend_limit_reached": "insufficient_quota",
    "organization_on_hold": "PERMISSION_DENIED",
})

# These can be 400 invalid_request_error without a code: only the words tell.
SPENT = re.compile(r"credit balance is too low|\bAPI usage limits?\b|\bspend limit", re.IGNORECASE)
RETIRED = re.compile(
    r"\bmodel\b.*\b(been deprecated|does not exist|end-of-life|no longer available|retired)\b", re.IGNORECASE
)

LIMITS = ("requests", "tokens", "input-tokens", "output-tokens")


def read(root: Node, request_id: str, latency_s: float, secret: str) -> Reply:
    """Return the reply in a body that came with status 200.

    Parameters
    ----------
    root : Node
        The body.
    request_id : str
        From the headers.
    latency_s : float
        Seconds that the call took.
    secret : str
        The key, to keep it out of messages.

    Raises
    ------
    CallError
        If the body holds an error or no answer, or is of another shape.
    """
    if isinstance(root["error"].value, dict):
        raise call_error(root.model, failure_of(0, root.value, {}), secret)
    finish = root["stop_reason"].label()
    kind, text = said(root, finish)
    return Reply(
        kind=kind,
        text=text,
        model=root["model"].label(),
        finish_reason=finish,
        usage=usage(root["usage"]),
        latency_s=latency_s,
        request_id=request_id,
    )


def said(root: Node, finish: str) -> tuple[ReplyKind, str]:
    """Return what the text blocks say, or why there are none; thinking is no answer."""
    blocks = root["content"].items()
    text = "".join(block["text"].text() for block in blocks if block["type"].label() == "text")
    if finish == "refusal":
        details = root["stop_details"].value
        explanation = details.get("explanation") if isinstance(details, dict) else None
        return "refused", text or (explanation if isinstance(explanation, str) else "")
    if finish in CUT_OFF:
        return "truncated", text
    if not text.strip():
        raise empty(root.model, f"no text (stop reason {finish or 'not given'})")
    return "answered", text


def failed(model: str, response: Any, secret: str) -> CallError:
    """Return what an HTTP error means.

    Parameters
    ----------
    model : str
        Name of the model.
    response : object
        The SDK's HTTP response.
    secret : str
        The key, to keep it out of messages.
    """
    body = json_or_none(response.content)
    if body is None:
        body = {"error": {"message": response.content.decode("utf-8", "replace")}}
    return call_error(model, failure_of(response.status_code, body, response.headers), secret)


def failure_of(status: int, body: Any, headers: Mapping[str, str]) -> Failure:
    """Return what an error says; `status` is 0 where it came with 200."""
    error = body.get("error") if isinstance(body, dict) else body
    words = error.get("message") if isinstance(error, dict) else error
    error = error if isinstance(error, dict) else {}
    words = words if isinstance(words, str) else ""
    # What says why is at the beginning; patterns over megabytes of a hostile body take minutes.
    words = words[:3000]
    kind = error.get("type")
    if 300 <= status < 400:
        words = "the server redirects, which is not followed; set base_url to where it lives"
    return Failure(
        status=status or STATUSES.get(kind if isinstance(kind, str) else "", 400),
        codes=frozenset(codes_of(error, words)),
        words=words,
        retry_after=delay_of(headers, time.time()),
    )


def codes_of(error: Mapping[str, Any], words: str) -> Iterator[str]:
    """Yield the words by which an error says what it is, where its status does not tell."""
    details = error.get("details")
    code = details.get("error_code") if isinstance(details, dict) else None
    if isinstance(code, str) and code in MEANINGS:
        yield MEANINGS[code]
    if SPENT.search(words):
        yield "insufficient_quota"
    if RETIRED.search(words):
        yield "model_retired"


def delay_of(headers: Mapping[str, str], now: float) -> float | None:
    """Return the seconds that the headers ask to wait, or until the limits that are used up are free again."""
    asked = retry_after(headers)
    if asked is not None:
        return asked
    waits = [
        until(headers.get(f"anthropic-ratelimit-{limit}-reset", ""), now)
        for limit in LIMITS
        if headers.get(f"anthropic-ratelimit-{limit}-remaining", "0").strip() == "0"
    ]
    return max((wait for wait in waits if wait is not None), default=None)


def until(text: str, now: float) -> float | None:
    """Return the seconds until an RFC 3339 time; None for what is none."""
    try:
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return max(0.0, moment.timestamp() - now)
    except (ValueError, OverflowError):
        return None


def usage(node: Node) -> Usage:
    """Return the tokens of a call. The API counts what went through its cache apart from the input."""
    fresh, cached = node.count("input_tokens"), node.count("cache_read_input_tokens")
    written = node.count("cache_creation_input_tokens")
    return Usage(
        input_tokens=None if fresh is None else fresh + (cached or 0) + (written or 0),
        output_tokens=node.count("output_tokens"),
        cached_tokens=cached,
        reasoning_tokens=node.count("output_tokens_details", "thinking_tokens"),
    )
