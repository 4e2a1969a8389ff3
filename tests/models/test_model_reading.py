"""Replies without end, in time or in size, and replies that repeat the key; over HTTP with the real SDKs."""

from __future__ import annotations

import gzip
import json
import re
import socket
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import Any

import pytest
from servers import Request, Respond, Response, body, drip, flood, letter, read_raw, says, serve, serve_raw, sip, slow

from pytest_vlmperception.errors import CallError, ModelError
from pytest_vlmperception.models import ModelSpec, Provider, create, parse
from pytest_vlmperception.models.base import resolve_parameters
from pytest_vlmperception.models.reading import cleaned
from pytest_vlmperception.records import Picture, Question, Reply, Usage

QUESTION = Question("Which has more contrast?", (Picture("a", lambda: ("image/png", b"picture")),))
KEY = "k-hush-0123456789"

# 8 MiB, as documented.
LIMIT = 8_388_608
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
CHUNKED = HEAD + b"transfer-encoding: chunked\r\n\r\n"
WAVE = b"10000\r\n" + b" " * 65536 + b"\r\n"

needs_sdk = pytest.mark.skipif(find_spec("anthropic") is None, reason="needs the package anthropic")
NAMES = {
    "anthropic": "anthropic/m?base_url={}",
    "gemini": "google/m?base_url={}",
    "chat": "openai/m?base_url={}/v1",
    "responses": "openai/m?base_url={}/v1&api=responses",
}
APIS = pytest.mark.parametrize("api", [pytest.param("anthropic", marks=needs_sdk), "gemini", "chat", "responses"])
CLIENTS = pytest.mark.parametrize("api", [pytest.param("anthropic", marks=needs_sdk), "gemini", "chat"])


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ANTHROPIC_API_KEY", "GEMINI_API_KEY", "OPENAI_API_KEY"):
        monkeypatch.setenv(name, KEY)


def model(api: str, url: str, timeout: float = 5.0) -> Provider:
    return create(parse(NAMES[api].format(url) + f"&timeout={timeout}", trusted=True))


def failure(provider: Provider, question: Question = QUESTION) -> CallError:
    with pytest.raises(CallError) as caught:
        provider.ask(question)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None or caught.value.__suppress_context__
    return caught.value


def asked(api: str, respond: Respond) -> Reply:
    with serve("gemini", respond) as server:
        return model(api, server.url).ask(QUESTION)


# Time


@CLIENTS
@pytest.mark.parametrize(
    "talk",
    [
        pytest.param(drip(HEAD + b"content-length: 100000\r\n\r\n"), id="body"),
        pytest.param(drip(CHUNKED, b"1\r\n \r\n"), id="chunks"),
        pytest.param(drip(HEAD + b"\r\n"), id="body without a length"),
        pytest.param(drip(HEAD.replace(b"200 OK", b"500 Oops") + b"content-length: 100000\r\n\r\n"), id="error"),
        pytest.param(drip(HEAD + b"x-slow: ", b"x"), id="head"),
        pytest.param(drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), id="heads"),
        pytest.param(flood(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 50), id="heads at once"),
    ],
)
def test_a_reply_that_drips_has_an_end(api: str, talk: Callable[[socket.socket], None]) -> None:
    with serve_raw(talk) as url:
        provider = model(api, url, timeout=0.2)
        started = time.monotonic()
        caught = failure(provider)
    assert (caught.kind, caught.transient, caught.whole_model, caught.sent) == ("timeout", True, False, True)
    # The SDK's own word where the last read waits longest.
    assert re.search(r": no whole reply within 0\.2 s$|: ReadTimeout: ", caught.message)
    # Making a client takes part of it.
    assert time.monotonic() - started < 2.0


@CLIENTS
def test_a_request_that_is_taken_slowly_has_an_end(api: str) -> None:
    # More than the kernel takes in advance.
    question = Question("Q", (Picture("large", lambda: ("image/png", bytes(12_000_000))),))
    with serve_raw(sip, read=False) as url:
        provider = model(api, url, timeout=0.5)
        started = time.monotonic()
        assert failure(provider, question).kind == "timeout"
    assert time.monotonic() - started < 3.0


@CLIENTS
def test_each_call_has_its_own_time_on_a_kept_connection(api: str) -> None:
    connections: list[socket.socket] = []

    def talk(connection: socket.socket) -> None:
        connections.append(connection)
        while True:
            time.sleep(0.2)
            connection.sendall(HEAD + b"content-length: 2\r\n\r\n{}")
            read_raw(connection)

    with serve_raw(talk) as url:
        provider = model(api, url, timeout=0.5)
        assert [failure(provider).kind for _ in range(4)] == ["empty"] * 4
    assert len(connections) == 1


@CLIENTS
def test_a_model_answers_again_after_a_timeout(api: str) -> None:
    with serve("gemini", slow(0.6)) as server:
        provider = model(api, server.url, timeout=0.2)
        assert failure(provider).kind == "timeout"
        server.respond = letter("B")
        assert provider.ask(QUESTION).text == "B"


# Size


def bomb(megabytes: int) -> bytes:
    """Return zeros, a thousandth of their size."""
    packer = zlib.compressobj(1, wbits=31)
    return b"".join(packer.compress(bytes(2**20)) for _ in range(megabytes)) + packer.flush()


BOMB = bomb(400)


def bombed(status: int) -> Respond:
    return lambda request: Response(status, BOMB, {"content-encoding": "gzip"})


@pytest.fixture
def peak() -> Iterator[Callable[[], int]]:
    tracemalloc.start()
    yield lambda: tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()


def check_too_large(caught: CallError) -> None:
    assert (caught.kind, caught.transient, caught.whole_model, caught.sent) == ("malformed", False, False, True)
    assert caught.message.endswith(": the reply has over 8388608 bytes")


@CLIENTS
@pytest.mark.parametrize(
    "talk",
    [
        pytest.param(flood(CHUNKED, WAVE), id="chunks"),
        pytest.param(flood(HEAD + b"\r\n", WAVE), id="no length"),
        pytest.param(flood(HEAD + b"content-length: 99999999999999\r\n\r\n", WAVE), id="length"),
        pytest.param(flood(CHUNKED.replace(b"200 OK", b"503 Busy"), WAVE), id="error"),
    ],
)
def test_a_body_without_end(api: str, talk: Callable[[socket.socket], None], peak: Callable[[], int]) -> None:
    with serve_raw(talk) as url:
        check_too_large(failure(model(api, url, timeout=20)))
    assert peak() < 64 * 2**20


@CLIENTS
@pytest.mark.parametrize("status", [200, 500])
def test_a_bomb_is_not_unpacked(api: str, status: int, peak: Callable[[], int]) -> None:
    with serve("gemini", bombed(status)) as server:
        check_too_large(failure(model(api, server.url, timeout=20)))
    assert peak() < 64 * 2**20


@CLIENTS
@pytest.mark.parametrize("encoding", ["gzip, gzip", "deflate", "br", "zstd", "nonsense"])
def test_what_was_not_asked_for_is_not_unpacked(api: str, encoding: str) -> None:
    response = Response(body=gzip.compress(b"{}"), headers={"content-encoding": encoding})
    with serve("gemini", lambda request: response) as server:
        caught = failure(model(api, server.url))
        assert server.requests[0].headers["accept-encoding"] == "gzip"
    assert (caught.kind, caught.transient) == ("malformed", True)
    assert "compressed in a way that was not asked for" in caught.message


@CLIENTS
def test_a_broken_compression(api: str) -> None:
    with serve("gemini", lambda request: Response(body=b"not gzip", headers={"content-encoding": "gzip"})) as server:
        caught = failure(model(api, server.url))
    assert (caught.kind, caught.transient) == ("malformed", True)
    assert "its compression is broken" in caught.message


@APIS
@pytest.mark.parametrize("encoding", ["", "identity", "gzip", "GZIP"])
def test_a_reply_of_the_largest_size_is_read(api: str, encoding: str) -> None:
    def respond(request: Request, size: int = LIMIT) -> Response:
        content = says(request, "B").content.ljust(size)
        packed = gzip.compress(content, 1) if "zip" in encoding.lower() else content
        return Response(body=packed, headers={"content-encoding": encoding} if encoding else {})

    with serve("gemini", respond) as server:
        provider = model(api, server.url, timeout=20)
        assert provider.ask(QUESTION).text == "B"
        server.respond = lambda request: respond(request, LIMIT + 1)
        check_too_large(failure(provider))


@CLIENTS
def test_a_compressed_error_is_read(api: str) -> None:
    content = gzip.compress(json.dumps({"error": {"message": "Slow down."}}).encode())
    with serve("gemini", lambda request: Response(429, content, {"content-encoding": "gzip"})) as server:
        caught = failure(model(api, server.url))
    assert (caught.kind, caught.message.partition("HTTP ")[2]) == ("rate limit", "429: Slow down.")


# The key


def echo(request: Request) -> Response:
    response = says(request, f"Your key is {KEY}, is it not {KEY}?", finish=KEY, model=f"m-{KEY}")
    named = response.body | ({"responseId": KEY} if request.api == "gemini" else {})
    return Response(body=named, headers={"request-id": KEY, "x-request-id": KEY})


@APIS
def test_a_key_in_every_field_of_a_reply(api: str) -> None:
    reply = asked(api, echo)
    assert reply.text == "Your key is [key], is it not [key]?"
    assert (reply.model, reply.finish_reason, reply.request_id) == ("m-[key]", "[key]", "[key]")
    assert KEY not in repr(reply)


@APIS
def test_a_key_that_json_disguises(api: str) -> None:
    def respond(request: Request) -> Response:
        return Response(body=says(request, KEY).content.replace(b"hush", b"\\u0068us\\u0068"))

    assert asked(api, respond).text == "[key]"


def test_a_key_that_is_put_together_from_parts() -> None:
    parts = [{"type": "text", "text": KEY[:7]}, {"type": "text", "text": KEY[7:]}]
    assert asked("chat", body({"choices": [{"message": {"content": parts}}]})).text == "[key]"


@APIS
def test_a_key_in_a_refusal_or_block(api: str) -> None:
    def respond(request: Request) -> Response:
        if request.api == "gemini":
            return Response(body={"promptFeedback": {"blockReason": KEY}})
        return says(request, None, refusal=f"Not with {KEY}.")

    reply = asked(api, respond)
    kind, text = ("filtered", "[key]") if api == "gemini" else ("refused", "Not with [key].")
    assert (reply.kind, reply.text) == (kind, text)
    assert KEY not in repr(reply)


@pytest.mark.parametrize("api", ["chat", "responses"])
def test_a_key_in_a_block_that_is_an_error(api: str) -> None:
    failing = {"error": {"message": f"No: {KEY}", "code": "content_filter"}}
    reply = asked(api, lambda request: Response(400, failing, {"x-request-id": KEY}))
    assert (reply.kind, reply.text, reply.request_id) == ("filtered", "No: [key]", "[key]")


@APIS
def test_a_key_in_what_an_empty_reply_gives_as_its_reason(api: str) -> None:
    with serve("gemini", lambda request: says(request, "", finish=KEY + "\n" + "x" * 9999)) as server:
        caught = failure(model(api, server.url))
    assert caught.kind == "empty"
    assert "reason [key] x" in caught.message
    assert "\n" not in caught.message
    assert len(caught.message) < 500


@pytest.mark.parametrize("key", ["", "none", "x", "A", "1"])
def test_what_stands_in_for_a_key_is_a_word_of_answers(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", key)
    assert asked("chat", letter("A: none of 1 x")).text == "A: none of 1 x"


# Counts


def test_counts_that_are_none() -> None:
    usage = Usage(2**53 - 1, 2**53, -1, 10**400, 0)
    assert cleaned(Reply("answered", "A", usage=usage), KEY).usage == Usage(2**53 - 1, None, None, None, 0)


@APIS
@pytest.mark.parametrize("count", [2**53, 10**300, -1, 1.5, "7", True, None, [1]])
def test_a_servers_counts_are_plausible_or_unknown(api: str, count: Any) -> None:
    def respond(request: Request) -> Response:
        response = says(request, "A")
        usage = response.body["usageMetadata" if api == "gemini" else "usage"]
        return Response(
            body=response.body | {"usageMetadata" if api == "gemini" else "usage": dict.fromkeys(usage, count)}
        )

    assert asked(api, respond).usage == Usage()


def test_a_sum_of_counts_is_plausible_or_unknown() -> None:
    counts = {"promptTokenCount": 5, "candidatesTokenCount": 2**53 - 1, "thoughtsTokenCount": 2**53 - 1}

    def respond(request: Request) -> Response:
        return Response(body=says(request, "A").body | {"usageMetadata": counts})

    assert asked("gemini", respond).usage == Usage(5, None, None, None, 2**53 - 1)


# Names of models


@pytest.mark.parametrize(
    "name",
    [
        "openai/x?x_api_key=hunter2",
        "openai/x?detail=huge&x_api_key=hunter2",
        "openai?x_api_key=hunter2",
        "google/x?x_api_key=hunter2",
        "google?x_api_key=hunter2&temperature=1",
        "observer/x?x_api_key=hunter2",
        "anthropic/x?thinking=disabled&x_api_key=hunter2",
    ],
)
def test_the_value_of_an_unknown_parameter_is_not_repeated(name: str) -> None:
    with pytest.raises(ModelError, match="has no parameter 'x_api_key'; ") as caught:
        create(parse(name, trusted=True))
    assert "hunter2" not in str(caught.value)


def test_unknown_parameters_come_before_wrong_values() -> None:
    spec = ModelSpec("lab?detail=huge&oops=hunter2", "openai", "m", {"detail": "huge", "oops": "hunter2"})
    with pytest.raises(ModelError, match=r"^model 'lab' has no parameter 'oops'; known: detail$"):
        resolve_parameters(spec, {"detail": int})
