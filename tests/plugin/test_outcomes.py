"""Passed, failed, inconclusive, unavailable and skipped are told apart."""

from __future__ import annotations

import pytest
import servers

# As docs/outcomes.md has them.
INCONCLUSIVE = 10
UNAVAILABLE_ONLY = 11


def test_no_key_is_unavailable_with_the_name_of_the_variable(comparing):
    result = comparing.runpytest("--vlm-model=openai/gpt-5.2")
    assert result.ret == UNAVAILABLE_ONLY
    result.stdout.fnmatch_lines(["test_levels.py UUU *", "unavailable *OPENAI_API_KEY* test_levels.py::test_order"])
    result.stdout.fnmatch_lines(["openai/gpt-5.2: 0 calls, 0 hits, failures: 24 key, *USD 0.00"])
    result.stdout.no_fnmatch_line("*openai.*Error*")
    result.stdout.no_fnmatch_line("*site-packages*")


def test_unavailable_may_be_skipped_but_a_run_that_judged_nothing_is_not_green(comparing):
    result = comparing.runpytest("--vlm-model=openai/gpt-5.2", "--vlm-unavailable=skip")
    result.assert_outcomes(skipped=3)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["no test was judged*"])


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["one process", "workers"])
def test_a_skip_of_the_suites_own_is_told_with_its_reason(suite, workers):
    suite.makepyfile(
        """
        import pytest

        def test_two(vlms):
            pytest.skip("needs two models")

        def test_three(vlm):
            pytest.skip("needs two models")

        def test_without_a_model():
            pytest.skip("none of our business")

        def test_contrast(vlm, stimuli, prompts):
            pairs = stimuli("levels").pairs(within="scene")
            assert vlm.compare(pairs, prompts["more_contrast"]).valid_share() >= 0.9
        """
    )
    result = suite.runpytest_subprocess(*workers)
    result.assert_outcomes(passed=1, skipped=3)
    result.stdout.fnmatch_lines(["skipped       needs two models  2 tests"])
    result.stdout.no_fnmatch_line("skipped *none of our business*")


def test_what_the_observer_cannot_judge_is_skipped_with_its_reason(suite):
    suite.makepyfile(
        """
        import pytest

        @pytest.fixture(scope="module")
        def pairs(stimuli):
            return stimuli("levels").pairs(within="scene")

        def test_sharper(vlm, pairs):
            assert vlm.compare(pairs, "Which picture is sharper?").valid_share() >= 0.9

        def test_scale(vlm, pairs):
            vlm.compare(pairs, "Which picture is sharper?").scale()

        def test_contrast(vlm, pairs):
            assert vlm.compare(pairs, "Which has more contrast?").valid_share() >= 0.9

        def test_describe(vlm, stimuli):
            assert vlm.describe(stimuli("levels"), "What is it?")["cup1"].text
        """
    )
    result = suite.runpytest("-rs")
    result.assert_outcomes(passed=1, skipped=3)
    assert result.ret == 0
    result.stdout.fnmatch_lines(["SKIPPED * test_*.py:*names no attribute*"])


BROKEN = {
    "refused": servers.refusal(),
    "filtered": servers.blocked_output(),
    "truncated": servers.truncated("A"),
    "unparsed": servers.letter("Picture A, because it is brighter"),
    "malformed": servers.garbage,
    "empty": servers.nothing,
    "model": servers.no_model(),
    "key": servers.wrong_key(),
    "quota": servers.no_quota(),
}
UNAVAILABLE = {"malformed", "empty", "model", "key", "quota"}


@pytest.mark.parametrize("kind", BROKEN)
@pytest.mark.parametrize("wire", ["openai", "google"])
def test_every_kind_of_failure_has_its_own_name(suite, openai_server, gemini_server, monkeypatch, wire, kind):
    monkeypatch.setattr("pytest_vlmperception.calling.pool.Pool.pause", lambda self, seconds: None)
    suite.makepyfile(
        """
        def test_one(vlm, stimuli, prompts):
            pair = stimuli("levels").pairs(within="scene")[0]
            comparisons = vlm.compare([pair], prompts["more_contrast"], orders="given")
            print("status", comparisons[pair].status)
            comparisons[pair].value
        """
    )
    server = (openai_server if wire == "openai" else gemini_server)(BROKEN[kind])
    result = suite.runpytest("-s", f"--vlm-model={wire}/x?base_url={server.url}")
    outcome = "unavailable" if kind in UNAVAILABLE else "inconclusive"
    if (wire, kind) == ("google", "refused"):
        kind = "filtered"  # Gemini has no words of refusal
    status = {"filtered": "refused"}.get(kind, outcome if outcome == "unavailable" else kind)
    result.stdout.fnmatch_lines([
        f"*status {status}",
        f"{outcome} *test_one",
        f"{wire}/x*: * failures: 1 {kind}, *",
    ])
    assert result.ret == {"inconclusive": INCONCLUSIVE, "unavailable": UNAVAILABLE_ONLY}[outcome]


def test_too_few_valid_answers_are_inconclusive_and_say_why(comparing, openai_server):
    answers = iter(["A", "B", "no idea"] * 100)
    server = openai_server(lambda request: servers.says(request, next(answers)))
    result = comparing.runpytest(f"--vlm-model=openai/x?base_url={server.url}", "--vlm-concurrency=1")
    result.stdout.fnmatch_lines([
        "inconclusive *valid share 0.67 < 0.9 of 24 trials (unparsed 8)*'no idea' is not A or B*test_order"
    ])
    # 2/3 valid is a fact about the model, and below the threshold: that test fails.
    result.stdout.fnmatch_lines(["failed        valid share 0.667 *>= 0.9, *test_valid"])


def test_model_text_cannot_command_the_terminal(comparing, openai_server):
    server = openai_server(servers.letter("\x1b[2J\x1b]0;owned\x07 neither"))
    result = comparing.runpytest(f"--vlm-model=openai/x?base_url={server.url}")
    result.stdout.fnmatch_lines(["*neither*"])
    assert "\x1b" not in result.stdout.str()
    assert "\x07" not in result.stdout.str()


def test_a_model_that_always_says_a_has_an_order_bias_of_one(comparing, openai_server):
    server = openai_server(servers.letter("A"))
    result = comparing.runpytest(f"--vlm-model=openai/x?base_url={server.url}")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines([
        # Every pair is a tie, every scale value 0: no order, no correlation.
        "inconclusive  Spearman rho: the scale is constant (0): it has no rank order (>= 0.8) *test_order",
        "failed        |order bias| 1 [[]0.871, 1] <= 0.1, n = 2 scenes *test_bias",
    ])


def test_inconclusive_and_unavailable_are_told_apart_over_workers(comparing):
    result = comparing.runpytest_subprocess("--vlm-model=openai/gpt-5.2", "-n", "2")
    assert result.ret == UNAVAILABLE_ONLY
    result.stdout.fnmatch_lines(["unavailable *OPENAI_API_KEY* test_levels.py::test_order", "* 3 unavailable in *"])
    result.stdout.fnmatch_lines(["openai/gpt-5.2: 0 calls, 0 hits, failures: 24 key, *"])


def test_bad_input_in_a_test_is_one_line_without_our_frames(suite):
    suite.makepyfile(
        """
        def test_repeats(vlm, stimuli, prompts):
            vlm.compare(stimuli("levels").pairs(), prompts["more_contrast"], repeats=0)
        """
    )
    result = suite.runpytest()
    result.stdout.fnmatch_lines(["E  *UsageError: repeats=0; expected a whole number of at least 1"])
    result.stdout.no_fnmatch_line("*pytest_vlmperception*.py:*")
