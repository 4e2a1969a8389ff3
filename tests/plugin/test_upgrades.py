"""One model against another, one prompt against another: what a user sees."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from tests.servers import letter, serve

# 28 pairs of 8 pictures: each pair is a unit, and whether the one with more contrast is chosen a yes/no item.
SHARE = """
    import pytest

    @pytest.fixture(scope="module")
    def comparisons(vlm, stimuli, prompts):
        return vlm.compare(stimuli("levels").pairs(within=None), prompts["more_contrast"], repeats=3, orders="given")

    def right(pair, choice):
        more = max(pair, key=lambda stimulus: stimulus.reference["contrast"])
        return pair[0].reference["contrast"] == pair[1].reference["contrast"] or choice.chosen == more

    def test_share(comparisons):
        assert comparisons.share(right) >= 0.1
"""

NOISY = "--vlm-model=observer?noise=60"
SHARP = "--vlm-against=model:observer"


@pytest.fixture
def sharing(suite):
    """A suite of one estimate over 28 pairs."""
    suite.makepyfile(test_pairs=SHARE)
    return suite


def table(result):
    """Return the lines of the summary that are about the upgrade, without latencies."""
    wanted = ("worse ", "better ", "not worse", "cannot tell", "inconclusive", "changed", "not compared", "observer")
    lines = [line for line in result.outlines if line.startswith(wanted)]
    return [re.sub("; latency x .*", "", line) for line in lines]


def test_a_worse_model_fails_the_run(sharing):
    result = sharing.runpytest(NOISY, SHARP, "--junitxml=junit.xml")
    assert result.ret == 1
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines([
        "worse         share 1 -> 0.*, worse by 0.* [[]0.*, 0.*], margin 0.05, p *, n = 28 pairs  observer?noise=60  test_pairs.py::test_share",
        "changed       compare by prompt 'more_contrast': * of 28 answers: *",
        "observer?noise=60 against model observer: 1 worse of 1 estimate",
        "FAILED test_pairs.py::test_share[[]share against model observer[]]*",
    ])
    cases = ET.parse(sharing.path / "junit.xml").getroot().iter("testcase")
    failed = [case.get("name") for case in cases if case.find("failure") is not None]
    assert failed == ["test_share[share against model observer]"]


def test_a_better_model_passes(sharing):
    result = sharing.runpytest("--vlm-model=observer", "--vlm-against=model:observer?noise=60", "-v")
    assert result.ret == 0
    result.stdout.fnmatch_lines([
        "test_pairs.py::test_share PASSED*",
        "test_pairs.py::test_share[[]observer?noise=60[]] REFERENCE*",
        "test_pairs.py::test_share[[]share against model observer?noise=60[]] PASSED*",
        "better        share 0.* -> 1, better by 0.*",
    ])


def test_workers_come_to_the_same(sharing):
    alone = sharing.runpytest_subprocess(NOISY, SHARP, "--vlm-cache=off")
    shared = sharing.runpytest_subprocess(NOISY, SHARP, "--vlm-cache=off", "-n2")
    assert (alone.ret, table(alone)) == (shared.ret, table(shared))
    assert len(table(alone)) == 5


TWO = """
    from pytest_vlmperception import Estimate

    def test_two(vlm):
        first, second = (8.0, 9.0) if "noise" in vlm.name else (0.0, 9.0)
        units = tuple((str(number), first) for number in range(20))
        assert Estimate(first, first - 0.5, first + 0.5, 20, name="first", unit="item", units=units) >= 1.0
        assert Estimate(second, second - 0.5, second + 0.5, 20, name="second", unit="item", units=units) >= 1.0
"""


def test_what_the_old_model_fails_is_still_measured_and_fails_nothing(pytester):
    pytester.makepyfile(test_two=TWO)
    result = pytester.runpytest("--vlm-model=observer?noise=1", "--vlm-against=model:observer")
    result.stdout.fnmatch_lines(["*first 0 -> 8*", "*second 9 -> 9*"])
    assert "failed" not in result.parseoutcomes()


RAISES = """
    def test_it(vlm):
        assert "noise" in vlm.name, "the old one fails"
"""


def test_an_old_model_that_fails_a_plain_assert_fails_nothing(pytester):
    pytester.makepyfile(test_plain=RAISES)
    result = pytester.runpytest("--vlm-model=observer?noise=1", "--vlm-against=model:observer", "-rA")
    outcomes = result.parseoutcomes()
    assert (outcomes.get("passed"), outcomes.get("failed"), outcomes.get("reference")) == (1, None, 1)


def test_a_run_that_compared_nothing_is_not_green(pytester):
    pytester.makepyfile(test_plain="def test_it(vlm):\n    pass\n")
    result = pytester.runpytest("--vlm-against=model:observer?noise=1")
    assert result.ret == 10
    result.stdout.fnmatch_lines(["nothing was compared with model observer?noise=1, so the run is not green"])


def test_models_under_test_do_not_include_the_old_one(pytester):
    pytester.makepyfile(test_all="def test_it(vlms):\n    assert list(vlms) == ['observer?noise=1']\n")
    pytester.runpytest("--vlm-model=observer?noise=1", SHARP).assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--vlm-against=observer"], "*expected model:NAME, baseline:NAME or prompt:default*"),
        (["--vlm-against=prompt:other"], "*expected model:NAME, baseline:NAME or prompt:default*"),
        (["--vlm-against=model:observer"], "*model:observer: that is the model under test; give the one*"),
        (["--vlm-against=model:nobody/x"], "*no provider 'nobody'*"),
        (["--vlm-against=prompt:default"], "*give --vlm-prompt=NAME=FILE with it*"),
        (["--vlm-margin=-1"], "*--vlm-margin='-1': expected a number of at least 0*"),
        (["--vlm-save=a", "--vlm-bless=b", "--vlm-reason=c"], "*give one of the two*"),
        (["--vlm-bless=b"], "*say why, with --vlm-reason*"),
        (["--vlm-reason=c"], "*give --vlm-bless=NAME with it*"),
        (["--vlm-prompt=more_contrast"], "*expected NAME=PATH*"),
        (["--vlm-prompt=more_contrast=none.md"], "*there is no file or folder*"),
    ],
)
def test_options_that_cannot_be_used_are_refused(sharing, options, said):
    result = sharing.runpytest(*options)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([said])


LESS = """---
direction: less
---
Which picture has less contrast? A or B."""


def test_a_prompt_against_the_suites_own(sharing):
    (sharing.path / "less.md").write_text(LESS)
    result = sharing.runpytest("--vlm-prompt=more_contrast=less.md", "--vlm-against=prompt:default")
    assert result.ret == 1
    result.stdout.fnmatch_lines([
        "worse         share 1 -> *",
        "observer against the suite's own prompts: 1 worse of 1 estimate",
        "observer: 84 calls, 0 hits*",
        "observer (default prompts): 84 calls, 0 hits*",
    ])


def test_a_prompt_that_says_the_same_is_not_worse(sharing):
    (sharing.path / "same.md").write_text("Please tell me which of the two has more contrast: A or B?")
    result = sharing.runpytest("--vlm-prompt=more_contrast=same.md", "--vlm-against=prompt:default")
    assert result.ret == 0
    result.stdout.fnmatch_lines([
        # Nothing changed in 28 items: more than a tenth of all may have changed all the same.
        "cannot tell   share 1 -> 1, unchanged [[]-0.12*",
        "* against the suite's own prompts: 1 cannot tell of 1 estimate",
    ])


def test_a_prompt_that_no_suite_has_is_refused(sharing):
    (sharing.path / "less.md").write_text(LESS)
    result = sharing.runpytest("--vlm-prompt=more_contrsat=less.md")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*no selected test has a prompt of that name; did you mean 'more_contrast'*"])


MARKED = """
    import pytest
    from pytest_vlmperception import Estimate

    @pytest.mark.vlm_gate("confident")
    def test_near(vlm):
        assert Estimate(0.9, 0.7, 1.0, 8) >= 0.8

    def test_point(vlm):
        assert Estimate(0.9, 0.7, 1.0, 8) >= 0.8
"""


def test_a_mark_sets_the_policy_of_one_test(pytester):
    pytester.makepyfile(test_marked=MARKED)
    result = pytester.runpytest("--strict-markers")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["failed        estimate 0.9 [[]0.7, 1[]] >= 0.8 (confident)*test_near"])


@pytest.mark.parametrize(
    ("mark", "said"),
    [
        ("vlm_gate('sure')", "*vlm_gate('sure'): there is no such policy; known: confident, point, tolerant"),
        ("vlm_gate", "*vlm_gate(): expected one value*"),
        ("vlm_margin(-1)", "*vlm_margin(-1): expected a number of at least 0*"),
        ("vlm_margin(margin=1)", "*vlm_margin(margin=1): expected one value*"),
    ],
)
def test_marks_that_cannot_be_used_are_refused(pytester, mark, said):
    pytester.makepyfile(f"import pytest\n\n@pytest.mark.{mark}\ndef test_it(vlm):\n    pass\n")
    result = pytester.runpytest()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([said])


def test_a_wide_margin_makes_the_noise_bearable(sharing):
    test = sharing.path / "test_pairs.py"
    test.write_text(test.read_text().replace("def test_share", "@pytest.mark.vlm_margin(0.5)\ndef test_share"))
    result = sharing.runpytest("--vlm-model=observer?noise=2", SHARP)
    assert result.ret == 0
    result.stdout.fnmatch_lines(["not worse *, margin 0.5, *"])


def test_last_failed_runs_the_test_of_a_comparison_again(sharing):
    assert sharing.runpytest(NOISY, SHARP).ret == 1
    result = sharing.runpytest(NOISY, SHARP, "--lf", "-v")
    result.stdout.fnmatch_lines(["*run-last-failure: rerun previous 2 failures*", "worse *"])


def test_two_models_are_asked_in_one_window(sharing, monkeypatch):
    with serve(respond=letter("A")) as server:
        names = [f"openai/{name}?base_url={server.url}" for name in ("new", "old")]
        monkeypatch.setenv("OPENAI_API_KEY", "sk-test-0000000000000000")
        result = sharing.runpytest(f"--vlm-model={names[0]}", f"--vlm-against=model:{names[1]}", "--vlm-concurrency=2")
    asked = [request.body["model"] for request in server.requests]
    assert (asked.count("new"), asked.count("old")) == (84, 84)
    # Whatever is asked of one is asked of the other at the same time: no half of the run is one model's.
    assert 20 < asked[:84].count("new") < 64
    result.stdout.fnmatch_lines(["*compare by prompt 'more_contrast': none of 28 answers*"])
