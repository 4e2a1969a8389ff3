"""Nothing that was answered is asked again, whatever dies: real processes over a loopback server."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import defaultdict
from contextlib import contextmanager, suppress
from threading import Lock

import pytest
import servers
from servers import Request, Response, says

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs process groups; run it on Linux or macOS")

WORKERS = pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["one process", "two workers"])

# A request may have been sent by a process that was killed before the server, one of many threads, looked at it;
# and a process needs time to store an answer that the server has sent.
SENT_BEFORE_S = 0.3
STORED_AFTER_S = 1.0


class Asked:
    """Answers each question with its own text, and notes when it was asked and answered."""

    def __init__(self, delay_s=0.05, failing=lambda number: None):
        self.calls = defaultdict(list)
        self.replies = 0
        self.delay_s = delay_s
        self._failing = failing
        self._requests = 0
        self._lock = Lock()

    def __call__(self, request: Request) -> Response:
        arrived = time.monotonic()
        if not request.text:
            # Whoever sent it was killed in the middle of a request.
            return Response(drop=True)
        with self._lock:
            self._requests += 1
            failure = self._failing(self._requests)
        time.sleep(self.delay_s)
        with self._lock:
            answered = time.monotonic() if failure is None else None
            self.calls[(request.text, request.pictures)].append((arrived, answered))
            self.replies += failure is None
        return says(request, request.text.partition("\n")[0]) if failure is None else failure(request)

    @property
    def answered(self):
        """How many questions have an answer."""
        return sum(any(end is not None for _, end in calls) for calls in self.calls.values())

    def asked_again(self, kills=()):
        """Return the questions asked after their answer was there, unless a process was killed before it could store it."""
        again = []
        for question, calls in self.calls.items():
            for start, end in calls[:-1]:
                lost = end is not None and any(start - SENT_BEFORE_S <= kill <= end + STORED_AFTER_S for kill in kills)
                if end is not None and not lost:
                    again.append((question[0], calls, kills))
        return again


# A killed process blocks its questions for as long as a lease lasts: here not for ten seconds.
SHORT_LEASES = """
import os
from pathlib import Path
from pytest_vlmperception.calling import store

store.LEASE_S, store.RENEW_S = 1.0, 0.2

def pytest_configure(config):
    if hasattr(config, "workerinput"):
        (Path(__file__).parent / "pids").mkdir(exist_ok=True)
        (Path(__file__).parent / "pids" / str(os.getpid())).touch()
"""

ASKING = """
    import pytest
    from pytest_vlmperception import StimulusSet

    LEVELS = StimulusSet.load("stimuli/levels.toml", beside=__file__)

    @pytest.mark.parametrize("n", range({tests}))
    def test_text(vlm, n):
        said = vlm.describe(LEVELS, f"number {{n}}")
        assert {{answer.text for answer in said.values()}} == {{f"number {{n}}"}}
"""

QUESTIONS = 8


@pytest.fixture
def asking(suite):
    """Make a suite of so many tests, each of eight questions of its own."""

    def make(tests):
        suite.makeconftest(SHORT_LEASES)
        suite.makepyfile(test_asking=ASKING.format(tests=tests))
        return suite

    return make


def model(server):
    return f"--vlm-model=openai/x?base_url={server.url}"


@contextmanager
def started(server, *options):
    """A run in a process group of its own, killed at the end if it still runs."""
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest", model(server), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    with process:
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def wait_until(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.005)


def workers_of(suite):
    return {int(path.name) for path in (suite.path / "pids").glob("*")}


def alive(pid):
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


def test_worker_killed_three_times_over(asking, openai_server):
    asked = Asked()
    server, suite, kills, killed = openai_server(asked), asking(12), [], set()
    with started(server, "-n", "2", "--vlm-concurrency=4") as process:
        for replies in (8, 24, 40):
            wait_until(lambda replies=replies: asked.replies >= replies)
            wait_until(lambda: workers_of(suite) - killed)
            victim = min(workers_of(suite) - killed)
            killed.add(victim)
            os.kill(victim, signal.SIGKILL)
            kills.append(time.monotonic())
        output, _ = process.communicate(timeout=90)
    assert output.count("Not properly terminated") >= 3 or output.count("crashed") >= 3, output
    before = asked.answered
    rerun = suite.runpytest(model(server))
    rerun.assert_outcomes(passed=12)
    assert len(asked.calls) == asked.answered == 12 * QUESTIONS
    assert before > 0
    assert asked.asked_again(kills) == []


@pytest.mark.parametrize(
    ("kills", "workers"),
    [
        (2, []),
        pytest.param(5, [], marks=pytest.mark.slow),
        pytest.param(5, ["-n", "2"], marks=pytest.mark.slow),
    ],
    ids=["twice", "five times", "five times, two workers"],
)
def test_run_killed_at_random_moments(asking, openai_server, kills, workers):
    rng = random.Random(7)
    asked = Asked(0.02)
    server, suite, times = openai_server(asked), asking(20), []
    for _ in range(kills):
        with started(server, "--vlm-concurrency=4", *workers) as process:
            enough = asked.replies + rng.randint(5, 25)
            wait_until(lambda enough=enough, run=process: asked.replies >= enough or run.poll() is not None)
            time.sleep(rng.uniform(0, 0.05))
            os.killpg(process.pid, signal.SIGKILL)
            times.append(time.monotonic())
    with sqlite3.connect(suite.path / ".vlm" / "cache" / "cache.db") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()
    suite.runpytest(model(server)).assert_outcomes(passed=20)
    assert len(asked.calls) == asked.answered == 20 * QUESTIONS
    assert asked.asked_again(times) == []


@pytest.mark.parametrize(
    "workers", [[[], []], [["-n", "2"], []]], ids=["one process each", "two workers and one process"]
)
def test_two_runs_at_once_ask_each_question_once(asking, openai_server, workers):
    asked = Asked()
    server, _ = openai_server(asked), asking(6)
    with started(server, *workers[0]) as one, started(server, *workers[1]) as two:
        outputs = [process.communicate(timeout=60)[0] for process in (one, two)]
    assert [one.returncode, two.returncode] == [0, 0], outputs
    assert len(asked.calls) == asked.replies == 6 * QUESTIONS


def test_call_longer_than_a_lease_is_paid_once(asking, openai_server):
    asked = Asked(2.5)
    server, _ = openai_server(asked), asking(1)
    with started(server) as one, started(server) as two:
        outputs = [process.communicate(timeout=60)[0] for process in (one, two)]
    assert [one.returncode, two.returncode] == [0, 0], outputs
    assert len(asked.calls) == asked.replies == QUESTIONS


def sometimes(number):
    """Two of a hundred requests are answered by an error, one by nothing."""
    if number % 50 == 7:
        return servers.broken()
    return servers.dropped if number % 100 == 33 else None


@WORKERS
def test_errors_and_dropped_connections_lose_nothing(asking, openai_server, workers):
    asked = Asked(0.01, sometimes)
    server, suite = openai_server(asked), asking(20)
    result = suite.runpytest_subprocess(model(server), *workers)
    result.assert_outcomes(passed=20)
    assert len(asked.calls) == asked.replies == 20 * QUESTIONS
    assert asked.asked_again() == []
    calls = sum(map(len, asked.calls.values()))
    # The 7th, 33rd, 57th, 107th, 133rd and 157th request.
    assert calls - asked.replies == 6
    result.stdout.fnmatch_lines([f"openai/x*: {calls} calls, 0 hits, no failures, *"])


MANY = """
    import pytest
    from pytest_vlmperception import StimulusSet

    PICTURES = StimulusSet.from_folder({folder!r})

    @pytest.fixture(scope="module")
    def descriptions(vlm):
        return vlm.describe(PICTURES, "What is it?")

    @pytest.mark.parametrize("picture", PICTURES, ids=str)
    def test_text(descriptions, picture):
        assert descriptions[picture].text != "What is it?" or {passes}
"""


@pytest.fixture
def many(suite):
    """Make a suite of forty tests of one question each, which pass or fail."""

    def make(passes):
        from PIL import Image

        folder = suite.path / "many"
        folder.mkdir()
        for number in range(40):
            Image.new("RGB", (8, 8), (number, 0, 0)).save(folder / f"p{number:02d}.png")
        suite.makepyfile(test_many=MANY.format(folder=str(folder), passes=passes))
        return suite

    return make


@WORKERS
def test_first_failure_ends_a_run_with_a_window_in_vain(many, openai_server, workers):
    asked = Asked(1.0)
    server, suite = openai_server(asked), many("False")
    result = suite.runpytest_subprocess(model(server), "-x", "--vlm-concurrency=4", *workers)
    result.stdout.fnmatch_lines(["*stopping after * failures*"])
    # A window of four holds what the first test reads, another one was sent until the run had stopped; and a
    # second worker stops when its own first test has its answer. The rest is for a machine that is busy.
    assert len(asked.calls) <= (24 if workers else 12)
    # What was paid for is kept.
    asked.delay_s = 0.0
    suite.runpytest(model(server)).assert_outcomes(failed=40)
    assert asked.asked_again() == []


def test_last_failed_asks_what_failed(many, openai_server):
    asked = Asked(0)
    server, suite = openai_server(asked), many("str(picture) not in ('p03', 'p17')")
    suite.runpytest(model(server), "--vlm-cache=off").assert_outcomes(passed=38, failed=2)
    asked.calls.clear()
    suite.runpytest(model(server), "--lf").assert_outcomes(failed=2)
    assert len(asked.calls) == 2
    asked.calls.clear()
    suite.runpytest(model(server), "-k", "p05 or p17").assert_outcomes(passed=1, failed=1)
    assert len(asked.calls) == 1
