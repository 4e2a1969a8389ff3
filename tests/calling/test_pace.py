"""The limit of calls in flight is learnt, and shared by all workers."""

from __future__ import annotations

import random
import threading
import time

import pytest
from fakes import FakeModel, World, said

from pytest_vlmperception.calling import MemoryCell, Pace, Store
from pytest_vlmperception.calling.layers import Retried
from pytest_vlmperception.calling.pace import PaceState
from pytest_vlmperception.errors import CallError
from pytest_vlmperception.records import Picture, Question, Reply


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


def pace_of(most):
    clock = Clock()
    return Pace(most, MemoryCell(Pace.start(most)), clock), clock


def rounds(pace, number, waited=True):
    for _ in range(number):
        if waited:
            pace.waited()
        for _ in range(max(4, pace.limit())):
            pace.replied()


def test_starts_at_16_and_doubles_while_calls_wait():
    pace, _ = pace_of(100)
    seen = [pace.limit()]
    for _ in range(4):
        rounds(pace, 1)
        seen.append(pace.limit())
    assert seen == [16, 32, 64, 100, 100]
    assert pace_of(5)[0].limit() == 5


def test_each_reply_lets_one_more_in_until_the_first_rejection():
    pace, clock = pace_of(100)
    pace.waited()
    for _ in range(7):
        pace.replied()
    assert pace.limit() == 23
    pace.rejected(pace.now(), None)
    clock.now += 1
    pace.waited()
    for _ in range(7):
        pace.replied()
    assert pace.limit() == 18  # 23, less a fifth


class SlowCell(MemoryCell):
    """One that takes as long to change as the store's does."""

    def change(self, function):
        time.sleep(0.002)
        return super().change(function)


def test_a_round_lets_it_grow_once_however_many_replies_come_at_once():
    clock = Clock()
    pace = Pace(1000, SlowCell(PaceState(100, slow_start=False)), clock)
    for _ in range(16):
        pace.replied()  # the round that it begins with
    pace.waited()
    threads = [threading.Thread(target=pace.replied) for _ in range(110)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert pace.limit() == 105


def test_a_rejection_while_it_grows_is_not_undone():
    clock = Clock()

    class Cut(MemoryCell):
        def change(self, function):
            if not cut:
                cut.append(True)
                pace.rejected(pace.now(), None)
            return super().change(function)

    cut, cell = [], Cut(PaceState(100))
    pace = Pace(1000, cell, clock)
    pace.waited()
    pace.replied()
    assert pace.limit() == 80  # 100, less a fifth, and no more for the reply that came at the same time


def test_does_not_grow_unless_some_call_had_to_wait():
    pace, _ = pace_of(100)
    rounds(pace, 3, waited=False)
    assert pace.limit() == 16


def test_passing_errors_stop_growth_for_a_round_and_cut_nothing():
    pace, _ = pace_of(100)
    pace.disturbed()
    rounds(pace, 1)
    assert pace.limit() == 16
    rounds(pace, 1)
    assert pace.limit() == 32


def test_one_cut_for_all_calls_in_flight_and_slow_growth_afterwards():
    pace, clock = pace_of(100)
    rounds(pace, 2)
    sent = pace.now()
    clock.now += 1
    for _ in range(20):
        pace.rejected(sent, 2.0)
    assert pace.limit() == 51  # 64, less a fifth
    assert pace.hold() == 2.0
    clock.now += 3
    assert pace.hold() < 0
    rounds(pace, 2)  # the round with the rejections, then a clean one: one twentieth more
    assert pace.limit() == 54
    pace.rejected(pace.now(), None)
    assert pace.limit() == 43
    assert pace.hold() == 0.5


def test_limit_never_falls_below_one():
    pace, clock = pace_of(2)
    for _ in range(5):
        clock.now += 1
        pace.rejected(pace.now(), 0.0)
    assert pace.limit() == 1


def test_workers_share_the_limit_and_the_pause(tmp_path):
    stores = [Store(tmp_path, "run") for _ in range(2)]
    one, two = (Pace(32, store.pace_cell("m", Pace.start(32)), time.monotonic) for store in stores)
    other_run = Store(tmp_path, "run2")
    one.rejected(one.now(), 30.0)
    assert two.limit() == 12
    assert 29 < two.hold() <= 30
    assert Pace(32, other_run.pace_cell("m", Pace.start(32)), time.monotonic).limit() == 16
    for store in (*stores, other_run):
        store.close()


def question(text):
    return Question(text, (Picture("p", lambda: ("image/png", b"p")),))


def test_a_server_that_takes_n_at_once_loses_nothing(tmp_path):
    """A loopback of the rule alone: more than three at once are rejected with Retry-After."""
    lock, now, rejections = threading.Lock(), [0], [0]

    def answer(asked):
        with lock:
            if now[0] >= 3:
                rejections[0] += 1
                raise CallError("slow down", "rate limit", transient=True, retry_after=0.05)
            now[0] += 1
        time.sleep(0.02)
        with lock:
            now[0] -= 1
        return Reply("answered", asked.prompt)

    with World(tmp_path, FakeModel(answer), "run", threads=8) as world:
        futures = [world.caller.submit(question(f"{n}")) for n in range(60)]
        assert [future.result(20).text for future in futures] == [f"{n}" for n in range(60)]
        assert world.totals().models["fake/m"].failures == {}
    assert 0 < rejections[0] < 30


def test_rejections_do_not_use_up_the_tries_but_the_deadline_ends_them():
    clock, asked = Clock(), []

    class Rejecting:
        def ask(self, question):
            asked.append(clock.now)
            raise CallError("slow down", "rate limit", transient=True, retry_after=10.0)

    def sleep(seconds):
        clock.now += seconds

    retried = Retried(Rejecting(), clock, sleep, random.Random(0), tries=3, deadline_s=100.0)
    with pytest.raises(CallError, match=r"slow down \(tried 10 times\)"):
        retried.ask(question("x"))
    assert len(asked) == 10


def test_pauses_double_with_jitter_and_a_cap():
    retried = Retried(FakeModel(said("x")), Clock(), lambda seconds: None, random.Random(0))
    error = CallError("oops", "server", transient=True)
    for attempt, expected in [(1, 0.5), (2, 1.0), (3, 2.0), (9, 30.0)]:
        assert expected * 0.75 <= retried.pause(error, attempt) <= expected * 1.25
