"""What a reader of JUnit XML sees of outcomes."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

SUITE = """
import pytest
from pytest_vlmperception import Estimate
from pytest_vlmperception.errors import Inconclusive, Unavailable

def test_passed(vlm): assert Estimate(0.9) >= 0.8

def test_failed(vlm): assert Estimate(0.7) >= 0.8

def test_inconclusive(vlm): assert Estimate(float("nan"), reason="no data") >= 0.8

def test_unavailable(vlm): raise Unavailable("no key")

def test_skipped(vlm): pytest.skip("not today")

@pytest.mark.xfail(reason="known")
def test_expected(vlm): assert False

@pytest.fixture
def early(vlm): raise Unavailable("no key")

def test_early(early): pass

@pytest.fixture
def late(vlm):
    yield
    raise Inconclusive("refused")

def test_late(late): pass

def test_estimate_only(): assert Estimate(0.9) >= 0.8

def test_plain(): pass
"""
OUTCOMES = {
    "test_passed": "passed",
    "test_failed": "failed",
    "test_inconclusive": "inconclusive",
    "test_unavailable": "unavailable",
    "test_skipped": "skipped",
    "test_expected": "skipped",
    "test_early": "unavailable",
    "test_late": "inconclusive",
    "test_estimate_only": "passed",
    "test_plain": None,
}


def cases(pytester, *options):
    """Return the elements of the tests by name."""
    pytester.runpytest_subprocess("--junitxml=out.xml", *options)
    return {case.get("name"): case for case in ET.parse(pytester.path / "out.xml").iter("testcase")}


def outcomes(case):
    return [prop.get("value") for prop in case.iter("property") if prop.get("name") == "vlm_outcome"]


def message(case, tag):
    (element,) = case.findall(tag)
    return element.get("message")


@pytest.mark.parametrize(
    "options",
    [["-W", "error", "-o", "junit_family=xunit2"], ["-W", "error", "-o", "junit_family=xunit1"], ["-n", "2"]],
    ids=["xunit2", "xunit1", "workers"],
)
def test_outcomes_are_told_apart(pytester, options):
    pytester.makepyfile(SUITE)
    found = cases(pytester, *options)
    assert {name: outcomes(case) for name, case in found.items()} == {
        name: [] if outcome is None else [outcome] for name, outcome in OUTCOMES.items()
    }
    assert message(found["test_inconclusive"], "failure") == "inconclusive: estimate: no data"
    assert message(found["test_unavailable"], "failure") == "unavailable: no key"
    # pytest itself begins the message of an error.
    assert message(found["test_early"], "error") == 'failed on setup with "unavailable: no key"'
    assert message(found["test_late"], "error") == 'failed on teardown with "inconclusive: refused"'
    assert message(found["test_failed"], "failure").startswith("assert estimate 0.7 >= 0.8 does not hold")


def test_a_test_of_two_failures_says_for_each_what_it_came_to(pytester):
    pytester.makepyfile(
        """
        import pytest
        from pytest_vlmperception.errors import Unavailable

        @pytest.fixture
        def broken(vlm):
            yield
            assert False

        def test_it(broken): raise Unavailable("no key")
        """
    )
    pytester.runpytest_subprocess("--junitxml=out.xml")
    call, teardown = ET.parse(pytester.path / "out.xml").iter("testcase")
    assert (outcomes(call), outcomes(teardown)) == (["unavailable"], ["failed"])


def test_a_property_of_the_suites_own_does_no_harm(pytester):
    pytester.makepyfile("def test_it(vlm, record_property): record_property('vlm_outcome', 'fine')")
    (case,) = cases(pytester).values()
    assert outcomes(case) == ["passed"]


def test_what_ends_outside_the_suite_is_named_too(comparing):
    found = cases(comparing, "--vlm-model=openai/gpt-5.2")
    assert all("OPENAI_API_KEY" in message(case, "failure") for case in found.values())
    assert all(message(case, "failure").startswith("unavailable: ") for case in found.values())


def test_what_was_skipped_for_want_of_answers_is_skipped(comparing):
    found = cases(comparing, "--vlm-model=openai/gpt-5.2", "--vlm-unavailable=skip")
    assert [outcomes(case) for case in found.values()] == [["skipped"]] * 3
