"""What a user is told while tests run: before the first paid call, and how far a long run is."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
import servers

WORKERS = pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["one process", "two workers"])

PRICES = """
[tool.pytest_vlmperception.prices."openai/x"]
input_usd_per_million = 100
output_usd_per_million = 1000
"""


def model(server, parameters=""):
    return f"--vlm-model=openai/x?base_url={server.url}{parameters}"


def announced(result):
    return [line for line in result.outlines if line.startswith("vlm: asking")]


@pytest.mark.parametrize("arguments", [[], ["-q"], ["-s"], ["-qq", "-n", "2"]], ids=" ".join)
def test_what_is_submitted_is_announced_once(comparing, openai_server, arguments):
    comparing.makepyprojecttoml(PRICES)
    server = openai_server()
    run = comparing.runpytest_subprocess if "-n" in arguments else comparing.runpytest
    result = run(model(server, "&max_tokens=7"), "-k", "order", *arguments)
    (line,) = announced(result)
    # A question takes at least USD 0.0001 x 24 for its words and pictures, at most some thousand tokens.
    match = re.fullmatch(r"vlm: asking openai/x\S*: at least 24 calls, USD (\S+) to (\S+) \(stored: 0\)", line)
    assert match, line
    assert 0.5 < float(match[1]) < float(match[2]) < 24
    # 24 calls, 7 tokens out at most and 1 at least, USD 0.001 each.
    assert float(match[2]) - float(match[1]) == pytest.approx(24 * 6 * 0.001, abs=0.011)


@WORKERS
def test_it_is_announced_before_the_first_request_arrives(comparing, openai_server, workers):
    output, told = comparing.path / "output.txt", []

    def respond(request):
        told.append("vlm: asking" in output.read_text())
        return servers.says(request, "A")

    with output.open("w") as file:
        command = [sys.executable, "-m", "pytest", model(openai_server(respond)), *workers]
        subprocess.run(command, cwd=comparing.path, stdout=file, timeout=60)
    assert told == [True] * 24


def test_pytests_own_lines_stay_whole(comparing, openai_server):
    comparing.makepyfile(test_a="def test_first(): pass\ndef test_second(): pass")
    result = comparing.runpytest_subprocess(model(openai_server()))
    text = result.stdout.str()
    match = re.search(
        r"\ntest_a\.py \.\. +\[ 40%\]\ntest_levels\.py *\nvlm: [^\n]*\n(I\n)?test_levels\.py [.IF]+ ", text
    )
    assert match, text


def test_unknown_price_is_said_to_be(comparing, openai_server):
    (line,) = announced(comparing.runpytest(model(openai_server())))
    assert re.fullmatch(r"vlm: asking openai/x\S*: at least 24 calls, USD unknown \(stored: 0\)", line)


def test_what_is_stored_is_not_counted_as_a_call(describing, openai_server):
    server = openai_server(servers.letter("a cup"))
    describing.runpytest(model(server), "-k", "cup1 or cup3 or tree4")
    (line,) = announced(describing.runpytest(model(server)))
    assert re.search(r": at least 5 calls, USD unknown \(stored: 3\)$", line)
    assert announced(describing.runpytest(model(server))) == []
    (line,) = announced(describing.runpytest(model(server), "--vlm-cache=refresh"))
    assert re.search(r": at least 8 calls, USD unknown \(stored: 0\)$", line)


def test_free_models_recordings_and_plans_are_not_announced(comparing, openai_server):
    server = openai_server()
    assert announced(comparing.runpytest()) == []
    assert announced(comparing.runpytest(model(server), "--vlm-plan")) == []
    comparing.makepyprojecttoml(re.sub("= 10+", "= 0", PRICES))
    assert announced(comparing.runpytest(model(server), "--vlm-record=replies.jsonl")) == []
    assert announced(comparing.runpytest(model(server), "--vlm-replay=replies.jsonl")) == []


def test_nothing_is_announced_where_nothing_can_be_asked(comparing):
    assert announced(comparing.runpytest("--vlm-model=openai/gpt-5.2")) == []


def test_each_model_is_announced(comparing, openai_server):
    first, second = openai_server(), openai_server()
    lines = announced(comparing.runpytest(model(first), model(second)))
    assert len(lines) == len(set(lines)) == 2


@WORKERS
def test_no_terminal_reporter_no_announcement_and_no_waiting(comparing, openai_server, workers):
    result = comparing.runpytest_subprocess(model(openai_server()), "-p", "no:terminal", *workers)
    assert "vlm:" not in result.stdout.str() + result.stderr.str()


# The run below takes some seconds: progress is shown from the start, so that it need not take longer.
HASTE = """
import pytest_vlmperception.watching as watching
watching.BEGIN_S = 0.0
import pytest_vlmperception.telling as telling
telling.EVERY_S = watching.EVERY_S = 0.1
"""

PROGRESS = re.compile(
    r"vlm: (\d+)/24 answered, 0 hits, (\d+) in flight, 0 failures, USD (unknown|0\.\d\d), (time left unknown|\d:\d\d left)"
)


@pytest.fixture
def slow_suite(comparing):
    comparing.makeconftest(HASTE)
    comparing.makepyprojecttoml(PRICES)
    comparing.makepyfile(test_a="def test_first(): pass\ndef test_second(): pass")
    return comparing


# The last is set by pytester.
QUIET = ("BUILD_NUMBER", "CI", "NO_COLOR", "PY_COLORS")


def on_terminal(suite, server, *arguments, **environment):
    terminals = pytest.importorskip("terminals", reason="needs pseudo-terminals")
    kept = {name: value for name, value in os.environ.items() if name not in QUIET}
    terminal = terminals.Terminal(rows=12, columns=90)
    code, raw = terminals.run(
        [model(server), "--vlm-concurrency=6", *arguments],
        suite.path,
        {**kept, "TERM": "xterm", **environment},
        terminal,
    )
    seen = [line for line in terminal.shown if "answered," in line]
    return code, seen, raw, terminal.text


@WORKERS
def test_progress_is_shown_on_a_terminal_and_leaves_nothing_behind(slow_suite, openai_server, workers):
    server = openai_server(servers.slow(0.4))
    _, seen, _, text = on_terminal(slow_suite, server, *workers)
    matches = [PROGRESS.fullmatch(line) for line in seen]
    assert matches, text
    assert all(matches), seen
    answered = [int(match[1]) for match in matches]
    assert answered == sorted(answered)
    # Six at most in fact; what two workers tell is not of the same moment.
    assert 0 < max(int(match[2]) for match in matches) <= 6 * max(1, len(workers))
    assert 0 < max(answered) < 24
    assert any(match[4] != "time left unknown" for match in matches)
    # What is left is what a terminal shows that was never drawn on.
    assert "answered" not in text
    assert "\n\n\n" not in text
    assert re.search(r"\nvlm: asking openai/x\S*: at least 24 calls", text)
    assert re.search(r"^=+ 1 failed, 3 passed, 1 inconclusive in .*=$", text, re.MULTILINE), text
    assert all(len(line) <= 90 for line in text.splitlines())


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [(["-q"], {}), (["-s"], {}), (["--color=no"], {}), ([], {"CI": "true"}), ([], {"TERM": "dumb"})],
    ids=["quiet", "not captured", "no control sequences", "CI", "dumb terminal"],
)
def test_progress_is_not_shown_where_nobody_watches(slow_suite, openai_server, arguments, environment):
    _, seen, raw, text = on_terminal(slow_suite, openai_server(servers.slow(0.2)), *arguments, **environment)
    assert seen == []
    assert "\x1b7" not in raw
    assert "vlm: asking openai/x" in text


def test_progress_is_not_shown_in_a_file(slow_suite, openai_server):
    result = slow_suite.runpytest_subprocess(model(openai_server(servers.slow(0.2))), "--vlm-concurrency=6")
    assert "answered," not in result.stdout.str()
    assert "\x1b" not in result.stdout.str()
