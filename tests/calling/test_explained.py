"""What was not in the store is explained in few lines and little time, however much is stored."""

from __future__ import annotations

import hashlib
import time

import pytest

from pytest_vlmperception.calling import Ledger, Store, explain
from pytest_vlmperception.calling.rows import Row
from pytest_vlmperception.errors import StoreError
from pytest_vlmperception.records import Reply, Totals

REPLY = Reply("answered", "A")
ASKED = "Which picture has more contrast? A or B."
CHANGED = "Which picture has more colour? A or B."


def parts(number=0, prompt=ASKED, repeat=0, **changes):
    pictures = [hashlib.sha256(f"{number} {place}".encode()).hexdigest() for place in "ab"]
    known = {"provider": "openai", "model": "m", "parameters": {}, "prompt": prompt, "pictures": pictures}
    return {**known, "repeat": repeat, **changes}


def digest(value):
    return hashlib.sha256(repr(value).encode()).hexdigest()


def missed(*questions):
    return {digest(question): question for question in questions}


@pytest.fixture
def stores(tmp_path):
    """Open the store of a run, with questions stored."""
    made = []

    def make(run, *questions):
        made.append(Store(tmp_path / "cache", run))
        for question in questions:
            made[-1].put(digest(question), REPLY, question)
        return made[-1]

    yield make
    for store in made:
        store.close()


def test_equal_differences_are_one_line(stores):
    stores("first", *(parts(n) for n in range(5)))
    lines = list(explain(missed(*(parts(n, CHANGED) for n in range(5)), parts(1, repeat=1)), stores("second")))
    assert [count for count, _ in lines] == [5, 1]
    assert lines[0][1].startswith(f"the nearest of 5 stored differs in prompt: asked '{CHANGED}' (first difference")
    assert lines[1] == (1, "the nearest of 5 stored differs in repeat: asked 1, stored 0")


def test_what_this_run_has_stored_itself_explains_nothing(stores):
    stores("first", parts(0))
    lines = list(explain(missed(parts(1, CHANGED)), stores("second", parts(1, CHANGED), parts(2, CHANGED))))
    assert len(lines) == 1
    assert "the nearest of 1 stored differs in prompt" in lines[0][1]


def test_empty_store(stores):
    words = "there is nothing to compare it with: the store or recording is empty"
    assert list(explain(missed(parts(0), parts(1)), stores("first"))) == [(2, words)]


def test_nothing_missed(stores):
    assert list(explain({}, stores("first", parts(0)))) == []


def test_at_most_twenty_differences_and_a_rest(stores):
    stores("first", parts(0))
    lines = list(explain(missed(*(parts(n) for n in range(1, 51))), stores("second")))
    assert len(lines) == 21
    assert sum(count for count, _ in lines) == 50
    assert lines[-1] == (30, "other differences")


def test_what_no_process_has_sent_is_counted(stores):
    stores("first", parts(0))
    lines = list(explain({**missed(parts(0, CHANGED)), "k": None}, stores("second")))
    assert lines[-1] == (1, "not compared with what is stored, to save time")


def test_a_process_sends_the_first_questions_whole_and_counts_the_others():
    ledger, totals = Ledger(), Totals()
    for number in range(2_500):
        ledger.missed("m", f"{number}", {"prompt": "p"})
    totals.add(ledger.drain())
    found = list(totals.models["m"].missed.values())
    assert (found.count({"prompt": "p"}), found.count(None)) == (2_000, 500)


def test_rows_of_the_run_are_no_replies(stores):
    store = stores("first", parts(0))
    with store.lease("k"):
        store.budget_cell().change(lambda state: state)
        assert len(list(stores("second").stored_before())) == 1


def test_hostile_row_is_refused(stores):
    store = stores("first")
    store.cache.set("k" * 64, b"[")
    with pytest.raises(StoreError, match="the store holds no JSON"):
        list(explain(missed(parts(0)), stores("second")))


@pytest.mark.parametrize("size", [10_000, pytest.param(100_000, marks=pytest.mark.slow)])
def test_big_store_takes_little_time(stores, size):
    store = stores("first")
    with store.cache.transact():
        for number in range(size):
            question = parts(number, f"{ASKED} {number % 7}")
            store.cache.set(digest(question), Row(REPLY, "first", question).to_json())
    asked = missed(*(parts(number, CHANGED) for number in range(2_000)))
    second = stores("second")
    start = time.perf_counter()
    lines = list(explain(asked, second))
    # At most 6 s on a machine at rest; one process among many takes longer.
    assert time.perf_counter() - start < 20
    assert len(lines) <= 22
    assert sum(count for count, _ in lines) == 2_000
