"""Anthropic's protocol, over HTTP with the real SDK."""

from __future__ import annotations

import base64
import hashlib
import socket
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import formatdate
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from servers import (
    MODEL,
    REQUEST_ID,
    Respond,
    Response,
    Server,
    blocked_prompt,
    body,
    broken,
    busy,
    dropped,
    empty_object,
    error,
    first,
    judged,
    letter,
    no_model,
    no_quota,
    nothing,
    redirect,
    refusal,
    says,
    serve,
    slow,
    truncated,
    wrong_key,
)

from pytest_vlmperception.errors import CallError, ModelError, PictureError
from pytest_vlmperception.models import Provider, create, parse
from pytest_vlmperception.models.anthropic_replies import delay_of, until
from pytest_vlmperception.records import Hint, Picture, Question, Usage

FIRST, SECOND = bytes(range(256)), b"\xff\xfe?>>>" * 50
PICTURES = (
    Picture("secret/name_a.png", lambda: ("image/png", FIRST)),
    Picture("secret/name_b.jpg", lambda: ("image/jpeg", SECOND)),
)
QUESTION = Question("Which has more contrast?", PICTURES, task=Hint("compare", "hidden-attribute"))


def model(url: str, query: str = "", name: str = "m") -> Provider:
    return create(parse(f"anthropic/{name}?base_url={url}{query and '&' + query}", trusted=True))


@pytest.fixture(scope="module")
def standing() -> Iterator[tuple[Server, Provider]]:
    """One server and its client, for tests of nothing but a reply: a client takes 30 ms to make."""
    with serve("anthropic") as server:
        yield server, model(server.url)


def failed(standing: tuple[Server, Provider], respond: Respond) -> CallError:
    """Return the error that one response comes to."""
    server, provider = standing
    server.respond = respond
    server.requests.clear()
    return failure_of(provider)


def failure_of(provider: Provider) -> CallError:
    with pytest.raises(CallError) as caught:
        provider.ask(QUESTION)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None or caught.value.__suppress_context__
    return caught.value


# What is sent


def picture_block(media_type: str, data: bytes) -> dict[str, Any]:
    return {
        "type": "image",
        "source": {"type": "base64", "media_type": media_type, "data": base64.b64encode(data).decode()},
    }


def test_a_request(anthropic_server) -> None:
    server = anthropic_server()
    model(server.url).ask(QUESTION)
    (request,) = server.requests
    assert request.path == "/v1/messages"
    assert request.pictures == (FIRST, SECOND)
    assert request.headers["anthropic-version"] == "2023-06-01"
    assert request.body == {
        "model": "m",
        "max_tokens": 4096,
        "messages": [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "Which has more contrast?"},
                    picture_block("image/png", FIRST),
                    picture_block("image/jpeg", SECOND),
                ],
            }
        ],
    }


@pytest.mark.parametrize(
    ("query", "sent"),
    [
        (
            "max_tokens=9&temperature=0&top_p=0.9&top_k=3&service_tier=standard_only",
            {"max_tokens": 9, "temperature": 0.0, "top_p": 0.9, "top_k": 3, "service_tier": "standard_only"},
        ),
        ("thinking=adaptive&effort=low", {"thinking": {"type": "adaptive"}, "output_config": {"effort": "low"}}),
        ("thinking=disabled", {"thinking": {"type": "disabled"}}),
        # The budget is part of max_tokens: as much is left to answer with as without it.
        ("thinking_budget=2000", {"thinking": {"type": "enabled", "budget_tokens": 2000}, "max_tokens": 6096}),
        ("thinking_budget=1024&max_tokens=1025", {"thinking": {"type": "enabled", "budget_tokens": 1024}}),
    ],
)
def test_every_parameter_is_sent(query: str, sent: dict[str, Any], anthropic_server) -> None:
    server = anthropic_server()
    model(server.url, query).ask(QUESTION)
    request = server.requests[0].body
    assert {name: request[name] for name in sent} == sent
    assert request.keys() - sent.keys() <= {"model", "messages", "max_tokens"}


def test_a_picture_over_the_models_size_can_be_an_error(anthropic_server) -> None:
    server = anthropic_server()
    model(server.url, "oversized_image=error").ask(QUESTION)
    parts = server.requests[0].body["messages"][0]["content"]
    assert [part.get("transformations") for part in parts] == [
        None,
        {"oversized_image": "error"},
        {"oversized_image": "error"},
    ]


def test_the_version_of_the_api_can_be_chosen(anthropic_server) -> None:
    server = anthropic_server()
    model(server.url, "api_version=2026-10-21").ask(QUESTION)
    assert server.requests[0].headers.get_all("anthropic-version") == ["2026-10-21"]


def test_neither_names_nor_hints_leave(anthropic_server) -> None:
    server = anthropic_server()
    model(server.url).ask(QUESTION)
    sent = repr(server.requests[0].body) + str(server.requests[0].headers)
    assert "secret" not in sent
    assert "hidden-attribute" not in sent


@pytest.mark.parametrize("name", ["claude-sonnet-4-5", "claude-opus-4-6", "claude-3-opus-20240229"])
def test_the_sdks_warnings_of_old_models_break_nothing(name: str, anthropic_server) -> None:
    # Warnings are errors in this test suite, as in many.
    assert model(anthropic_server().url, "thinking_budget=1024", name).ask(QUESTION).text == "A"


def test_a_limit_that_the_sdk_would_stream_is_sent_as_it_is(anthropic_server) -> None:
    server = anthropic_server()
    assert model(server.url, "max_tokens=128000").ask(QUESTION).text == "A"
    assert server.requests[0].body["max_tokens"] == 128000


def test_a_picture_that_cannot_be_read_is_its_own_error(anthropic_server) -> None:
    def read() -> tuple[str, bytes]:
        raise PictureError("no such picture")

    server = anthropic_server()
    with pytest.raises(PictureError, match="no such picture"):
        model(server.url).ask(Question("Q", (Picture("x", read),)))
    assert server.requests == []


@pytest.mark.parametrize("end", ["", "/", "/v1", "/v1/"])
def test_a_base_url_may_end_in_the_version(end: str, anthropic_server) -> None:
    server = anthropic_server()
    provider = model(server.url + end)
    provider.ask(QUESTION)
    assert server.requests[0].path == "/v1/messages"
    assert provider.identity.base_url == server.url


def test_the_query_of_a_base_url_goes_with_the_request(anthropic_server) -> None:
    server = anthropic_server()
    provider = model(server.url + "/proxy/?api-version=7%26code=x")
    provider.ask(QUESTION)
    assert server.requests[0].path == "/proxy/v1/messages?api-version=7&code=x"
    assert provider.identity.base_url == server.url + "/proxy"


def test_the_environment_moves_the_model(anthropic_server, monkeypatch) -> None:
    server = anthropic_server()
    monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
    provider = create(parse("anthropic/m", trusted=False))
    assert provider.ask(QUESTION).text == "A"
    assert provider.identity.base_url == server.url


def test_a_text_that_no_request_can_carry(anthropic_server) -> None:
    server = anthropic_server()
    with pytest.raises(CallError, match="surrogates not allowed") as caught:
        model(server.url).ask(Question("half of an emoji: \ud83d", ()))
    assert (caught.value.kind, caught.value.transient, caught.value.sent) == ("request", False, False)
    assert server.requests == []


# Identity


def test_the_identity_resolves_every_value() -> None:
    identity = create(parse("anthropic/claude-haiku-4-5", trusted=True)).identity
    defaults = {"api_version": "2023-06-01", "max_tokens": 4096, "oversized_image": "downsize"}
    assert identity.parameters == defaults
    assert (identity.provider, identity.model) == ("anthropic", "claude-haiku-4-5")
    assert identity.base_url == "https://api.anthropic.com"
    assert not identity.sees_task
    query = "thinking_budget=1024&timeout=3&temperature=0.5"
    assert create(parse(f"anthropic/m?{query}", trusted=True)).identity.parameters == {
        **defaults,
        "max_tokens": 5120,
        "temperature": 0.5,
        "thinking_budget": 1024,
    }


def test_a_named_identity_stands_for_the_address() -> None:
    named = {"lab": {"model": "anthropic/m", "base_url": "http://localhost:1", "identity": "lab-7"}}
    assert create(parse("lab", trusted=True, named=named)).identity.base_url == "lab-7"


@pytest.mark.parametrize(
    ("query", "match"),
    [
        ("max_token=5", "did you mean 'max_tokens'"),
        ("max_tokens=0", "of at least 1"),
        ("max_tokens=many", "expected a whole number"),
        ("temperature=nan", "expected a finite number"),
        ("temperature=-1", "of at least 0"),
        ("top_k=-1", "of at least 0"),
        ("thinking=enabled", "expected one of adaptive, between_tools, disabled"),
        ("thinking_budget=1000", "of at least 1024"),
        ("effort=minimal", "expected one of low, medium, high, xhigh, max"),
        ("service_tier=flex", "expected one of auto, standard_only"),
        ("oversized_image=crop", "expected one of downsize, error"),
        ("api_version=2024-01-01", "expected one of 2023-06-01, 2026-10-21"),
        ("timeout=0", "a number above 0"),
        ("thinking=adaptive&thinking_budget=1024", "has both thinking and thinking_budget; give one"),
        ("thinking_budget=1024&max_tokens=1024", "max_tokens=1024 leaves nothing to answer with beside"),
        ("api_version=2026-10-21&top_p=1", "top_p needs api_version=2023-06-01; leave one of them out"),
    ],
)
def test_a_parameter_is_refused(query: str, match: str) -> None:
    with pytest.raises(ModelError, match=match) as caught:
        create(parse(f"anthropic/m?{query}", trusted=True))
    assert "\n" not in str(caught.value)


def test_without_the_sdk_it_says_how_to_install_it(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "anthropic", None)
    with pytest.raises(ModelError, match=r'install it with pip install "pytest-vlmperception\[anthropic\]"$'):
        create(parse("anthropic/m", trusted=True))


def test_an_sdk_that_cannot_be_imported_ends_the_model(monkeypatch) -> None:
    provider = model("http://localhost:1")
    monkeypatch.setitem(sys.modules, "anthropic", None)
    caught = failure_of(provider)
    assert (caught.kind, caught.whole_model, caught.sent) == ("model", True, False)


def test_a_password_in_the_environments_base_url_is_refused(monkeypatch) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "https://user:hush@host.example")
    with pytest.raises(ModelError, match="holds user information") as caught:
        create(parse("anthropic/m", trusted=True))
    assert "hush" not in str(caught.value)


# Replies


def test_an_answer(anthropic_server) -> None:
    server = anthropic_server(slow(0.05, letter("B")))
    started = time.perf_counter()
    reply = model(server.url).ask(QUESTION)
    assert 0.05 <= reply.latency_s <= time.perf_counter() - started
    assert (reply.kind, reply.text, reply.model, reply.finish_reason) == ("answered", "B", MODEL, "end_turn")
    assert reply.request_id == REQUEST_ID
    # The server counts 205 + 3 read from its cache + 2 written to it.
    assert reply.usage == Usage(input_tokens=210, output_tokens=7, cached_tokens=3, reasoning_tokens=5)


def test_an_answer_that_ends_at_a_stop_sequence(anthropic_server) -> None:
    reply = model(anthropic_server(lambda request: says(request, "A", finish="stop_sequence")).url).ask(QUESTION)
    assert (reply.kind, reply.text, reply.finish_reason) == ("answered", "A", "stop_sequence")


def test_text_in_parts(anthropic_server) -> None:
    content = [{"type": "text", "text": "A"}, {"type": "redacted_thinking", "data": "x"}, {"type": "text", "text": "!"}]
    server = anthropic_server(body({"content": content, "stop_reason": "end_turn"}))
    assert model(server.url).ask(QUESTION).text == "A!"


def test_a_refusal(anthropic_server) -> None:
    reply = model(anthropic_server(refusal("I will not.")).url).ask(QUESTION)
    assert (reply.kind, reply.text, reply.finish_reason) == ("refused", "I will not.", "refusal")


def test_a_refusal_after_some_words_keeps_them(anthropic_server) -> None:
    reply = model(anthropic_server(lambda request: says(request, "I", finish="refusal")).url).ask(QUESTION)
    assert (reply.kind, reply.text) == ("refused", "I")


@pytest.mark.parametrize("details", [None, "x", [], {}, {"explanation": None}, {"explanation": 3}])
def test_a_refusal_without_words(details: Any, anthropic_server) -> None:
    value = {"content": [], "stop_reason": "refusal", "stop_details": details}
    reply = model(anthropic_server(body(value)).url).ask(QUESTION)
    assert (reply.kind, reply.text) == ("refused", "")


def test_a_block_is_a_refusal(anthropic_server) -> None:
    assert model(anthropic_server(blocked_prompt()).url).ask(QUESTION).kind == "refused"


@pytest.mark.parametrize("text", ["The face looks", None])
def test_a_truncated_answer_keeps_its_text(text: str | None, anthropic_server) -> None:
    reply = model(anthropic_server(truncated(text)).url).ask(QUESTION)
    assert (reply.kind, reply.text, reply.finish_reason) == ("truncated", text or "", "max_tokens")


@pytest.mark.parametrize("finish", ["model_context_window_exceeded", "pause_turn"])
def test_other_ways_to_be_cut_off(finish: str, anthropic_server) -> None:
    reply = model(anthropic_server(lambda request: says(request, "The", finish=finish)).url).ask(QUESTION)
    assert (reply.kind, reply.text) == ("truncated", "The")


@pytest.mark.parametrize(
    "respond",
    [
        empty_object,
        nothing,
        body(b" \n"),
        lambda r: says(r, ""),
        lambda r: says(r, " \n"),
        lambda r: says(r, None),
        lambda r: says(r, None, finish="tool_use"),
        body({"content": []}),
        body({"content": None, "stop_reason": "end_turn"}),
        body({"content": [{"type": "thinking", "thinking": "A"}], "stop_reason": "end_turn"}),
        body({"content": [{}]}),
    ],
)
def test_a_reply_without_an_answer_is_empty(respond: Any, standing) -> None:
    caught = failed(standing, respond)
    assert (caught.kind, caught.transient, caught.whole_model, caught.sent) == ("empty", True, False, True)


@pytest.mark.parametrize(
    "value",
    [
        {"content": "A"},
        {"content": [3]},
        {"content": {"type": "text", "text": "A"}},
        {"content": [{"type": "text", "text": 3}]},
        {"content": [{"type": "text", "text": ["A"]}]},
        [],
        "A",
        3,
        None,
        b"<html>502 Bad Gateway</html>",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"content": [{"mess',
    ],
)
def test_a_body_of_another_shape_is_malformed(value: Any, standing) -> None:
    caught = failed(standing, body(value))
    assert (caught.kind, caught.transient) == ("malformed", True)


def test_a_malformed_message_says_where(standing) -> None:
    caught = failed(standing, body({"content": [{"type": "text", "text": 3}]}))
    assert "body.content[0].text is of type int, expected text" in caught.message


@pytest.mark.parametrize("content_type", ["text/html", "application/json", "text/event-stream"])
def test_garbage_is_malformed_under_any_content_type(content_type: str, standing) -> None:
    response = Response(body=b"<p>hello", headers={"content-type": content_type})
    assert failed(standing, lambda request: response).kind == "malformed"


def test_a_broken_encoding_is_malformed(standing) -> None:
    response = Response(body=b"not gzip", headers={"content-encoding": "gzip"})
    assert failed(standing, lambda request: response).kind == "malformed"


def test_wrong_types_where_no_answer_depends_on_them(anthropic_server) -> None:
    usage = {"input_tokens": "x", "output_tokens": -1, "cache_read_input_tokens": True, "output_tokens_details": 3}
    content = [{"type": "text", "text": "A"}]
    server = anthropic_server(body({"model": 5, "usage": usage, "stop_reason": 3, "content": content}))
    reply = model(server.url).ask(QUESTION)
    assert (reply.kind, reply.text, reply.model, reply.finish_reason, reply.usage) == ("answered", "A", "", "", Usage())


def test_input_that_is_not_counted_stays_unknown(anthropic_server) -> None:
    content = [{"type": "text", "text": "A"}]
    server = anthropic_server(body({"usage": {"cache_read_input_tokens": 5}, "content": content}))
    assert model(server.url).ask(QUESTION).usage == Usage(cached_tokens=5)


WORDS = [
    *("content", "details", "error", "error_code", "explanation", "message"),
    *("stop_details", "stop_reason", "text", "type", "usage"),
]
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=5)
    | st.sampled_from(["text", "refusal", "max_tokens", "error", "enforced_spend_limit_reached"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4),
    max_leaves=12,
)


def test_no_body_breaks_the_reading(standing) -> None:
    server, provider = standing
    responses: list[Response] = []
    server.respond = lambda request: responses.pop()

    @settings(max_examples=100, deadline=None)
    @given(value=JSON, status=st.sampled_from([200, 200, 400, 429, 500]))
    def check(value: Any, status: int) -> None:
        responses.append(Response(status, value))
        assert outcome(provider) in {"answered", "refused", "truncated", *ERRORS}

    check()


ERRORS = {"empty", "malformed", "server", "rate limit", "request", "key", "model", "quota"}


def outcome(provider: Provider) -> str:
    try:
        return provider.ask(QUESTION).kind
    except CallError as caught:
        return caught.kind if caught.sent else "not sent"


# Errors


def coded(status: int, kind: str, code: str, message: str = "No.") -> Respond:
    """Fail with a code, which only some errors have."""
    failure = {"type": kind, "message": message, "details": {"error_code": code}}
    return lambda request: Response(status, {"type": "error", "error": failure})


@pytest.mark.parametrize(
    ("respond", "kind", "transient", "whole_model", "retry_after"),
    [
        (wrong_key(), "key", False, True, None),
        (error(403, "Forbidden"), "key", False, True, None),
        (coded(400, "invalid_request_error", "organization_on_hold"), "key", False, True, None),
        (no_model(), "model", False, True, None),
        (error(404, "model: claude-2.1"), "model", False, True, None),
        (error(400, "The model claude-2.1 has been retired."), "model", False, True, None),
        (error(400, "The model x does not exist."), "model", False, True, None),
        (no_quota(), "quota", False, True, None),
        # https://github.com/anthropics/claude-code/issues/38035
        (
            error(
                400, "You have reached your specified API usage limits. You will regain access on 2026-04-01 at 00:00."
            ),
            "quota",
            False,
            True,
            None,
        ),
        (error(402, "Payment required"), "quota", False, True, None),
        (coded(429, "rate_limit_error", "enforced_spend_limit_reached"), "quota", False, True, None),
        (coded(429, "rate_limit_error", "contract_spend_limit_reached"), "quota", False, True, None),
        (coded(429, "rate_limit_error", "ramp_limit_exceeded"), "rate limit", True, False, None),
        (busy("2.5"), "rate limit", True, False, 2.5),
        (busy("nonsense"), "rate limit", True, False, None),
        (error(408, "x"), "server", True, False, None),
        (error(409, "x"), "server", True, False, None),
        (broken(), "server", True, False, None),
        (error(503, "x", retry_after="3"), "server", True, False, 3.0),
        (error(504, "x"), "server", True, False, None),
        (error(529, "Overloaded"), "server", True, False, None),
        (error(400, "Could not process image", retry_after="3"), "request", False, False, None),
        (error(400, "`temperature` is deprecated for this model."), "request", False, False, None),
        (error(413, "Request exceeds the maximum size"), "request", False, False, None),
        (error(422, "Unprocessable"), "request", False, False, None),
    ],
)
def test_an_http_error(
    respond: Any, kind: str, transient: bool, whole_model: bool, retry_after: float | None, standing
) -> None:
    caught = failed(standing, respond)
    assert (caught.kind, caught.transient, caught.whole_model) == (kind, transient, whole_model)
    assert caught.retry_after == retry_after
    assert caught.sent
    # The SDK's own retries are off.
    assert len(standing[0].requests) == 1


@pytest.mark.parametrize(
    ("type_", "kind", "transient"),
    [
        ("api_error", "server", True),
        ("authentication_error", "key", False),
        ("billing_error", "quota", False),
        ("invalid_request_error", "request", False),
        ("not_found_error", "model", False),
        ("overloaded_error", "server", True),
        ("rate_limit_error", "rate limit", True),
        (3, "request", False),
    ],
)
def test_an_error_with_status_200(type_: Any, kind: str, transient: bool, standing) -> None:
    caught = failed(standing, body({"type": "error", "error": {"type": type_, "message": "No."}}))
    assert (caught.kind, caught.transient) == (kind, transient)
    assert "No" in caught.message.partition("HTTP")[2]


def test_retry_after_as_a_date(standing) -> None:
    caught = failed(standing, busy(formatdate(time.time() + 30, usegmt=True)))
    assert caught.retry_after == pytest.approx(30, abs=3)


def test_limits_that_are_used_up_say_when_they_are_free(standing) -> None:
    reset = (datetime.now(UTC) + timedelta(seconds=30)).strftime("%Y-%m-%dT%H:%M:%SZ")
    headers = {
        "anthropic_ratelimit_requests_remaining": "0",
        "anthropic_ratelimit_requests_reset": reset,
        "anthropic_ratelimit_tokens_remaining": "5000",
        "anthropic_ratelimit_tokens_reset": "2999-01-01T00:00:00Z",
    }
    assert failed(standing, error(429, "x", **headers)).retry_after == pytest.approx(30, abs=3)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        # 2015-10-21 07:28:00 UTC is 1445412480 s after the epoch.
        ("2015-10-21T07:28:00Z", 10.0),
        ("2015-10-21T09:28:00+02:00", 10.0),
        ("2015-10-21T07:28:00", 10.0),
        ("2015-10-21T07:27:00Z", 0.0),
        ("0001-01-01T00:00:00+23:00", 0.0),
        ("soon", None),
        ("", None),
    ],
)
def test_a_reset_time(text: str, seconds: float | None) -> None:
    assert until(text, 1445412470.0) == seconds


def test_the_longest_limit_that_is_used_up_counts_and_retry_after_goes_before_it() -> None:
    headers = {
        "anthropic-ratelimit-input-tokens-remaining": "0",
        "anthropic-ratelimit-input-tokens-reset": "2015-10-21T07:28:00Z",
        "anthropic-ratelimit-output-tokens-reset": "2015-10-21T07:28:05Z",
    }
    assert delay_of(headers, 1445412470.0) == 15.0
    assert delay_of({**headers, "retry-after": "2"}, 1445412470.0) == 2.0
    assert delay_of({}, 1445412470.0) is None


def test_the_servers_words_are_shown_in_one_short_line(standing) -> None:
    caught = failed(standing, error(400, "Bad\nimage\x1b[31m " + "x" * 400))
    assert caught.message.partition("HTTP 400: ")[2] == "Bad image [31m " + "x" * 285 + "..."


@pytest.mark.parametrize(
    "value",
    [
        *(b"<html>\xff", b"", b"null", b"[]", b'"busy"', b'{"error": "busy"}', b'{"error": {"message": 3}}'),
        *(b'{"error": {"details": [3]}}', b'{"error": {"type": [], "details": {"error_code": []}}}', b"[" * 9999),
    ],
)
def test_an_error_with_another_body_is_still_an_error(value: bytes, standing) -> None:
    caught = failed(standing, lambda request: Response(503, value))
    assert (caught.kind, caught.transient, caught.sent) == ("server", True, True)


def test_a_gateways_words_are_shown(standing) -> None:
    assert failed(standing, lambda request: Response(502, b"<b>Bad gateway")).message.endswith(
        "HTTP 502: <b>Bad gateway"
    )
    assert failed(standing, lambda request: Response(503, {"error": "busy"})).message.endswith("HTTP 503: busy")


def test_a_server_that_recovers(anthropic_server) -> None:
    provider = model(anthropic_server(first(2, broken(), letter("B"))).url)
    for _ in range(2):
        with pytest.raises(CallError, match="HTTP 500: The server had an error"):
            provider.ask(QUESTION)
    assert provider.ask(QUESTION).text == "B"


def test_a_timeout(anthropic_server) -> None:
    caught = failure_of(model(anthropic_server(slow(2.0)).url, "timeout=0.2"))
    assert (caught.kind, caught.transient, caught.sent) == ("timeout", True, True)


def test_a_dropped_connection(anthropic_server) -> None:
    caught = failure_of(model(anthropic_server(dropped).url))
    assert (caught.kind, caught.transient, caught.sent) == ("network", True, True)


def test_a_refused_connection_was_not_sent() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(CallError, match="ConnectError") as caught:
            model(f"http://127.0.0.1:{taken.getsockname()[1]}").ask(QUESTION)
    assert (caught.value.kind, caught.value.transient, caught.value.sent) == ("network", True, False)


# Keys


def test_without_a_key_nothing_is_sent(monkeypatch) -> None:
    # What else the SDK would sign in with is not asked for.
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "hush")
    with pytest.raises(CallError, match=r"no key; set ANTHROPIC_API_KEY$") as caught:
        create(parse("anthropic/claude-haiku-4-5", trusted=True)).ask(QUESTION)
    assert (caught.value.kind, caught.value.sent, caught.value.whole_model) == ("key", False, True)


def test_a_key_that_appears_later_is_used(anthropic_server, monkeypatch) -> None:
    server = anthropic_server()
    provider = model(server.url)
    monkeypatch.setenv("ANTHROPIC_API_KEY", "k-hush")
    provider.ask(QUESTION)
    headers = server.requests[0].headers
    # The SDK moved it from the one header to the other.
    assert headers["x-api-key"] == "k-hush" or headers["authorization"] == "Bearer k-hush"


def test_nothing_shows_the_key(anthropic_server, monkeypatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "k-hush")
    provider = model(anthropic_server(wrong_key()).url)
    with pytest.raises(CallError, match=r"Incorrect API key provided: \[key\]") as caught:
        provider.ask(QUESTION)
    assert "hush" not in repr(caught.value) + repr(vars(caught.value)) + repr(provider) + repr(provider.identity)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_carries_nothing_elsewhere(status: int, anthropic_server, monkeypatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "k-hush")
    elsewhere = anthropic_server()
    caught = failure_of(model(anthropic_server(redirect(f"http://localhost:{elsewhere.port}", status)).url))
    assert "the server redirects, which is not followed; set base_url to where it lives" in caught.message
    assert (caught.kind, caught.transient, caught.whole_model) == ("request", False, True)
    assert elsewhere.requests == []


def test_a_suites_server_gets_only_its_own_key(anthropic_server, monkeypatch) -> None:
    # Not this machine by name, so that it counts as elsewhere.
    monkeypatch.setenv("ANTHROPIC_API_KEY", "k-hush")
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "token-hush")
    monkeypatch.setenv(
        "ANTHROPIC_CUSTOM_HEADERS",
        "x-extra: hush\nAuthorization: Bearer hush\nX-Api-Key: hush\nAnthropic-Version: hush",
    )
    monkeypatch.setenv("LAB_KEY", "k-lab")
    server = anthropic_server()
    elsewhere = f"http://{socket.gethostname()}:{server.port}"
    monkeypatch.setattr(socket, "getaddrinfo", to_loopback(socket.getaddrinfo))
    create(parse(f"anthropic/m?base_url={elsewhere}&api_key_env=LAB_KEY", trusted=False)).ask(QUESTION)
    headers = server.requests[0].headers
    assert headers["x-api-key"] == "k-lab" or headers["authorization"] == "Bearer k-lab"
    assert headers.get_all("anthropic-version") == ["2023-06-01"]
    assert "hush" not in str(headers)


@pytest.mark.parametrize("variable", ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"])
def test_a_suite_cannot_send_the_vendors_key_elsewhere(variable: str) -> None:
    with pytest.raises(ModelError, match=f"the key in {variable} is not sent to https://evil.example"):
        create(parse(f"anthropic/m?base_url=https://evil.example&api_key_env={variable}", trusted=False))


def to_loopback(getaddrinfo: Any) -> Any:
    return lambda host, *args, **kwargs: getaddrinfo("127.0.0.1", *args, **kwargs)


# Many threads


def test_threads_share_one_client_and_lose_nothing(anthropic_server) -> None:
    def judge(pictures: tuple[bytes, ...]) -> str:
        return hashlib.sha256(b"".join(pictures)).hexdigest()

    server = anthropic_server(slow(0.1, judged(judge)))
    provider = model(server.url)
    start = threading.Barrier(16)

    def ask(number: int) -> bool:
        picture = Picture("x", lambda: ("image/png", number.to_bytes(4, "big") * 500))
        if number < 16:
            start.wait()
        return provider.ask(Question("Q", (picture,))).text == judge((picture.bytes,))

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(ask, range(64)))
    assert server.max_in_flight > 8
