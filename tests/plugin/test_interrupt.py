"""Ctrl-C keeps what is in flight, with and without workers."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time

import pytest
import servers


@pytest.mark.skipif(os.name == "nt", reason="needs process groups; run it on Linux or macOS")
@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["one process", "two workers"])
def test_what_is_in_flight_is_kept(comparing, openai_server, workers):
    # Longer than the 5 s after which pytest-xdist kills its workers.
    server = openai_server(servers.slow(8.0))
    model = f"--vlm-model=openai/x?base_url={server.url}"
    command = [sys.executable, "-m", "pytest", model, "--vlm-concurrency=6", *workers]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        # A shell lets what it runs in the background ignore it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    while len(server.requests) < 6:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == pytest.ExitCode.INTERRUPTED, output
    assert len(server.requests) == 6
    with sqlite3.connect(comparing.path / ".vlm" / "cache" / "cache.db") as connection:
        kept = connection.execute("SELECT count(*) FROM Cache WHERE length(key) = 64").fetchone()
    connection.close()
    assert kept == (6,), output
