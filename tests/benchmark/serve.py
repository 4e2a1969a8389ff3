"""A loopback server that speaks Chat Completions, for measurements: no model, one process, little CPU.

    python serve.py --latency 0.2                         # prints its address, then serves until it is stopped
    python serve.py --cap 60 --retry-after 1              # above 60 requests/s: 429
    python serve.py --error-rate 0.02 --drop-rate 0.01    # that share ends in a 500, or in a closed connection

``POST /v1/chat/completions`` answers one letter, A or B, by a checksum of the pictures in their order: who knows the
pictures knows the answer, and a lost, cut or swapped picture shows as a wrong one. ``GET /stats`` tells what was
seen since the start or the last ``POST /reset``, which zeroes the counters and takes settings as a JSON object; those
left out stay as they are.

The cap is a bucket of tokens, filled at the cap's rate, with one second's worth at most. What is rejected is answered
at once; errors and closed connections come after the latency, as they do from a real server.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import time
import zlib
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)", re.IGNORECASE)
REASONS = {200: "OK", 400: "Bad Request", 404: "Not Found", 429: "Too Many Requests", 500: "Internal Server Error"}


@dataclass(frozen=True)
class Settings:
    """How the server behaves.

    Attributes
    ----------
    latency : float
        Seconds that an answer takes.
    cap : float
        Requests accepted a second; 0 for any number.
    retry_after : float
        Seconds that a rejection asks the client to wait.
    error_rate, drop_rate : float
        Shares of the accepted requests that end in a 500, and in a closed connection.
    seed : int
        Of the draws that decide on these.
    """

    latency: float = 0.2
    cap: float = 0.0
    retry_after: float = 1.0
    error_rate: float = 0.0
    drop_rate: float = 0.0
    seed: int = 0


@dataclass
class Stats:
    """What was seen: requests by how they ended, and how many were in flight."""

    requests: int = 0
    answered: int = 0
    rejected: int = 0
    errors: int = 0
    dropped: int = 0
    malformed: int = 0
    hung_up: int = 0
    in_flight: int = 0
    max_in_flight: int = 0
    connections: int = 0


@dataclass(frozen=True)
class Reply:
    """What goes back, after a while or, without one, at once; a status of 0 closes the connection instead."""

    status: int
    body: dict[str, Any]
    delay_s: float | None = None
    retry_after: float | None = None

    def encode(self) -> bytes:
        """Return head and body."""
        content = json.dumps(self.body).encode()
        head = [f"HTTP/1.1 {self.status} {REASONS[self.status]}", "Content-Type: application/json"]
        if self.retry_after is not None:
            head.append(f"Retry-After: {self.retry_after:g}")
        return "\r\n".join([*head, f"Content-Length: {len(content)}", "", ""]).encode() + content


def letter(pictures: Iterable[bytes]) -> str:
    """Return the right answer for pictures, given as base64, in this order."""
    checksum = 0
    for picture in pictures:
        checksum = zlib.crc32(picture, checksum)
    return "AB"[checksum & 1]


def read_question(body: bytes) -> tuple[str, list[bytes]]:
    """Return the text and the pictures of a Chat Completions request, these as base64: decoding takes the longest.

    Raises
    ------
    ValueError
        If it is none.
    """
    texts, pictures = [], []
    try:
        for message in json.loads(body.decode())["messages"]:
            for part in message["content"]:
                if part["type"] == "text":
                    texts.append(part["text"])
                else:
                    _, data = part["image_url"]["url"].split(";base64,", 1)
                    pictures.append(data.encode())
    except (KeyError, TypeError) as error:
        raise ValueError(f"no such request: {error!r}") from None
    return "\n".join(texts), pictures


def completion(text: str, pictures: int) -> dict[str, Any]:
    """Return the body of an answer."""
    tokens = 765 * pictures + 50
    message = {"role": "assistant", "content": text, "refusal": None}
    return {
        "id": "chatcmpl-loopback",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": "loopback",
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": tokens, "completion_tokens": 1, "total_tokens": tokens + 1},
    }


def failure(message: str, code: str) -> dict[str, Any]:
    """Return the body of an error."""
    return {"error": {"message": message, "type": "error", "param": None, "code": code}}


class Backend:
    """Decides on replies and counts them; the same for all connections.

    Parameters
    ----------
    settings : Settings
        Until they are changed by a reset.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.stats = Stats()
        self.reset({})

    def reset(self, changes: dict[str, Any]) -> None:
        """Zero the counters and change settings."""
        self.settings = replace(self.settings, **changes)
        self.stats = Stats(in_flight=self.stats.in_flight, max_in_flight=self.stats.in_flight)
        self._draws = random.Random(self.settings.seed)
        self._tokens, self._filled_at = max(1.0, self.settings.cap), time.monotonic()
        self._questions: set[tuple[object, ...]] = set()
        self._first = self._last = 0.0
        self._cpu_s = time.process_time()

    def respond(self, method: str, path: str, body: bytes, arrived: float) -> Reply:
        """Return the reply to any request."""
        try:
            if path.endswith("/chat/completions"):
                return self._chat(body, arrived)
            if (method, path) == ("POST", "/reset"):
                self.reset(json.loads(body or b"{}"))
            elif path != "/stats":
                return Reply(404, failure(f"there is no {path}", "not_found"))
        except (TypeError, ValueError) as error:
            self.stats.malformed += 1
            return Reply(400, failure(str(error), "invalid_request"))
        return Reply(200, self.seen())

    def seen(self) -> dict[str, Any]:
        """Return the counters and the settings."""
        own_cpu_s = time.process_time() - self._cpu_s
        times = {"span_s": self._last - self._first, "server_cpu_s": own_cpu_s}
        return {**asdict(self.stats), "distinct": len(self._questions), **times, **asdict(self.settings)}

    def _chat(self, body: bytes, arrived: float) -> Reply:
        self.stats.requests += 1
        self._first = self._first or arrived
        text, pictures = read_question(body)
        self._questions.add((text, *map(zlib.crc32, pictures)))
        if not self._admitted():
            self.stats.rejected += 1
            self.replied()
            message = failure("too many requests", "rate_limit_exceeded")
            return Reply(429, message, retry_after=self.settings.retry_after)
        self.stats.in_flight += 1
        self.stats.max_in_flight = max(self.stats.max_in_flight, self.stats.in_flight)
        delay_s = arrived + self.settings.latency - time.monotonic()
        drawn = self._draws.random()
        if drawn < self.settings.error_rate:
            self.stats.errors += 1
            return Reply(500, failure("the server had an error", "server_error"), delay_s)
        if drawn < self.settings.error_rate + self.settings.drop_rate:
            self.stats.dropped += 1
            return Reply(0, {}, delay_s)
        self.stats.answered += 1
        return Reply(200, completion(letter(pictures), len(pictures)), delay_s)

    def _admitted(self) -> bool:
        """Take a token of the bucket, if there is one."""
        cap = self.settings.cap
        if not cap:
            return True
        now = time.monotonic()
        self._tokens = min(max(1.0, cap), self._tokens + cap * (now - self._filled_at))
        self._filled_at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def left(self) -> None:
        """Say that a request is no longer in flight."""
        self.stats.in_flight -= 1
        self.replied()

    def replied(self) -> None:
        """Say that a reply was sent."""
        self._last = time.monotonic()


class Connection(asyncio.Protocol):
    """One connection, kept for many requests; the next is read once the last is answered."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._buffer = bytearray()
        self._body_at = self._end = 0
        self._arrived = 0.0
        self._pending: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what replies are written to."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._backend.stats.connections += 1

    def data_received(self, data: bytes) -> None:
        """Take a piece of a request."""
        if not self._buffer:
            self._arrived = time.monotonic()
        self._buffer += data
        if self._pending is None:
            self._read()

    def _read(self) -> None:
        """Answer the request in the buffer, once all of it is there."""
        if not self._body_at:
            head_end = self._buffer.find(b"\r\n\r\n")
            if head_end < 0:
                return
            length = LENGTH.search(self._buffer, 0, head_end)
            self._body_at = head_end + 4
            self._end = self._body_at + (int(length[1]) if length else 0)
        if len(self._buffer) < self._end:
            return
        method, path, _ = bytes(self._buffer[: self._buffer.index(b"\r\n")]).decode("latin-1").split(" ", 2)
        body = bytes(memoryview(self._buffer)[self._body_at : self._end])
        del self._buffer[: self._end]
        self._body_at = 0
        reply = self._backend.respond(method, path, body, self._arrived)
        if reply.delay_s is None:
            self._transport.write(reply.encode())
        else:
            loop = asyncio.get_running_loop()
            self._pending = loop.call_later(reply.delay_s, self._answer_late, reply)

    def _answer_late(self, reply: Reply) -> None:
        self._pending = None
        if reply.status:
            self._transport.write(reply.encode())
        else:
            self._transport.abort()
        self._backend.left()
        if self._buffer:
            self._read()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget a request whose client hung up before the answer."""
        if self._pending is not None:
            self._pending.cancel()
            self._backend.stats.hung_up += 1
            self._backend.left()


async def serve(port: int, settings: Settings) -> None:
    """Serve on a port of 127.0.0.1 until cancelled; print the address."""
    backend = Backend(settings)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(backend), "127.0.0.1", port, backlog=4096)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", flush=True)
    await server.serve_forever()


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0, help="port of 127.0.0.1 (default: a free one)")
    for field in fields(Settings):
        kind = type(field.default)
        parser.add_argument(f"--{field.name.replace('_', '-')}", type=kind, default=field.default, metavar="X")
    given = vars(parser.parse_args())
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(given.pop("port"), Settings(**given)))


if __name__ == "__main__":
    main()
