"""What ``--vlm-json`` writes."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import servers

PAGE = (Path(__file__).parents[2] / "docs" / "json.md").read_text("utf-8")

SUITE = """
import pytest
from pytest_vlmperception import Estimate
from pytest_vlmperception.errors import Unavailable

@pytest.fixture(scope="module", autouse=True)
def gate(vlm, stimuli, prompts):
    levels = stimuli("levels")
    assert vlm.compare(levels.pairs(within="scene"), prompts["more_contrast"]).valid_share() >= 0.9

@pytest.mark.parametrize("attempt", [2, 1, 3])
def test_many(vlm, attempt): assert Estimate(0.7 + 0.1 * attempt, n=attempt) >= 0.85

def test_two(vlm):
    assert Estimate(0.9, 0.8, 1.0, 7, unit="scene") >= 0.8
    assert not Estimate(0.3, float("-inf")) > 0.5

def test_inconclusive(vlm): assert Estimate(float("nan"), reason="no data") >= 0.8

def test_unavailable(vlm): raise Unavailable("no key")

def test_skipped(vlm): pytest.skip("not today")

@pytest.mark.xfail(reason="known")
def test_expected(vlm): assert False

def test_wrong(vlm):
    assert 1 == 2, "two lines,\\nof which one"

def test_torn(vlm, request):
    request.addfinalizer(lambda: 1 / 0)

def test_plain(): pass
"""


def refuse(constant):
    raise AssertionError(f"{constant} is no JSON")


def read(suite, name="out.json"):
    return json.loads((suite.path / name).read_bytes(), parse_constant=refuse)


def timeless(document):
    return {name: value for name, value in document.items() if name not in {"started", "seconds"}}


@pytest.fixture
def mixed(suite):
    """A suite of every outcome."""
    suite.makepyfile(test_mixed=SUITE)
    return suite


def test_what_stands_in_it(mixed):
    before = datetime.now(UTC) - timedelta(seconds=1)
    result = mixed.runpytest("--vlm-json=out.json")
    document = read(mixed)
    assert document["schema"] == 1
    assert document["exit_code"] == result.ret == 1
    assert document["versions"]["pytest"] == pytest.__version__
    assert before <= datetime.fromisoformat(document["started"]) <= datetime.now(UTC)
    assert 0 < document["seconds"] < 600
    assert [(test["nodeid"].partition("::")[2], test["outcome"], test["reason"]) for test in document["tests"]] == [
        ("test_many[2]", "passed", ""),
        ("test_many[1]", "failed", "assert estimate 0.8 >= 0.85 does not hold (policy point)"),
        ("test_many[3]", "passed", ""),
        ("test_two", "passed", ""),
        ("test_inconclusive", "inconclusive", "estimate: no data"),
        ("test_unavailable", "unavailable", "no key"),
        ("test_skipped", "skipped", "not today"),
        ("test_expected", "skipped", "expected to fail: known"),
        ("test_wrong", "failed", "AssertionError: two lines,"),
        ("test_torn", "failed", "ZeroDivisionError: division by zero"),
        ("test_plain", "passed", ""),
    ]
    assert {test["model"] for test in document["tests"]} == {"observer"}
    assert [test["outcome"] for test in document["undecided"]] == ["inconclusive", "unavailable"]
    assert document["comparisons"] == []
    results = [(verdict["value"], verdict["low"], verdict["result"]) for verdict in document["verdicts"]]
    assert results[:6] == [
        (pytest.approx(0.9), None, "passed"),
        (pytest.approx(0.8), None, "failed"),
        (pytest.approx(1.0), None, "passed"),
        (0.9, 0.8, "passed"),
        (0.3, None, "not held"),
        (None, None, "inconclusive"),
    ]
    assert document["verdicts"][6]["test"] == "test_mixed.py (gate)"
    assert document["models"] == [
        {
            "asked": "observer",
            "provider": "observer",
            "model": "",
            "base_url": "",
            "returned": {"observer": 24},
            "calls": 24,
            "hits": 0,
            "failures": {},
            "tokens_in": 0,
            "tokens_out": 0,
            "usd": 0.0,
            "plan": None,
        }
    ]


def test_the_same_with_and_without_workers(mixed):
    models = ["--vlm-model=observer?noise=1&seed=1", "--vlm-model=observer", "--vlm-cache=off"]
    documents = []
    for workers in ([], ["-n", "2"]):
        mixed.runpytest_subprocess("--vlm-json=out.json", *models, *workers)
        documents.append(timeless(read(mixed)))
    assert documents[0] == documents[1]
    assert len(documents[0]["tests"]) == 2 * 11
    assert [model["asked"] for model in documents[0]["models"]] == ["observer", "observer?noise=1&seed=1"]


def test_options_hold_no_secret_and_are_all_documented(comparing, openai_server):
    server = openai_server()
    data = comparing.mkdir("faces")
    comparing.runpytest(
        f"--vlm-model=openai/x?base_url={server.url}?token=hunter2",
        f"--vlm-judge=openai/y?base_url={server.url}?token=hunter2",
        "--vlm-json=out.json",
        "--vlm-record=replies.jsonl",
        f"--vlm-data=faces={data}",
        "--vlm-max-calls=100",
    )
    assert "hunter2" not in (comparing.path / "out.json").read_text()
    options = read(comparing)["options"]
    assert options == {
        "model": [f"openai/x?base_url={server.url}"],
        "judge": f"openai/y?base_url={server.url}",
        "image_model": ["painter"],
        "against": None,
        "margin": None,
        "save": None,
        "bless": None,
        "reason": None,
        "prompt": {},
        "cache": "use",
        "cache_dir": ".vlm/cache",
        "concurrency": 32,
        "unavailable": "fail",
        "gate": "point",
        "valid_share": 0.9,
        "explain_miss": False,
        "plan": False,
        "budget": None,
        "max_calls": 100,
        "record": "replies.jsonl",
        "replay": None,
        "json": "out.json",
        "data": {"faces": "faces"},
    }
    assert sorted(set(options) - set(re.findall(r"`([a-z_]+)`", PAGE))) == []


def test_returned_ids_failures_and_money(comparing, openai_server):
    names = iter(["m-1", "m-2"] * 12)
    server = openai_server(lambda request: servers.says(request, "A", model=next(names)))
    comparing.makepyprojecttoml(
        '[tool.pytest_vlmperception.prices."openai/x"]\ninput_usd_per_million = 100\noutput_usd_per_million = 1000\n'
    )
    comparing.runpytest(f"--vlm-model=openai/x?base_url={server.url}", "--vlm-json=out.json", "--vlm-concurrency=1")
    (model,) = read(comparing)["models"]
    assert model["returned"] == {"m-1": 12, "m-2": 12}
    assert (model["tokens_in"], model["tokens_out"]) == (24 * 210, 24 * 7)
    # 5040 x 100 / 10^6 + 168 x 1000 / 10^6
    assert model["usd"] == pytest.approx(0.672)
    server.respond = servers.no_model()
    result = comparing.runpytest(
        f"--vlm-model=openai/x?base_url={server.url}", "--vlm-json=out.json", "--vlm-cache=refresh"
    )
    (model,) = read(comparing)["models"]
    assert (model["failures"], model["returned"]) == ({"model": 24}, {})
    assert read(comparing)["exit_code"] == result.ret == 11


def test_a_plan_writes_what_is_planned(comparing, openai_server):
    server = openai_server()
    result = comparing.runpytest(f"--vlm-model=openai/x?base_url={server.url}", "--vlm-plan", "--vlm-json=out.json")
    document = read(comparing)
    assert (document["exit_code"], result.ret, server.requests) == (0, 0, [])
    assert document["models"][0]["plan"] == {
        "calls": 24,
        "exact": True,
        # 40 bytes of prompt at two a token, 64 for what goes around it; two pictures of 1024 tokens at least.
        "tokens_text": 24 * (20 + 64),
        "tokens_pictures": 24 * 2 * 1024,
        "tokens_out": document["models"][0]["plan"]["tokens_out"],
        "usd_low": None,
        "usd_high": None,
        "call_seconds": None,
    }
    assert {test["outcome"] for test in document["tests"]} == {"skipped"}
    assert {test["reason"] for test in document["tests"]} == {"planned"}
    assert document["verdicts"] == []


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["one process", "workers"])
def test_a_run_that_was_interrupted_is_written(mixed, workers):
    mixed.makepyfile(test_stop="def test_first(vlm): pass\n\ndef test_stop(vlm): raise KeyboardInterrupt")
    result = mixed.runpytest_subprocess("--vlm-json=out.json", "test_stop.py", *workers)
    document = read(mixed)
    assert document["exit_code"] == result.ret == pytest.ExitCode.INTERRUPTED
    outcomes = {test["nodeid"]: test["outcome"] for test in document["tests"]}
    # For pytest-xdist its worker went down; without it the test has not come to an end.
    assert outcomes.get("test_stop.py::test_stop") == ("failed" if workers else None)


def test_a_worker_that_goes_down_fails_its_test(suite):
    suite.makepyfile("import os\n\ndef test_crash(vlm): os._exit(3)\n\ndef test_good(vlm): pass")
    suite.runpytest_subprocess("--vlm-json=out.json", "-n", "2")
    outcomes = {test["nodeid"].partition("::")[2]: test["outcome"] for test in read(suite)["tests"]}
    assert outcomes == {"test_crash": "failed", "test_good": "passed"}


@pytest.mark.parametrize(
    ("options", "code"), [(["-k", "nothing"], 5), (["-k", "plain"], 0)], ids=["nothing selected", "no test of a model"]
)
def test_a_run_without_a_model_replaces_an_older_document(pytester, options, code):
    pytester.makepyfile("def test_plain(): pass")
    (pytester.path / "out.json").write_text("old")
    assert pytester.runpytest("--vlm-json=out.json", *options).ret == code
    document = read(pytester)
    assert (document["exit_code"], document["models"], document["tests"]) == (code, [], [])


def test_an_existing_document_is_replaced_as_a_whole(comparing):
    kept = comparing.mkdir("reports")
    path = kept / "out.json"
    path.write_text("x" * 100_000)
    path.chmod(0o640)
    comparing.runpytest("--vlm-json=reports/out.json")
    assert read(comparing, "reports/out.json")["exit_code"] == 0
    assert path.stat().st_mode & 0o777 == 0o640
    assert list(kept.iterdir()) == [path]


def test_ini_twin(comparing):
    comparing.makeini("[pytest]\nvlm_json = out.json")
    comparing.runpytest()
    assert len(read(comparing)["tests"]) == 3


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["one process", "workers"])
@pytest.mark.parametrize(
    ("name", "problem"),
    [("none/out.json", "there is no folder *none"), ("stimuli", "it is no regular file")],
    ids=["no folder", "a folder"],
)
def test_a_path_that_cannot_be_written_is_refused_before_anything_is_asked(
    comparing, openai_server, name, problem, workers
):
    server = openai_server()
    result = comparing.runpytest_subprocess(
        f"--vlm-model=openai/x?base_url={server.url}", f"--vlm-json={name}", *workers
    )
    assert (result.ret, server.requests) == (pytest.ExitCode.USAGE_ERROR, [])
    result.stderr.fnmatch_lines([
        f"ERROR: document *{name} cannot be written: {problem}; give a file in a writable folder to --vlm-json"
    ])


def test_a_path_that_can_no_longer_be_written_is_told_at_the_end(comparing):
    folder = comparing.mkdir("reports")
    comparing.makepyfile(test_gone=f"def test_gone(vlm): __import__('pathlib').Path({str(folder)!r}).rmdir()")
    result = comparing.runpytest("--vlm-json=reports/out.json")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines(["document *out.json cannot be written: No such file or directory; *--vlm-json"])


def test_document_and_recording_are_two_files(comparing):
    result = comparing.runpytest("--vlm-json=out", "--vlm-record=out")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--vlm-json and --vlm-record both name 'out'; give each a file of its own"])
