"""Tests that pytest-rerunfailures runs again read the same answers, and count once."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

import pytest
import servers

pytest.importorskip("pytest_rerunfailures")

WORKERS = pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["one process", "workers"])

# Compares with a threshold that no answer changes.
STRICT = """
    def test_wrong(vlm, stimuli, prompts):
        levels = stimuli("levels")
        comparisons = vlm.compare(levels.pairs(within="scene"), prompts["more_contrast"])
        assert comparisons.valid_share() <= 0.5

    def test_right(vlm, stimuli, prompts):
        comparisons = vlm.compare(stimuli("levels").pairs(within="scene"), prompts["more_contrast"])
        assert comparisons.valid_share() >= 0.9
"""

UNDECIDED = """
    import pytest

    @pytest.mark.parametrize("sign", [-1, 1])
    def test_order(vlm, stimuli, prompts, sign):
        levels = stimuli("levels")
        comparisons = vlm.compare(levels.pairs(within="scene"), prompts["more_contrast"])
        assert comparisons.scale().spearman(levels.reference("contrast")) >= sign * 0.5
"""

# Fails when it is run first, for reasons of its own.
FLAKY = """
    from pathlib import Path
    import pytest
    from pytest_vlmperception import Estimate

    @pytest.fixture(scope="module")
    def gate(vlm):
        assert Estimate(0.95) >= 0.9

    @pytest.fixture
    def own(vlm):
        assert Estimate(0.85) >= 0.8

    def test_flaky(vlm, gate, own):
        again = Path("again")
        value, again_there = (0.75 if again.exists() else 0.25), again.exists()
        again.touch()
        assert Estimate(value) >= 0.5
"""


def run(suite, *options):
    """Run in a process of its own where there are workers."""
    return (suite.runpytest_subprocess if "-n" in options else suite.runpytest)(*options)


def verdicts(result):
    return [line for line in result.outlines if line.startswith(("passed  ", "failed  ", "inconclusive  "))]


def outcomes(path):
    found = {}
    for case in ET.parse(path).iter("testcase"):
        properties = [prop.get("value") for prop in case.iter("property") if prop.get("name") == "vlm_outcome"]
        found.setdefault(case.get("name"), []).extend(properties)
    return found


@WORKERS
def test_a_rerun_reads_the_same_answers_and_says_so(suite, openai_server, workers):
    server = openai_server()
    suite.makepyfile(STRICT)
    result = run(suite, f"--vlm-model=openai/x?base_url={server.url}", "--reruns=2", "--junitxml=out.xml", *workers)
    assert result.ret == 1
    assert len(server.requests) == 24
    result.stdout.fnmatch_lines([
        "openai/x*: 24 calls, 0 hits, no failures, *",
        "2 reruns of 1 test read the same answers as before; use repeats= for more draws, or run again with "
        "--vlm-cache=refresh for new ones",
        "*1 failed, 1 passed, 2 rerun in *",
    ])
    wrong, right = sorted(verdicts(result))
    assert wrong.startswith("failed        valid share 1 ")
    assert right.startswith("passed        valid share 1 ")
    assert outcomes(suite.path / "out.xml") == {"test_wrong": ["failed"], "test_right": ["passed"]}


@WORKERS
def test_the_last_run_of_a_flaky_test_counts(pytester, workers):
    pytester.makepyfile(FLAKY)
    result = run(pytester, "--reruns=2", "--junitxml=out.xml", *workers)
    assert result.ret == 0
    result.stdout.fnmatch_lines(["1 rerun of 1 test read the same answers as before; *", "*1 passed, 1 rerun in *"])
    # What the fixture of the module compared is not compared again, and is not lost.
    assert [line.split()[2] for line in verdicts(result)] == ["0.75", "0.95", "0.85"]
    assert outcomes(pytester.path / "out.xml") == {"test_flaky": ["passed"]}
    properties = ET.parse(pytester.path / "out.xml").iter("property")
    compared = [json.loads(prop.get("value")) for prop in properties if prop.get("name") == "vlmperception"]
    assert [verdict["value"] for verdict in compared] == [0.85, 0.75]


@WORKERS
def test_what_stays_undecided_counts_once(suite, openai_server, workers):
    suite.makepyfile(UNDECIDED)
    server = openai_server(servers.refusal())
    result = run(suite, f"--vlm-model=openai/x?base_url={server.url}", "--reruns=1", *workers)
    assert result.ret == 10
    assert len(server.requests) == 24
    result.stdout.fnmatch_lines(["2 reruns of 2 tests read the same answers *", "*2 rerun, 2 inconclusive in *"])
    assert len(verdicts(result)) == 2


def test_a_fixture_that_fails_first_counts_by_its_last_run(pytester):
    pytester.makepyfile(
        """
        from pathlib import Path
        import pytest
        from pytest_vlmperception import Estimate

        @pytest.fixture(scope="module")
        def gate(vlm):
            there = Path("again").exists()
            Path("again").touch()
            assert Estimate(0.75 if there else 0.25) >= 0.5

        def test_it(gate): pass
        """
    )
    result = run(pytester, "--reruns=1")
    assert result.ret == 0
    assert [line.split()[:3] for line in verdicts(result)] == [["passed", "estimate", "0.75"]]


def test_what_could_not_be_had_is_not_asked_again(suite, openai_server):
    suite.makepyfile(STRICT)
    server = openai_server(servers.error(400, "bad request"))
    result = run(suite, f"--vlm-model=openai/x?base_url={server.url}", "--reruns=2")
    assert result.ret == 11
    assert len(server.requests) == 24
    result.stdout.fnmatch_lines(["openai/x*: 24 calls, 0 hits, failures: 24 request, *", "4 reruns of 2 tests *"])


def test_reruns_of_other_tests_are_no_business_of_ours(suite):
    suite.makepyfile(
        """
        import time

        def test_model(vlm, stimuli):
            vlm.describe(stimuli("levels"), "What is it?")

        # The calls of the test before it end meanwhile.
        def test_plain():
            time.sleep(0.3)
            assert False
        """
    )
    result = run(suite, "--reruns=1")
    assert result.ret == 1
    result.stdout.no_fnmatch_line("*read the same answers*")


def test_calls_that_end_in_the_teardown_of_a_run_in_between_are_counted(suite, openai_server):
    server = openai_server(servers.slow(0.3))
    suite.makepyfile(
        """
        import time
        import pytest

        @pytest.fixture
        def waiting():
            yield
            time.sleep(1.5)

        def test_it(vlm, stimuli, prompts, waiting):
            vlm.compare(stimuli("levels").pairs(within="scene"), prompts["more_contrast"])
            assert False
        """
    )
    result = run(suite, f"--vlm-model=openai/x?base_url={server.url}", "--reruns=1")
    assert len(server.requests) == 24
    result.stdout.fnmatch_lines(["openai/x*: 24 calls, 0 hits, no failures, *"])
