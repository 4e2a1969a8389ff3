"""What holds for the project as a whole."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from importlib import import_module
from inspect import ismodule
from pathlib import Path

import pytest

import pytest_vlmperception

ROOT = Path(__file__).parent.parent
HEAVY = [
    "anthropic",
    "genai_prices",
    "PIL",
    "diskcache",
    "google.genai",
    "numpy",
    "openai",
    "scipy",
    "skimage",
    "syrupy.extensions.image",
    "yaml",
]


def test_ci_runs_the_two_commands_of_the_readme():
    commands = [
        line for line in (ROOT / "README.md").read_text("utf-8").splitlines() if line.startswith("python3 -m venv")
    ]
    assert len(commands) == 2
    script = (ROOT / ".ci" / "run").read_text("utf-8").splitlines()
    assert [line for line in script if line.startswith("python3 -m venv")] == commands


def test_public_names_are_sorted_and_resolve():
    names = pytest_vlmperception.__all__
    assert names == sorted(names) == dir(pytest_vlmperception)
    for name in names:
        assert getattr(pytest_vlmperception, name).__name__ == name


def test_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'Stimulos'"):
        _ = pytest_vlmperception.Stimulos


@pytest.mark.parametrize(
    "room", ["analysis", "calling", "gate", "models", "pictures", "records", "report", "results", "stimuli", "tasks"]
)
def test_rooms_export_what_they_say(room):
    module = import_module(f"pytest_vlmperception.{room}")
    assert len(set(module.__all__)) == len(module.__all__)
    for name in module.__all__:
        # A module of the room that had the name of something else in it would stand in its place.
        assert not ismodule(getattr(module, name))


SPY = """
import json, sys
def pytest_unconfigure(config):
    print("LOADED", json.dumps(sorted(sys.modules)))
"""


def test_an_unused_plugin_imports_nothing_heavy(tmp_path):
    (tmp_path / "spy.py").write_text(SPY)
    command = [sys.executable, "-m", "pytest", "-p", "spy", "-p", "no:syrupy", "--collect-only"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env={"PYTHONPATH": str(tmp_path)})
    (line,) = [line for line in result.stdout.splitlines() if line.startswith("LOADED")]
    loaded = json.loads(line.removeprefix("LOADED"))
    assert "pytest_vlmperception.plugin" in loaded
    assert [name for name in HEAVY if name in loaded] == []
    assert [name for name in loaded if name.startswith("pytest_vlmperception")] == [
        "pytest_vlmperception",
        "pytest_vlmperception.closing",
        "pytest_vlmperception.errors",
        "pytest_vlmperception.finding",
        "pytest_vlmperception.options",
        "pytest_vlmperception.parts",
        "pytest_vlmperception.plugin",
    ]


def test_every_dependency_is_pinned_in_the_constraints():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    needed = project["dependencies"] + project["optional-dependencies"]["test"]
    pinned = {line.partition("==")[0].lower() for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines()}
    assert [name for name in needed if name.partition(">=")[0].lower() not in pinned] == []


def test_what_every_run_of_a_model_loads_is_light():
    code = "import json, sys; import pytest_vlmperception.hooks; print(json.dumps(sorted(sys.modules)))"
    loaded = json.loads(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout)
    assert "pytest_vlmperception.verbs" in loaded
    assert [name for name in HEAVY if name in loaded and name not in {"diskcache"}] == []
