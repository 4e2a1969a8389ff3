"""Reading what a server that speaks OpenAI's protocol sent back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pytest_vlmperception.models.bodies import Node, empty
from pytest_vlmperception.models.failures import Failure, call_error, json_or_none, printable, retry_after
from pytest_vlmperception.records import Reply, ReplyKind, Usage

__all__ = ["read", "read_failure"]

FILTERED = frozenset({
    "content_filter",
    "content_policy_violation",
    "image_content_policy_violation",
    "moderation_blocked",
})


@dataclass(frozen=True)
class Answered:
    """What a body says, before what is known about the call."""

    kind: ReplyKind
    text: str
    finish_reason: str = ""


def read(root: Node, api: str, request_id: str, latency_s: float, secret: str) -> Reply:
    """Return the reply in a body that came with status 200.

    Parameters
    ----------
    root : Node
        The body.
    api : str
        ``chat`` or ``responses``.
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
    error = root["error"]
    if isinstance(error.value, dict):
        answered = failed(root, secret)
    else:
        answered = read_responses(root) if api == "responses" else read_chat(root)
    return Reply(
        kind=answered.kind,
        text=answered.text,
        model=root["model"].label(),
        finish_reason=answered.finish_reason,
        usage=usage(root["usage"]),
        latency_s=latency_s,
        request_id=request_id,
    )


def read_chat(root: Node) -> Answered:
    """Return what the first choice of a chat completion says."""
    choice = root["choices"].first()
    message = choice["message"]
    finish = choice["finish_reason"].label()
    refusal = message["refusal"].text()
    if finish == "content_filter":
        return Answered("filtered", finish, finish)
    if refusal:
        return Answered("refused", refusal, finish)
    text = content_text(message["content"])
    return said(root, text, finish, truncated=finish == "length")


def content_text(content: Node) -> str:
    """Return the text of a message; some servers send it in parts."""
    if isinstance(content.value, list):
        return "".join(part["text"].text() for part in content.items())
    return content.text()


def read_responses(root: Node) -> Answered:
    """Return what the messages of a response say."""
    parts = [part for item in root["output"].items() for part in message_parts(item)]
    reason = root["incomplete_details"]["reason"].label()
    finish = reason or root["status"].label()
    refusal = "".join(part["refusal"].text() for part in parts)
    if reason == "content_filter":
        return Answered("filtered", reason, finish)
    if refusal:
        return Answered("refused", refusal, finish)
    text = "".join(part["text"].text() for part in parts)
    return said(root, text, finish, truncated=reason == "max_output_tokens")


def message_parts(item: Node) -> list[Node]:
    """Return the parts of an output item that is a message; reasoning is no answer."""
    return item["content"].items() if item["type"].label() == "message" else []


def said(root: Node, text: str, finish: str, *, truncated: bool) -> Answered:
    """Return an answer, whole or cut off; a whole one that says nothing is none."""
    if truncated:
        return Answered("truncated", text, finish)
    if not text.strip():
        raise empty(root.model, f"no text (finish reason {finish or 'not given'})")
    return Answered("answered", text, finish)


def failed(root: Node, secret: str) -> Answered:
    """Return the block that an error in a body with status 200 is, or raise what it means."""
    error = root["error"]
    code = error["code"].value
    status = code if isinstance(code, int) and 400 <= code < 600 else 400
    failure = Failure(status, codes_of(error.value), error["message"].label())
    if failure.codes & FILTERED:
        return Answered("filtered", printable(failure.words, secret), str(code))
    raise call_error(root.model, failure, secret)


def read_failure(model: str, response: Any, secret: str, latency_s: float) -> Reply:
    """Return the block that an HTTP error is, or raise the `CallError` that it means.

    Parameters
    ----------
    model : str
        Name of the model.
    response : object
        The SDK's HTTP response.
    secret : str
        The key, to keep it out of messages.
    latency_s : float
        Seconds that the call took.
    """
    failure = failure_of(response.status_code, response.content, response.headers)
    blocks = failure.codes & FILTERED
    if not blocks or failure.status >= 500:
        raise call_error(model, failure, secret) from None
    return Reply(
        kind="filtered",
        text=printable(failure.words, secret),
        finish_reason=min(blocks),
        latency_s=latency_s,
        request_id=response.headers.get("x-request-id", ""),
    )


def failure_of(status: int, content: bytes, headers: Mapping[str, str]) -> Failure:
    """Return what an HTTP error says."""
    body = json_or_none(content)
    error = body.get("error", body) if isinstance(body, dict) else body
    if isinstance(error, dict):
        words = error.get("message")
        codes = codes_of(error)
    else:
        words, codes = error if isinstance(error, str) else content.decode("utf-8", "replace"), frozenset()
    if 300 <= status < 400:
        words = "the server redirects, which is not followed; set base_url to where it lives"
    return Failure(status, codes, words if isinstance(words, str) else "", retry_after(headers))


def codes_of(error: Mapping[str, Any]) -> frozenset[str]:
    """Return the words by which an error says what it is."""
    return frozenset(value for value in (error.get("code"), error.get("type")) if isinstance(value, str))


def usage(node: Node) -> Usage:
    """Return the tokens of a call; the two APIs name them differently."""

    def count(*paths: tuple[str, ...]) -> int | None:
        return next((n for n in (node.count(*path) for path in paths) if n is not None), None)

    return Usage(
        input_tokens=count(("prompt_tokens",), ("input_tokens",)),
        output_tokens=count(("completion_tokens",), ("output_tokens",)),
        cached_tokens=count(("prompt_tokens_details", "cached_tokens"), ("input_tokens_details", "cached_tokens")),
        image_tokens=count(("prompt_tokens_details", "image_tokens"), ("input_tokens_details", "image_tokens")),
        reasoning_tokens=count(
            ("completion_tokens_details", "reasoning_tokens"), ("output_tokens_details", "reasoning_tokens")
        ),
        output_image_tokens=count(("output_tokens_details", "image_tokens")),
    )
