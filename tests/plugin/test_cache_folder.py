"""Where answers are stored: any folder that can be written, and one line where it cannot."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

WORKERS = pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["one process", "two workers"])
REMEDY = "give a writable folder with --vlm-cache-dir, or --vlm-cache=off to keep nothing"

NAMES = ["with space", "ünïcödé 日本", "a?b#c%20d&e=f", "-dash", "deep/er/still", "link"]


@pytest.mark.parametrize("name", NAMES)
def test_folder_of_any_name_keeps_answers(comparing, name):
    comparing.mkdir("elsewhere")
    (comparing.path / "link").symlink_to("elsewhere")
    comparing.runpytest(f"--vlm-cache-dir={name}").stdout.fnmatch_lines(["observer: 24 calls, 0 hits, *"])
    comparing.runpytest(f"--vlm-cache-dir={name}").stdout.fnmatch_lines(["observer: 0 calls, 24 hits, *"])
    assert (comparing.path / name / "cache.db").is_file()


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("file", "Not a directory"),
        ("file/below", "Not a directory"),
        ("dangling", "Not a directory"),
        ("x" * 300, "too long"),
    ],
    ids=["file", "below a file", "dangling link", "long name"],
)
@WORKERS
def test_folder_that_cannot_be_is_refused_once(comparing, name, reason, workers):
    (comparing.path / "file").write_text("precious")
    (comparing.path / "dangling").symlink_to("nowhere")
    result = comparing.runpytest_subprocess(f"--vlm-cache-dir={name}", *workers)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: the store of answers *{name} cannot be used (*{reason}*); {REMEDY}"])
    assert (comparing.path / "file").read_text() == "precious"


def test_default_folder_that_cannot_be_is_an_error_of_each_test_that_needs_it(comparing):
    (comparing.path / ".vlm").write_text("precious")
    comparing.makepyfile(test_other="def test_other(): pass")
    result = comparing.runpytest()
    result.assert_outcomes(errors=3, passed=1)
    result.stdout.fnmatch_lines([f"StoreError: the store of answers *.vlm/cache cannot be used (*); {REMEDY}"])


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a user whom permissions bind")
@WORKERS
def test_read_only_rootdir(comparing, workers):
    command = [sys.executable, "-B", "-m", "pytest", "-p", "no:cacheprovider", *workers]
    comparing.path.chmod(0o500)
    kept, off = (
        subprocess.run([*command, *more], capture_output=True, text=True).stdout for more in ([], ["--vlm-cache=off"])
    )
    comparing.path.chmod(0o700)
    assert len(re.findall(rf"StoreError: .* cannot be used \(.*Permission denied.*\); {REMEDY}\n", kept)) == 3
    assert " 3 errors in " in kept
    assert " 3 passed in " in off


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a user whom permissions bind")
@WORKERS
def test_read_only_store_is_read(comparing, workers):
    comparing.runpytest()
    store = comparing.path / ".vlm" / "cache"
    for path in store.iterdir():
        path.chmod(0o400)
    store.chmod(0o500)
    result = comparing.runpytest_subprocess(*workers)
    more = comparing.runpytest_subprocess("--vlm-model=observer?noise=0.1", *workers)
    store.chmod(0o700)
    result.stdout.fnmatch_lines(["observer: 0 calls, 24 hits, *"])
    more.stdout.fnmatch_lines(["not stored    24 replies could not be written to *cache (Permission denied): *"])


@WORKERS
def test_without_pytests_own_cache(comparing, workers):
    comparing.runpytest_subprocess("-p", "no:cacheprovider", *workers).assert_outcomes(passed=3)
    assert sorted(path.name for path in comparing.path.glob(".*")) == [".vlm"]
