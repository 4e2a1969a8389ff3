"""The suite of scenes: with the observer, with a worse one, and with a model that always says the same."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import servers

ROOT = Path(__file__).parent.parent
SUITE = ROOT / "suites" / "scenes"


def run(tmp_path: Path, *options: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "pytest", str(SUITE), "-p", "no:cacheprovider", f"--vlm-cache-dir={tmp_path}"]
    result = subprocess.run([*command, *options], capture_output=True, text=True, timeout=300)
    return result.returncode, result.stdout


def test_the_observer_solves_every_level_and_is_asked_once(tmp_path: Path) -> None:
    code, output = run(tmp_path, "-k", "skills")
    assert code == 0, output
    # Five skills, six levels, six scenes.
    assert "observer: 180 calls, 0 hits, no failures" in output
    assert len(re.findall(r"^passed +share 1 \[0\.904, 1\] >= ", output, re.MULTILINE)) == 5
    assert len(re.findall(r"^passed +difficulty threshold at least 6 \[[56], inf\] >= 3", output, re.MULTILINE)) == 5
    code, output = run(tmp_path, "-k", "skills")
    assert code == 0, output
    assert "observer: 0 calls, 180 hits" in output


def test_a_worse_observer_fails_where_it_is_difficult(tmp_path: Path) -> None:
    code, output = run(tmp_path, "--vlm-model=observer?noise=4", "-k", "skills and (count or position)")
    assert code == 1
    assert re.search(
        r"^failed +share 0\.\d+ \[.*\] >= 0\.6, n = 36 scenes .*test_answers_are_right\[count\]", output, re.M
    )
    curve = (
        r"^passed +difficulty threshold [345]\.\d+ \[.*\] >= 3, .*test_copes_with_half_of_the_difficulty\[position\]"
    )
    assert re.search(curve, output, re.MULTILINE)


def test_to_say_always_the_same_is_to_guess(tmp_path: Path, openai_server) -> None:
    server = openai_server(lambda request: servers.says(request, "circle"))
    model = f"--vlm-model=openai/x?base_url={server.url}"
    code, output = run(tmp_path, model, "-k", "skills and (overlap or colour)")
    assert code == 1
    assert re.search(
        r"^failed +share 0\.[3-6]\d* \[.*\] >= 0\.8, .*test_answers_are_right\[overlap\]", output, re.MULTILINE
    )
    # Not a colour: that is no wrong answer, it decides nothing.
    assert re.search(r"^inconclusive .*test_answers_are_right\[colour\]", output, re.MULTILINE)
    assert len(server.requests) == 72
