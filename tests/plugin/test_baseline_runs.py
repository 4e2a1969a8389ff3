"""Baselines: what a trusted version measured, and a later run against it, as a user sees them."""

from __future__ import annotations

import json

import pytest

from tests.plugin.test_upgrades import SHARE


@pytest.fixture
def sharing(suite):
    """A suite of one estimate over 28 pairs."""
    suite.makepyfile(test_pairs=SHARE)
    return suite


@pytest.fixture
def saved(sharing):
    """The suite with a baseline of the observer."""
    result = sharing.runpytest("--vlm-save=main")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["baseline 'main' of 1 estimate by observer written to */.vlm/baselines/main.json"])
    return sharing


def baseline(pytester):
    return pytester.path / ".vlm" / "baselines" / "main.json"


def test_the_same_model_is_not_worse_than_its_baseline(saved):
    result = saved.runpytest("--vlm-against=baseline:main", "--vlm-margin=0.2")
    assert result.ret == 0
    result.stdout.fnmatch_lines([
        "not worse     share 1 -> 1, *margin 0.2, *",
        "changed       compare by prompt 'more_contrast': none of 28 answers*",
        "observer against baseline main: 1 not worse of 1 estimate",
        "observer: 0 calls, 84 hits, *",
    ])


def test_a_worse_model_fails_against_the_baseline(saved):
    result = saved.runpytest("--vlm-model=observer?noise=60", "--vlm-against=baseline:main")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["worse         share 1 -> 0.*", "* against baseline main: 1 worse of 1 estimate"])


def test_a_baseline_is_the_same_with_workers(sharing):
    for name, options in (("alone", []), ("shared", ["-n2"])):
        assert sharing.runpytest_subprocess(f"--vlm-save={name}", "--vlm-cache=off", *options).ret == 0
    alone, shared = (
        json.loads((sharing.path / ".vlm" / "baselines" / f"{name}.json").read_text()) for name in ("alone", "shared")
    )
    assert [each["estimate"] for each in alone["measurements"]] == [each["estimate"] for each in shared["measurements"]]
    said = [[{**each, "latency_s": 0} for each in one["observations"]] for one in (alone, shared)]
    assert said[0] == said[1]
    assert len(said[0]) == 28


def test_a_baseline_is_not_overwritten(saved):
    before = baseline(saved).read_bytes()
    result = saved.runpytest("--vlm-save=main")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*there is a baseline 'main' in * already; replace it with --vlm-bless main*"])
    assert baseline(saved).read_bytes() == before


def test_blessing_keeps_the_history(saved):
    result = saved.runpytest("--vlm-model=observer?noise=60", "--vlm-bless=main", "--vlm-reason=cheaper")
    assert result.ret == 0
    content = json.loads(baseline(saved).read_text())
    assert (content["model"], content["reason"]) == ("observer?noise=60", "cheaper")
    assert [earlier["model"] for earlier in content["history"]] == ["observer"]
    # The share of the observer without noise, in the history of the one with.
    assert content["history"][0]["values"][0][-1] == 1.0


STALE = {
    "missing": (
        lambda pytester: baseline(pytester).unlink(),
        "there is no baseline 'main' in *; write one with --vlm-save main*",
    ),
    "damaged": (
        lambda pytester: baseline(pytester).write_text(baseline(pytester).read_text()[:-40]),
        "baseline *main.json is refused: *restore it from version control*",
    ),
    "edited": (
        lambda pytester: baseline(pytester).write_text(
            baseline(pytester).read_text().replace('"observer"', '"better"')
        ),
        "baseline *main.json is refused: it was changed since it was written*",
    ),
    "other prompt": (
        lambda pytester: (pytester.path / "prompts" / "more_contrast.md").write_text(
            "---\nattribute: contrast\n---\nWhich one has the higher contrast, A or B?"
        ),
        "*more_contrast* had another text (* -> *); to compare prompts: --vlm-prompt NAME=FILE*",
    ),
    "other picture": (
        lambda pytester: (pytester.path / "stimuli" / "cup1.png").write_bytes(
            (pytester.path / "stimuli" / "tree1.png").read_bytes()
        ),
        "*more_contrast* was asked about other stimuli *",
    ),
    "other repeats": (
        lambda pytester: pytester.makepyfile(test_pairs=SHARE.replace("repeats=3", "repeats=1")),
        "*more_contrast* asked each item 3 times then, 1 now*",
    ),
    "new test": (
        lambda pytester: pytester.makepyfile(test_pairs=SHARE.replace("test_share", "test_other")),
        "baseline 'main' has no such estimate; take it in with the model that you trust: --vlm-bless main --vlm-reason *",
    ),
}


@pytest.mark.parametrize(("change", "said"), STALE.values(), ids=STALE.keys())
def test_what_cannot_be_compared_is_inconclusive(saved, change, said):
    change(saved)
    result = saved.runpytest("--vlm-against=baseline:main", "-p", "no:cacheprovider")
    assert result.ret == 10
    assert result.parseoutcomes() == {"passed": 1, "inconclusive": 1}
    result.stdout.fnmatch_lines([f"inconclusive  share: {said}"])


def test_what_did_not_run_is_listed(saved):
    saved.makepyfile(
        test_pairs=SHARE + "\n    def test_more(comparisons):\n        assert comparisons.valid_share() >= 0.1\n"
    )
    assert saved.runpytest("--vlm-bless=main", "--vlm-reason=more").ret == 0
    result = saved.runpytest("--vlm-against=baseline:main", "-k", "test_more", "--vlm-margin=0.2")
    assert result.ret == 0
    result.stdout.fnmatch_lines([
        "not worse     valid share 1 -> 1*",
        "not compared  share of test_pairs.py::test_share: measured of the old one only, as the new one's test did not come to it",
    ])


def test_a_run_without_estimates_writes_no_baseline(pytester):
    pytester.makepyfile("def test_it(vlm):\n    pass\n")
    result = pytester.runpytest("--vlm-save=main")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines(["no baseline was written: no selected test has held an estimate against a threshold"])
    assert not baseline(pytester).exists()


def test_a_run_that_was_ended_early_writes_no_baseline(sharing):
    sharing.makepyfile(test_fails="def test_it(vlm):\n    assert False\n")
    result = sharing.runpytest("--vlm-save=main", "-x")
    result.stdout.fnmatch_lines(["no baseline was written: the run was ended early; *"])
    assert not baseline(sharing).exists()


def test_a_run_of_which_a_worker_went_down_writes_no_baseline(sharing):
    sharing.makepyfile(test_dies="import os\n\ndef test_it(vlm):\n    os._exit(1)\n")
    result = sharing.runpytest_subprocess("--vlm-save=main", "-n1")
    result.stdout.fnmatch_lines(["no baseline was written: a worker went down during a test; *"])
    assert not baseline(sharing).exists()
