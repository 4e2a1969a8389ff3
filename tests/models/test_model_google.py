"""The Gemini API, over HTTP with the real SDK."""

from __future__ import annotations

import hashlib
import socket
import threading
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
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
    says,
    serve,
    slow,
    truncated,
    wrong_key,
)

from pytest_vlmperception.errors import CallError, ModelError
from pytest_vlmperception.models import Provider, create, parse
from pytest_vlmperception.records import Hint, Picture, Question, Usage

FIRST, SECOND = bytes(range(256)), b"\xff\xfe?>>>" * 50
PICTURES = (
    Picture("secret/name_a.png", lambda: ("image/png", FIRST)),
    Picture("secret/name_b.jpg", lambda: ("image/jpeg", SECOND)),
)
QUESTION = Question("Which has more contrast?", PICTURES, task=Hint("compare", "hidden-attribute"))


def model(url: str, query: str = "") -> Provider:
    return create(parse(f"google/gem?base_url={url}{query and '&' + query}", trusted=True))


@pytest.fixture(scope="module")
def standing() -> Iterator[tuple[Server, dict[str, Provider]]]:
    """One server and its clients, for tests of nothing but a reply: a client takes 30 ms to make."""
    with serve("gemini") as server:
        yield server, {"gemini": model(server.url)}


def failed(standing: tuple[Server, dict[str, Provider]], respond: Respond, api: str = "gemini") -> CallError:
    """Return the error that one response comes to."""
    server, providers = standing
    server.respond = respond
    server.requests.clear()
    return failure_of(providers[api])


def failure(server: Server, query: str = "") -> CallError:
    return failure_of(model(server.url, query))


def failure_of(provider: Provider) -> CallError:
    with pytest.raises(CallError) as caught:
        provider.ask(QUESTION)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None or caught.value.__suppress_context__
    return caught.value


def candidate(**fields: Any) -> Any:
    return body({"candidates": [fields]})


# What is sent


def test_a_request(gemini_server) -> None:
    server = gemini_server()
    model(server.url).ask(QUESTION)
    (request,) = server.requests
    assert request.path == "/v1beta/models/gem:generateContent"
    assert request.pictures == (FIRST, SECOND)
    (content,) = request.body["contents"]
    assert content["role"] == "user"
    assert content["parts"][0] == {"text": "Which has more contrast?"}
    assert len(content["parts"]) == 3
    assert request.body["generationConfig"] == {"mediaResolution": "MEDIA_RESOLUTION_HIGH"}
    assert set(request.body) == {"contents", "generationConfig"}
    assert "secret" not in str(request.body)
    assert "hidden-attribute" not in str(request.body)


def test_every_parameter_is_sent(gemini_server) -> None:
    server = gemini_server()
    query = "temperature=0&top_p=0.9&top_k=4&seed=7&max_output_tokens=9&media_resolution=low&thinking_budget=0"
    model(server.url, f"{query}&api_version=v1").ask(QUESTION)
    assert server.requests[0].path == "/v1/models/gem:generateContent"
    assert server.requests[0].body["generationConfig"] == {
        "temperature": 0.0,
        "topP": 0.9,
        "topK": 4.0,
        "seed": 7,
        "maxOutputTokens": 9,
        "mediaResolution": "MEDIA_RESOLUTION_LOW",
        "thinkingConfig": {"thinking_budget": 0},
    }


@pytest.mark.parametrize("level", ["minimal", "low", "medium", "high"])
def test_a_thinking_level(level: str, gemini_server) -> None:
    server = gemini_server()
    model(server.url, f"thinking_level={level}").ask(QUESTION)
    assert server.requests[0].body["generationConfig"]["thinkingConfig"] == {"thinking_level": level.upper()}


def test_the_highest_resolution_is_one_of_the_parts(gemini_server) -> None:
    server = gemini_server()
    model(server.url, "media_resolution=ultra_high").ask(QUESTION)
    request = server.requests[0]
    levels = [part.get("mediaResolution") for part in request.body["contents"][0]["parts"]]
    assert levels == [None, *2 * [{"level": "MEDIA_RESOLUTION_ULTRA_HIGH"}]]
    assert "mediaResolution" not in request.body.get("generationConfig", {})
    assert request.pictures == (FIRST, SECOND)


def test_the_query_of_a_base_url_goes_with_the_request(gemini_server) -> None:
    server = gemini_server()
    provider = model(server.url + "/proxy/?code=x")
    provider.ask(QUESTION)
    assert server.requests[0].path == "/proxy/v1beta/models/gem:generateContent?code=x"
    assert provider.identity.base_url == server.url + "/proxy"


def test_variables_for_vertex_change_nothing(gemini_server, monkeypatch) -> None:
    monkeypatch.setenv("GOOGLE_GENAI_USE_VERTEXAI", "true")
    monkeypatch.setenv("GOOGLE_GENAI_USE_ENTERPRISE", "true")
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "p")
    monkeypatch.setenv("GOOGLE_CLOUD_LOCATION", "europe-west1")
    monkeypatch.setenv("GOOGLE_GENAI_API_VERSION", "v1")
    server = gemini_server()
    assert model(server.url).ask(QUESTION).text == "A"
    assert server.requests[0].path == "/v1beta/models/gem:generateContent"


def test_the_environment_moves_the_model(gemini_server, monkeypatch) -> None:
    server = gemini_server()
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", server.url)
    provider = create(parse("google/gem", trusted=False))
    assert provider.ask(QUESTION).text == "A"
    assert provider.identity.base_url == server.url


# Identity


def test_the_identity_resolves_every_value() -> None:
    identity = create(parse("google/gem?thinking_level=minimal&timeout=4", trusted=True)).identity
    assert identity.parameters == {"api_version": "v1beta", "media_resolution": "high", "thinking_level": "minimal"}
    assert (identity.provider, identity.model) == ("google", "gem")
    assert identity.base_url == "https://generativelanguage.googleapis.com"


@pytest.mark.parametrize(
    ("query", "match"),
    [
        ("thinking=low", "did you mean 'thinking_level'"),
        ("media_resolution=huge", "expected one of low, medium, high, ultra_high"),
        ("thinking_budget=-2", "of at least -1"),
        ("thinking_budget=1&thinking_level=low", "give one"),
        ("api_version=../v2", "expected one of v1"),
    ],
)
def test_a_parameter_is_refused(query: str, match: str) -> None:
    with pytest.raises(ModelError, match=match):
        create(parse(f"google/gem?{query}", trusted=True))


# Replies


def test_an_answer_without_its_thoughts(gemini_server) -> None:
    reply = model(gemini_server(slow(0.05, letter("B"))).url).ask(QUESTION)
    assert (reply.kind, reply.text, reply.model, reply.finish_reason) == ("answered", "B", MODEL, "STOP")
    assert reply.request_id == REQUEST_ID
    assert reply.latency_s >= 0.05
    # Two tokens of answer and five of thoughts, which are charged as output.
    assert reply.usage == Usage(
        input_tokens=210, output_tokens=7, cached_tokens=3, image_tokens=200, reasoning_tokens=5
    )


def test_a_block_of_the_question(gemini_server) -> None:
    reply = model(gemini_server(blocked_prompt()).url).ask(QUESTION)
    assert (reply.kind, reply.text, reply.finish_reason) == ("filtered", "SAFETY", "SAFETY")


@pytest.mark.parametrize("reason", ["SAFETY", "RECITATION", "PROHIBITED_CONTENT", "SPII", "BLOCKLIST", "IMAGE_SAFETY"])
@pytest.mark.parametrize("text", [None, "Half an answer"])
def test_a_block_of_the_answer(reason: str, text: str | None, standing) -> None:
    server, providers = standing
    server.respond = lambda request: says(request, text, finish=reason)
    reply = providers["gemini"].ask(QUESTION)
    assert (reply.kind, reply.text, reply.finish_reason) == ("filtered", reason, reason)


@pytest.mark.parametrize("text", ["The face looks", None])
def test_a_truncated_answer_keeps_its_text(text: str | None, gemini_server) -> None:
    reply = model(gemini_server(truncated(text)).url).ask(QUESTION)
    assert (reply.kind, reply.text) == ("truncated", text or "")


def test_what_the_sdk_does_not_know_is_no_warning(gemini_server) -> None:
    server = gemini_server(lambda request: says(request, "A", finish="SOMETHING_NEW"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert model(server.url).ask(QUESTION).finish_reason == "SOMETHING_NEW"


@pytest.mark.parametrize(
    "respond",
    [
        empty_object,
        nothing,
        body({"candidates": []}),
        body({"candidates": None}),
        candidate(),
        candidate(finishReason="STOP"),
        candidate(finishReason="STOP", content={"parts": []}),
        candidate(finishReason="STOP", content={"role": "model"}),
        candidate(finishReason="STOP", content={"parts": [{"text": ""}]}),
        candidate(finishReason="STOP", content={"parts": [{"text": "only thinking", "thought": True}]}),
        candidate(finishReason="OTHER"),
    ],
)
def test_a_reply_without_an_answer_is_empty(respond: Any, standing) -> None:
    caught = failed(standing, respond)
    assert (caught.kind, caught.transient, caught.whole_model, caught.sent) == ("empty", True, False, True)


@pytest.mark.parametrize(
    "value",
    [
        {"candidates": "A"},
        {"candidates": [3]},
        {"candidates": [{"content": "A"}]},
        {"candidates": [{"content": {"parts": "A"}}]},
        {"candidates": [{"content": {"parts": ["A"]}}]},
        {"candidates": [{"content": {"parts": [{"text": 3}]}}]},
        {"candidates": [], "promptFeedback": "SAFETY"},
        [],
        "A",
        None,
        b"<html>502 Bad Gateway</html>",
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
def test_a_body_of_another_shape_is_malformed(value: Any, standing) -> None:
    caught = failed(standing, body(value))
    assert (caught.kind, caught.transient) == ("malformed", True)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([
                "candidates",
                "content",
                "parts",
                "text",
                "error",
                "code",
                "details",
                "usageMetadata",
                "status",
            ]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


def test_no_body_breaks_the_reading(gemini_server) -> None:
    responses: list[Response] = []
    provider = model(gemini_server(lambda request: responses.pop()).url)

    @settings(max_examples=60, deadline=None)
    @given(value=JSON, status=st.sampled_from([200, 200, 400, 429, 500]))
    def check(value: Any, status: int) -> None:
        responses.append(Response(status, value))
        assert outcome(provider) in {"answered", "filtered", "truncated", *ERRORS}

    check()


ERRORS = {"empty", "malformed", "server", "rate limit", "request", "key", "model", "quota"}


def outcome(provider: Provider) -> str:
    try:
        return provider.ask(QUESTION).kind
    except CallError as caught:
        return caught.kind


# Errors


@pytest.mark.parametrize(
    ("respond", "kind", "transient", "whole_model", "retry_after"),
    [
        # Gemini answers 400 to a wrong key.
        (wrong_key(), "key", False, True, None),
        (error(401, "x", "UNAUTHENTICATED"), "key", False, True, None),
        (error(403, "x", "PERMISSION_DENIED"), "key", False, True, None),
        (no_model(), "model", False, True, None),
        (no_quota(), "quota", False, True, None),
        (busy("2.5"), "rate limit", True, False, 2.5),
        (error(429, "x", "RESOURCE_EXHAUSTED"), "rate limit", True, False, None),
        (error(408, "x"), "server", True, False, None),
        (broken(), "server", True, False, None),
        (error(503, "x", "UNAVAILABLE", retry_after="3"), "server", True, False, 3.0),
        (error(504, "x", "DEADLINE_EXCEEDED"), "server", True, False, None),
        (error(400, "Unable to process input image.", "INVALID_ARGUMENT"), "request", False, False, None),
        (lambda request: Response(502, b"<html>"), "server", True, False, None),
        # The SDK breaks on bytes that are no text, and loses the status.
        (lambda request: Response(502, b"\xff"), "malformed", True, False, None),
        (lambda request: Response(503, b""), "server", True, False, None),
        (lambda request: Response(200, {"error": {"code": 503, "message": "x"}}), "server", True, False, None),
        (lambda request: Response(429, [{"error": {"code": 429, "message": "x"}}]), "rate limit", True, False, None),
    ],
)
def test_an_http_error(
    respond: Any, kind: str, transient: bool, whole_model: bool, retry_after: float | None, standing
) -> None:
    caught = failed(standing, respond)
    assert (caught.kind, caught.transient, caught.whole_model) == (kind, transient, whole_model)
    assert caught.retry_after == retry_after
    # The SDK's own retries are off.
    assert len(standing[0].requests) == 1


def test_the_wait_of_a_retry_info_goes_before_the_header(standing) -> None:
    details = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "0.7s"}]
    failing = {"error": {"code": 429, "message": "x", "status": "RESOURCE_EXHAUSTED", "details": details}}
    caught = failed(standing, lambda request: Response(429, failing, {"retry-after": "9"}))
    assert caught.retry_after == pytest.approx(0.7)


def test_the_servers_words_are_shown(standing) -> None:
    caught = failed(standing, error(400, "Unable to process\ninput image."))
    assert caught.message.endswith("HTTP 400: Unable to process input image.")


def test_a_server_that_recovers(gemini_server) -> None:
    server = gemini_server(first(1, broken(), letter("B")))
    provider = model(server.url)
    with pytest.raises(CallError, match="HTTP 500: The server had an error"):
        provider.ask(QUESTION)
    assert provider.ask(QUESTION).text == "B"


def test_a_timeout(gemini_server) -> None:
    caught = failure(gemini_server(slow(2.0)), "timeout=0.2")
    assert (caught.kind, caught.transient, caught.sent) == ("timeout", True, True)


def test_a_dropped_connection(gemini_server) -> None:
    caught = failure(gemini_server(dropped))
    assert (caught.kind, caught.transient, caught.sent) == ("network", True, True)


def test_a_refused_connection_was_not_sent() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(CallError, match="ConnectError") as caught:
            model(f"http://127.0.0.1:{taken.getsockname()[1]}").ask(QUESTION)
    assert (caught.value.kind, caught.value.transient, caught.value.sent) == ("network", True, False)


# Keys


def test_without_a_key_nothing_is_sent() -> None:
    with pytest.raises(CallError, match=r"no key; set GOOGLE_API_KEY or GEMINI_API_KEY$") as caught:
        create(parse("google/gem", trusted=True)).ask(QUESTION)
    assert (caught.value.kind, caught.value.sent, caught.value.whole_model) == ("key", False, True)


def test_which_variable_wins(gemini_server, monkeypatch) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", "second")
    server = gemini_server()
    model(server.url).ask(QUESTION)
    monkeypatch.setenv("GOOGLE_API_KEY", "first")
    model(server.url).ask(QUESTION)
    assert [request.headers["x-goog-api-key"] for request in server.requests] == ["second", "first"]


def test_a_key_of_its_own_goes_alone(gemini_server, monkeypatch) -> None:
    monkeypatch.setenv("GOOGLE_API_KEY", "hush")
    monkeypatch.setenv("LAB_KEY", "k-lab")
    server = gemini_server()
    model(server.url, "api_key_env=LAB_KEY").ask(QUESTION)
    assert server.requests[0].headers["x-goog-api-key"] == "k-lab"
    assert "hush" not in str(server.requests[0].headers)


def test_nothing_shows_the_key(gemini_server, monkeypatch) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", "k-hush")
    provider = model(gemini_server(wrong_key()).url)
    with pytest.raises(CallError, match=r"API key \[key\] not valid") as caught:
        provider.ask(QUESTION)
    assert "hush" not in repr(caught.value) + repr(vars(caught.value)) + repr(provider) + repr(provider.identity)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_carries_nothing_elsewhere(status: int, gemini_server, monkeypatch) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", "k-hush")
    elsewhere = gemini_server()
    caught = failure(gemini_server(redirect(f"http://localhost:{elsewhere.port}", status)))
    assert "the server redirects, which is not followed; set base_url to where it lives" in caught.message
    assert (caught.kind, caught.whole_model) == ("request", True)
    assert elsewhere.requests == []


# Many threads


def test_threads_share_one_client_and_lose_nothing(gemini_server) -> None:
    def judge(pictures: tuple[bytes, ...]) -> str:
        return hashlib.sha256(b"".join(pictures)).hexdigest()

    server = gemini_server(slow(0.02, judged(judge)))
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
