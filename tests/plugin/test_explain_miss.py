"""``--vlm-explain-miss``: the summary says why questions were not in the store."""

from __future__ import annotations

import pytest

WORKERS = pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["one process", "two workers"])


@pytest.fixture
def model(openai_server):
    return f"--vlm-model=openai/x?base_url={openai_server().url}"


def not_found(result):
    return sorted(line for line in result.outlines if line.startswith("not found"))


@WORKERS
def test_changed_prompt_is_named_once_for_all_questions(comparing, model, workers):
    comparing.runpytest(model)
    prompt = comparing.path / "prompts" / "more_contrast.md"
    prompt.write_text(prompt.read_text().replace("more contrast?", "less contrast?"))
    result = comparing.runpytest_subprocess(model, "--vlm-explain-miss", *workers)
    (line,) = not_found(result)
    assert line.startswith(
        "not found     24 questions: the nearest of 24 stored differs in prompt: "
        "asked 'Which picture has less contrast? A or B.' (first difference at character 19: "
    )
    assert line.endswith(f", stored 'Which picture has more contrast? A or B.'  {model.partition('=')[2]}")
    assert not_found(comparing.runpytest_subprocess(model, "--vlm-explain-miss", *workers)) == []


def test_what_cannot_be_asked_is_explained_too(comparing, model):
    comparing.runpytest(model)
    result = comparing.runpytest(model + "&temperature=0", "--vlm-explain-miss", "--vlm-max-calls=1")
    (line,) = not_found(result)
    assert "24 questions: the nearest of 24 stored differs in parameter temperature: asked 0" in line


def test_plan(comparing, model):
    comparing.runpytest(model)
    result = comparing.runpytest(model + "&temperature=0", "--vlm-explain-miss", "--vlm-plan")
    (line,) = not_found(result)
    assert "24 questions: the nearest of 24 stored differs in parameter temperature: asked 0" in line


def test_repeat(describing, model):
    describing.runpytest(model)
    test = describing.path / "test_texts.py"
    test.write_text(test.read_text().replace('"What is it?")', '"What is it?", repeats=2)'))
    (line,) = not_found(describing.runpytest(model, "--vlm-explain-miss"))
    assert line.startswith("not found     8 questions: the nearest of 8 stored differs in repeat: asked 1, stored 0  ")


def test_nothing_is_said_where_it_is_not_asked_for(comparing, model):
    assert not_found(comparing.runpytest(model)) == []


@pytest.mark.parametrize("mode", ["refresh", "refresh-failed", "off"])
def test_asking_anew_needs_no_explanation(comparing, mode):
    result = comparing.runpytest("--vlm-explain-miss", f"--vlm-cache={mode}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--vlm-explain-miss says why answers are not in the store: give no --vlm-cache *"])
