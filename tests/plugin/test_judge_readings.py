"""A judge that reads descriptions, as a suite uses it."""

from __future__ import annotations

import json

import pytest
import servers

SUITE = """
    import pytest

    @pytest.fixture(scope="module")
    def descriptions(vlm, stimuli):
        return vlm.describe(stimuli("levels"), "Describe the expression of the face."{read_with})

    def test_polarity(descriptions):
        assert descriptions.share(lambda face, d: d.polarity == "positive") >= 0.9

    def test_agreement(descriptions):
        assert descriptions.agreement() >= 0.9
"""

JUDGED = {
    "polarity": "positive",
    "valence": 0.7,
    "emotions": {"happiness": 0.9},
    "features": {"mouth": {"said": ["smiles"], "action_units": [12]}},
    "hedges": 0,
    "names_person": False,
    "reason": "",
}


class Both:
    """Describes where a picture is shown; reads where there is none."""

    def __init__(self, judged):
        self.judged = judged
        self.count = iter(range(1000))

    def __call__(self, request):
        if request.pictures:
            # Each text is another, so that each is read.
            return servers.says(request, f"The man smiles happily for the {next(self.count)}. time.")
        return self.judged(request) if callable(self.judged) else servers.says(request, self.judged)


def judging(suite, server, provider, *options, read_with=', read_with="judge"'):
    suite.makepyfile(test_read=SUITE.format(read_with=read_with))
    name = f"{provider}/x?base_url={server.url}"
    return suite.runpytest(f"--vlm-model={name}", f"--vlm-judge={provider}/judge?base_url={server.url}", *options)


@pytest.mark.parametrize("provider", ["openai", "google", "anthropic"])
def test_a_judge_reads_texts_alone_in_every_protocol(suite, openai_server, gemini_server, anthropic_server, provider):
    start = {"openai": openai_server, "google": gemini_server, "anthropic": anthropic_server}[provider]
    server = start(Both(json.dumps(JUDGED)))
    result = judging(suite, server, provider)
    result.assert_outcomes(passed=2)
    readings = [request for request in server.requests if not request.pictures]
    assert len(readings) == 8
    assert all("The man smiles happily" in request.text for request in readings)
    # Both models are counted, and what they answered is stored.
    result.stdout.fnmatch_lines_random([f"{provider}/judge*: 8 calls, *", f"{provider}/x*: 8 calls, *"])
    judging(suite, server, provider).assert_outcomes(passed=2)
    assert len(server.requests) == 16


def test_the_fixture_is_the_judge(suite, openai_server):
    server = openai_server(Both(json.dumps(JUDGED)))
    text = SUITE.format(read_with=", read_with=judge").replace("(vlm, stimuli)", "(vlm, judge, stimuli)")
    suite.makepyfile(test_read=text)
    suite.makeini(f"[pytest]\nvlm_judge = openai/judge?base_url={server.url}")
    suite.runpytest(f"--vlm-model=openai/x?base_url={server.url}").assert_outcomes(passed=2)


def test_two_readings_are_compared(suite, openai_server):
    count = iter(range(8))

    def half(request):
        polarity = "positive" if next(count) % 2 else "mixed"
        return servers.says(request, json.dumps(JUDGED | {"polarity": polarity}))

    result = judging(suite, openai_server(Both(half)), "openai")
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines_random(["*share 0.5 [[]*] >= 0.9, n = 2 scenes *test_agreement"])


def test_a_reading_that_is_no_json_is_missing(suite, openai_server):
    result = judging(suite, openai_server(Both("It is positive.")), "openai")
    result.stdout.fnmatch_lines_random([
        "inconclusive *unparsed: 'It is positive.' is not the JSON that was asked for*test_polarity",
        "inconclusive *unparsed: 'It is positive.' is not the JSON that was asked for*test_agreement",
        "openai/judge*: 8 calls, 0 hits, failures: 8 unparsed, *",
    ])


@pytest.mark.parametrize(
    ("fault", "code"),
    [(servers.refusal("No."), 10), (servers.error(400, "bad request"), 11)],
    ids=["refused", "unavailable"],
)
def test_a_judge_that_does_not_answer_judges_nothing(suite, openai_server, fault, code):
    result = judging(suite, openai_server(Both(fault)), "openai")
    assert result.ret == code
    result.assert_outcomes()


def test_the_observer_reads_nothing_and_its_tests_are_skipped(suite, openai_server):
    server = openai_server(Both(""))
    suite.makepyfile(test_read=SUITE.format(read_with=', read_with="judge"'))
    result = suite.runpytest(f"--vlm-model=openai/x?base_url={server.url}", "--vlm-judge=observer", "-rs")
    result.stdout.fnmatch_lines(["*it was asked to read*"])


@pytest.mark.parametrize(
    ("read_with", "message"),
    [
        (', read_with="judge"', "*ModelError: no judge was named; give --vlm-judge=provider/model, or vlm_judge *"),
        (', read_with="openai/x"', "*UsageError: read_with='openai/x'; expected 'judge', a model such as *"),
        ("", "*UsageError: agreement() compares two readings; give vlm.describe(..., read_with='judge')"),
    ],
)
def test_a_judge_that_is_none_is_told_in_one_line(suite, openai_server, read_with, message):
    server = openai_server(Both(""))
    suite.makepyfile(test_read=SUITE.format(read_with=read_with))
    suite.runpytest(f"--vlm-model=openai/x?base_url={server.url}").stdout.fnmatch_lines([message])


def test_a_judge_that_cannot_be_used_ends_the_run_before_it_begins(suite):
    suite.makepyfile("def test_nothing(): pass")
    result = suite.runpytest("--vlm-judge=nobody/x")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*nobody*"])


def test_readings_are_asked_while_descriptions_arrive(suite, openai_server):
    """One after the other the readings alone would take 8 * 0.4 s."""
    server = openai_server(Both(servers.slow(0.4, lambda request: servers.says(request, json.dumps(JUDGED)))))
    judging(suite, server, "openai").assert_outcomes(passed=2)
    arrived = [request.arrived for request in server.requests if not request.pictures]
    assert max(arrived) - min(arrived) < 1.2
