"""The workflow that teams copy: what it asks for, what it runs, what it says, and what it is called with."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import yaml

from pytest_vlmperception.records import Comparison, Verdict

ROOT = Path(__file__).parent.parent
WORKFLOW = yaml.safe_load((ROOT / ".github" / "workflows" / "gate.yml").read_text("utf-8"))
# In YAML 1.1 the key `on` is a truth value.
CALL = WORKFLOW[True]["workflow_call"]
STEPS = WORKFLOW["jobs"]["gate"]["steps"]
KEYS = ("OPENAI_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY", "ANTHROPIC_API_KEY")
BASH = shutil.which("bash")


def step(name):
    (found,) = [each for each in STEPS if each.get("name") == name]
    return found


def test_it_may_read_and_nothing_else():
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert not [job for job in WORKFLOW["jobs"].values() if "permissions" in job]


def test_no_input_becomes_part_of_a_script():
    assert not [each for each in STEPS if "${{" in each.get("run", "")]


def test_keys_reach_the_step_that_asks_and_no_other():
    with_secrets = [each for each in STEPS if "secrets." in json.dumps(each)]
    assert with_secrets == [step("Judge")]
    assert set(CALL["secrets"]) == set(KEYS)
    assert not any(each["required"] for each in CALL["secrets"].values())


def test_actions_are_those_of_the_other_workflows():
    used = re.findall(r"uses: (\S+)", (ROOT / ".github" / "workflows" / "test.yml").read_text("utf-8"))
    own = {each["uses"] for each in STEPS if "uses" in each}
    assert {each for each in own if not each.startswith("actions/cache/")} <= set(used)
    assert {each.partition("@")[2] for each in own if each.startswith("actions/cache/")} == {"v4"}


def test_the_store_is_kept_whatever_the_tests_came_to():
    restored, kept = step("Restore the store of answers"), step("Keep the store of answers")
    assert kept["if"].startswith("always()")
    assert {name: restored["with"][name] for name in ("path", "key")} == kept["with"]
    assert restored["with"]["key"].startswith(restored["with"]["restore-keys"])


def test_inputs_are_documented_and_used():
    (part,) = re.findall(r"^## In CI\n(.*)", (ROOT / "docs" / "gate.md").read_text("utf-8"), re.DOTALL | re.MULTILINE)
    documented = set(re.findall(r"`([a-z-]+)`", " ".join(row.split("|")[1] for row in part.splitlines() if "|" in row)))
    used = set(re.findall(r"inputs\.([a-z-]+)", (ROOT / ".github" / "workflows" / "gate.yml").read_text("utf-8")))
    assert documented == used == set(CALL["inputs"])


def test_readme_calls_it_with_what_it_takes():
    (block,) = re.findall(r"```yaml\n(name: upgrade.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    job = yaml.safe_load(block)["jobs"]["gate"]
    assert job["uses"] == "./.github/workflows/gate.yml"
    assert set(job["with"]) <= set(CALL["inputs"])
    assert {name for name, of in CALL["inputs"].items() if of.get("required")} <= set(job["with"])
    assert all(isinstance(value, str) for value in job["with"].values())
    assert set(job["secrets"]) <= set(CALL["secrets"])


def given(tmp_path, **env):
    """Run the step that judges with a Python that only shows its arguments; return exit code and arguments."""
    python = tmp_path / "python"
    show = "import json, os, sys; print(json.dumps(sys.argv[1:])); sys.exit(int(os.environ.get('CODE', '0')))"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "{show}" "$@"\n')
    python.chmod(0o755)
    empty = dict.fromkeys((*step("Judge")["env"],), "")
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    places = {"RUNNER_TEMP": "/tmp/runner", "GITHUB_WORKSPACE": "/home/space", "PATH": path}
    command = [BASH, "--noprofile", "--norc", "-eo", "pipefail", "-c", step("Judge")["run"]]
    result = subprocess.run(command, env=empty | places | env, capture_output=True, text=True, cwd=tmp_path)
    assert result.stderr == ""
    return result.returncode, json.loads(result.stdout)


ALWAYS = ["-m", "pytest", "--vlm-json=/tmp/runner/gate.json", "--vlm-cache-dir=/home/space/.vlm/cache"]

with_bash = pytest.mark.skipif(BASH is None, reason="no bash")


@with_bash
def test_what_is_not_given_is_the_suites_own(tmp_path):
    assert given(tmp_path, MODEL="observer") == (0, [*ALWAYS, "--vlm-model=observer", "--"])


@with_bash
def test_everything_given_arrives_as_it_was_written(tmp_path):
    env = {
        "MODEL": "observer?noise=3&seed=1",
        "SUITE": "suites/a b\n-p evil\n",
        "AGAINST": 'baseline:$(touch pwned)";`touch pwned`',
        "MARGIN": "0.02",
        "POLICY": "confident",
        "BUDGET": "5",
        "OPTIONS": "-n2\n--vlm-prompt=more=new prompt.md",
        "OPENAI_API_KEY": "sk-test",
        "RECORDING": "recordings/gate.json",
    }
    assert given(tmp_path, **env) == (
        0,
        [
            *ALWAYS,
            "--vlm-model=observer?noise=3&seed=1",
            '--vlm-against=baseline:$(touch pwned)";`touch pwned`',
            "--vlm-margin=0.02",
            "--vlm-gate=confident",
            "--vlm-budget=5",
            "-n2",
            "--vlm-prompt=more=new prompt.md",
            "--",
            "suites/a b",
            "-p evil",
        ],
    )
    assert not (tmp_path / "pwned").exists()


@with_bash
def test_without_a_key_the_recording_answers(tmp_path):
    recording = {"MODEL": "openai/gpt", "RECORDING": "recordings/gate.json"}
    assert "--vlm-replay=/home/space/recordings/gate.json" in given(tmp_path, **recording)[1]
    for key in KEYS:
        assert not [each for each in given(tmp_path, **recording, **{key: "x"})[1] if "replay" in each]


@with_bash
@pytest.mark.parametrize("code", [0, 1, 10, 11])
def test_the_exit_code_of_pytest_decides(tmp_path, code):
    assert given(tmp_path, MODEL="observer", CODE=str(code))[0] == code


WORSE = Comparison(
    "test_a.py::test_rho[contrast]", "new", "model old", "Spearman rho", "worse", 0.78, 0.93,
    -0.15, -0.22, -0.08, 0.05, 0.0004, 0.004, 10, 7, "scene", "point",
)  # fmt: skip
UNKNOWN = float("nan")
MISSING = replace(
    WORSE, verdict="inconclusive", name="share", reason="no baseline", new=UNKNOWN, old=UNKNOWN,
    difference=UNKNOWN, low=UNKNOWN, high=UNKNOWN, p=UNKNOWN, adjusted=UNKNOWN,
)  # fmt: skip
FAILED = Verdict("test_a.py::test_share", "new", "share", 0.6, 0.5, 0.7, 28, "pair", "", ">=", 0.8, "point", "failed")
UNDECIDED = {"nodeid": "test_a.py::test_b", "model": "new", "outcome": "inconclusive", "reason": "<b>|`x`\nand more"}


def document(**changes):
    """What `--vlm-json` writes, as far as the summary reads it."""
    model = {"asked": "new", "calls": 84, "hits": 0, "usd": None}
    content = {
        "exit_code": 1,
        "comparisons": [asdict(replace(WORSE, verdict="better")), asdict(WORSE), asdict(MISSING)],
        "verdicts": [asdict(FAILED), asdict(replace(FAILED, result="passed", name="valid share"))],
        "undecided": [UNDECIDED],
        "models": [model],
    } | changes
    return json.loads(re.sub("NaN", "null", json.dumps(content)))


def summary(tmp_path, content):
    """Run the step that writes the summary; return its lines."""
    if content is not None:
        (tmp_path / "gate.json").write_text(json.dumps(content))
    out = tmp_path / "summary.md"
    env = os.environ | {"RUNNER_TEMP": str(tmp_path), "GITHUB_STEP_SUMMARY": str(out)}
    script = step("Say what it came to")
    assert script["shell"] == "python"
    assert ast.parse(script["run"])
    result = subprocess.run([sys.executable, "-c", script["run"]], env=env, capture_output=True, text=True)
    assert (result.returncode, result.stderr) == (0, "")
    return out.read_text("utf-8").splitlines()


def shown(line):
    """Return a line as it is seen: numbered characters are themselves."""
    return re.sub("&#([0-9]+);", lambda found: chr(int(found[1])), line)


def test_the_summary_has_the_verdicts_worst_first(tmp_path):
    lines = [shown(line) for line in summary(tmp_path, document())]
    assert lines[:2] == ["## The gate: exit code 1", "1 worse, 1 inconclusive, 1 better of 3 estimates compared"]
    worse, inconclusive, better = (
        next(place for place, line in enumerate(lines) if line.startswith(f"| {verdict} |"))
        for verdict in ("worse", "inconclusive", "better")
    )
    assert worse < inconclusive < better
    assert lines[worse] == (
        "| worse | Spearman rho | 0.93 | 0.78 | -0.22 to -0.08 | 0.05 | 0.004 | 7 | test_a.py::test_rho[contrast] |"
    )
    assert lines[inconclusive].startswith("| inconclusive | share | ? | ? |  | 0.05 | ? |")
    assert "| failed | share | 0.6 | 0.5 to 0.7 | >= 0.8 | test_a.py::test_share |" in lines
    assert not [line for line in lines if "valid share" in line]
    assert "| new | 84 | 0 | ? |" in lines


def test_what_a_model_says_is_no_markup(tmp_path):
    (line,) = [line for line in summary(tmp_path, document()) if line.startswith("| inconclusive | &#60;")]
    assert not set("<>`*_[]") & set(line)
    assert line.count("|") == 4
    assert shown(line) == "| inconclusive | <b>|`x` and more | test_a.py::test_b |"


def test_a_long_table_is_cut_and_says_so(tmp_path):
    lines = summary(tmp_path, document(undecided=[UNDECIDED] * 1000))
    assert "and 800 more" in lines


def test_a_run_that_compared_nothing_says_so(tmp_path):
    lines = summary(tmp_path, document(comparisons=[], exit_code=0))
    assert lines[:2] == ["## The gate: exit code 0", "nothing was compared"]


def test_without_a_document_the_summary_points_to_the_log(tmp_path):
    assert summary(tmp_path, None) == ["## The gate", "The run came to no report; its log says why."]
