"""The code that a run exits with tells what it came to: docs/outcomes.md has the table."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "outcomes.md"

PARTS = """
    import pytest
    from pytest_vlmperception import Estimate
    from pytest_vlmperception.errors import Unavailable

    UNKNOWN = Estimate(float("nan"), reason="no data")
"""
TESTS = {
    "passed": "def test_passed(vlm): assert Estimate(0.9) >= 0.8",
    "failed": "def test_failed(vlm): assert Estimate(0.7) >= 0.8",
    "inconclusive": "def test_inconclusive(vlm): assert UNKNOWN >= 0.8",
    "unavailable": "def test_unavailable(vlm): raise Unavailable('no key')",
    "skipped": "def test_skipped(vlm): pytest.skip('not today')",
    "plain": "def test_plain(): assert 1 == 2",
    "setup": "@pytest.fixture\ndef early(): assert UNKNOWN >= 0.8\n\ndef test_setup(vlm, early): pass",
    "teardown": "@pytest.fixture\ndef late():\n    yield\n    raise Unavailable('no key')\n\ndef test_teardown(vlm, late): pass",
    "both": "@pytest.fixture\ndef broken():\n    yield\n    assert False\n\ndef test_both(vlm, broken): assert UNKNOWN >= 0.8",
    "error": "@pytest.fixture\ndef bad(): assert False\n\ndef test_error(bad): pass",
    "xfail": "@pytest.mark.xfail\ndef test_xfail(vlm): assert UNKNOWN >= 0.8",
    "strict": "@pytest.mark.xfail(strict=True)\ndef test_strict(vlm): pass",
    "mixed": "def test_mixed(vlm): assert all([Estimate(0.7) >= 0.8, UNKNOWN >= 0.8])",
    "case": "import unittest\nclass TestCase(unittest.TestCase):\n    def test_case(self): self.assertTrue(UNKNOWN >= 0.8)",
    "subtests": "def test_sub(vlm, subtests):\n    with subtests.test('a'):\n        assert UNKNOWN >= 0.8",
}


def write(pytester, *names):
    """Write a suite of these tests."""
    bodies = "\n\n".join(TESTS[name] for name in names)
    pytester.makepyfile(test_suite="\n".join(line[4:] for line in PARTS.splitlines()) + "\n\n" + bodies)


# pytest 8.4 has no subtests.
subtests = pytest.mark.skipif(pytest.version_tuple < (9, 0), reason="needs the built-in subtests")

CODES = [
    (["passed"], 0),
    (["passed", "skipped"], 0),
    (["passed", "xfail"], 0),
    (["failed"], 1),
    (["passed", "inconclusive"], 10),
    (["inconclusive", "skipped"], 10),
    (["inconclusive", "xfail"], 10),
    (["passed", "unavailable"], 11),
    (["inconclusive", "unavailable"], 10),
    (["failed", "inconclusive", "unavailable"], 1),
    (["plain", "inconclusive"], 1),
    (["error", "unavailable"], 1),
    (["strict", "inconclusive"], 1),
    (["setup"], 10),
    (["teardown"], 11),
    (["setup", "teardown"], 10),
    (["both"], 1),
    # What was compared did not hold: that is known, whatever else is not.
    (["mixed", "unavailable"], 1),
    (["case"], 10),
    # Nothing was judged.
    (["skipped"], 1),
    (["xfail"], 1),
    pytest.param(["subtests", "passed"], 10, marks=subtests),
]


def named(names):
    return "-".join(names) if isinstance(names, list) else None


@pytest.mark.parametrize(("names", "code"), CODES, ids=named)
def test_exit_code(pytester, names, code):
    write(pytester, *names)
    assert pytester.runpytest().ret == code


@pytest.mark.parametrize(
    ("names", "code"),
    [(["passed", "inconclusive", "teardown"], 10), (["unavailable", "passed"], 11), (["plain", "unavailable"], 1)],
    ids=named,
)
def test_exit_code_over_workers(pytester, names, code):
    write(pytester, *names)
    assert pytester.runpytest_subprocess("-n", "2").ret == code


def test_workers_that_stop_at_the_first_are_interrupted_as_pytest_has_it(pytester):
    write(pytester, "inconclusive", "passed")
    assert pytester.runpytest("-x").ret == 10
    assert pytester.runpytest_subprocess("-x", "-n", "2").ret == pytest.ExitCode.INTERRUPTED


def test_unavailable_that_is_skipped_is_green_where_anything_was_judged(pytester):
    write(pytester, "passed", "unavailable")
    assert pytester.runpytest("--vlm-unavailable=skip").ret == 0
    assert pytester.runpytest("--vlm-unavailable=skip", "-k", "unavailable").ret == 1


def test_a_plan_is_green_whatever_fails_beside_it(pytester):
    write(pytester, "inconclusive", "failed", "unavailable", "plain")
    assert pytester.runpytest("--vlm-plan").ret == 0


@pytest.mark.parametrize(
    ("options", "code"),
    [(["-k", "nothing"], 5), (["--vlm-gate=none"], 4), (["test_missing.py"], 4)],
    ids=["empty selection", "usage", "no such file"],
)
def test_other_codes_are_those_of_pytest(pytester, options, code):
    write(pytester, "inconclusive")
    assert pytester.runpytest(*options).ret == code


def test_an_error_of_collection_is_pytests(pytester):
    write(pytester, "inconclusive")
    pytester.makepyfile(test_broken="import no_such_module")
    assert pytester.runpytest().ret == pytest.ExitCode.INTERRUPTED
    assert pytester.runpytest("--continue-on-collection-errors").ret == 1


def test_a_worker_that_goes_down_is_a_failure(pytester):
    write(pytester, "inconclusive")
    pytester.makepyfile(test_crash="import os\n\ndef test_crash(vlm): os._exit(3)")
    assert pytester.runpytest_subprocess("-n", "2").ret == 1


@pytest.mark.parametrize("options", [["-p", "no:terminal"], ["-p", "no:syrupy"], ["-p", "no:xdist"]])
def test_exit_code_without_other_plugins(pytester, options):
    write(pytester, "inconclusive")
    assert pytester.runpytest_subprocess(*options).ret == 10


def test_last_failed_runs_what_is_undecided_again(pytester):
    write(pytester, "passed", "inconclusive", "unavailable")
    assert pytester.runpytest().ret == 10
    result = pytester.runpytest("--lf")
    assert result.ret == 10
    result.stdout.fnmatch_lines(["collected 2 items*", "*1 inconclusive, 1 unavailable in *"])


def test_the_page_has_the_codes(pytester):
    rows = dict(re.findall(r"^\| `?(\d+)`? \| ([^|]+) \|", PAGE.read_text("utf-8"), re.MULTILINE))
    assert list(rows) == ["0", "1", "2", "3", "4", "5", "10", "11"]
    assert "inconclusive" in rows["10"]
    assert "unavailable" in rows["11"]
