"""How the plugin's modules are loaded: as Python does, and only what is used."""

from __future__ import annotations

import json
import sys
from importlib.machinery import ModuleSpec, PathFinder

import pytest

from pytest_vlmperception.finding import Unchanged

# Stands for pytest's own, by which all that it sees is found.
BEFORE = PathFinder()

SPY = """
import atexit, json, sys

@atexit.register
def tell():
    loaders = {name: type(getattr(module, "__loader__", None)).__name__ for name, module in sys.modules.items()}
    finders = [getattr(finder, "__name__", type(finder).__name__) for finder in sys.meta_path]
    print("LOADED", json.dumps([loaders, finders]))
"""

SUITE = """
import helper

def test_contrast(vlm):
    helper.check(1)
"""

HELPER = """
def check(value):
    assert value == 2
"""


def loaded(pytester, *options):
    result = pytester.runpytest_subprocess("-p", "spy", *options)
    (line,) = [line for line in result.outlines if line.startswith("LOADED")]
    return result, *json.loads(line.removeprefix("LOADED "))


def test_only_what_a_user_may_want_to_see_fail_is_rewritten(pytester):
    pytester.makepyfile(
        spy=SPY, test_suite=SUITE, helper=HELPER, conftest="import pytest\npytest.register_assert_rewrite('helper')"
    )
    result, loaders, _ = loaded(pytester)
    result.stdout.fnmatch_lines(["E  *assert 1 == 2"])
    rewritten = {name for name, loader in loaders.items() if loader == "AssertionRewritingHook"}
    assert {"test_suite", "helper", "conftest"} <= rewritten
    ours = {name for name in loaders if name.startswith("pytest_vlmperception.")}
    # What every run of pytest loads before any plugin is asked.
    early = {f"pytest_vlmperception.{name}" for name in ("closing", "errors", "finding", "options", "parts", "plugin")}
    assert len(ours) > 50
    assert ours & rewritten <= early


def test_nothing_stays_in_the_way_of_imports(pytester):
    pytester.makepyfile(spy=SPY, test_suite="def test_nothing(): pass")
    pytester.makeconftest("")
    _, _, finders = loaded(pytester)
    assert "Unchanged" not in finders


def test_a_test_of_one_verb_loads_no_other(pytester):
    pytester.makepyfile(
        spy=SPY,
        test_suite="""
            from pytest_vlmperception import Stimulus
            from pytest_vlmperception.records import Picture

            def test_nothing(vlm):
                pass
        """,
    )
    _, loaders, _ = loaded(pytester)
    unused = [
        "gate.baselines",
        "gate.changes",
        "results.classifications",
        "results.grades",
        "calling.recordings",
        "pictures.faces",
    ]
    assert [name for name in unused if f"pytest_vlmperception.{name}" in loaders] == []


class FindsAll:
    """Comes after pytest's hook, as other people's finders do."""

    @staticmethod
    def find_spec(name, path, target=None):
        return ModuleSpec(name, loader=None)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("openai.types", True),
        ("pytest_vlmperception.verbs", True),
        ("numpy.tests.test_sums", False),
        ("openai.helpers.conftest", False),
        ("scipy.sums_test", False),
        ("elsewhere.sums", False),
    ],
)
def test_others_find_what_pytest_is_not_asked_for(monkeypatch, name, found):
    monkeypatch.setattr(sys, "meta_path", [BEFORE, FindsAll, PathFinder])
    spec = Unchanged(BEFORE).find_spec(name, None)
    assert (spec is not None) == found
