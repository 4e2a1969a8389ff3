"""Plan, budget and recordings as a user meets them."""

from __future__ import annotations

import json
import re
import sqlite3

import pytest
import servers

PRICES = """
[tool.pytest_vlmperception.prices."openai/x"]
input_usd_per_million = 100
output_usd_per_million = 1000
"""


@pytest.fixture
def server(openai_server):
    return openai_server()


def model(server, parameters=""):
    return f"--vlm-model=openai/x?base_url={server.url}{parameters}"


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["one process", "two workers"])
def test_plan_makes_no_call_and_counts_each_question_once(comparing, server, workers):
    comparing.makepyprojecttoml(PRICES)
    result = comparing.runpytest_subprocess(model(server, "&max_tokens=1"), "--vlm-plan", *workers)
    assert (result.ret, server.requests) == (0, [])
    result.assert_outcomes(skipped=3)
    # The observer stands in for the answers, so that the plan knows every question.
    (line,) = [line for line in result.outlines if line.startswith("plan ")]
    match = re.fullmatch(
        r"plan  openai/x\S*: 24 calls, 0 stored, tokens at most (\d+) in \((\d+) of text, (\d+) of pictures\), 24 out, "
        r"USD ([\d.]+) to ([\d.]+), about 2 s with 32 calls at once "
        r"\(assumed, as no reply of this model is stored: 2 s a call\)",
        line,
    )
    assert match, line
    tokens, text, pictures = map(int, match.groups()[:3])
    # 40 bytes of prompt at two a token, 64 for what goes around it; two pictures of 1024 tokens at least.
    assert (text, pictures) == (24 * (20 + 64), 24 * 2 * 1024)
    assert tokens == text + pictures
    # USD 100 and 1000 for a million tokens; English text has half the tokens.
    assert float(match[4]) == pytest.approx((text / 2 + pictures) * 1e-4 + 24e-3, abs=0.006)
    assert float(match[5]) == pytest.approx(tokens * 1e-4 + 24e-3, abs=0.006)


def test_plan_says_at_least_where_answers_are_needed_to_go_on(describing, server):
    result = describing.runpytest(model(server), "--vlm-plan", "-k", "cup")
    assert (result.ret, server.requests) == (0, [])
    result.stdout.fnmatch_lines(["plan  openai/x*: at least 4 calls, 0 stored, *USD unknown*"])


PLANNED = """
    def test_estimates(vlm, stimuli, prompts):
        levels = stimuli("levels")
        comparisons = vlm.compare(levels.pairs(within="scene"), prompts["more_contrast"])
        assert comparisons.valid_share() <= 0.1
        assert comparisons.scale().spearman(levels.reference("contrast")) <= -0.9
        vlm.compare(levels.pairs(within="scene"), prompts["more_contrast"], repeats=2)

    def test_value(vlm, stimuli, prompts):
        comparisons = vlm.compare(stimuli("levels").pairs(within="scene"), prompts["more_contrast"])
        assert next(iter(comparisons.values())).value == "neither"
        vlm.compare(stimuli("levels").pairs(within="scene"), prompts["more_contrast"], repeats=3)
"""


def test_plan_goes_on_whatever_stands_in_says_of_an_estimate(suite, server):
    suite.makepyfile(PLANNED)
    result = suite.runpytest(model(server), "--vlm-plan", "-k", "test_estimates")
    assert result.ret == 0
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["plan  openai/x*: 48 calls, 0 stored, *"])
    result.stdout.no_fnmatch_line("failed  *")


def test_plan_says_at_least_where_a_test_ended_early(suite, server):
    suite.makepyfile(PLANNED)
    result = suite.runpytest(model(server), "--vlm-plan", "-k", "test_value")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["plan  openai/x*: at least 24 calls, *; what follows from answers * is not known"])


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["one process", "two workers"])
def test_plan_goes_by_how_long_the_model_took_before(comparing, openai_server, workers):
    server = openai_server(servers.slow(0.3))
    comparing.runpytest(model(server), "-k", "test_valid")
    prompt = comparing.path / "prompts" / "more_contrast.md"
    prompt.write_text(prompt.read_text().replace("more contrast?", "most contrast?"))
    result = comparing.runpytest_subprocess(model(server), "--vlm-plan", "--vlm-concurrency=4", *workers)
    (line,) = [line for line in result.outlines if line.startswith("plan ")]
    # 6 rounds of at least 0.3 s; replies take longer on a busy machine.
    match = re.search(
        r"about (\d+) s with 4 calls at once \(([\d.]+) s a call, the median of 24 stored replies\)$", line
    )
    assert match, line
    assert 0.3 <= float(match[2]) < 3
    assert int(match[1]) == pytest.approx(6 * float(match[2]), abs=1.3)


def test_plan_knows_what_is_stored(comparing, server):
    comparing.runpytest(model(server), "-k", "test_valid")
    result = comparing.runpytest(model(server), "--vlm-plan")
    result.stdout.fnmatch_lines(["plan  openai/x*: 0 calls, 24 stored, *"])


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["one process", "two workers"])
def test_no_more_calls_than_allowed_and_what_was_paid_is_kept(comparing, server, workers):
    result = comparing.runpytest_subprocess(model(server), "--vlm-max-calls=10", *workers)
    assert len(server.requests) == 10
    result.stdout.fnmatch_lines([
        "unavailable *--vlm-max-calls=10*",
        "openai/x*: 10 calls, 0 hits, failures: 14 budget, *",
    ])
    comparing.runpytest_subprocess(model(server), *workers)
    assert len(server.requests) == 24


def test_budget_ends_the_run_before_it_is_exceeded(comparing, server):
    comparing.makepyprojecttoml(PRICES)
    result = comparing.runpytest(model(server, "&max_tokens=7"), "--vlm-budget=0.30", "--vlm-concurrency=1")
    # 210 tokens in and 7 out: USD 0.028 a call
    assert 1 <= len(server.requests) <= 10
    result.stdout.fnmatch_lines(["unavailable *budget of USD 0.30*--vlm-budget=*"])


def test_budget_without_a_price_is_refused_up_front(comparing, server):
    result = comparing.runpytest(model(server), "--vlm-budget=1")
    assert (result.ret, server.requests) == (pytest.ExitCode.USAGE_ERROR, [])
    result.stderr.fnmatch_lines(["*--vlm-budget: the price of 'openai/x*' is not known; set it in [[]tool.*"])


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["one process", "two workers"])
def test_recording_answers_without_server_key_or_store(comparing, server, workers):
    recorded = comparing.runpytest_subprocess(model(server), "--vlm-record=replies.jsonl", *workers)
    recorded.stdout.fnmatch_lines(["24 replies recorded in *replies.jsonl"])
    lines = (comparing.path / "replies.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["key"] for line in lines] == sorted(json.loads(line)["key"] for line in lines)
    for path in (comparing.path / ".vlm" / "cache").iterdir():
        path.unlink()
    (comparing.path / ".vlm" / "cache").rmdir()
    replayed = comparing.runpytest_subprocess(model(server), "--vlm-replay=replies.jsonl", *workers)
    replayed.stdout.fnmatch_lines(["openai/x*: 0 calls, 24 hits, no failures, *"])
    assert [line for line in replayed.outlines if line.startswith(("passed  ", "failed  ", "inconclusive"))] == [
        line for line in recorded.outlines if line.startswith(("passed  ", "failed  ", "inconclusive"))
    ]
    assert len(server.requests) == 24
    assert not (comparing.path / ".vlm" / "cache").exists()


def test_recording_has_the_answers_of_earlier_runs_too(comparing, server):
    comparing.runpytest(model(server))
    comparing.runpytest(model(server), "--vlm-record=replies.jsonl").stdout.fnmatch_lines(["24 replies recorded in *"])


def test_what_is_not_recorded_is_unavailable_and_explained(comparing, server):
    comparing.runpytest(model(server), "--vlm-record=replies.jsonl")
    prompt = comparing.path / "prompts" / "more_contrast.md"
    prompt.write_text(prompt.read_text().replace("more contrast?", "less contrast?"))
    result = comparing.runpytest(model(server), "--vlm-replay=replies.jsonl", "--vlm-explain-miss")
    assert result.ret == 11
    result.stdout.fnmatch_lines(["unavailable *not in the recording*prompt: asked *less contrast*"])
    assert len(server.requests) == 24


def test_bad_recording_ends_the_run_before_it_begins(comparing, server):
    (comparing.path / "bad.jsonl").write_text("{}\n")
    result = comparing.runpytest(model(server), "--vlm-replay=bad.jsonl")
    assert (result.ret, server.requests) == (pytest.ExitCode.USAGE_ERROR, [])
    result.stderr.fnmatch_lines(["ERROR: recording *bad.jsonl, line 1 is refused*"])
    result = comparing.runpytest(model(server), "--vlm-record=missing/out.jsonl")
    assert (result.ret, server.requests) == (pytest.ExitCode.USAGE_ERROR, [])


def test_options_that_exclude_each_other(comparing, server):
    result = comparing.runpytest("--vlm-replay=a", "--vlm-record=b")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--vlm-replay uses no store*"])
    for bad in ("--vlm-budget=free", "--vlm-budget=0", "--vlm-max-calls=-1"):
        result = comparing.runpytest(bad)
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        result.stderr.fnmatch_lines([f"*{bad.partition('=')[0]}=*: expected *"])


def test_no_lease_is_left_behind(comparing, openai_server):
    server = openai_server(servers.slow(0.05))
    comparing.runpytest(model(server))
    with sqlite3.connect(comparing.path / ".vlm" / "cache" / "cache.db") as connection:
        assert connection.execute("SELECT count(*) FROM Cache WHERE key LIKE 'lease/%'").fetchone() == (0,)
    connection.close()
