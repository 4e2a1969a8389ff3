"""The store is shared, private to its owner, and executes nothing that it finds."""

from __future__ import annotations

import json
import os
import pickle
import sqlite3
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_vlmperception.calling import FileSlots, MemoryCell, Pace, Store
from pytest_vlmperception.calling.rows import Row
from pytest_vlmperception.errors import StoreError
from pytest_vlmperception.records import Reply, Usage

REPLY = Reply("answered", "日本語 \x1b[31m", "m", "stop", Usage(1, 2, None, 3, None), 0.25, "r1", {"A": 0.25})


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path / "cache", "run")
    yield store
    store.close()


def test_reply_round_trip(store):
    store.put("k", REPLY, {"prompt": "p"})
    row = store.get("k")
    assert row.reply == REPLY
    assert (row.run, row.parts) == ("run", {"prompt": "p"})


def test_folder_is_private_and_ignored_by_git(store):
    assert stat.S_IMODE(store.directory.stat().st_mode) == 0o700
    assert (store.directory / ".gitignore").read_text() == "*\n"


def test_first_reply_of_a_run_wins(store):
    store.put("k", Reply("answered", "first"), {})
    assert store.put("k", Reply("answered", "second"), {}).reply.text == "first"


class Payload:
    """Touches a file when it is unpickled."""

    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return (Path.touch, (self.marker,))


def database(store):
    return sqlite3.connect(store.directory / "cache.db", isolation_level=None)


HOSTILE = {
    "pickle": {"mode": 4, "value": b"payload"},
    "file": {"mode": 2, "filename": "../secret", "value": None},
    "text": {"mode": 1, "value": "text"},
    "number": {"mode": 1, "value": 7},
    "nothing": {"mode": 1, "value": None},
    "no json": {"mode": 1, "value": b"\xff\xfe"},
    "other json": {"mode": 1, "value": b"[1]"},
    "deep json": {"mode": 1, "value": b"[" * 100_000},
    "foreign format": {"mode": 1, "value": b'{"format": 99}'},
}


@pytest.mark.parametrize("columns", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_row_is_refused_and_not_executed(store, tmp_path, columns):
    store.put("k", REPLY, {})
    (tmp_path / "secret").write_text("secret")
    marker = tmp_path / "executed"
    values = {"filename": None, **columns}
    if values["value"] == b"payload":
        values["value"] = pickle.dumps(Payload(marker))
    connection = database(store)
    connection.execute("UPDATE Cache SET mode = :mode, filename = :filename, value = :value", values)
    connection.close()
    with pytest.raises(StoreError, match="the store"):
        store.get("k")
    assert not marker.exists()
    assert (tmp_path / "secret").exists()


@pytest.mark.parametrize("key", ["disk_pickle_protocol_x", "sqlite_writable_schema", "evil"])
def test_hostile_setting_is_refused(store, key):
    connection = database(store)
    connection.execute("INSERT INTO Settings VALUES (?, 1)", (key,))
    connection.close()
    with pytest.raises(StoreError, match=r"unknown setting.*--vlm-cache-dir"):
        Store(store.directory, "run2")


@pytest.mark.parametrize(
    "content", [b"not a database at all, but long enough " * 50, b"SQLite format 3\0" + b"\xff" * 4096]
)
def test_damaged_database_is_refused_and_kept(tmp_path, content):
    (tmp_path / "cache.db").write_bytes(content)
    with pytest.raises(StoreError, match=r"--vlm-cache-dir"):
        Store(tmp_path, "run")
    assert (tmp_path / "cache.db").read_bytes() == content


def test_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"cannot be used.*--vlm-cache-dir"):
        Store(tmp_path / "file" / "cache", "run")


@given(
    data=st.binary()
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(["format", "run", "parts", "reply", "kind", "text", "usage"]) | st.text(), inner
            )
        ),
    ).map(lambda value: json.dumps(value).encode())
)
def test_any_bytes_are_a_row_or_refused(data):
    try:
        row = Row.from_json(data)
    except StoreError:
        return
    assert isinstance(row.reply, Reply)


@given(st.data())
def test_any_change_of_a_row_is_read_as_a_reply_or_refused(data):
    content = json.loads(Row(REPLY, "run", {}).to_json())
    part = data.draw(st.sampled_from([content, content["reply"], content["reply"]["usage"]]))
    part[data.draw(st.sampled_from(sorted(part)))] = data.draw(
        st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.integers()) | st.just({})
    )
    try:
        row = Row.from_json(json.dumps(content).encode())
    except StoreError:
        return
    assert isinstance(row.reply.text, str)
    assert row.reply.kind in ("answered", "refused", "filtered", "truncated")


def test_lease_is_held_by_one(store, tmp_path):
    other = Store(store.directory, "run")
    with store.lease("k") as mine, other.lease("k") as theirs:
        assert (mine, theirs) == (True, False)
    with other.lease("k") as theirs:
        assert theirs
    other.close()


HOLDER = """
import sys, time
from pathlib import Path
from pytest_vlmperception.calling import FileSlots, MemoryCell, Pace, Store
folder = Path(sys.argv[1])
store = Store(folder / "cache", "run")
with store.lease("k") as mine, FileSlots(folder / "slots", Pace(1, MemoryCell(Pace.start(1)), time.monotonic), time.sleep).one():
    print(mine, flush=True)
    time.sleep(60)
"""


def test_killed_process_frees_its_slot_at_once_and_its_lease_when_it_expires(store, tmp_path):
    process = subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    with process:
        assert process.stdout.readline() == "True\n"
        with store.lease("k") as mine:
            assert not mine
        process.kill()
    start = time.monotonic()
    with FileSlots(tmp_path / "slots", Pace(1, MemoryCell(Pace.start(1)), time.monotonic), time.sleep).one():
        assert time.monotonic() - start < 1
    connection = database(store)
    (expires,) = connection.execute("SELECT expire_time FROM Cache WHERE key = 'lease/k'").fetchone()
    connection.execute("UPDATE Cache SET expire_time = 0 WHERE key = 'lease/k'")
    connection.close()
    assert expires - time.time() <= 10
    with store.lease("k") as mine:
        assert mine


def test_nothing_is_evicted(store):
    big = Reply("answered", "x" * 2**20)
    for number in range(20):
        store.put(f"{number}", big, {})
    # diskcache's default limit of 1 GiB, brought within reach of a test
    store.cache.reset("size_limit", 2**20)
    store.put("last", big, {})
    store.cache.cull()
    assert all(store.get(f"{number}") for number in range(20))


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a user whom permissions bind")
def test_read_only_folder(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError, match="--vlm-cache-dir"):
        Store(tmp_path / "cache", "run")
