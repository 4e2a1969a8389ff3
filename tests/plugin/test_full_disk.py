"""A disk that is full, or fills up in mid-run, loses no answer that a test waits for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import contextmanager

import pytest
import servers

pytest.importorskip("resource", reason="needs limits on the size of files; run it on Linux or macOS")

WORKERS = pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["one process", "two workers"])

# Each worker refuses to let a file grow beyond this: the log of changes reaches it after some replies.
LIMITED = """
import resource

def pytest_configure(config):
    if config.getoption("--disk", None) is None:
        return
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(config.getoption("--disk")), resource.RLIM_INFINITY))

def pytest_addoption(parser):
    parser.addoption("--disk")
"""

ASKING = """
    import pytest
    from pytest_vlmperception import StimulusSet

    LEVELS = StimulusSet.load("stimuli/levels.toml", beside=__file__)

    @pytest.mark.parametrize("n", range(6))
    def test_text(vlm, n):
        said = vlm.describe(LEVELS, f"number {n}")
        assert {answer.text for answer in said.values()} == {f"number {n} " + "x" * 3000}
"""


@pytest.fixture
def asking(suite):
    """A suite of six tests of eight questions each, whose replies are 3 kB."""
    suite.makeconftest(LIMITED)
    suite.makepyfile(test_asking=ASKING)
    return suite


@pytest.fixture
def server(openai_server):
    return openai_server(lambda request: servers.says(request, request.text.partition("\n")[0] + " " + "x" * 3000))


def model(server):
    return f"--vlm-model=openai/x?base_url={server.url}"


def questions(server):
    return len({(request.text, request.pictures) for request in server.requests})


@WORKERS
def test_disk_that_fills_up(asking, server, workers):
    result = asking.runpytest_subprocess(
        model(server), "--disk=800000", "--vlm-record=replies.jsonl", "-p", "no:cacheprovider", *workers
    )
    result.assert_outcomes(passed=6)
    assert len(server.requests) == questions(server) == 48
    warnings = [line for line in result.outlines if line.startswith("not stored")]
    assert len(warnings) == 1
    lost = int(warnings[0].split()[2])
    assert 0 < lost < 48
    assert warnings[0].endswith(
        f"{lost} replies could not be written to {asking.path / '.vlm' / 'cache'} (disk I/O error): the tests have "
        "read them, a later run pays for them again; free some space, or give another folder with --vlm-cache-dir"
    )
    result.stdout.fnmatch_lines(["48 replies recorded in *"])
    lines = (asking.path / "replies.jsonl").read_text("utf-8").splitlines()
    recorded = [json.loads(line)["reply"]["text"] for line in lines]
    assert sorted(recorded) == sorted(f"number {n} " + "x" * 3000 for n in range(6) for _ in range(8))
    # With space again only what was lost is asked.
    result = asking.runpytest(model(server))
    assert len(server.requests) == 48 + lost
    result.stdout.no_fnmatch_line("not stored*")


def test_budget_of_two_workers_stops_where_it_cannot_be_kept(asking, server):
    result = asking.runpytest_subprocess(
        model(server), "--disk=800000", "--vlm-max-calls=48", "-n", "2", "-p", "no:cacheprovider"
    )
    result.stdout.fnmatch_lines(["unavailable *the budget cannot be kept over the processes of the run*"])
    assert len(server.requests) < 48


@contextmanager
def small_disk(folder, size):
    """A disk of that size, made by the kernel."""
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], capture_output=True)
    if mounted.returncode:
        pytest.skip("needs the right to mount a file system; run it as root of a container that has it")
    try:
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="needs root on Linux")
@WORKERS
def test_real_disk_that_is_full(asking, server, workers):
    with small_disk(asking.path / "small", "256k"):
        result = asking.runpytest_subprocess(model(server), "--vlm-cache-dir=small/cache", *workers)
    result.assert_outcomes(passed=6)
    assert len(server.requests) == questions(server) == 48
    result.stdout.fnmatch_lines([
        "not stored * replies could not be written to *small/cache (database or disk is full)*"
    ])
