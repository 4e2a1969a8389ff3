"""Suites that use pytest in less usual ways, and what an upgrade comes to in them."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

import pytest

NEW, OLD = "--vlm-model=observer?noise=1", "--vlm-against=model:observer"

# A share of 40 items: so many of them are right.
SHARES = """
    import pytest
    from pytest_vlmperception import Estimate

    def share(vlm, new, old, name="share"):
        value = new if "noise" in vlm.name else old
        units = tuple((str(item), float(item < 40 * value)) for item in range(40))
        return Estimate(value, value - 0.1, value + 0.1, 40, name=name, unit="item", units=units)

    """


def run(pytester, tests, *options):
    """Run tests that make shares, in this process."""
    pytester.makepyfile(test_shares=SHARES + tests.strip())
    return pytester.runpytest(NEW, OLD, *options)


def compared(result):
    """Return the tests that were compared, with what came of each."""
    verdicts = ("worse ", "better ", "not worse ", "cannot tell ", "inconclusive  ")
    lines = [line for line in result.outlines if line.startswith(verdicts) and " -> " in line]
    return [(line.partition("  ")[0], line.rpartition("  ")[2]) for line in lines]


def test_fixtures_are_compared_parameter_by_parameter(pytester):
    result = run(
        pytester,
        """
    @pytest.fixture(scope="module", params=["first", "second"])
    def part(request):
        return request.param

    @pytest.fixture(scope="module")
    def held(vlm, part):
        assert share(vlm, {"first": 0.2, "second": 0.9}[part], 0.9) >= 0.1

    def test_it(held):
        pass
    """,
    )
    assert compared(result) == [
        ("worse", "test_shares.py (held[first])"),
        ("cannot tell", "test_shares.py (held[second])"),
    ]
    assert result.ret == 1


def test_an_id_like_the_name_of_the_model_stays(pytester):
    result = run(
        pytester,
        """
    @pytest.mark.parametrize("place", ["observer"])
    @pytest.mark.parametrize(("one", "other"), [(1, 2)])
    def test_it(vlm, place, one, other):
        assert share(vlm, 0.2, 0.9) >= 0.1
    """,
    )
    assert compared(result) == [("worse", "test_shares.py::test_it[1-2-observer]")]


def test_a_test_is_not_called_where_the_old_model_fails_its_setup(pytester):
    result = run(
        pytester,
        """
    @pytest.fixture
    def ready(vlm):
        assert "noise" in vlm.name

    @pytest.mark.usefixtures("ready")
    def test_it(vlm, record_property):
        assert share(vlm, 0.2, 0.9) >= 0.1
    """,
    )
    result.stdout.fnmatch_lines([
        "not compared  share of *test_it: with model observer the same test failed before that"
    ])
    assert result.parseoutcomes() == {"passed": 1, "reference": 1}
    assert result.ret == 10


def test_an_estimate_with_several_thresholds_is_compared_once(pytester):
    result = run(
        pytester,
        """
    def test_it(vlm):
        assert share(vlm, 0.2, 0.9) >= 0.1
        assert share(vlm, 0.2, 0.9) > 0.15
    """,
    )
    assert compared(result) == [("worse", "test_shares.py::test_it")]


def test_a_range_is_not_compared(pytester):
    result = run(
        pytester,
        """
    def test_it(vlm):
        assert 0.1 <= share(vlm, 0.2, 0.9) <= 0.95
    """,
    )
    assert compared(result) == []
    result.stdout.fnmatch_lines(["not compared  share of test_shares.py::test_it: it is bounded from both sides, *"])


def test_two_estimates_that_are_equal_by_chance_are_no_range(pytester):
    result = run(
        pytester,
        """
    def test_it(vlm):
        assert share(vlm, 0.5, 0.9) >= 0.1
        assert share(vlm, 0.5, 0.1) <= 0.9
    """,
    )
    assert compared(result) == [("worse", "test_shares.py::test_it")] * 2


def test_what_is_held_against_nothing_is_listed(pytester):
    result = run(
        pytester,
        """
    def test_compared(vlm):
        assert share(vlm, 0.9, 0.9) >= 0.1

    def test_of_all(vlms):
        assert share(vlms["observer?noise=1"], 0.9, 0.9) >= 0.1

    def test_new_only(vlm):
        if "noise" in vlm.name:
            assert share(vlm, 0.9, 0.9) >= 0.1
    """,
    )
    result.stdout.fnmatch_lines([
        "not compared  share of test_shares.py::test_new_only: with model observer the same test did not compare it",
        "not compared  share of test_shares.py::test_of_all: its test is of no model that --vlm-model names*",
    ])


def test_the_properties_of_a_comparison_are_in_junit_xml(pytester):
    run(pytester, "def test_it(vlm):\n        assert share(vlm, 0.2, 0.9) >= 0.1\n", "--junitxml=junit.xml")
    case = next(
        case for case in ET.parse(pytester.path / "junit.xml").iter("testcase") if "against" in case.get("name", "")
    )
    properties = {each.get("name"): each.get("value") for each in case.iter("property")}
    assert properties["vlm_outcome"] == "failed"
    assert json.loads(properties["vlmperception"])["verdict"] == "worse"


@pytest.mark.parametrize("option", ["--collect-only", "--setup-plan"])
def test_what_calls_no_test_compares_and_writes_nothing(pytester, option):
    tests = "def test_it(vlm):\n        assert share(vlm, 0.2, 0.9) >= 0.1\n"
    result = run(pytester, tests, "--vlm-save=main", option)
    assert result.ret == 0
    result.stdout.no_fnmatch_line("*nothing was compared*")
    result.stdout.no_fnmatch_line("*baseline*")


def test_workers_that_stop_early_compare_what_is_complete(pytester):
    pytester.makepyfile(
        test_shares=SHARES
        + """
    def test_a(vlm):
        assert share(vlm, 0.2, 0.9) >= 0.1

    def test_z(vlm):
        assert "noise" not in vlm.name or False, "fails for the new one"
    """.strip()
    )
    result = pytester.runpytest_subprocess(NEW, OLD, "-n1", "--maxfail=1")
    result.stdout.fnmatch_lines(["*not compared *test_a: with model observer the same test did not run*"])


def test_last_failed_runs_the_tests_of_a_fixture_that_became_worse(pytester):
    tests = """
    @pytest.fixture(scope="module")
    def held(vlm):
        assert share(vlm, 0.2, 0.9) >= 0.1

    def test_it(held):
        pass
    """
    assert run(pytester, tests).ret == 1
    result = run(pytester, tests, "--lf")
    result.stdout.fnmatch_lines(["*run-last-failure: rerun previous 2 failures*", "worse *"])


PLAIN = """
    import pytest

    def right(pair, choice):
        return choice.chosen == max(pair, key=lambda stimulus: stimulus.reference["contrast"])

    @pytest.mark.parametrize("what", ["contrast", "colorfulness"])
    def test_it(vlm, stimuli, what):
        pairs = stimuli("levels").pairs(within="scene")
        question = f"Please look at both of the pictures with care, then tell me which has more {what}."
        for repeats in (1, 2):
            comparisons = vlm.compare(pairs, question, orders="given", repeats=repeats)
            assert comparisons.share(right) >= 0.1
"""


def test_prompts_that_begin_alike_are_told_apart(suite):
    suite.makepyfile(test_plain=PLAIN)
    result = suite.runpytest("--vlm-model=observer?noise=60", OLD, "--vlm-save=main")
    # Of each of two prompts, 12 pairs asked once and asked twice.
    changed = [line for line in result.outlines if line.startswith("changed")]
    assert ["of 24 answers" in line for line in changed] == [True, True]
    content = json.loads((suite.path / ".vlm" / "baselines" / "main.json").read_text())
    assert len(content["observations"]) == 48


@pytest.mark.parametrize(("option", "code", "outcome"), [("fail", 11, "unavailable"), ("skip", 10, "skipped")])
def test_what_the_old_model_could_not_be_asked_is_no_pass(pytester, option, code, outcome):
    result = run(
        pytester,
        """
    def test_it(vlm):
        lost = Estimate(float("nan"), name="share", reason="no network", unavailable=True)
        assert (share(vlm, 0.9, 0.9) if "noise" in vlm.name else lost) >= 0.1
    """,
        f"--vlm-unavailable={option}",
    )
    assert result.ret == code
    assert result.parseoutcomes() == {"passed": 1, "reference": 1, outcome: 1}
    result.stdout.fnmatch_lines(["unavailable   share: old: no network  observer?noise=1  test_shares.py::test_it"])
