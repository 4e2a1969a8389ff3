"""The store is shared, private to its owner, and executes nothing that it finds."""

from __future__ import annotations

import json
import math
import os
import pickle
import sqlite3
import stat
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
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


def stored_with(**changes):
    """The JSON of a row as it is stored, with other values in its reply or its token counts."""
    content = json.loads(Row(REPLY, "run", {"prompt": "p"}).to_json())
    for name, value in changes.items():
        part = content["reply"]["usage"] if name.endswith("_tokens") else content["reply"]
        part[name] = value
    return json.dumps(content).encode()


NO_REPLY = {
    "count true": ({"input_tokens": True}, "no count"),
    "count negative": ({"output_tokens": -1}, "no count"),
    "count no integer": ({"output_tokens": 1.0}, "no count"),
    "latency NaN": ({"latency_s": float("nan")}, "no number"),
    "latency infinite": ({"latency_s": float("inf")}, "no number"),
    "latency beyond floats": ({"latency_s": 10**400}, "no number"),
    "latency true": ({"latency_s": True}, "no number"),
    "probability NaN": ({"probabilities": {"A": float("nan")}}, "no number"),
    "probability text": ({"probabilities": {"A": "0.5"}}, "no number"),
    "kind": ({"kind": "made up"}, "whose kind has an unexpected value"),
    "text": ({"text": None}, "whose text has an unexpected value"),
    "other field": ({"more": 1}, "other fields"),
}


@pytest.mark.parametrize(("changes", "reason"), NO_REPLY.values(), ids=NO_REPLY.keys())
def test_row_with_values_that_no_reply_has_is_refused(changes, reason):
    with pytest.raises(StoreError, match=f"the store holds a .*{reason}"):
        Row.from_json(stored_with(**changes))


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply("answered", "x", usage=Usage(True)), "no count"),
        (Reply("answered", "x", latency_s=float("nan")), "no number"),
        (Reply("answered", "x", probabilities={"A": object()}), "no number"),
        (Reply("made up", "x"), "whose kind"),
        (Reply("answered", None), "whose text"),
    ],
    ids=["count", "latency", "probability", "kind", "text"],
)
def test_reply_that_could_not_be_read_back_is_not_stored(store, reply, reason):
    with pytest.raises(StoreError, match=f"the provider gave a .*{reason}.*mended"):
        store.put("k", reply, {})
    assert store.get("k") is None


HOSTILE = {
    "pickle": {"mode": 4, "value": b"payload"},
    "file": {"mode": 2, "filename": "../secret", "value": None},
    "text": {"mode": 1, "value": "text"},
    "number": {"mode": 1, "value": 7},
    "nothing": {"mode": 1, "value": None},
    "no json": {"mode": 1, "value": b"\xff\xfe"},
    "other json": {"mode": 1, "value": b"[1]"},
    "deep json": {"mode": 1, "value": b"[" * 100_000},
    "deep parts": {"mode": 1, "value": Row(REPLY, "", {"p": [[]]}).to_json().replace(b"[[]]", b"[" * 40 + b"]" * 40)},
    "foreign format": {"mode": 1, "value": b'{"format": 99}'},
    "long format": {"mode": 1, "value": b'{"format": "' + b"x" * 10_000 + b'"}'},
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


NAMES = ["format", "run", "parts", "reply", *json.loads(Row(REPLY, "", {}).to_json())["reply"], *asdict(REPLY.usage)]
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES) | st.text(), inner, max_size=6),
    max_leaves=12,
)
ANY_BYTES = st.binary() | ANY_JSON.map(lambda value: json.dumps(value).encode())


@st.composite
def changed_rows(draw):
    """A row with one value replaced by any other, or cut and continued anywhere."""
    content = json.loads(Row(REPLY, "run", {"prompt": "p"}).to_json())
    part = draw(
        st.sampled_from([content, content["reply"], content["reply"]["usage"], content["reply"]["probabilities"]])
    )
    part[draw(st.sampled_from(sorted(part)) | st.text())] = draw(ANY_JSON)
    data = json.dumps(content).encode()
    place = draw(st.integers(0, len(data)))
    return data if draw(st.booleans()) else data[:place] + draw(st.binary(max_size=4)) + data[place:]


def outcome(call):
    """Return what a call gives, and the one line with which it was refused."""
    try:
        return call(), ""
    except StoreError as error:
        refusal = str(error)
    assert refusal.isprintable()
    return None, refusal


def check_row(data):
    """Read any bytes: a row whose reply is sound and is stored as the same again, or one line that says why not."""
    row, refusal = outcome(lambda: Row.from_json(data))
    assert len(refusal) < 300
    if row is None:
        return
    reply = row.reply
    assert reply.kind in ("answered", "refused", "filtered", "truncated")
    assert all(isinstance(text, str) for text in (reply.text, reply.model, reply.finish_reason, reply.request_id))
    assert all(count is None or (type(count) is int and count >= 0) for count in asdict(reply.usage).values())
    assert all(math.isfinite(number) for number in (reply.latency_s, *(reply.probabilities or {}).values()))
    assert Row.from_json(row.to_json()) == row


@given(data=ANY_BYTES | changed_rows())
def test_any_bytes_are_a_row_or_refused(data):
    check_row(data)


@pytest.mark.slow
@settings(max_examples=10_000, suppress_health_check=list(HealthCheck), deadline=None)
@given(data=ANY_BYTES | changed_rows())
def test_ten_thousand_rows(data):
    check_row(data)


COLUMN = st.none() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text() | st.binary()
COLUMNS = st.fixed_dictionaries({
    "raw": st.just(1) | COLUMN,
    "mode": st.integers(0, 5) | COLUMN,
    "filename": st.none() | st.sampled_from(["../secret", "/etc/passwd", "cache.db"]) | COLUMN,
    "expire_time": st.none() | COLUMN,
    "value": changed_rows() | st.binary().map(pickle.dumps) | COLUMN,
})


def check_columns(folder, columns):
    """Let the database hold anything: every way to read it gives rows, nothing, or a `StoreError`."""
    (folder.parent / "secret").write_text("secret")
    store = Store(folder, "run")
    connection = database(store)
    connection.execute("DELETE FROM Cache")
    connection.execute(
        "INSERT INTO Cache (key, raw, mode, filename, expire_time, value) "
        "VALUES (:key, :raw, :mode, :filename, :expire_time, :value)",
        {"key": "k" * 64, **columns},
    )
    connection.close()
    for read in (store.get, store.failure, lambda key: store.put(key, REPLY, {})):
        outcome(lambda read=read: read("k" * 64))
    store.close()
    assert (folder.parent / "secret").read_text() == "secret"


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(columns=COLUMNS)
def test_any_columns_are_read_or_refused(tmp_path, columns):
    check_columns(tmp_path / "cache", columns)


@pytest.mark.slow
@settings(max_examples=10_000, suppress_health_check=list(HealthCheck), deadline=None)
@given(columns=COLUMNS)
def test_ten_thousand_rows_of_any_columns(tmp_path, columns):
    check_columns(tmp_path / "cache", columns)


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
with store.lease("k") as mine, FileSlots(folder / "slots", Pace(1, MemoryCell(Pace.start(1)), time.monotonic)).one():
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
    with FileSlots(tmp_path / "slots", Pace(1, MemoryCell(Pace.start(1)), time.monotonic)).one():
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
