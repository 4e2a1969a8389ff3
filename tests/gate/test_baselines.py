"""A baseline is what was written, or it is refused in one line; nothing is replaced by accident."""

from __future__ import annotations

import difflib
import hashlib
import json
import math
import os
import re
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from baseline_samples import BASELINES, KEY, RHO, SAID, baseline, everything, measured
from hypothesis import HealthCheck, given, settings

from pytest_vlmperception.errors import BaselineError, UsageError
from pytest_vlmperception.gate.baselines import (
    Earlier,
    baseline_names,
    check_baseline_writable,
    read_baseline,
    write_baseline,
)


def save(folder, **changes):
    return write_baseline(folder, baseline(**changes), bless=False)


def bless(folder, **changes):
    return write_baseline(folder, baseline(**{"reason": "the new prompt", **changes}), bless=True)


def lines_without(text, number):
    lines = text.splitlines(keepends=True)
    return "".join(lines[: number - 1] + lines[number:])


def test_the_folder_is_made_and_the_file_is_json_that_says_what_was_measured(tmp_path):
    path = save(tmp_path / ".vlm" / "baselines")
    assert path == tmp_path / ".vlm" / "baselines" / "main.json"
    assert list(path.parent.iterdir()) == [path]
    content = json.loads(path.read_text("utf-8"))
    assert content["format"] == 1
    assert content["commit"] == "d4" * 20
    (measurement,) = content["measurements"]
    assert measurement["model"] == ""
    assert measurement["estimate"]["replicates"] == [0.85, None, 0.30000000000000004, 5e-324, -0.0]
    assert (measurement["estimate"]["value"], measurement["estimate"]["high"]) == (0.87, "inf")
    assert content["tests"][KEY[0]] == "passed"


def test_the_second_line_is_the_digest_of_the_others(tmp_path):
    text = save(tmp_path).read_text("utf-8")
    digest = hashlib.sha256(lines_without(text, 2).encode()).hexdigest()
    assert text.splitlines()[1] == f'  "sha256": "{digest}",'


def test_what_a_reviewer_reads_is_one_line_each(tmp_path):
    lines = [line.strip() for line in save(tmp_path).read_text("utf-8").splitlines()]
    assert '"replicates": [0.85, null, 0.30000000000000004, 5e-324, -0.0],' in lines
    assert '["日本", 0.25]' in lines
    assert f'"{KEY[0]}": "passed"' in lines
    assert sum(line.startswith('{"model": "observer", "verb": "describe"') for line in lines) == len(SAID)
    assert sum(line.startswith('{"verb": "compare", "prompt": "more_contrast"') for line in lines) == 1


@settings(max_examples=150, suppress_health_check=list(HealthCheck), deadline=None)
@given(given_one=BASELINES)
def test_round_trip(tmp_path_factory, given_one):
    folder = tmp_path_factory.mktemp("baselines")
    text = write_baseline(folder, given_one, bless=False).read_text("utf-8")
    assert everything(read_baseline(folder, "main")) == everything(given_one)
    assert all(line.isprintable() or re.search("[\xa0\u3000]|[^\x00-\x7f]", line) for line in text.splitlines())
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\ufeff]", text)
    json.loads(text)


def test_measurements_lose_their_model_and_only_that(tmp_path):
    save(tmp_path, measurements=[measured(margin=0.1, policy="confident")])
    found = read_baseline(tmp_path, "main").find(KEY)
    assert everything(found) == everything(replace(measured(margin=0.1, policy="confident"), model=""))


def test_any_order_gives_the_same_file(tmp_path):
    several = [measured(test=f"test_{number}") for number in range(5)]
    tests = {f"test_{number}": "passed" for number in range(5)}
    one = save(tmp_path / "a", measurements=several, tests=tests)
    backwards = dict(reversed(tests.items()))
    other = save(tmp_path / "b", measurements=several[::-1], tests=backwards, observations=SAID[::-1])
    assert one.read_bytes() == other.read_bytes()


def changed_lines(old, new):
    diff = difflib.ndiff(old.read_text("utf-8").splitlines(), new.read_text("utf-8").splitlines())
    return [line for line in diff if line.startswith("+ ")]


def test_a_changed_estimate_is_few_changed_lines(tmp_path):
    several = [measured(test=f"test_{number}") for number in range(30)]
    other = replace(RHO, value=0.9, low=0.85, replicates=(0.9, 0.8, 0.7, 0.6, 0.5))
    old = save(tmp_path / "a", measurements=several)
    new = save(tmp_path / "b", measurements=[*several[:7], measured(other, "test_7"), *several[8:]])
    # The digest, the value, the bound and the replicates.
    assert len(changed_lines(old, new)) == 4


def test_a_changed_answer_is_one_line_and_the_digest(tmp_path):
    many = [replace(SAID[0], item=f"face {number}") for number in range(50)]
    old = save(tmp_path / "a", observations=many)
    new = save(tmp_path / "b", observations=[replace(many[0], value="negative"), *many[1:]])
    assert len(changed_lines(old, new)) == 2


def test_numbers_of_numpy_are_numbers(tmp_path):
    import numpy as np

    given_one = replace(RHO, value=np.float64(0.5), low=np.float32(0.25), n=np.int64(7), p=math.nan)
    save(tmp_path, measurements=[measured(given_one)])
    estimate = read_baseline(tmp_path, "main").find(KEY).estimate
    assert (estimate.value, estimate.low, estimate.n, estimate.p) == (0.5, 0.25, 7, None)
    assert {type(estimate.value), type(estimate.low), type(estimate.n)} == {float, int}


def test_two_halves_of_a_character_are_one_afterwards(tmp_path):
    save(tmp_path, observations=[replace(SAID[0], item="\ud83d\ude00 \ud83d")], tests={"\ud83d\ude00": "passed"})
    held = read_baseline(tmp_path, "main")
    assert (held.observations[0].item, dict(held.tests)) == ("😀 \ud83d", {"😀": "passed"})


def test_a_file_of_format_1_is_read_for_ever(tmp_path):
    kept = Path(__file__).with_name("baseline_of_format_1.json").read_bytes()
    (tmp_path / "main.json").write_bytes(kept)
    # Where a record has changed, raise the format, and read this file all the same or refuse it in words.
    assert everything(read_baseline(tmp_path, "main")) == everything(baseline())


def test_line_ends_of_windows_are_no_change(tmp_path):
    path = save(tmp_path)
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert everything(read_baseline(tmp_path, "main")) == everything(baseline())


# What it was before.


def test_a_baseline_is_not_replaced_silently(tmp_path):
    path = save(tmp_path)
    before = path.read_bytes()
    with pytest.raises(
        BaselineError, match=r"there is a baseline 'main' in .* already; replace it with --vlm-bless main"
    ):
        save(tmp_path, commit="")
    with pytest.raises(BaselineError, match=r"already; .* or save under another name"):
        check_baseline_writable(tmp_path, "main", False)
    assert path.read_bytes() == before


def test_history_keeps_what_was_replaced(tmp_path):
    first = save(tmp_path).read_text("utf-8")
    bless(tmp_path, measurements=[measured(replace(RHO, value=0.9))], written="2026-12-01", model="new")
    bless(tmp_path, measurements=[measured(replace(RHO, value=math.nan))], reason="the third")
    now = read_baseline(tmp_path, "main")
    assert [earlier.reason for earlier in now.history] == ["", "the new prompt"]
    digest = hashlib.sha256(lines_without(first, 2).encode()).hexdigest()
    expected = Earlier("2026-11-03T09:30:00Z", "d4" * 20, "", "observer", ("observer-1",), digest, ((*KEY, 0.87),))
    assert now.history[0] == expected
    assert now.reason == "the third"
    assert repr(now.trend(KEY)) == repr((
        ("2026-11-03T09:30:00Z", 0.87),
        ("2026-12-01", 0.9),
        ("2026-11-03T09:30:00Z", math.nan),
    ))
    assert now.trend(("another", *KEY[1:])) == ()


@pytest.mark.parametrize("reason", ["", " \n"])
def test_replacing_needs_a_reason(tmp_path, reason):
    path = save(tmp_path)
    before = path.read_bytes()
    match = r"baseline 'main' is not replaced without a reason; give one with --vlm-reason"
    with pytest.raises(BaselineError, match=match):
        bless(tmp_path, reason=reason)
    with pytest.raises(BaselineError, match=match):
        check_baseline_writable(tmp_path, "main", True, reason)
    assert path.read_bytes() == before


def test_replacing_needs_something_to_replace(tmp_path):
    save(tmp_path)
    with pytest.raises(BaselineError, match=r"there is no baseline 'mian' .*--vlm-save mian .*did you mean 'main'"):
        check_baseline_writable(tmp_path, "mian", True, "why")


def test_a_damaged_baseline_is_not_replaced(tmp_path):
    path = save(tmp_path)
    path.write_bytes(b"{}")
    with pytest.raises(
        BaselineError, match=r"main\.json is refused: .*delete it and write it anew with --vlm-save main"
    ):
        check_baseline_writable(tmp_path, "main", True, "why")
    assert path.read_bytes() == b"{}"


def test_what_is_there_and_what_is_not():
    held = baseline()
    other = ("another", *KEY[1:])
    assert held.find(KEY).estimate.value == 0.87
    assert held.find(other) is None
    assert held.missing([other, KEY]) == (other,)
    assert held.unmeasured([other]) == (KEY,)
    assert held.unmeasured([KEY]) == ()


# Names and folders.


@pytest.mark.parametrize("name", ["main", "gpt-5.2", "_x", "a", "0", "a" * 80, "console", "com10", "release_2026.11"])
def test_usual_names(tmp_path, name):
    save(tmp_path, name=name)
    assert read_baseline(tmp_path, name).name == name
    assert baseline_names(tmp_path) == (name,)


UNSAFE = [
    *["", ".", "..", ".hidden", "a/b", "a\\b", "../x", "/etc/x", "C:x", "a b", "a\n", "main\x1b", "é", "a" * 81],
    *["con", "NUL", "Com1", "lpt9.2026", "aux.x", "ends.", "-x", "a\0", None, 3],
]


@pytest.mark.parametrize("name", UNSAFE)
def test_unsafe_names_are_refused(tmp_path, name):
    for call in (
        lambda: baseline(name=name),
        lambda: read_baseline(tmp_path, name),
        lambda: check_baseline_writable(tmp_path, name, False),
    ):
        with pytest.raises(BaselineError, match=r"a baseline cannot be called .*; expected .* such as main") as caught:
            call()
        assert str(caught.value).isprintable()


def test_a_missing_baseline_says_how_to_write_one_and_which_there_are(tmp_path):
    match = (
        r"there is no baseline 'x' in .*; write one with --vlm-save x on the version that you trust; there are: none"
    )
    with pytest.raises(BaselineError, match=match):
        read_baseline(tmp_path / "none", "x")
    for name in ("b", "a"):
        save(tmp_path, name=name)
    (tmp_path / "notes.txt").touch()
    (tmp_path / "bad name.json").touch()
    with pytest.raises(BaselineError, match=r"there are: a, b$"):
        read_baseline(tmp_path, "x")
    with pytest.raises(BaselineError, match="there is no baseline 'x'"):
        read_baseline(tmp_path / "a.json", "x")


def test_a_renamed_file_is_refused(tmp_path):
    save(tmp_path).rename(tmp_path / "other.json")
    with pytest.raises(BaselineError, match=r"other\.json is refused: it is the baseline 'main' under another name"):
        read_baseline(tmp_path, "other")


def test_checking_writes_nothing(tmp_path):
    check_baseline_writable(tmp_path / "a" / "b", "main", False)
    assert list(tmp_path.iterdir()) == []


WAYS = [lambda folder: check_baseline_writable(folder, "main", False), save]


@pytest.mark.parametrize("call", WAYS)
@pytest.mark.parametrize(
    ("folder", "reason"),
    [
        ("file", "there is no folder .*file, but a file"),
        ("file/in", "but a file"),
        ("a\0b", "null"),
        ("x" * 300, "long"),
    ],
)
def test_a_folder_that_cannot_be_made(tmp_path, folder, reason, call):
    (tmp_path / "file").touch()
    with pytest.raises(BaselineError, match=rf"cannot be written: .*{reason}.*; mend that, then run again") as caught:
        call(tmp_path / folder)
    assert str(caught.value).isprintable()
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a user whom permissions bind")
@pytest.mark.parametrize("call", WAYS)
def test_a_read_only_folder(tmp_path, call):
    tmp_path.chmod(0o500)
    with pytest.raises(BaselineError, match="cannot be written: it is read-only"):
        call(tmp_path)
    with pytest.raises(BaselineError, match="cannot be written: it is read-only"):
        call(tmp_path / "new")


@contextmanager
def files_of_at_most(size):
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_the_old_baseline_survives_a_full_disk(tmp_path):
    path = save(tmp_path)
    before = path.read_bytes()
    with files_of_at_most(1000), pytest.raises(BaselineError, match="cannot be written: File too large; mend that"):
        bless(tmp_path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_baseline_that_could_not_be_read_is_not_written(tmp_path, monkeypatch):
    with pytest.raises(BaselineError, match=r"'main' cannot be written: .* n: expected a count"):
        save(tmp_path, measurements=[measured(replace(RHO, n=-1))])
    monkeypatch.setattr("pytest_vlmperception.gate.baselines.folder.MAX_BYTES", 1000)
    with pytest.raises(BaselineError, match=r"'main' cannot be written: it has .* at most 1,000 are read: use fewer"):
        save(tmp_path)
    assert list(tmp_path.iterdir()) == []


# Arguments.


@pytest.mark.parametrize("written", ["", "yesterday", "2026-13-01", "2026-11-03T09:30:00+09:00", None, 7])
def test_a_date_is_one_of_utc(written):
    with pytest.raises(UsageError, match=r"written=.*; expected a UTC time of ISO 8601, such as 2026-11-03T09:30:00Z"):
        baseline(written=written)


@pytest.mark.parametrize("scoring", [0, -1, True, 1.0, "1", None])
def test_scoring_is_a_count(scoring):
    with pytest.raises(UsageError, match=r"scoring=.*; expected a count from 1"):
        baseline(scoring=scoring)


def test_two_models_are_no_baseline():
    with pytest.raises(UsageError, match=r"'Spearman rho', 0, '>='\) was measured 2 times; a baseline is of one model"):
        baseline(measurements=[measured(), replace(measured(), model="other")])


@pytest.mark.parametrize(
    "changes", [{"threshold": math.nan}, {"margin": math.inf}, {"estimate": replace(RHO, level=1.0)}]
)
def test_limits_are_numbers(changes):
    with pytest.raises(UsageError, match="has a threshold, margin or level that is no such number"):
        baseline(measurements=[replace(measured(), **changes)])
