"""The tour of README: its commands, run as they are printed, say what is printed below them."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
TOUR = README.partition("## May this upgrade go live?\n")[2].partition("\n## ")[0]
COMMANDS = [line for line in TOUR.splitlines() if line.startswith("pytest ")]
# What prices are depends on the day, what a call takes on the machine.
CHANGING = re.compile(r"USD .*|latency x .*|written to .*/|about .* with 32 calls at once .*")


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """What a fresh clone has of what the tour uses."""
    root = tmp_path_factory.mktemp("clone")
    shutil.copytree(ROOT / "suites", root / "suites", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", root)
    (prompt,) = re.findall(r"^cat > shorter\.md <<'EOF'\n(.*?)^EOF$", TOUR, re.DOTALL | re.MULTILINE)
    (root / "shorter.md").write_text(prompt, "utf-8")
    return root


def run(root, command, *more):
    """Run a command of README; return its exit code and its output's lines."""
    env = {name: value for name, value in os.environ.items() if not name.endswith("API_KEY")}
    python = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *more]
    result = subprocess.run([*python, *shlex.split(command)[1:]], cwd=root, env=env, capture_output=True, text=True)
    return result.returncode, lasting(result.stdout)


def lasting(text):
    """Return lines without what differs from run to run."""
    return [CHANGING.sub("", line).rstrip() for line in text.splitlines()]


def printed():
    """Return the lines of the tour's outputs, as they last."""
    outputs = "\n".join(re.findall(r"^```text\n(.*?)^```", TOUR, re.DOTALL | re.MULTILINE))
    return [line for line in lasting(outputs) if line and not line.startswith("...")]


def test_the_tour_has_each_part():
    assert [re.sub(r'^pytest suites/image_quality |"', "", command) for command in COMMANDS] == [
        "--vlm-model observer?noise=3 --vlm-against model:observer",
        "--vlm-model observer --vlm-against model:observer?noise=3",
        "--vlm-save main",
        "--vlm-model observer?noise=3 --vlm-against baseline:main",
        "--vlm-model observer?noise=3 --vlm-bless main --vlm-reason a third of the price",
        "-k test_alignment and contrast --vlm-prompt more_contrast=shorter.md --vlm-against prompt:default",
        "-k test_preference --vlm-model openai/gpt-5.2 --vlm-against model:openai/gpt-5-mini --vlm-plan",
    ]


def test_a_prompt_that_asks_for_something_else_is_found(clone):
    code, lines = run(clone, COMMANDS[5])
    assert code == 1
    shown = [line for line in printed() if line.startswith("worse  ") and line.split("  ")[-2].strip() == "observer"]
    assert len(shown) == 2
    assert [line for line in shown if line not in lines] == []
    assert "observer against the suite's own prompts: 3 worse of 3 estimates" in lines


@pytest.mark.slow
def test_every_command_says_what_is_printed(clone):
    codes, lines = zip(*(run(clone, command) for command in COMMANDS), strict=True)
    assert codes == (1, 0, 0, 1, 1, 1, 0)
    said = [re.sub(r" in [0-9.]+s.*|^=+ ", "", line) for output in lines for line in output]
    shown = [line.removesuffix(" in ...") for line in printed()]
    assert len(shown) > 20
    assert [line for line in shown if line not in said] == []
