"""Loopback servers that speak the wire protocols of OpenAI, Gemini and Anthropic.

``with serve(wire="openai", respond=letter("A")) as server:`` starts a server on a free port of
127.0.0.1 in a thread. `server.url` is what a model takes as base_url, `server.requests` is what
arrived so far, in order: path, headers, JSON body, prompt text, and the decoded bytes of the
pictures. `respond` is called with each `Request`, in the thread of its connection, and returns a
`Response`; the functions below make the usual ones: a letter, a right answer computed from the
pictures, refusals, blocks, truncation, malformed and empty bodies, errors, redirects, slow and
dropped replies, and `first` to let the first n requests go another way than the rest. One server
answers Chat Completions, Responses, generateContent, Messages, images/generations and images/edits
under any path prefix; `wire` decides only what `server.url` ends in.
"""

from __future__ import annotations

import base64
import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

Wire = Literal["anthropic", "gemini", "openai"]
Api = Literal["anthropic", "chat", "gemini", "images", "other", "responses"]

MODEL = "loopback-1"
REQUEST_ID = "req_loopback"


@dataclass(frozen=True)
class Request:
    """One request as it arrived."""

    method: str
    path: str
    headers: Message
    body: Any
    text: str
    pictures: tuple[bytes, ...]
    arrived: float
    mask: bytes | None = None

    @property
    def api(self) -> Api:
        """Which of the protocols it speaks."""
        path = self.path.partition("?")[0]
        if path.endswith("/chat/completions"):
            return "chat"
        if path.endswith("/responses"):
            return "responses"
        if path.endswith(("/images/generations", "/images/edits")):
            return "images"
        if path.endswith("/messages"):
            return "anthropic"
        return "gemini" if path.endswith(":generateContent") else "other"


@dataclass(frozen=True)
class Response:
    """What goes back: JSON, or bytes as they are."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    drop: bool = False

    @property
    def content(self) -> bytes:
        """The bytes of the body."""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


Respond = Callable[[Request], Response]


@dataclass
class Server:
    """A running server."""

    url: str
    port: int
    respond: Respond
    requests: list[Request] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    in_flight: int = 0
    max_in_flight: int = 0

    def answer(self, request: Request) -> Response:
        """Note a request and decide on its response."""
        with self.lock:
            self.requests.append(request)
            self.in_flight += 1
            self.max_in_flight = max(self.max_in_flight, self.in_flight)
        try:
            response = self.respond(request)
            time.sleep(response.delay_s)
            return response
        finally:
            with self.lock:
                self.in_flight -= 1


class Listener(ThreadingHTTPServer):
    # The default of 5 delays or breaks connections when many threads connect at once.
    request_queue_size = 256
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that hang up."""


@contextmanager
def serve(wire: Wire = "openai", respond: Respond | None = None) -> Iterator[Server]:
    """Run a server; `respond` answers ``A`` where it is not given."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body in one packet: in two, each reply on a kept connection waits 40 ms for an acknowledgement.
        wbufsize = -1

        def do_GET(self) -> None:
            self.do_POST()

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("content-length") or 0))
            response = server.answer(read_request(self.command, self.path, self.headers, raw))
            if response.drop:
                self.close_connection = True
                return
            self.send_response(response.status)
            for name, value in {"content-type": "application/json", **response.headers}.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(response.content)))
            self.end_headers()
            self.wfile.write(response.content)

        def log_message(self, format: str, *args: Any) -> None:
            """Keep the test's output clean."""

    listener = Listener(("127.0.0.1", 0), Handler)
    port = listener.server_address[1]
    server = Server(f"http://127.0.0.1:{port}" + ("/v1" if wire == "openai" else ""), port, respond or letter("A"))
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.002}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listener.shutdown()
        listener.server_close()
        thread.join()


def read_request(method: str, path: str, headers: Message, raw: bytes) -> Request:
    """Take a request apart."""
    if headers.get_content_maintype() == "multipart":
        return read_form(method, path, headers, raw)
    try:
        body = json.loads(raw)
    except ValueError:
        body = None
    parts = list(parts_of(body)) if isinstance(body, dict) else []
    pictures = tuple(data for data in map(picture_of, parts) if data is not None)
    texts = [part["text"] for part in parts if isinstance(part.get("text"), str)]
    if isinstance(body, dict) and isinstance(body.get("prompt"), str):
        texts.append(body["prompt"])
    return Request(method, path, headers, body, "\n".join(texts), pictures, time.monotonic())


def read_form(method: str, path: str, headers: Message, raw: bytes) -> Request:
    """Take a form apart: its fields are the body, its files are the pictures and the mask."""
    form = message_from_bytes(b"content-type: " + headers["content-type"].encode() + b"\r\n\r\n" + raw)
    fields: dict[str, Any] = {}
    files: dict[str, list[bytes]] = {}
    for part in form.get_payload():
        name, content = part.get_param("name", header="content-disposition"), part.get_payload(decode=True)
        if part.get_filename() is None:
            fields[name] = content.decode()
        else:
            files.setdefault(name.removesuffix("[]"), []).append(content)
    pictures, masks = tuple(files.get("image", ())), files.get("mask", [None])
    return Request(method, path, headers, fields, fields.get("prompt", ""), pictures, time.monotonic(), masks[0])


def parts_of(body: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the parts of all turns: text and pictures, in order."""
    for turn in body.get("messages") or body.get("input") or body.get("contents") or []:
        content = turn.get("content") or turn.get("parts") or []
        yield from [{"text": content}] if isinstance(content, str) else content


def picture_of(part: Mapping[str, Any]) -> bytes | None:
    """Return the bytes of a picture; None for a part that is none."""
    inline = part.get("inlineData") or part.get("inline_data")
    if inline:
        return decoded(inline["data"])
    if part.get("type") == "image":
        return decoded(part["source"]["data"])
    url = part.get("image_url")
    if url is None:
        return None
    return decoded((url if isinstance(url, str) else url["url"]).partition(";base64,")[2])


def decoded(data: str) -> bytes:
    """Decode plain or URL-safe base64."""
    return base64.b64decode(data.translate(str.maketrans("-_", "+/")), validate=True)


# Replies with status 200


def says(
    request: Request, text: str | None, *, finish: str = "", refusal: str | None = None, model: str = MODEL
) -> Response:
    """Return a reply with `text`, in the protocol that was asked in."""
    builders = {"anthropic": anthropic_body, "responses": responses_body, "gemini": gemini_body}
    body = builders.get(request.api, chat_body)(text, finish, refusal, 10 + 100 * len(request.pictures))
    return Response(body={**body, "modelVersion" if request.api == "gemini" else "model": model}, headers=ids())


def ids() -> dict[str, str]:
    return {"request-id": REQUEST_ID, "x-request-id": REQUEST_ID}


def chat_body(text: str | None, finish: str, refusal: str | None, tokens: int) -> dict[str, Any]:
    message = {"role": "assistant", "content": text, "refusal": refusal}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "choices": [{"index": 0, "message": message, "finish_reason": finish or "stop"}],
        "usage": {
            "prompt_tokens": tokens,
            "completion_tokens": 7,
            "total_tokens": tokens + 7,
            "prompt_tokens_details": {"cached_tokens": 3, "image_tokens": tokens - 10},
            "completion_tokens_details": {"reasoning_tokens": 5},
        },
    }


def responses_body(text: str | None, finish: str, refusal: str | None, tokens: int) -> dict[str, Any]:
    part = {"type": "output_text", "text": text, "annotations": []}
    if refusal is not None:
        part = {"type": "refusal", "refusal": refusal}
    content = [] if text is None and refusal is None else [part]
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1,
        "status": "incomplete" if finish else "completed",
        "incomplete_details": {"reason": finish} if finish else None,
        "error": None,
        "output": [
            {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "thinking"}]},
            {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": content},
        ],
        "usage": {
            "input_tokens": tokens,
            "input_tokens_details": {"cached_tokens": 3},
            "output_tokens": 7,
            "output_tokens_details": {"reasoning_tokens": 5},
            "total_tokens": tokens + 7,
        },
    }


def gemini_body(text: str | None, finish: str, refusal: str | None, tokens: int) -> dict[str, Any]:
    candidate: dict[str, Any] = {"finishReason": finish or "STOP", "index": 0}
    if text is not None:
        candidate["content"] = {"role": "model", "parts": [{"text": "thinking", "thought": True}, {"text": text}]}
    return {
        "candidates": [candidate],
        "responseId": REQUEST_ID,
        "usageMetadata": {
            "promptTokenCount": tokens,
            "candidatesTokenCount": 2,
            "thoughtsTokenCount": 5,
            "cachedContentTokenCount": 3,
            "totalTokenCount": tokens + 7,
            "promptTokensDetails": [
                {"modality": "TEXT", "tokenCount": 10},
                {"modality": "IMAGE", "tokenCount": tokens - 10},
            ],
        },
    }


def anthropic_body(text: str | None, finish: str, refusal: str | None, tokens: int) -> dict[str, Any]:
    declined = {"type": "refusal", "category": None, "explanation": refusal}
    thinking = {"type": "thinking", "thinking": "thinking", "signature": "c2ln"}
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "content": [thinking] if text is None else [thinking, {"type": "text", "text": text, "citations": None}],
        "stop_reason": "refusal" if refusal is not None else finish or "end_turn",
        "stop_sequence": None,
        "stop_details": None if refusal is None else declined,
        # What goes through the cache is counted apart from the input.
        "usage": {
            "input_tokens": tokens - 5,
            "cache_creation_input_tokens": 2,
            "cache_read_input_tokens": 3,
            "output_tokens": 7,
            "output_tokens_details": {"thinking_tokens": 5},
            "service_tier": "standard",
        },
    }


def draws(draw: Callable[[Request], bytes], words: str = "", model: str = MODEL) -> Respond:
    """Answer with the picture that `draw` makes, and with words beside it."""
    return draws_base64(lambda request: base64.b64encode(draw(request)).decode(), words, model)


def draws_base64(draw: Callable[[Request], str], words: str = "", model: str = MODEL) -> Respond:
    """Answer with what `draw` says is a picture in base64."""
    return lambda request: Response(
        body=(gemini_picture if request.api == "gemini" else images_body)(request, draw(request), words, model),
        headers=ids(),
    )


def images_body(request: Request, data: str, words: str, model: str) -> dict[str, Any]:
    read, tokens = {"image_tokens": 200 * len(request.pictures), "text_tokens": 10}, 1056
    usage = {
        "input_tokens": sum(read.values()),
        "input_tokens_details": read,
        "output_tokens": tokens,
        "output_tokens_details": {"image_tokens": tokens, "text_tokens": 0},
        "total_tokens": sum(read.values()) + tokens,
    }
    return {"created": 1, "data": [{"b64_json": data, "revised_prompt": words}], "usage": usage, "model": model}


def gemini_picture(request: Request, data: str, words: str, model: str) -> dict[str, Any]:
    thought = {"inlineData": {"mimeType": "image/png", "data": "dGhvdWdodA=="}, "thought": True}
    parts = [thought, {"text": words}, {"inlineData": {"mimeType": "image/png", "data": data}}]
    read = 10 + 258 * len(request.pictures)
    return {
        "candidates": [{"content": {"role": "model", "parts": parts}, "finishReason": "STOP", "index": 0}],
        "responseId": REQUEST_ID,
        "modelVersion": model,
        "usageMetadata": {
            "promptTokenCount": read,
            "candidatesTokenCount": 1120,
            "thoughtsTokenCount": 5,
            "totalTokenCount": read + 1125,
            "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 1120}],
        },
    }


def letter(text: str) -> Respond:
    """Answer `text`, whatever is asked."""
    return lambda request: says(request, text)


def judged(judge: Callable[[tuple[bytes, ...]], str]) -> Respond:
    """Answer what `judge` says of the pictures' bytes: lost or swapped pictures show as wrong answers."""
    return lambda request: says(request, judge(request.pictures))


def refusal(words: str = "I cannot help with that.") -> Respond:
    """Decline in the model's own words. Gemini has no such field: there it is a block."""
    return lambda request: (
        says(request, None, finish="SAFETY") if request.api == "gemini" else says(request, None, refusal=words)
    )


def blocked_output() -> Respond:
    """Block the answer. Anthropic has no other word for it than a refusal."""
    finish = {"anthropic": "refusal", "gemini": "SAFETY"}
    return lambda request: says(request, None, finish=finish.get(request.api, "content_filter"))


def blocked_prompt(code: str = "content_policy_violation") -> Respond:
    """Block the question: Gemini and Anthropic with status 200, OpenAI with an error."""

    def respond(request: Request) -> Response:
        if request.api == "anthropic":
            return blocked_output()(request)
        if request.api == "gemini":
            return Response(body={"promptFeedback": {"blockReason": "SAFETY"}, "modelVersion": MODEL})
        return error(400, "Your request was rejected by the safety system.", code)(request)

    return respond


def truncated(text: str = "The face looks") -> Respond:
    """Cut the answer off."""
    finish = {
        "anthropic": "max_tokens",
        "chat": "length",
        "gemini": "MAX_TOKENS",
        "responses": "max_output_tokens",
    }
    return lambda request: says(request, text, finish=finish[request.api])


def body(value: Any, **headers: str) -> Respond:
    """Answer with this body: bytes as they are, anything else as JSON."""
    return lambda request: Response(body=value, headers=headers)


garbage = body(b'{"choices": [{"mess')
nothing = body(b"")
empty_object = body({})


# Errors

# The type that Anthropic gives with each status.
ANTHROPIC_TYPES = {
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    409: "conflict_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    504: "timeout_error",
    529: "overloaded_error",
}


def error(status: int, message: str, code: str | int | None = None, **headers: str) -> Respond:
    """Fail with a status, in the vendor's own shape. A header's ``_`` stands for ``-``."""
    fields = {name.replace("_", "-"): value for name, value in headers.items()}

    def respond(request: Request) -> Response:
        if request.api == "anthropic":
            kind = ANTHROPIC_TYPES.get(status, "invalid_request_error")
            content = {"type": "error", "error": {"type": kind, "message": message}, "request_id": REQUEST_ID}
            return Response(status, content, {**fields, **ids()})
        if request.api == "gemini":
            failure: dict[str, Any] = {"code": status, "message": message, "status": code or "ERROR"}
        else:
            failure = {"message": message, "type": "error", "param": None, "code": code}
        return Response(status, {"error": failure}, {**fields, **ids()})

    return respond


def wrong_key() -> Respond:
    """Fail as for a wrong key, repeating it as careless servers do."""

    def respond(request: Request) -> Response:
        named = request.headers.get("x-goog-api-key") or request.headers.get("x-api-key")
        key = named or request.headers.get("authorization", "").removeprefix("Bearer ")
        if request.api == "gemini":
            details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}]
            failure = {"code": 400, "message": f"API key {key} not valid.", "status": "INVALID_ARGUMENT"}
            return Response(400, {"error": {**failure, "details": details}})
        return error(401, f"Incorrect API key provided: {key}.", "invalid_api_key")(request)

    return respond


def no_model() -> Respond:
    """Fail as for a model that does not exist, or no longer."""
    return error(404, "The model does not exist or you do not have access to it.", "model_not_found")


def busy(retry_after: str = "1") -> Respond:
    """Fail as for too many requests."""
    return error(429, "Rate limit reached.", "rate_limit_exceeded", Retry_After=retry_after)


def broken() -> Respond:
    """Fail as a server does on its own fault."""
    return error(500, "The server had an error.", "server_error")


def no_quota() -> Respond:
    """Fail as for an empty account."""

    def respond(request: Request) -> Response:
        if request.api == "anthropic":
            return error(400, "Your credit balance is too low to access the Anthropic API.")(request)
        if request.api != "gemini":
            return error(429, "You exceeded your current quota.", "insufficient_quota")(request)
        quota = "GenerateRequestsPerDayPerProjectPerModel-FreeTier"
        details = [
            {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{"quotaId": quota}]},
            {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "37s"},
        ]
        failure = {"code": 429, "message": "You exceeded your current quota.", "status": "RESOURCE_EXHAUSTED"}
        return Response(429, {"error": {**failure, "details": details}})

    return respond


def dropped(request: Request) -> Response:
    """Hang up without an answer."""
    return Response(drop=True)


def slow(delay_s: float, then: Respond | None = None) -> Respond:
    """Answer after a while."""

    def respond(request: Request) -> Response:
        response = (then or letter("A"))(request)
        return Response(response.status, response.body, response.headers, delay_s, response.drop)

    return respond


def redirect(location: str, status: int = 307) -> Respond:
    """Send the client elsewhere, to the same path there."""
    return lambda request: Response(status, {}, {"location": location + request.path})


def first(n: int, respond: Respond, then: Respond) -> Respond:
    """Let the first `n` requests be answered by `respond`, the others by `then`."""
    lock, counter = threading.Lock(), iter(range(n))

    def choose(request: Request) -> Response:
        with lock:
            among_first = next(counter, None) is not None
        return (respond if among_first else then)(request)

    return choose


# Connections that do not behave as a server's should


Talk = Callable[[socket.socket], None]


@contextmanager
def serve_raw(talk: Talk, *, read: bool = True) -> Iterator[str]:
    """Run a server that reads one request a connection, unless `read` is false, and lets `talk` write what it likes.

    It gives the URL of the server's root.
    """
    stopped = threading.Event()

    def converse(connection: socket.socket) -> None:
        # Clients that hang up are what most of these tests are about.
        with connection, suppress(OSError):
            if read:
                read_raw(connection)
            talk(connection)

    def accept() -> None:
        while not stopped.is_set():
            with suppress(TimeoutError):
                connection, _ = listener.accept()
                connection.settimeout(10.0)
                threading.Thread(target=converse, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.02)
        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        stopped.set()
        thread.join()


def read_raw(connection: socket.socket) -> bytes:
    """Read one request, head and body."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += received(connection)
    head, _, rest = data.partition(b"\r\n\r\n")
    (length,) = re.findall(rb"content-length: *(\d+)", head.lower()) or [b"0"]
    while len(rest) < int(length):
        rest += received(connection)
    return head + b"\r\n\r\n" + rest


def received(connection: socket.socket) -> bytes:
    data = connection.recv(65536)
    if not data:
        raise ConnectionError("the client hung up")
    return data


def drip(head: bytes, drop: bytes = b" ", every_s: float = 0.03) -> Talk:
    """Send `head`, then `drop` again and again, slowly: no single read waits long."""

    def talk(connection: socket.socket) -> None:
        connection.sendall(head)
        while True:
            time.sleep(every_s)
            connection.sendall(drop)

    return talk


def flood(head: bytes, wave: bytes) -> Talk:
    """Send `head`, then `wave` without end."""

    def talk(connection: socket.socket) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(wave)

    return talk


def sip(connection: socket.socket) -> None:
    """Take a request in a few bytes at a time, and never answer."""
    while connection.recv(256):
        time.sleep(0.03)
