"""Taking a server's reply: within its time and size, and without the key."""

from __future__ import annotations

import threading
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any

from pytest_vlmperception.errors import CallError
from pytest_vlmperception.models.bodies import malformed
from pytest_vlmperception.models.failures import without_key
from pytest_vlmperception.records import Reply, Usage

__all__ = ["MAX_PICTURE_REPLY_BYTES", "MAX_REPLY_BYTES", "Reader", "cleaned"]

# A thousand times what an answer takes.
MAX_REPLY_BYTES = 8 * 1024 * 1024

# The largest picture that is read, as base64, and as much as that of words around it.
MAX_PICTURE_REPLY_BYTES = 48 * 1024 * 1024

# A server can take what it is sent as slowly as it answers: the clock is looked at between pieces.
PIECE = 64 * 1024

# What JSON can carry to any reader, and more than any model has read.
MAX_COUNT = 2**53
GZIP = 16 + zlib.MAX_WBITS


class Reader:
    """Bounds what a call takes, through the hooks of the SDKs' HTTP client.

    The client's own timeout is for each read and write: a byte a second would never run into it.
    Not bounded here are looking up a host and connecting to it, which the client bounds.

    Parameters
    ----------
    model : str
        Whose replies these are, for messages.
    timeout_s : float
        Seconds from sending a request to the end of its reply.
    note : callable
        Takes the headers of each reply that is no error.
    most : int
        Bytes of a reply at most.
    """

    def __init__(
        self,
        model: str,
        timeout_s: float,
        note: Callable[[Mapping[str, str]], None] = lambda headers: None,
        most: int = MAX_REPLY_BYTES,
    ) -> None:
        self._model = model
        self._timeout_s = timeout_s
        self._note = note
        self._most = most
        # A call stays in one thread; a connection serves one after the other.
        self._call = threading.local()

    @property
    def hooks(self) -> Mapping[str, list[Callable[[Any], None]]]:
        """The client's ``event_hooks``. They raise `CallError`, in what the SDK makes of it."""
        return {"request": [self._start], "response": [self._read]}

    def _start(self, request: Any) -> None:
        """Start the clock, and ask for no compression but what is undone in bounded steps."""
        self._call.deadline = time.monotonic() + self._timeout_s
        request.headers["accept-encoding"] = "gzip"
        request.extensions["trace"] = self._trace

    def _trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Bound a connection that was made: a head can drip too, and no hook is called within it."""
        if event.endswith((".connect_tcp.complete", ".start_tls.complete")):
            self._bound(info["return_value"])

    def _bound(self, stream: Any) -> None:
        """Let reads and writes of a connection take no longer than the call has left."""
        read, write = stream.read, stream.write

        def read_in_time(max_bytes: int, timeout: float | None = None) -> Any:
            return read(max_bytes, self._left(timeout))

        def write_in_time(buffer: bytes, timeout: float | None = None) -> None:
            for start in range(0, len(buffer), PIECE):
                write(buffer[start : start + PIECE], self._left(timeout))

        stream.read, stream.write = read_in_time, write_in_time

    def _left(self, timeout: float | None) -> float:
        """Return the seconds that a read or write may take."""
        left: float = self._call.deadline - time.monotonic()
        if left <= 0:
            message = f"{self._model}: no whole reply within {self._timeout_s:g} s"
            raise CallError(message, "timeout", transient=True)
        return left if timeout is None else min(left, timeout)

    def _read(self, response: Any) -> None:
        """Read the headers and a body, and leave it to the SDK as one that was not compressed."""
        if response.status_code < 400:
            self._note(response.headers)
        unpack = self._unpacker(response.headers.pop("content-encoding", ""))
        body = bytearray()
        for chunk in response.stream:
            try:
                body += unpack(chunk, self._most + 1 - len(body))
            except zlib.error:
                raise malformed(self._model, "its compression is broken") from None
            if len(body) > self._most:
                raise CallError(f"{self._model}: the reply has over {self._most} bytes", "malformed")
        response.stream.close()
        response.stream = type(response)(200, content=bytes(body)).stream

    def _unpacker(self, encoding: str) -> Callable[[bytes, int], bytes]:
        """Return what undoes `encoding`, up to a number of bytes."""
        match encoding.strip().lower():
            case "" | "identity":
                return lambda chunk, size: chunk[:size]
            case "gzip" | "x-gzip":
                return zlib.decompressobj(GZIP).decompress
        raise malformed(self._model, "it is compressed in a way that was not asked for")


def cleaned(reply: Reply, key: str) -> Reply:
    """Return a reply without the key, which a server may repeat anywhere, and without counts that are none."""
    return replace(
        reply,
        text=without_key(reply.text, key),
        model=without_key(reply.model, key),
        finish_reason=without_key(reply.finish_reason, key),
        request_id=without_key(reply.request_id, key),
        usage=Usage(**{name: plausible(count) for name, count in asdict(reply.usage).items()}),
    )


def plausible(count: int | None) -> int | None:
    """Return a count of tokens; None for what can be none."""
    return count if count is not None and 0 <= count < MAX_COUNT else None
