"""A run goes on where its store cannot be written, and stores what it kept as soon as it can."""

from __future__ import annotations

import errno
import os
import sqlite3
import threading
import time
from contextlib import contextmanager
from dataclasses import replace

import diskcache
import pytest
from fakes import FakeModel, World, said

from pytest_vlmperception.calling import Budget, Caller, LastingStore, Ledger, Limits, Pace, Store
from pytest_vlmperception.calling.reader import Reader
from pytest_vlmperception.calling.transactions import obstacle
from pytest_vlmperception.errors import CallError, StoreError
from pytest_vlmperception.records import Picture, Question, Reply, Totals

resource = pytest.importorskip("resource", reason="needs limits on the size of files; run it on Linux or macOS")


@contextmanager
def full_disk():
    """Nothing can be written: the system refuses each write to a file."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


class Opened:
    """A store with its ledger."""

    def __init__(self, folder, run="run"):
        self.ledger = Ledger()
        self.store = LastingStore(folder, run, "use", self.ledger)
        self.totals = Totals()

    def unstored(self):
        self.totals.add(self.ledger.drain())
        return self.totals.unstored


@pytest.fixture
def opened(tmp_path):
    found = Opened(tmp_path / "cache")
    yield found
    found.store.close()


def test_reply_that_cannot_be_stored_is_kept_and_stored_when_it_can_be(opened):
    with full_disk():
        assert opened.store.put("k", Reply("answered", "long"), {"prompt": "p"}).reply.text == "long"
        assert opened.store.get("k").reply.text == "long"
        assert [why for why, _ in opened.unstored().values()] == ["disk I/O error"]
    opened.store.close()
    assert opened.unstored() == {}
    later = Store(opened.store.directory, "later")
    assert later.get("k").reply.text == "long"
    later.close()


def test_next_reply_that_can_be_stored_takes_along_what_was_kept(opened):
    with full_disk():
        opened.store.put("k", Reply("answered", "long"), {})
    opened.store.put("other", Reply("answered", "short"), {})
    assert opened.unstored() == {}
    other = Store(opened.store.directory, "run")
    assert (other.get("k").reply.text, other.get("other").reply.text) == ("long", "short")
    other.close()


def test_what_is_never_stored_is_told_with_its_row(opened):
    with full_disk():
        opened.store.put("k", Reply("answered", "long"), {"prompt": "p"})
        opened.store.put("k", Reply("answered", "second"), {"prompt": "p"})
        opened.store.close()
        ((_, row),) = opened.unstored().values()
    assert "long" in row
    assert "second" not in row


def test_failure_that_cannot_be_stored_is_met_again_in_this_process(opened):
    with full_disk():
        opened.store.put_failure("k", CallError("long", "request"))
        assert opened.store.failure("k").kind == "request"


def question(text):
    return Question(text, (Picture("a", lambda: ("image/png", b"picture")),))


def test_each_question_is_asked_once_by_the_threads_of_a_process(tmp_path):
    def slowly(asked):
        time.sleep(0.05)
        return Reply("answered", asked.prompt)

    model, asked = FakeModel(slowly), [question(f"{n}") for n in range(10)]
    with World(tmp_path, model, "run") as world, full_disk():
        # Two pools on one store.
        pools = [world.caller, Caller("fake/m", model, world.ledger, world.live, 4)]
        texts = [pool.submit(one).result(5).text for one in asked for pool in pools]
        pools[1].close()
        totals = world.totals()
        assert world.store.in_flight() is False
    assert texts == [one.prompt for one in asked for _ in range(2)]
    assert len(model.asked) == totals.models["fake/m"].calls == len(totals.unstored) == 10


def test_question_in_flight_when_the_disk_fills_up_is_answered(tmp_path):
    started, go = threading.Event(), threading.Event()

    def answer(asked):
        started.set()
        assert go.wait(5)
        return Reply("answered", "at last")

    with World(tmp_path, FakeModel(answer), "run") as world:
        future = world.caller.submit(question("?"))
        assert started.wait(5)
        with full_disk():
            go.set()
            assert future.result(5).text == "at last"
        assert len(world.totals().unstored) == 1
    with World(tmp_path, FakeModel(said("never")), "later") as world:
        assert world.caller.submit(question("?")).result(5).text == "at last"


def test_pace_goes_on_from_where_all_workers_were(opened):
    start = Pace.start(32)
    cell = opened.store.pace_cell("m", start)
    cell.change(lambda state: replace(state, limit=7))
    with full_disk():
        assert cell.change(lambda state: replace(state, limit=state.limit + 1)).limit == 8
        assert cell.read().limit == 8
    assert cell.change(lambda state: replace(state, limit=state.limit + 1)).limit == 9


def test_budget_of_several_processes_pays_for_nothing_that_it_cannot_share(opened):
    budget = Budget(Limits(max_calls=5), opened.store.budget_cell(), time.monotonic)
    first = budget.reserve(0.0, time.sleep)
    with full_disk():
        with pytest.raises(
            CallError, match=r"cannot be kept over the processes.*disk I/O error.*free some space"
        ) as met:
            budget.reserve(0.0, time.sleep)
        budget.settle(first, first)
        assert budget.paid().calls == 1
    assert met.value.kind == "budget"
    budget.close()
    other = Store(opened.store.directory, "run")
    assert other.budget_cell().read().paid.calls == 1
    other.close()


def test_store_that_is_there_and_cannot_be_written_is_read(opened):
    opened.store.put("k", Reply("answered", "x"), {"prompt": "p"})
    opened.store.put_failure("f", CallError("gone", "request"))
    with full_disk():
        late = Opened(opened.store.directory)
        assert isinstance(late.store.cache, Reader)
        assert late.store.get("k").reply.text == "x"
        assert late.store.get("other") is None
        assert late.store.failure("f").message == "gone"
        assert not late.store.in_flight()
        with late.store.lease("other") as mine:
            assert mine
            late.store.put("other", Reply("answered", "y"), {})
        assert late.store.get("other").reply.text == "y"
        assert list(late.unstored()) == ["other"]
        late.store.close()
    assert opened.store.get("other") is None


@pytest.mark.parametrize("columns", [{"mode": 4}, {"filename": "../secret"}, {"value": b"["}, {"raw": 0}])
def test_hostile_row_of_a_store_that_is_only_read_is_refused(opened, columns):
    opened.store.put("k", Reply("answered", "x"), {})
    connection = sqlite3.connect(opened.store.directory / "cache.db", isolation_level=None)
    connection.execute(f"UPDATE Cache SET {next(iter(columns))} = ?", list(columns.values()))
    connection.close()
    with full_disk():
        late = Opened(opened.store.directory)
        if "raw" in columns:
            with pytest.raises(StoreError, match="a key that is not plain text"):
                late.store.in_flight()
        else:
            with pytest.raises(StoreError, match="the store"):
                late.store.get("k")
        late.store.close()


def test_store_that_is_not_there_and_cannot_be_made_is_refused(tmp_path):
    with full_disk(), pytest.raises(StoreError, match=r"cannot be used \(.*\); give a writable folder"):
        Opened(tmp_path / "cache")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a user whom permissions bind")
def test_folder_that_became_read_only_is_read(opened):
    opened.store.put("k", Reply("answered", "x"), {})
    opened.store.close()
    for path in opened.store.directory.iterdir():
        path.chmod(0o400)
    opened.store.directory.chmod(0o500)
    late = Opened(opened.store.directory)
    assert late.store.get("k").reply.text == "x"
    late.store.put("other", Reply("answered", "y"), {})
    assert late.store.get("other").reply.text == "y"
    late.store.close()
    opened.store.directory.chmod(0o700)
    for path in opened.store.directory.iterdir():
        path.chmod(0o600)


def test_transaction_that_cannot_begin_ends_and_leaves_the_way_free(opened):
    """diskcache by itself would begin it again for ever."""
    opened.store.cache._con.execute("BEGIN")
    with pytest.raises(StoreError, match="cannot start a transaction within a transaction"):
        opened.store.put("k", Reply("answered", "x"), {})
    opened.store.put("k", Reply("answered", "x"), {})
    other = Store(opened.store.directory, "run")
    assert other.get("k").reply.text == "x"
    other.close()


@pytest.mark.parametrize(
    ("error", "found"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), True),
        (OSError(errno.EROFS, "Read-only file system"), True),
        (OSError(errno.ENOENT, "No such file"), False),
        (sqlite3.OperationalError("database or disk is full"), False),
        (ValueError("x"), False),
        (None, False),
    ],
)
def test_what_keeps_a_store_from_being_written(error, found):
    assert (obstacle(error) is error and error is not None) == found


def test_what_keeps_a_store_from_being_written_is_found_behind_what_it_led_to():
    full, timeout = OSError(errno.ENOSPC, "No space left on device"), diskcache.Timeout()
    timeout.__context__ = full
    assert obstacle(timeout) is full
