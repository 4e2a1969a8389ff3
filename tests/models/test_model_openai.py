"""OpenAI's protocols, over HTTP with the real SDK."""

from __future__ import annotations

import base64
import hashlib
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from servers import (
    MODEL,
    REQUEST_ID,
    Request,
    Respond,
    Response,
    Server,
    blocked_output,
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
from pytest_vlmperception.records import Hint, Picture, Question, Usage

FIRST, SECOND = bytes(range(256)), b"\xff\xfe?>>>" * 50
PICTURES = (
    Picture("secret/name_a.png", lambda: ("image/png", FIRST)),
    Picture("secret/name_b.jpg", lambda: ("image/jpeg", SECOND)),
)
QUESTION = Question("Which has more contrast?", PICTURES, task=Hint("compare", "hidden-attribute"))
APIS = pytest.mark.parametrize("api", ["chat", "responses"])


def model(url: str, query: str = "") -> Provider:
    return create(parse(f"openai/org/m?base_url={url}{query and '&' + query}", trusted=True))


@pytest.fixture(scope="module")
def standing() -> Iterator[tuple[Server, dict[str, Provider]]]:
    """One server and its clients, for tests of nothing but a reply: a client takes 30 ms to make."""
    with serve("openai") as server:
        yield server, {api: model(server.url, f"api={api}") for api in ("chat", "responses")}


def failed(standing: tuple[Server, dict[str, Provider]], respond: Respond, api: str = "chat") -> CallError:
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


# What is sent


def test_a_chat_request(openai_server) -> None:
    server = openai_server()
    model(server.url).ask(QUESTION)
    (request,) = server.requests
    assert request.path == "/v1/chat/completions"
    assert request.pictures == (FIRST, SECOND)
    assert request.body == {
        "model": "org/m",
        "messages": [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "Which has more contrast?"},
                    {
                        "type": "image_url",
                        "image_url": {
                            "url": "data:image/png;base64," + base64.b64encode(FIRST).decode(),
                            "detail": "high",
                        },
                    },
                    {
                        "type": "image_url",
                        "image_url": {
                            "url": "data:image/jpeg;base64," + base64.b64encode(SECOND).decode(),
                            "detail": "high",
                        },
                    },
                ],
            }
        ],
    }


def test_a_responses_request(openai_server) -> None:
    server = openai_server()
    model(server.url, "api=responses&detail=original&max_tokens=9&reasoning_effort=low&temperature=0").ask(QUESTION)
    (request,) = server.requests
    assert request.path == "/v1/responses"
    content = request.body.pop("input")[0]["content"]
    assert [part["type"] for part in content] == ["input_text", "input_image", "input_image"]
    assert {part["detail"] for part in content[1:]} == {"original"}
    assert request.pictures == (FIRST, SECOND)
    assert request.body == {
        "model": "org/m",
        "store": False,
        "image": {"context_compression": "disabled"},
        "max_output_tokens": 9,
        "reasoning": {"effort": "low"},
        "temperature": 0.0,
    }


def test_every_chat_parameter_is_sent(openai_server) -> None:
    server = openai_server()
    query = (
        "temperature=0.5&top_p=0.9&seed=-3&max_completion_tokens=4&reasoning_effort=none&service_tier=flex&detail=low"
    )
    model(server.url, query).ask(QUESTION)
    sent = {name: value for name, value in server.requests[0].body.items() if name not in {"model", "messages"}}
    assert sent == {
        "temperature": 0.5,
        "top_p": 0.9,
        "seed": -3,
        "max_completion_tokens": 4,
        "reasoning_effort": "none",
        "service_tier": "flex",
    }


@APIS
def test_neither_names_nor_hints_nor_vendor_settings_leave(api: str, openai_server, monkeypatch) -> None:
    server = openai_server()
    model(server.url, f"api={api}").ask(QUESTION)
    sent = repr(server.requests[0].body) + str(server.requests[0].headers)
    assert "secret" not in sent
    assert "hidden-attribute" not in sent


def test_a_picture_that_cannot_be_read_is_its_own_error(openai_server) -> None:
    def read() -> tuple[str, bytes]:
        raise PictureError("no such picture")

    server = openai_server()
    with pytest.raises(PictureError, match="no such picture"):
        model(server.url).ask(Question("Q", (Picture("x", read),)))
    assert server.requests == []


def test_the_query_of_a_base_url_goes_with_the_request(openai_server) -> None:
    server = openai_server()
    provider = model(server.url + "/?api-version=7%26code=x")
    provider.ask(QUESTION)
    assert server.requests[0].path == "/v1/chat/completions?api-version=7&code=x"
    assert provider.identity.base_url == server.url


@pytest.mark.parametrize(("api", "query"), [("chat", ""), ("responses", "&api=responses")])
def test_the_environment_moves_the_model(api: str, query: str, openai_server, monkeypatch) -> None:
    server = openai_server()
    monkeypatch.setenv("OPENAI_BASE_URL", server.url)
    provider = create(parse(f"openai/m?seed=1{query}" if api == "chat" else f"openai/m?{query[1:]}", trusted=False))
    assert provider.ask(QUESTION).text == "A"
    assert provider.identity.base_url == server.url


def test_a_text_that_no_request_can_carry(openai_server) -> None:
    server = openai_server()
    with pytest.raises(CallError, match="surrogates not allowed") as caught:
        model(server.url).ask(Question("half of an emoji: \ud83d", ()))
    assert (caught.value.kind, caught.value.transient, caught.value.sent) == ("request", False, False)
    assert server.requests == []


# Identity


def test_the_identity_resolves_every_value() -> None:
    assert create(parse("openai/gpt-5.2", trusted=True)).identity.parameters == {"api": "chat", "detail": "high"}
    identity = create(parse("openai/m?api=responses&max_tokens=5&timeout=3&service_tier=flex", trusted=True)).identity
    assert identity.parameters == {
        "api": "responses",
        "compression": "disabled",
        "detail": "high",
        "max_output_tokens": 5,
        "service_tier": "flex",
    }
    assert (identity.provider, identity.model, identity.base_url) == ("openai", "m", "https://api.openai.com/v1")
    assert not identity.sees_task


def test_a_named_identity_stands_for_the_address() -> None:
    named = {"lab": {"model": "openai/m", "base_url": "http://localhost:1/v1", "identity": "lab-7"}}
    assert create(parse("lab", trusted=True, named=named)).identity.base_url == "lab-7"


@pytest.mark.parametrize(
    ("query", "match"),
    [
        ("detial=low", "did you mean 'detail'"),
        ("detail=huge", "expected one of auto, low, high, original"),
        ("temperature=nan", "expected a finite number"),
        ("temperature=-1", "of at least 0"),
        ("temperature=warm", "expected a number"),
        ("timeout=0", "a number above 0"),
        ("timeout=inf", "expected a finite number"),
        ("max_tokens=0", "of at least 1"),
        ("seed=1.5", "expected a whole number"),
        ("max_tokens=1&max_completion_tokens=1", "give one"),
        ("compression=auto", "compression needs api=responses"),
        ("api=responses&seed=1", "seed needs api=chat"),
    ],
)
def test_a_parameter_is_refused(query: str, match: str) -> None:
    with pytest.raises(ModelError, match=match):
        create(parse(f"openai/m?{query}", trusted=True))


def test_a_password_in_the_environments_base_url_is_refused(monkeypatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "https://user:hush@host.example/v1")
    with pytest.raises(ModelError, match="holds user information") as caught:
        create(parse("openai/m", trusted=True))
    assert "hush" not in str(caught.value)


# Replies


@pytest.mark.parametrize(("api", "finish", "image_tokens"), [("chat", "stop", 200), ("responses", "completed", None)])
def test_an_answer(api: str, finish: str, image_tokens: int | None, openai_server) -> None:
    server = openai_server(slow(0.05, letter("B")))
    started = time.perf_counter()
    reply = model(server.url, f"api={api}").ask(QUESTION)
    assert 0.05 <= reply.latency_s <= time.perf_counter() - started
    assert (reply.kind, reply.text, reply.model, reply.finish_reason) == ("answered", "B", MODEL, finish)
    assert reply.request_id == REQUEST_ID
    assert reply.usage == Usage(
        input_tokens=210, output_tokens=7, cached_tokens=3, image_tokens=image_tokens, reasoning_tokens=5
    )


@APIS
def test_a_refusal(api: str, openai_server) -> None:
    reply = model(openai_server(refusal("I will not.")).url, f"api={api}").ask(QUESTION)
    assert (reply.kind, reply.text) == ("refused", "I will not.")


@APIS
def test_a_block_of_the_answer(api: str, openai_server) -> None:
    reply = model(openai_server(blocked_output()).url, f"api={api}").ask(QUESTION)
    assert (reply.kind, reply.text, reply.finish_reason) == ("filtered", "content_filter", "content_filter")


@APIS
@pytest.mark.parametrize("code", ["content_policy_violation", "content_filter", "image_content_policy_violation"])
def test_a_block_of_the_question(api: str, code: str, standing) -> None:
    server, providers = standing
    server.respond = blocked_prompt(code)
    reply = providers[api].ask(QUESTION)
    assert (reply.kind, reply.finish_reason, reply.request_id) == ("filtered", code, REQUEST_ID)
    assert reply.text == "Your request was rejected by the safety system."


def failed_response(code: str) -> Response:
    return Response(body={"status": "failed", "error": {"code": code, "message": "No."}, "output": [], "model": "m"})


def test_a_block_in_a_failed_response(openai_server) -> None:
    server = openai_server(lambda request: failed_response("image_content_policy_violation"))
    reply = model(server.url, "api=responses").ask(QUESTION)
    assert (reply.kind, reply.text, reply.model) == ("filtered", "No.", "m")


@pytest.mark.parametrize(
    ("code", "kind", "transient"),
    [
        ("server_error", "server", True),
        ("rate_limit_exceeded", "rate limit", True),
        ("invalid_image", "request", False),
    ],
)
def test_an_error_in_a_failed_response(code: str, kind: str, transient: bool, standing) -> None:
    caught = failed(standing, lambda request: failed_response(code), "responses")
    assert (caught.kind, caught.transient) == (kind, transient)
    assert caught.message.endswith("No.")


def test_an_error_with_status_200(standing) -> None:
    # OpenRouter's shape: the upstream's status as the code.
    caught = failed(standing, body({"error": {"code": 502, "message": "Upstream failed"}}))
    assert (caught.kind, caught.transient) == ("server", True)


@APIS
@pytest.mark.parametrize("text", ["The face looks", None])
def test_a_truncated_answer_keeps_its_text(api: str, text: str | None, openai_server) -> None:
    reply = model(openai_server(truncated(text)).url, f"api={api}").ask(QUESTION)
    assert (reply.kind, reply.text) == ("truncated", text or "")


def test_content_in_parts(openai_server) -> None:
    parts = [{"type": "text", "text": "A"}, {"type": "text", "text": "!"}]
    server = openai_server(body({"choices": [{"message": {"content": parts}, "finish_reason": "stop"}]}))
    assert model(server.url).ask(QUESTION).text == "A!"


@APIS
@pytest.mark.parametrize(
    "respond", [empty_object, nothing, body(b" \n"), lambda r: says(r, ""), lambda r: says(r, None)]
)
def test_a_reply_without_an_answer_is_empty(api: str, respond: Any, standing) -> None:
    caught = failed(standing, respond, api)
    assert (caught.kind, caught.transient, caught.whole_model, caught.sent) == ("empty", True, False, True)


@pytest.mark.parametrize(
    "value",
    [
        {"choices": []},
        {"choices": None},
        {"choices": [None]},
        {"choices": [{}]},
        {"choices": [{"message": None, "finish_reason": "stop"}]},
        {"choices": [{"message": {"content": " "}, "finish_reason": "stop"}]},
        {"choices": [{"message": {"content": None}, "finish_reason": "tool_calls"}]},
    ],
)
def test_a_chat_without_content_is_empty(value: Any, standing) -> None:
    assert failed(standing, body(value)).kind == "empty"


@pytest.mark.parametrize(
    "value",
    [
        {"choices": "A"},
        {"choices": [3]},
        {"choices": {"message": "A"}},
        {"choices": [{"message": "A"}]},
        {"choices": [{"message": {"content": 3}}]},
        {"choices": [{"message": {"content": {"text": "A"}}}]},
        {"choices": [{"message": {"content": ["A"]}}]},
        {"choices": [{"message": {"content": [{"text": 3}]}}]},
        [],
        "A",
        3,
        None,
        b"<html>502 Bad Gateway</html>",
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
def test_a_body_of_another_shape_is_malformed(value: Any, standing) -> None:
    caught = failed(standing, body(value))
    assert (caught.kind, caught.transient) == ("malformed", True)


@pytest.mark.parametrize(
    "value",
    [
        {"output": "A"},
        {"output": [3]},
        {"output": [{"type": "message", "content": "A"}]},
        {"output": [{"type": "message", "content": [{"type": "output_text", "text": 3}]}]},
        {"output": [], "incomplete_details": "x"},
    ],
)
def test_a_response_of_another_shape_is_malformed(value: Any, standing) -> None:
    assert failed(standing, body(value), "responses").kind == "malformed"


def test_a_malformed_message_says_where(standing) -> None:
    caught = failed(standing, body({"choices": [{"message": {"content": 3}}]}))
    assert "body.choices[0].message.content is of type int, expected text" in caught.message


@pytest.mark.parametrize("content_type", ["text/html", "application/json", "text/event-stream"])
def test_garbage_is_malformed_under_any_content_type(content_type: str, standing) -> None:
    response = Response(body=b"<p>hello", headers={"content-type": content_type})
    assert failed(standing, lambda request: response).kind == "malformed"


def test_a_broken_encoding_is_malformed(standing) -> None:
    response = Response(body=b"not gzip", headers={"content-encoding": "gzip"})
    assert failed(standing, lambda request: response).kind == "malformed"


def test_wrong_types_where_no_answer_depends_on_them(openai_server) -> None:
    choice = {"message": {"content": "A", "refusal": None}, "finish_reason": 3}
    server = openai_server(
        body({"model": 5, "usage": {"prompt_tokens": "x", "completion_tokens": -1}, "choices": [choice]})
    )
    reply = model(server.url).ask(QUESTION)
    assert (reply.kind, reply.text, reply.model, reply.finish_reason, reply.usage) == ("answered", "A", "", "", Usage())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([
                "choices",
                "message",
                "content",
                "error",
                "code",
                "output",
                "usage",
                "text",
                "type",
                "refusal",
            ]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@APIS
def test_no_body_breaks_the_reading(api: str, openai_server) -> None:
    responses: list[Response] = []
    provider = model(openai_server(lambda request: responses.pop()).url, f"api={api}")

    @settings(max_examples=60, deadline=None)
    @given(value=JSON, status=st.sampled_from([200, 200, 400, 429, 500]))
    def check(value: Any, status: int) -> None:
        responses.append(Response(status, value))
        assert outcome(provider) in {"answered", "refused", "filtered", "truncated", *ERRORS}

    check()


ERRORS = {"empty", "malformed", "server", "rate limit", "request", "key", "model", "quota"}


def outcome(provider: Provider) -> str:
    try:
        return provider.ask(QUESTION).kind
    except CallError as caught:
        return caught.kind


# Errors


@APIS
@pytest.mark.parametrize(
    ("respond", "kind", "transient", "whole_model", "retry_after"),
    [
        (wrong_key(), "key", False, True, None),
        (error(403, "Forbidden"), "key", False, True, None),
        (no_model(), "model", False, True, None),
        (error(410, "Gone", "model_deprecated"), "model", False, True, None),
        (error(400, "The model was retired.", "model_not_found"), "model", False, True, None),
        (no_quota(), "quota", False, True, None),
        (error(402, "Payment required"), "quota", False, True, None),
        (busy("2.5"), "rate limit", True, False, 2.5),
        (busy("nonsense"), "rate limit", True, False, None),
        (error(429, "x", retry_after_ms="1500", retry_after="9"), "rate limit", True, False, 1.5),
        (error(408, "x"), "server", True, False, None),
        (error(409, "x"), "server", True, False, None),
        (broken(), "server", True, False, None),
        (error(503, "x", retry_after="3"), "server", True, False, 3.0),
        (error(529, "Overloaded"), "server", True, False, None),
        (error(400, "Invalid image", retry_after="3"), "request", False, False, None),
        (error(413, "Too large"), "request", False, False, None),
        (error(422, "Unprocessable"), "request", False, False, None),
    ],
)
def test_an_http_error(
    api: str, respond: Any, kind: str, transient: bool, whole_model: bool, retry_after: float | None, standing
) -> None:
    caught = failed(standing, respond, api)
    assert (caught.kind, caught.transient, caught.whole_model) == (kind, transient, whole_model)
    assert caught.retry_after == retry_after
    assert caught.sent
    # The SDK's own retries are off.
    assert len(standing[0].requests) == 1


def test_retry_after_as_a_date(standing) -> None:
    caught = failed(standing, busy(formatdate(time.time() + 30, usegmt=True)))
    assert caught.retry_after == pytest.approx(30, abs=3)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"x_ratelimit_remaining_tokens": "0", "x_ratelimit_reset_tokens": "6m0.5s"}, 360.5),
        ({"x_ratelimit_remaining_tokens": "5", "x_ratelimit_reset_tokens": "6m0s"}, None),
        ({"x_ratelimit_reset_requests": "20ms"}, 0.02),
        ({"x_ratelimit_reset_requests": "soon"}, None),
    ],
)
def test_limits_that_are_used_up_say_when_they_are_free(headers: Any, seconds: float | None, standing) -> None:
    assert failed(standing, error(429, "x", **headers)).retry_after == seconds


def test_the_servers_words_are_shown_in_one_short_line(standing) -> None:
    caught = failed(standing, error(400, "Bad\nimage\x1b[31m " + "x" * 400))
    assert caught.message.partition("HTTP 400: ")[2] == "Bad image [31m " + "x" * 285 + "..."


@pytest.mark.parametrize(
    "value", [b"<html>\xff", b"", b"null", b'{"error": "busy"}', b'{"error": {"message": 3}}', b"[" * 9999]
)
def test_an_error_with_another_body_is_still_an_error(value: bytes, standing) -> None:
    caught = failed(standing, lambda request: Response(503, value))
    assert (caught.kind, caught.transient) == ("server", True)


def test_a_server_that_recovers(openai_server) -> None:
    server = openai_server(first(2, broken(), letter("B")))
    provider = model(server.url)
    for _ in range(2):
        with pytest.raises(CallError, match="HTTP 500: The server had an error"):
            provider.ask(QUESTION)
    assert provider.ask(QUESTION).text == "B"


@APIS
def test_a_timeout(api: str, openai_server) -> None:
    caught = failure(openai_server(slow(2.0)), f"api={api}&timeout=0.2")
    assert (caught.kind, caught.transient, caught.sent) == ("timeout", True, True)


def test_a_dropped_connection(openai_server) -> None:
    caught = failure(openai_server(dropped))
    assert (caught.kind, caught.transient, caught.sent) == ("network", True, True)


def test_a_refused_connection_was_not_sent() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(CallError, match="ConnectError") as caught:
            model(f"http://127.0.0.1:{taken.getsockname()[1]}/v1").ask(QUESTION)
    assert (caught.value.kind, caught.value.transient, caught.value.sent) == ("network", True, False)


# Keys


def test_without_a_key_nothing_is_sent() -> None:
    with pytest.raises(CallError, match=r"no key; set OPENAI_API_KEY$") as caught:
        create(parse("openai/gpt-5.2", trusted=True)).ask(QUESTION)
    assert (caught.value.kind, caught.value.sent, caught.value.whole_model) == ("key", False, True)


def test_a_key_that_appears_later_is_used(openai_server, monkeypatch) -> None:
    server = openai_server()
    provider = model(server.url)
    monkeypatch.setenv("OPENAI_API_KEY", "k-hush")
    provider.ask(QUESTION)
    assert server.requests[0].headers["authorization"] == "Bearer k-hush"


def test_nothing_shows_the_key(openai_server, monkeypatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "k-hush")
    server = openai_server(wrong_key())
    provider = model(server.url)
    with pytest.raises(CallError, match=r"Incorrect API key provided: \[key\]") as caught:
        provider.ask(QUESTION)
    assert "hush" not in repr(caught.value) + repr(vars(caught.value)) + repr(provider) + repr(provider.identity)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@APIS
def test_a_redirect_carries_nothing_elsewhere(api: str, status: int, openai_server, monkeypatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "k-hush")
    elsewhere = openai_server()
    server = openai_server(redirect(f"http://localhost:{elsewhere.port}", status))
    caught = failure(server, f"api={api}")
    assert "the server redirects, which is not followed; set base_url to where it lives" in caught.message
    assert (caught.kind, caught.transient, caught.whole_model) == ("request", False, True)
    assert elsewhere.requests == []


def test_a_suites_server_gets_only_its_own_key(openai_server, monkeypatch) -> None:
    # Not this machine by name, so that it counts as elsewhere.
    monkeypatch.setenv("OPENAI_API_KEY", "k-hush")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-hush")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-hush")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "x-extra: hush\nAuthorization: Bearer hush")
    monkeypatch.setenv("LAB_KEY", "k-lab")
    server = openai_server()
    elsewhere = f"http://{socket.gethostname()}:{server.port}/v1"
    monkeypatch.setattr(socket, "getaddrinfo", to_loopback(socket.getaddrinfo))
    create(parse(f"openai/m?base_url={elsewhere}&api_key_env=LAB_KEY", trusted=False)).ask(QUESTION)
    headers = server.requests[0].headers
    assert headers["authorization"] == "Bearer k-lab"
    assert "hush" not in str(headers)


def to_loopback(getaddrinfo: Any) -> Any:
    return lambda host, *args, **kwargs: getaddrinfo("127.0.0.1", *args, **kwargs)


# Many threads


def test_threads_share_one_client_and_lose_nothing(openai_server) -> None:
    def judge(pictures: tuple[bytes, ...]) -> str:
        return hashlib.sha256(b"".join(pictures)).hexdigest()

    server = openai_server(slow(0.02, judged(judge)))
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


def test_one_api_a_request(openai_server) -> None:
    seen: list[str] = []

    def note(request: Request) -> Response:
        seen.append(request.api)
        return says(request, "A")

    server = openai_server(note)
    model(server.url).ask(QUESTION)
    model(server.url, "api=responses").ask(QUESTION)
    assert seen == ["chat", "responses"]
