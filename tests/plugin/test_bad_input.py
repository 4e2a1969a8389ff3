"""Bad input gets one line: what was given, what was expected, what to do."""

from __future__ import annotations

import pytest

BODIES = {
    "unknown prompt": (
        "prompts['more_contrst']",
        "there is no prompt 'more_contrst' in *; did you mean 'more_contrast'?*",
    ),
    "unknown set": ("stimuli('level')", "there is no stimulus set 'level' in *; did you mean 'levels'?*"),
    "repeats": (
        "vlm.compare(stimuli('levels').pairs(), 'contrast?', repeats=0)",
        "repeats=0; expected a whole number*",
    ),
    "repeats bool": (
        "vlm.describe(stimuli('levels'), 'what?', repeats=True)",
        "repeats=True; expected a whole number*",
    ),
    "orders": (
        "vlm.compare(stimuli('levels').pairs(), 'contrast?', orders='x')",
        "orders='x'; expected 'both' or 'given'",
    ),
    "no pairs": ("vlm.compare([], 'contrast?')", "compare() got no pairs; *"),
    "no pair": ("vlm.compare(list(stimuli('levels')), 'contrast?')", "compare() got Stimulus('cup1') as a pair; *"),
    "pair twice": (
        "vlm.compare(stimuli('levels').pairs()[:1] * 2, 'contrast?')",
        "compare() got the pair cup1 / cup2 twice; use repeats= to ask again",
    ),
    "no stimuli": ("vlm.describe([], 'what?')", "got no stimuli; *"),
    "no stimulus": ("vlm.describe(['cup1.png'], 'what?')", "got 'cup1.png' as a stimulus; *"),
    "stimulus twice": ("vlm.describe(list(stimuli('levels')) * 2, 'what?')", "got the stimulus cup1 twice; *"),
    "no prompt": ("vlm.describe(stimuli('levels'), ' ')", "prompt=' '; expected a Prompt*"),
    "placeholder": (
        "vlm.describe(stimuli('levels'), prompts['open'])",
        "prompt 'open' has no value for its placeholder {what}; *",
    ),
    "placeholder unknown": (
        "prompts['open'].format(what='a', who='b')",
        "prompt 'open' has no placeholder 'who'; it has: what",
    ),
    "placeholder missing": ("prompts['open'].format()", "prompt 'open' has no value for its placeholder {what}; *"),
    "two stimuli": (
        "vlm.compare(stimuli('levels').pairs()[:1], 'contrast?').scale().spearman(stimuli('levels').reference('contrast'))",
        "a correlation needs at least 3 stimuli: got 2*",
    ),
    "no reference": (
        "vlm.compare(stimuli('levels').pairs()[:3], 'contrast?').scale().spearman({})",
        "there is no reference value for 'cup1' and 3 others of the scale",
    ),
    "labels": ("vlm.classify(stimuli('levels'), 'which?')", "no labels are given; give labels=[[]...], or labels: *"),
    "label twice": (
        "vlm.classify(stimuli('levels'), 'which?', labels=['a cup', 'A Cup'])",
        "labels: 'a cup' and 'A Cup' are one answer, *",
    ),
    "reference": (
        "vlm.classify(stimuli('levels'), 'contrast?', labels=['low', 'high']).confusion('contrst')",
        "there is no reference value 'contrst' for 'cup1'; did you mean 'contrast'?*",
    ),
    "scale": ("vlm.rate(stimuli('levels'), 'contrast?')", "rate() got no scale; give scale=(1, 5), *"),
    "scale turned round": ("vlm.rate(stimuli('levels'), 'contrast?', scale=(5, 1))", "scale=(5, 1); expected two *"),
    "controls": (
        "vlm.compare(stimuli('levels').pairs(), 'contrast?', controls='stimuli')",
        "controls='stimuli'; did you mean 'stimulus'?*",
    ),
    "min_valid": (
        "vlm.describe(stimuli('levels'), 'what?', min_valid=90)",
        "min_valid=90; expected a share from 0 to 1, such as 0.9",
    ),
    "threshold": (
        "vlm.compare(stimuli('levels').pairs(), 'contrast?').valid_share() >= 'high'",
        "an estimate was compared with 'high'; *",
    ),
}


@pytest.mark.parametrize(("body", "message"), BODIES.values(), ids=BODIES.keys())
def test_in_a_test(suite, body, message):
    (suite.path / "prompts" / "open.md").write_text('Say {what}, as {"json": 1}.')
    suite.makepyfile(f"def test_bad(vlm, stimuli, prompts):\n    {body}")
    result = suite.runpytest()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([f"E  *Error: {message}"])


OPTIONS = {
    "provider": ("--vlm-model=opanai/gpt", "*no provider 'opanai'; did you mean 'openai'?*"),
    "parameter": ("--vlm-model=observer?nois=1", "*no parameter 'nois'; did you mean 'noise'?*"),
    "value": ("--vlm-model=observer?noise=loud", "*noise='loud' cannot be used*"),
    "concurrency": ("--vlm-concurrency=0", "*--vlm-concurrency='0': expected a whole number from 1 to 99999"),
    "cache": ("--vlm-cache=maybe", "*invalid choice: 'maybe'*"),
}


@pytest.mark.parametrize(("option", "message"), OPTIONS.values(), ids=OPTIONS.keys())
@pytest.mark.parametrize("workers", [[], ["-n", "1"]], ids=["one process", "worker"])
def test_in_an_option(comparing, option, message, workers):
    result = comparing.runpytest_subprocess(option, *workers)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    errors = [line for line in result.stderr.lines if line.strip()]
    assert len(errors) <= 5
    result.stderr.fnmatch_lines([message])


def test_store_that_cannot_be_used(comparing):
    (comparing.path / "taken").write_text("a file")
    result = comparing.runpytest("--vlm-cache-dir=taken")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: the store of answers *taken cannot be used (*); give a writable folder*"])


def test_model_from_a_suites_file_gets_no_vendors_key(comparing, monkeypatch, openai_server):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-of-the-vendor")
    comparing.makepyprojecttoml(
        """
        [tool.pytest_vlmperception.models.ours]
        model = "openai/x"
        base_url = "https://example.invalid/v1"
        """
    )
    result = comparing.runpytest("--vlm-model=ours")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*api_key_env*"])
    assert "sk-secret" not in result.stderr.str() + result.stdout.str()


def test_base_url_in_an_ini_file_is_not_the_users_word(comparing, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-of-the-vendor")
    comparing.makeini("[pytest]\nvlm_model = openai/x?base_url=https://example.invalid/v1")
    result = comparing.runpytest()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*api_key_env*"])


def test_broken_pyproject_is_named(comparing):
    comparing.makeini("[pytest]")
    (comparing.path / "pyproject.toml").write_text("not [toml")
    result = comparing.runpytest("--vlm-model=ours")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*pyproject.toml: *line 1*"])
