"""Whole processes and what they take, and the server that they are measured against.

Only the standard library: the kernel counts this process's memory as that of a child until the child has replaced it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

HERE = Path(__file__).parent
LIMIT_S = 3600.0
FOREIGN = ("ANTHROPIC_", "GEMINI_", "GOOGLE_", "OPENAI_", "PYTEST_")
# Linux counts memory in kilobytes, macOS in bytes.
RSS_UNIT = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True)
class Process:
    """One process that ended, with those that it started.

    Attributes
    ----------
    wall_s, cpu_s : float
        Seconds from start to end, and of all processors.
    peak_mb : float
        Memory of the largest process at its largest.
    exit_code : int
        As the shell would say.
    output : str
        What it printed.
    """

    wall_s: float
    cpu_s: float
    peak_mb: float
    exit_code: int
    output: str


def run(command: Sequence[str | Path], folder: Path) -> Process:
    """Run a command in a folder, without keys, proxies and options from the environment."""
    output = folder / "output.txt"
    with output.open("wb") as file:
        started = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, env=environment(), stdout=file, stderr=subprocess.STDOUT, start_new_session=True
        )
        killer = Timer(LIMIT_S, os.killpg, (process.pid, signal.SIGKILL))
        killer.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
        finally:
            killer.cancel()
        wall_s = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    peak_mb = usage.ru_maxrss * RSS_UNIT / 1e6
    text = output.read_text(encoding="utf-8", errors="replace")
    return Process(wall_s, usage.ru_utime + usage.ru_stime, peak_mb, process.returncode, text)


def environment() -> dict[str, str]:
    """Return the environment without what would change how a command behaves."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(FOREIGN) and not name.upper().endswith("_PROXY")
    }


@dataclass(frozen=True)
class Server:
    """The server of `serve.py`, running."""

    base_url: str

    def reset(self, settings: Mapping[str, float]) -> None:
        """Zero the counters and change settings."""
        self._call("reset", json.dumps(settings).encode())

    def stats(self) -> dict[str, Any]:
        """Return what was seen since the last reset."""
        return self._call("stats", None)

    def _call(self, name: str, body: bytes | None) -> dict[str, Any]:
        request = Request(self.base_url.replace("/v1", f"/{name}"), body)
        with build_opener(ProxyHandler({})).open(request, timeout=30) as reply:
            content: dict[str, Any] = json.load(reply)
        return content


@contextmanager
def serving() -> Iterator[Server]:
    """Run the server in a process of its own."""
    command = [sys.executable, str(HERE / "serve.py")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield Server(process.stdout.readline().strip())
        finally:
            process.terminate()
