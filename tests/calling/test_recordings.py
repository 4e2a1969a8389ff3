"""A recording is what was recorded, the same bytes each time, or it is refused in one line."""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import stat
import time
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import pytest
from fakes import FakeModel, World, said
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pytest_vlmperception.calling import Ledger
from pytest_vlmperception.calling.lines import MAX_LINE_BYTES, from_line, to_line
from pytest_vlmperception.calling.pool import Pool
from pytest_vlmperception.calling.recordings import Recording, check_writable, write_recording
from pytest_vlmperception.calling.replayed import Replayed
from pytest_vlmperception.calling.rows import Row
from pytest_vlmperception.errors import CallError, StoreError, UsageError
from pytest_vlmperception.models import Identity
from pytest_vlmperception.records import Picture, Question, Reply, Totals, Usage


def digest(value):
    """The key as documented: SHA-256 of JSON with sorted keys, no spaces, ASCII only."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def row(prompt="p", text="a cup", **reply):
    return Row(Reply("answered", text, **reply), "run 7", {"prompt": prompt, "repeat": 0})


def keyed(*rows):
    return [(digest(dict(one.parts)), one) for one in rows]


REPLY = {
    "finish_reason": "stop",
    "kind": "answered",
    "latency_s": 0.25,
    "model": "m",
    "probabilities": None,
    "request_id": "r",
    "text": "日本語",
    "usage": dict.fromkeys(["cached_tokens", "image_tokens", "input_tokens", "output_tokens", "reasoning_tokens"], 3),
}


def signed(parts=None, reply=None, **changes):
    """A line as a forger who knows the format would make it."""
    parts = {"prompt": "p"} if parts is None else parts
    content = {"format": 1, "key": digest(parts), "parts": parts, "reply": REPLY if reply is None else reply}
    content = {**content, **changes}
    return json.dumps({**content, "sha256": digest(content)}, ensure_ascii=False, sort_keys=True).encode() + b"\n"


def test_a_line_is_sorted_json_with_its_key_and_digest(tmp_path):
    reply = Reply("answered", "日本語", "m", "stop", Usage(3, 3, 3, 3, 3), 0.25, "r")
    write_recording(tmp_path / "r.jsonl", keyed(Row(reply, "run 7", {"prompt": "p"})))
    assert (tmp_path / "r.jsonl").read_bytes() == signed()
    assert Recording.read(tmp_path / "r.jsonl")[digest({"prompt": "p"})].reply == reply


def test_same_replies_give_the_same_file_whatever_the_order_and_the_run(tmp_path):
    rows = keyed(*(row(f"prompt {n}") for n in range(20)))
    assert write_recording(tmp_path / "a", rows) == 20
    random.Random(1).shuffle(rows)
    write_recording(tmp_path / "b", [(key, Row(one.reply, "run 8", one.parts)) for key, one in rows + rows[:3]])
    lines = (tmp_path / "a").read_bytes().splitlines()
    assert (tmp_path / "b").read_bytes() == (tmp_path / "a").read_bytes()
    assert [json.loads(line)["key"] for line in lines] == sorted(key for key, _ in rows)
    assert b"run 7" not in (tmp_path / "a").read_bytes()


def test_a_changed_reply_is_one_changed_line(tmp_path):
    rows = keyed(*(row(f"prompt {n}") for n in range(9)))
    write_recording(tmp_path / "a", rows)
    write_recording(tmp_path / "b", [*rows[1:], *keyed(row("prompt 0", text="a mug"))])
    old, new = ((tmp_path / name).read_bytes().splitlines() for name in "ab")
    assert len(set(new) - set(old)) == 1
    assert len(old) == len(new)


ANY_TEXT = st.text(st.characters())
NUMBERS = st.integers(0, 2**60) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
COUNTS = st.none() | st.integers(0, 10**9)
REPLIES = st.builds(
    Reply,
    st.sampled_from(["answered", "refused", "filtered", "truncated"]),
    ANY_TEXT,
    ANY_TEXT,
    ANY_TEXT,
    st.builds(Usage, COUNTS, COUNTS, COUNTS, COUNTS, COUNTS),
    st.floats(0, 1e6),
    ANY_TEXT,
    st.none() | st.dictionaries(st.text(), st.floats(0, 1), max_size=3),
)
PARTS = st.dictionaries(st.text(), VALUES, max_size=4)
ROWS = st.builds(Row, REPLIES, st.text(), PARTS)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(ROWS, unique_by=lambda one: digest(one.parts), max_size=4))
@example(rows=[row(text="\0\x1b[2J\x7f\x85\u2028\u202e\ufeff \ud800 \ud83d\ude00 😀\r\n")])
def test_round_trip(tmp_path, rows):
    path, again = tmp_path / "a", tmp_path / "b"
    assert write_recording(path, keyed(*rows)) == len(rows)
    recording = Recording.read(path)
    # Two halves of one character are one character after JSON, in the store as well.
    expected = {key: (plain(one.reply), plain(one.parts)) for key, one in keyed(*rows)}
    assert {key: (plain(one.reply), plain(one.parts)) for key, one in recording.items()} == expected
    write_recording(again, recording.items())
    assert again.read_bytes() == path.read_bytes()
    assert len(path.read_text("utf-8").splitlines()) == len(rows)


def plain(value):
    return json.loads(json.dumps(value, default=asdict))


@given(data=st.data())
def test_any_change_of_a_line_is_refused_or_none(data):
    line = to_line(row(text="it is a cup, 日本語", probabilities={"A": 0.25}))
    place = data.draw(st.integers(0, len(line)))
    cut = data.draw(st.integers(0, 3))
    changed = line[:place] + data.draw(st.binary(max_size=3)) + line[place + cut :]
    try:
        key, read = from_line(changed)
    except ValueError:
        return
    assert (key, read) == from_line(line)


@given(data=st.data())
def test_any_bit_of_a_line_counts(data):
    line = to_line(row())
    place = data.draw(st.integers(0, len(line) - 2))
    bit = 1 << data.draw(st.integers(0, 7))
    with pytest.raises(
        ValueError,
        match=r"no JSON|instead of|without|other (fields|counts)|unexpected|no (count|number)|key that|changed",
    ):
        from_line(line[:place] + bytes([line[place] ^ bit]) + line[place + 1 :])


NAMES = ["format", "key", "parts", "reply", "sha256", *REPLY, *REPLY["usage"]]
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES) | st.text(), inner, max_size=6),
    max_leaves=12,
)

ANY_BYTES = (
    st.binary()
    | ANY_JSON.map(lambda value: json.dumps(value).encode())
    | st.lists(ANY_JSON).map(lambda values: b"\n".join(json.dumps(value).encode() for value in values))
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=ANY_BYTES)
@example(content=b"[" * 100_000)
@example(content=json.dumps({"format": [[[["x" * 99] * 9] * 9] * 9] * 9}).encode())
@example(content=b'{"format":' * 5_000)
@example(content=b"\xef\xbb\xbf" + signed())
@example(content=signed().decode().encode("utf-16"))
def test_any_bytes_are_a_recording_or_an_error_of_one_line(tmp_path, content):
    check_read(tmp_path / "r.jsonl", content)


def check_read(path, content):
    """Read any bytes: a recording, or an error of one line."""
    path.write_bytes(content)
    try:
        recording, error = Recording.read(path), ""
    except UsageError as refusal:
        recording, error = {}, str(refusal)
    assert len(recording) == (0 if error else len(content.splitlines()))
    assert error == "" or error.startswith(f"recording {path}, line ")
    assert error == "" or error.isprintable()
    assert len(error) < len(str(path)) + 300


@pytest.mark.slow
@settings(max_examples=10_000, suppress_health_check=list(HealthCheck), deadline=None)
@given(
    content=ANY_BYTES
    | st.tuples(st.integers(0, len(signed())), st.binary()).map(lambda cut: signed()[: cut[0]] + cut[1])
)
def test_ten_thousand_inputs(tmp_path, content):
    check_read(tmp_path / "r.jsonl", content)


@settings(max_examples=300)
@given(data=st.data())
def test_what_a_forger_signs_is_a_reply_or_refused(data):
    reply = {**REPLY, "usage": dict(REPLY["usage"])}
    part = data.draw(st.sampled_from([reply, reply["usage"]]))
    part[data.draw(st.sampled_from(sorted(part)) | st.text())] = data.draw(ANY_JSON)
    try:
        key, read = from_line(signed(data.draw(PARTS), reply))
    except ValueError:
        return
    assert isinstance(read.reply, Reply)
    assert isinstance(read.reply.text, str)
    assert all(count is None or (type(count) is int and count >= 0) for count in asdict(read.reply.usage).values())
    assert key == digest(read.parts)


def nested(depth):
    value = 1
    for _ in range(depth):
        value = [value]
    return value


REFUSED = {
    "no json": (b"A cup.\n", r"no JSON \(JSONDecodeError\)"),
    "no utf-8": (b"\xff\xfe\n", r"no JSON \(UnicodeDecodeError\)"),
    "blank line": (b"\n", "no JSON"),
    "conflict marker": (b"<<<<<<< HEAD\n", "no JSON"),
    "a list": (b"[1]\n", "a JSON list instead of an object"),
    "deep": (b"[" * 100_000, r"no JSON \(RecursionError\)|nested deeper"),
    "deep parts": (signed({"p": nested(40)}), "nested deeper than 32"),
    "other format": (signed(format=2), "format 2 instead of 1"),
    "format true": (signed(format=True), "changed since it was recorded"),
    "long format": (signed(format="x" * 10_000), "format 'x.*' instead of 1"),
    "no format": (b"{}\n", "format None instead of 1"),
    "no parts": (signed(parts=7), "without key, parts or reply"),
    "wrong key": (signed(key=digest({"prompt": "q"})), "a key that its parts do not give"),
    "key of a path": (signed(key="../../etc/passwd"), "a key that its parts do not give"),
    "NaN": (signed({"x": float("nan")}, key="k"), "not JSON compliant"),
    "infinite": (signed({"x": 1}).replace(b'"x": 1', b'"x": 1e999'), "not JSON compliant"),
    "more fields": (signed(extra=1), "changed since it was recorded"),
    "other field": (signed(reply={**REPLY, "extra": 1}), "a reply with other fields"),
    "unknown kind": (signed(reply={**REPLY, "kind": "made up"}), "a reply whose kind has"),
    "text a number": (signed(reply={**REPLY, "text": 1}), "a reply whose text has"),
    "latency NaN": (signed(reply={**REPLY, "latency_s": float("nan")}), "no number"),
    "latency true": (signed(reply={**REPLY, "latency_s": True}), "no number"),
    "probability a text": (signed(reply={**REPLY, "probabilities": {"A": "0.5"}}), "no number"),
    "tokens true": (signed(reply={**REPLY, "usage": {**REPLY["usage"], "input_tokens": True}}), "no count"),
    "tokens negative": (signed(reply={**REPLY, "usage": {**REPLY["usage"], "input_tokens": -1}}), "no count"),
    "hidden behind escapes": (signed().replace(b'"p"', b'"\\u0070"'), "changed since"),
    "said twice": (signed().replace(b'"text":', b'"text": "other", "text":'), "changed since"),
    "another reply": (signed().replace("日本語".encode(), b"B"), "changed since"),
    "second reply": (signed(), "a second reply to a question"),
}


@pytest.mark.parametrize(("line", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_line_that_was_not_recorded_is_refused_by_its_number(tmp_path, line, reason):
    path = tmp_path / "r.jsonl"
    path.write_bytes(signed() + line)
    with pytest.raises(UsageError, match=rf"r\.jsonl, line 2 is refused: .*({reason}).*; record again") as caught:
        Recording.read(path)
    assert str(caught.value).isprintable()


def test_line_without_end_is_read_no_further_than_a_line_may_be_long(tmp_path):
    path = tmp_path / "r.jsonl"
    path.write_bytes(b" " * (MAX_LINE_BYTES + 1) + signed())
    with pytest.raises(UsageError, match=f"line 1 is refused: more than {MAX_LINE_BYTES} bytes in a line"):
        Recording.read(path)


def test_largest_reply_of_the_store_can_be_recorded(tmp_path):
    assert write_recording(tmp_path / "r.jsonl", keyed(row(text="x" * (16 * 2**20 - 400)))) == 1
    assert len(Recording.read(tmp_path / "r.jsonl")) == 1


def test_empty_file_is_an_empty_recording(tmp_path):
    assert write_recording(tmp_path / "r.jsonl", []) == 0
    assert (tmp_path / "r.jsonl").read_bytes() == b""
    assert dict(Recording.read(tmp_path / "r.jsonl")) == {}


def test_line_ends_of_windows_are_no_change(tmp_path):
    path = tmp_path / "r.jsonl"
    write_recording(path, keyed(row("p"), row("q")))
    unix = Recording.read(path)
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert Recording.read(path) == unix


def test_reading_writes_nothing(tmp_path):
    path = tmp_path / "r.jsonl"
    write_recording(path, keyed(row()))
    path.chmod(0o400)
    tmp_path.chmod(0o500)
    before = path.stat()
    assert len(Recording.read(path)) == 1
    assert list(tmp_path.iterdir()) == [path]
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    tmp_path.chmod(0o700)


needs_fifo = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
binds_user = pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a user whom permissions bind")


def test_missing_recording(tmp_path):
    with pytest.raises(UsageError, match=r"there is no recording .*r\.jsonl; write it with --vlm-record"):
        Recording.read(tmp_path / "r.jsonl")


@pytest.mark.parametrize("name", ["a\nb", "a\x1b[2J", "a\0b"])
def test_path_is_shown_in_one_line(tmp_path, name):
    with pytest.raises(UsageError, match=r"there is no recording '.*\\[nx]") as caught:
        Recording.read(tmp_path / name)
    assert str(caught.value).isprintable()


def test_folder_is_no_recording(tmp_path):
    with pytest.raises(UsageError, match=r"no regular file; give the path of a file to --vlm-replay"):
        Recording.read(tmp_path)


@needs_fifo
def test_pipe_is_no_recording(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError, match="no regular file"):
        Recording.read(tmp_path / "pipe")
    with pytest.raises(UsageError, match="no regular file"):
        write_recording(tmp_path / "pipe", [])


@pytest.mark.parametrize("call", [Recording.read, check_writable, lambda path: write_recording(path, [])])
def test_path_that_no_file_can_have(tmp_path, call):
    with pytest.raises(UsageError, match=r"cannot be (read|written)") as caught:
        call(tmp_path / ("x" * 300))
    assert "\n" not in str(caught.value)


@binds_user
def test_unreadable_recording(tmp_path):
    path = tmp_path / "r.jsonl"
    path.touch(0o000)
    with pytest.raises(UsageError, match=r"cannot be read \(Permission denied\); give a readable file"):
        Recording.read(path)


@pytest.mark.parametrize("call", [check_writable, lambda path: write_recording(path, [])])
@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "no regular file"),
        ("none/r.jsonl", "there is no folder .*none"),
        ("file/r.jsonl", "no folder .*file"),
        ("a\0b", "null"),
    ],
    ids=["folder", "missing folder", "folder a file", "NUL"],
)
def test_path_that_cannot_be_written(tmp_path, name, reason, call):
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=rf"cannot be written: .*{reason}.*; give a file in a writable folder"):
        call(tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@binds_user
@pytest.mark.parametrize("what", ["file", "folder"])
def test_read_only_path_cannot_be_written(tmp_path, what):
    path = tmp_path / "r.jsonl"
    path.write_bytes(b"old")
    (path if what == "file" else tmp_path).chmod(0o500)
    for call in (check_writable, lambda path: write_recording(path, [])):
        with pytest.raises(UsageError, match="cannot be written: it is read-only"):
            call(path)
    assert path.read_bytes() == b"old"


def test_checking_a_path_leaves_nothing(tmp_path):
    check_writable(tmp_path / "r.jsonl")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("error", [StoreError("the store is damaged"), KeyboardInterrupt()], ids=["error", "Ctrl-C"])
def test_old_recording_survives_a_failure_of_the_rows(tmp_path, error):
    path = tmp_path / "r.jsonl"
    write_recording(path, keyed(row("old")))
    old = path.read_bytes()

    def rows():
        yield from keyed(row("new"))
        raise error

    with pytest.raises(type(error)):
        write_recording(path, rows())
    assert path.read_bytes() == old
    assert list(tmp_path.iterdir()) == [path]


@contextmanager
def files_of_at_most(size):
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_old_recording_survives_a_full_disk(tmp_path):
    path = tmp_path / "r.jsonl"
    write_recording(path, keyed(row("old")))
    old = path.read_bytes()
    with (
        files_of_at_most(1000),
        pytest.raises(UsageError, match=r"cannot be written: File too large; give a file in a writable folder"),
    ):
        write_recording(path, keyed(row("new", text="x" * 5000)))
    assert path.read_bytes() == old
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name == "nt", reason="needs links and modes")
def test_link_stays_a_link_and_mode_stays(tmp_path):
    path, link = tmp_path / "r.jsonl", tmp_path / "link"
    path.write_bytes(b"old")
    path.chmod(0o640)
    link.symlink_to(path)
    write_recording(link, keyed(row()))
    assert link.is_symlink()
    assert len(Recording.read(path)) == 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


UNRECORDABLE = {
    "foreign key": ([("k", row())], "under a key that is not its own"),
    "latency": (keyed(row(latency_s=float("inf"))), "not JSON compliant"),
    "tokens": (keyed(row(usage=Usage(True))), "no count"),
    "kind": (keyed(Row(Reply("made up", ""), "", {})), "a reply whose kind has"),
    "deep": (keyed(Row(Reply("answered", ""), "", {"p": nested(99)})), "nested deeper than 32"),
    "no json": ([("k", Row(Reply("answered", ""), "", {"p": object()}))], "not JSON serializable"),
    "too long": (keyed(row(text="\0" * 3 * 2**20)), "more than"),
    "two replies": (keyed(row(text="A"), row(text="B")), "it has two replies"),
}


@pytest.mark.parametrize(("rows", "reason"), UNRECORDABLE.values(), ids=UNRECORDABLE.keys())
def test_row_that_could_not_be_replayed_is_not_recorded(tmp_path, rows, reason):
    with pytest.raises(StoreError, match=rf"stored reply to question .* cannot be recorded: .*{reason}.*--vlm-cache"):
        write_recording(tmp_path / "r.jsonl", rows)
    assert list(tmp_path.iterdir()) == []


def question(text="What is it?", repeat=0, data=b"picture"):
    return Question(text, (Picture("a", lambda: ("image/png", data)),), (), repeat)


ASKED = [question(), question("Who?"), question(repeat=1)]


@pytest.fixture
def recording(tmp_path):
    """What a controller writes at the end of a run: the replies of the keys in its totals."""
    model = FakeModel(lambda asked: Reply("refused" if asked.repeat else "answered", f"to {asked.prompt}"))
    path = tmp_path / "r.jsonl"
    with World(tmp_path / "cache", model, "run") as world:
        for asked in ASKED:
            world.caller.submit(asked).result(5)
        keys = sorted(world.totals().models["fake/m"].kinds)
        write_recording(path, ((key, world.store.get(key)) for key in keys))
    return Recording.read(path)


@contextmanager
def replaying(recording, model="m", explain=False):
    """A pool whose model is a recording."""
    ledger = Ledger()
    replayed = Replayed(recording, Identity("fake", model), ledger, "fake/m", explain)
    pool = Pool(replayed, 2, time.monotonic)
    totals = Totals()
    try:
        yield pool, totals
    finally:
        pool.close()
        totals.add(ledger.drain())


def test_replay_gives_the_replies_recorded_and_no_others(recording, tmp_path):
    before = set(tmp_path.rglob("*"))
    with replaying(recording) as (pool, totals):
        replies = [pool.submit(asked).result(5) for asked in [*ASKED, *ASKED]]
    assert [(reply.kind, reply.text) for reply in replies[:3]] == [
        ("answered", "to What is it?"),
        ("answered", "to Who?"),
        ("refused", "to What is it?"),
    ]
    assert replies[3:] == replies[:3]
    counted = totals.models["fake/m"]
    assert (counted.calls, len(counted.hits), dict(counted.failures)) == (0, 3, {"refused": 1})
    assert set(tmp_path.rglob("*")) == before


MISSES = {
    "prompt": (question("What?"), {}, "prompt: asked 'What\\?'"),
    "picture": (question(data=b"other"), {}, "picture 1: asked [0-9a-f]{8}…, stored [0-9a-f]{8}…$"),
    "repeat": (question(repeat=2), {}, "repeat: asked 2, stored 0 and 1$"),
    "model": (question(), {"model": "m2"}, "model: asked 'm2', stored 'm'$"),
}


def missed(pool, asked):
    with pytest.raises(CallError) as caught:
        pool.submit(asked).result(5)
    return caught.value


@pytest.mark.parametrize(("asked", "changed", "difference"), MISSES.values(), ids=MISSES.keys())
def test_a_miss_is_no_call_and_says_what_differs_when_asked(recording, asked, changed, difference):
    missing = r"^fake/m: the question is not in the recording .*r\.jsonl; "
    with replaying(recording, **changed) as (pool, totals):
        error = missed(pool, asked)
    assert re.search(missing + "record it with --vlm-record, or add --vlm-explain-miss", str(error))
    assert (error.kind, error.sent, error.transient, error.whole_model) == ("not recorded", False, False, False)
    assert totals.models["fake/m"].calls == 0
    assert dict(totals.models["fake/m"].failures) == {"not recorded": 1}
    with replaying(recording, explain=True, **changed) as (pool, _):
        error = missed(pool, asked)
    assert re.search(missing + "the nearest of 3 stored differs in " + difference, str(error))


def test_a_miss_in_an_empty_recording(tmp_path):
    (tmp_path / "r.jsonl").touch()
    with replaying(Recording.read(tmp_path / "r.jsonl"), explain=True) as (pool, _):
        assert "the store or recording is empty" in str(missed(pool, question()))


def test_a_recording_of_a_replay_is_the_recording(recording, tmp_path):
    write_recording(tmp_path / "again.jsonl", recording.items())
    assert (tmp_path / "again.jsonl").read_bytes() == recording.path.read_bytes()


def test_hostile_row_of_the_store_is_not_recorded(tmp_path):
    with World(tmp_path / "cache", FakeModel(said("x")), "run") as world:
        world.store.put("k", Reply("answered", "A"), {"prompt": "p"})
        with pytest.raises(StoreError, match="cannot be recorded: it is stored under a key that is not its own"):
            write_recording(tmp_path / "r.jsonl", [("k", world.store.get("k"))])
    assert not Path(tmp_path / "r.jsonl").exists()
