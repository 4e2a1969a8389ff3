"""The room as a whole: its names, its examples, its weight."""

import doctest
import importlib
import pkgutil
import subprocess
import sys

import pytest

from pytest_vlmperception import analysis

MODULES = sorted(module.name for module in pkgutil.iter_modules(analysis.__path__))


def test_names_are_sorted_and_there():
    # Constants, classes, functions: the order ruff keeps.
    assert len(set(analysis.__all__)) == len(analysis.__all__)
    assert all(hasattr(analysis, name) for name in analysis.__all__)


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings(name):
    module = importlib.import_module(f"pytest_vlmperception.analysis.{name}")
    assert doctest.testmod(module).failed == 0


def test_importing_the_room_leaves_scipy_alone():
    code = "import sys, pytest_vlmperception.analysis; print('scipy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
