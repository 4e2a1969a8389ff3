"""Reading what the Gemini API sent back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pytest_vlmperception.errors import CallError
from pytest_vlmperception.models.bodies import Node, empty
from pytest_vlmperception.models.failures import Failure, call_error, json_or_none, retry_after, span
from pytest_vlmperception.records import Reply, ReplyKind, Usage

__all__ = ["BLOCKED", "failed", "failure_of", "read", "usage"]

BLOCKED = frozenset({
    "BLOCKLIST",
    "IMAGE_PROHIBITED_CONTENT",
    "IMAGE_RECITATION",
    "IMAGE_SAFETY",
    "JAILBREAK",
    "MODEL_ARMOR",
    "PROHIBITED_CONTENT",
    "RECITATION",
    "SAFETY",
    "SPII",
})


def read(root: Node, latency_s: float, secret: str) -> Reply:
    """Return the reply in a body that came with status 200.

    Parameters
    ----------
    root : Node
        The body.
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
    candidate = root["candidates"].first()
    finish = candidate["finishReason"].label()
    kind, text = said(root, candidate, finish)
    return Reply(
        kind=kind,
        text=text,
        model=root["modelVersion"].label(),
        finish_reason=finish or text,
        usage=usage(root["usageMetadata"]),
        latency_s=latency_s,
        request_id=root["responseId"].label(),
    )


def said(root: Node, candidate: Node, finish: str) -> tuple[ReplyKind, str]:
    """Return what the first candidate says, or the reason of the block."""
    block = root["promptFeedback"]["blockReason"].label()
    if block and candidate.value is None:
        return "filtered", block
    if finish in BLOCKED:
        return "filtered", finish
    parts = candidate["content"]["parts"].items()
    text = "".join(part["text"].text() for part in parts if part["thought"].value is not True)
    if finish == "MAX_TOKENS":
        return "truncated", text
    if not text.strip():
        raise empty(root.model, f"no text (finish reason {finish or 'not given'})")
    return "answered", text


def failed(model: str, status: int, error: Exception, secret: str) -> CallError:
    """Return what an `APIError` of the SDK means.

    Parameters
    ----------
    model : str
        Name of the model.
    status : int
        HTTP status.
    error : Exception
        The SDK's error, with the parsed body and the response.
    secret : str
        The key, to keep it out of messages.
    """
    response = getattr(error, "response", None)
    body = json_or_none(getattr(response, "content", b""))
    headers = getattr(response, "headers", None) or {}
    return call_error(model, failure_of(status, body, headers), secret)


def failure_of(status: int, body: Any, headers: Mapping[str, str]) -> Failure:
    """Return what an error says."""
    # Streams and some gateways wrap the error in a list.
    body = body[0] if isinstance(body, list) and body else body
    error = body.get("error") if isinstance(body, dict) else None
    error = error if isinstance(error, dict) else {}
    details = [detail for detail in listed(error.get("details")) if isinstance(detail, dict)]
    code = error.get("code")
    words = error.get("message")
    if 300 <= status < 400:
        words = "the server redirects, which is not followed; set base_url to where it lives"
    return Failure(
        status=status or (code if isinstance(code, int) else 400),
        codes=frozenset(codes_of(error, details)),
        words=words if isinstance(words, str) else "",
        retry_after=delay_of(details, headers),
    )


def codes_of(error: Mapping[str, Any], details: list[dict[str, Any]]) -> Iterator[str]:
    """Yield the words by which an error says what it is."""
    for value in (error.get("status"), *(detail.get("reason") for detail in details)):
        if isinstance(value, str):
            yield value
    violations = [violation for detail in details for violation in listed(detail.get("violations"))]
    # What a day allows does not come back within a run.
    if any("PerDay" in str(violation.get("quotaId")) for violation in violations if isinstance(violation, dict)):
        yield "daily_quota"


def delay_of(details: list[dict[str, Any]], headers: Mapping[str, str]) -> float | None:
    """Return the seconds that a RetryInfo, or else a header, asks to wait."""
    delays = [span(detail["retryDelay"]) for detail in details if isinstance(detail.get("retryDelay"), str)]
    return next((delay for delay in delays if delay is not None), None) or retry_after(headers)


def listed(value: object) -> list[Any]:
    """Return a list as it is, and nothing for anything else."""
    return value if isinstance(value, list) else []


def usage(node: Node) -> Usage:
    """Return the tokens of a call. Thoughts are charged as output, and are also counted apart."""
    answer, thoughts = node.count("candidatesTokenCount"), node.count("thoughtsTokenCount")
    return Usage(
        input_tokens=node.count("promptTokenCount"),
        output_tokens=answer if thoughts is None else (answer or 0) + thoughts,
        cached_tokens=node.count("cachedContentTokenCount"),
        image_tokens=image_tokens(node, "promptTokensDetails"),
        reasoning_tokens=thoughts,
        output_image_tokens=image_tokens(node, "candidatesTokensDetails"),
    )


def image_tokens(node: Node, side: str) -> int | None:
    """Return the tokens that the pictures on one side were charged as."""
    details = listed(node.value.get(side)) if isinstance(node.value, dict) else []
    counts = [
        Node(node.model, detail).count("tokenCount")
        for detail in details
        if isinstance(detail, dict) and detail.get("modality") == "IMAGE"
    ]
    return next(iter(counts), None)
