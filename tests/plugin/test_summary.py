"""What a user reads at the end of a run: the same with and without workers."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET

import pytest


def summary(result):
    """Return the lines of the summary, without the time that the run took."""
    text = result.stdout.str()
    section = re.search(r"=+ perception \([\d.]+ s\) =+\n(.*?)\n=", text, re.DOTALL)
    assert section, text
    return section[1].splitlines()


EXPECTED = [
    # Two scenes that agree leave room for 1 - sqrt(0.05) of scenes with two of four levels exchanged, at rho 0.8.
    "passed        Spearman rho 1 [0.845, 1] >= 0.8, n = 2 scenes  observer  test_levels.py::test_order",
    # Wilson, 2 of 2: 2 / (2 + 1.96^2) = 0.342
    "passed        valid share 1 [0.342, 1] >= 0.9, n = 2 scenes  observer  test_levels.py::test_valid",
    # ... and with one other answer of twelve.
    "passed        |order bias| 0 [0, 0.129] <= 0.1, n = 2 scenes  observer  test_levels.py::test_bias",
]


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["one process", "two workers"])
def test_estimates_and_totals(comparing, workers):
    first = comparing.runpytest_subprocess(*workers)
    first.assert_outcomes(passed=3)
    lines = summary(first)
    assert sorted(lines[:3]) == EXPECTED
    assert lines[3:] == ["observer: 24 calls, 0 hits, no failures, tokens 0 in, 0 out, USD 0.00"]

    second = comparing.runpytest_subprocess(*workers)
    lines = summary(second)
    assert sorted(lines[:3]) == EXPECTED
    assert lines[3:] == ["observer: 0 calls, 24 hits, no failures, tokens 0 in, 0 out, USD 0.00"]


def test_no_summary_where_no_test_concerns_a_model(pytester):
    pytester.makepyfile("def test_other(): pass")
    result = pytester.runpytest()
    result.stdout.no_fnmatch_line("=* perception *")
    assert not (pytester.path / ".vlm").exists()


def test_failure_names_value_interval_threshold_and_worst_scenes(comparing):
    comparing.makepyfile(
        test_wrong="""
        def test_inverse(vlm, stimuli, prompts):
            levels = stimuli("levels")
            comparisons = vlm.compare(levels.pairs(within="scene"), prompts["more_contrast"])
            reference = {level: -level.reference["contrast"] for level in levels}
            assert comparisons.scale().spearman(reference) >= 0.8
        """
    )
    result = comparing.runpytest("test_wrong.py")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([
        "E * Spearman rho -1 >= 0.8 does not hold (policy point)",
        "E * 95 % interval [[]-1, -0.845], n = 2 scenes; *",
        "E * worst scenes: cup -1, tree -1",
        "failed        Spearman rho -1 * >= 0.8, n = 2 scenes  observer  test_wrong.py::test_inverse",
    ])


def test_explanation_is_shown_where_assert_cannot(comparing):
    comparing.makepyfile(
        test_helper="""
        def test_all(vlm, stimuli, prompts):
            levels = stimuli("levels")
            comparisons = vlm.compare(levels.pairs(within="scene"), prompts["more_contrast"])
            assert all([comparisons.valid_share() <= 0.5])
        """
    )
    result = comparing.runpytest("test_helper.py")
    result.stdout.fnmatch_lines(["*valid share 1 <= 0.5 does not hold (policy point)"])


@pytest.mark.parametrize(
    ("gate", "outcomes"),
    [("point", {"passed": 3}), ("confident", {"passed": 1, "failed": 2}), ("tolerant", {"passed": 3})],
)
def test_gate_decides_by_value_or_bound(comparing, gate, outcomes):
    comparing.runpytest(f"--vlm-gate={gate}").assert_outcomes(**outcomes)


def test_gate_from_ini_file_and_its_bad_value(comparing):
    comparing.makeini("[pytest]\nvlm_gate = confident")
    comparing.runpytest().assert_outcomes(passed=1, failed=2)
    comparing.makeini("[pytest]\nvlm_gate = confidant")
    result = comparing.runpytest()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*vlm_gate = 'confidant': expected one of point, confident, tolerant"])


def test_junit_xml_has_the_estimates(comparing):
    comparing.runpytest("--junitxml=out.xml")
    properties = ET.parse(comparing.path / "out.xml").iter("property")
    verdicts = [json.loads(prop.get("value")) for prop in properties if prop.get("name") == "vlmperception"]
    assert {verdict["name"]: verdict["value"] for verdict in verdicts} == {
        "Spearman rho": 1.0,
        "valid share": 1.0,
        "|order bias|": 0.0,
    }
    assert {verdict["result"] for verdict in verdicts} == {"passed"}


def test_two_models_are_two_runs_of_each_test(comparing):
    result = comparing.runpytest("--vlm-model=observer", "--vlm-model=observer?noise=0.1&seed=3", "-v")
    result.assert_outcomes(passed=6)
    result.stdout.fnmatch_lines([
        "*test_order[[]observer[]] PASSED*",
        "*test_order[[]observer[?]noise=0.1&seed=3[]] PASSED*",
    ])


def test_vlms_are_all_models_in_one_test(suite):
    suite.makepyfile("def test_all(vlms): assert sorted(vlms) == ['observer', 'observer?seed=1']")
    suite.runpytest("--vlm-model=observer", "--vlm-model=observer?seed=1").assert_outcomes(passed=1)


def test_node_id_holds_no_model_where_there_is_one(comparing):
    comparing.runpytest("-v", "--vlm-model=observer?noise=0").stdout.fnmatch_lines([
        "test_levels.py::test_order PASSED*"
    ])


def test_a_test_may_name_its_models_itself(suite):
    suite.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("vlm", ["observer"], indirect=True)
        def test_named(vlm):
            assert vlm.name == "observer"
        """
    )
    suite.runpytest().assert_outcomes(passed=1)


def test_comparison_in_a_fixture_is_counted_once_over_workers(suite):
    suite.makepyfile(
        """
        import pytest

        @pytest.fixture(scope="module", autouse=True)
        def gate(vlm, stimuli, prompts):
            levels = stimuli("levels")
            assert vlm.compare(levels.pairs(within="scene"), prompts["more_contrast"]).valid_share() >= 0.9

        @pytest.mark.parametrize("n", range(6))
        def test_n(n): pass
        """
    )
    lines = summary(suite.runpytest_subprocess("-n", "2"))
    assert [line for line in lines if line.startswith("passed")] == [
        "passed        valid share 1 [0.342, 1] >= 0.9, n = 2 scenes  observer  "
        "test_comparison_in_a_fixture_is_counted_once_over_workers.py (gate)"
    ]


def test_csv_has_one_row_a_trial(suite):
    suite.makepyfile(
        """
        def test_csv(vlm, stimuli, prompts):
            vlm.compare(stimuli("levels").pairs(within="scene"), prompts["more_contrast"], repeats=2).to_csv("out.csv")
        """
    )
    suite.runpytest().assert_outcomes(passed=1)
    header, *rows = (suite.path / "out.csv").read_text().splitlines()
    assert header.startswith("first,second,order,repeat,text,value,status,kind,reason,latency_s,model")
    assert len(rows) == 12 * 2 * 2
    # The second of each pair has more contrast: B as shown in the given order, A in the reversed one.
    assert [row.split(",")[:7] for row in rows[:2]] == [
        ["cup1", "cup2", "given", "0", "B", "B", "answered"],
        ["cup1", "cup2", "reversed", "0", "A", "B", "answered"],
    ]


def test_money_is_known_where_the_price_is(comparing, openai_server):
    server = openai_server()
    model = f"--vlm-model=openai/x?base_url={server.url}"
    comparing.runpytest(model).stdout.fnmatch_lines(["*tokens 5040 in, 168 out, USD unknown"])
    comparing.makepyprojecttoml(
        """
        [tool.pytest_vlmperception.prices."openai/x"]
        input_usd_per_million = 100
        output_usd_per_million = 1000
        """
    )
    # 5040 x 100 / 10^6 + 168 x 1000 / 10^6 = 0.504 + 0.168
    comparing.runpytest(model, "--vlm-cache=refresh").stdout.fnmatch_lines(["*tokens 5040 in, 168 out, USD 0.67"])
    # Answers that were stored cost nothing again.
    comparing.runpytest(model).stdout.fnmatch_lines(["*0 calls, 24 hits, *USD 0.00"])


def test_collect_only_asks_nothing(comparing):
    comparing.runpytest("--collect-only").assert_outcomes()
    assert not (comparing.path / ".vlm").exists()


@pytest.mark.parametrize("extra", [["-p", "no:cacheprovider"], ["-p", "no:xdist"], ["-p", "no:terminal"]])
def test_runs_without_other_plugins(comparing, extra):
    assert comparing.runpytest_subprocess(*extra).ret == 0


def test_answers_are_kept_in_a_folder_of_the_users_choice_or_not_at_all(comparing):
    comparing.runpytest_subprocess("--vlm-cache-dir=kept").assert_outcomes(passed=3)
    assert (comparing.path / "kept" / "cache.db").exists()
    for workers in ([], ["-n", "2"]):
        result = comparing.runpytest_subprocess("--vlm-cache=off", *workers)
        assert summary(result)[-1].startswith("observer: 24 calls, 0 hits")
    assert not (comparing.path / ".vlm").exists()
