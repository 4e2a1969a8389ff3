"""A question is asked once, its reply kept, and every way to lose it has a name."""

from __future__ import annotations

import threading
import time

import pytest
from fakes import FakeModel, World, plain_png, said

from pytest_vlmperception.calling.keys import key_of, key_parts
from pytest_vlmperception.calling.pool import Pool
from pytest_vlmperception.errors import CallError
from pytest_vlmperception.records import Picture, Question, Reply


def question(text="What is it?", repeat=0, data=b"picture"):
    return Question(text, (Picture("a", lambda: ("image/png", data)),), (), repeat)


def test_reply_is_stored_and_read_by_a_later_run(tmp_path):
    model = FakeModel(said("a cup"))
    with World(tmp_path, model, "run1") as first:
        assert first.caller.submit(question()).result(5).text == "a cup"
        assert first.totals().models["fake/m"].calls == 1
    with World(tmp_path, model, "run2") as second:
        assert second.caller.submit(question()).result(5).text == "a cup"
        totals = second.totals().models["fake/m"]
    assert len(model.asked) == 1
    assert (totals.calls, len(totals.hits)) == (0, 1)


@pytest.mark.parametrize(
    "changed", [question("Who?"), question(repeat=1), question(data=b"other")], ids=["prompt", "repeat", "picture"]
)
def test_another_content_is_another_question(tmp_path, changed):
    model = FakeModel(said("x"))
    with World(tmp_path, model, "run") as world:
        world.caller.submit(question()).result(5)
        world.caller.submit(changed).result(5)
    assert len(model.asked) == 2


def test_same_bytes_under_another_name_are_the_same_question(tmp_path):
    model = FakeModel(said("x"))
    same = Question("What is it?", (Picture("another name", lambda: ("image/png", b"picture")),))
    with World(tmp_path, model, "run") as world:
        world.caller.submit(question()).result(5)
        world.caller.submit(same).result(5)
    assert len(model.asked) == 1


def test_two_runs_at_once_ask_each_question_once(tmp_path):
    def slowly(asked):
        time.sleep(0.05)
        return Reply("answered", asked.prompt)

    model = FakeModel(slowly)
    asked = [question(f"number {n}") for n in range(20)]
    with World(tmp_path, model, "run1") as one, World(tmp_path, model, "run2") as two:
        futures = [world.caller.submit(q) for q in asked for world in (one, two)]
        texts = [future.result(10).text for future in futures]
    assert texts == [q.prompt for q in asked for _ in range(2)]
    assert len(model.asked) == 20


def test_refresh_asks_again_and_replaces(tmp_path):
    old, new = FakeModel(said("old")), FakeModel(said("new"))
    with World(tmp_path, old, "run1") as world:
        world.caller.submit(question()).result(5)
    with World(tmp_path, new, "run2", "refresh") as world:
        assert world.caller.submit(question()).result(5).text == "new"
    with World(tmp_path, FakeModel(said("never")), "run3") as world:
        assert world.caller.submit(question()).result(5).text == "new"


@pytest.mark.parametrize("kind", ["refused", "filtered", "truncated"])
def test_refresh_failed_asks_only_what_was_not_answered(tmp_path, kind):
    with World(tmp_path, FakeModel(lambda q: Reply(kind if q.repeat else "answered", "old")), "run1") as world:
        for repeat in (0, 1):
            assert world.caller.submit(question(repeat=repeat)).result(5).text == "old"
    again = FakeModel(said("new"))
    with World(tmp_path, again, "run2", "refresh-failed") as world:
        texts = [world.caller.submit(question(repeat=repeat)).result(5).text for repeat in (0, 1)]
    assert texts == ["old", "new"]
    assert [asked.repeat for asked in again.asked] == [1]


def test_a_refusal_is_stored_as_a_refusal(tmp_path):
    with World(tmp_path, FakeModel(lambda q: Reply("refused", "I cannot")), "run1") as world:
        world.caller.submit(question()).result(5)
    with World(tmp_path, FakeModel(said("never")), "run2") as world:
        reply = world.caller.submit(question()).result(5)
        assert world.totals().models["fake/m"].failures == {"refused": 1}
    assert (reply.kind, reply.text) == ("refused", "I cannot")


def failing(*errors):
    """A model that fails with each error in turn and then answers."""
    left = list(errors)
    lock = threading.Lock()

    def answer(asked):
        with lock:
            error = left.pop(0) if left else None
        if error is not None:
            raise error
        return Reply("answered", "at last")

    return FakeModel(answer)


def test_transient_errors_are_tried_again_and_every_attempt_counts(tmp_path):
    model = failing(*(CallError("busy", "server", transient=True, retry_after=0.01) for _ in range(2)))
    with World(tmp_path, model, "run") as world:
        assert world.caller.submit(question()).result(5).text == "at last"
        totals = world.totals().models["fake/m"]
    assert totals.calls == 3
    assert totals.failures == {}


def test_final_error_is_not_tried_again_nor_stored_for_later_runs(tmp_path):
    model = failing(CallError("bad picture", "request"))
    with World(tmp_path, model, "run1") as world:
        with pytest.raises(CallError, match="bad picture"):
            world.caller.submit(question()).result(5)
        assert len(model.asked) == 1
    with World(tmp_path, model, "run2") as world:
        assert world.caller.submit(question()).result(5).text == "at last"


def test_final_error_is_met_once_by_all_workers_of_a_run(tmp_path):
    model = failing(*(CallError("bad picture", "request") for _ in range(2)))
    for _ in range(2):
        with World(tmp_path, model, "same run") as world, pytest.raises(CallError, match="bad picture"):
            world.caller.submit(question()).result(5)
    assert len(model.asked) == 1


def test_error_of_the_whole_model_ends_its_calls(tmp_path):
    model = failing(*(CallError("no such model", "model", whole_model=True) for _ in range(9)))
    with World(tmp_path, model, "run", threads=1) as world:
        futures = [world.caller.submit(question(f"{n}")) for n in range(9)]
        for future in futures:
            with pytest.raises(CallError, match="no such model"):
                future.result(5)
        totals = world.totals().models["fake/m"]
    assert totals.calls == 1
    assert totals.failures == {"model": 9}


def test_what_is_not_sent_is_no_call(tmp_path):
    model = failing(CallError("OPENAI_API_KEY is not set", "key", sent=False))
    with World(tmp_path, model, "run") as world:
        with pytest.raises(CallError):
            world.caller.submit(question()).result(5)
        assert world.totals().models["fake/m"].calls == 0


def test_close_drops_what_is_queued_and_keeps_what_is_in_flight(tmp_path):
    started, go = threading.Event(), threading.Event()

    def answer(asked):
        started.set()
        go.wait(5)
        return Reply("answered", asked.prompt)

    with World(tmp_path, FakeModel(answer), "run", threads=1) as world:
        first, second = world.caller.submit(question("first")), world.caller.submit(question("second"))
        started.wait(5)
        threading.Timer(0.05, go.set).start()
        world.caller.close()
        assert first.result(0).text == "first"
        with pytest.raises(CallError, match="the run ended before the question was asked"):
            second.result(0)
    never = FakeModel(said("never"))
    with World(tmp_path, never, "run2") as world:
        assert world.caller.submit(question("first")).result(5).text == "first"
    assert never.asked == []


def test_concurrency_is_limited(tmp_path):
    lock, now, most = threading.Lock(), [0], [0]

    def answer(asked):
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        time.sleep(0.02)
        with lock:
            now[0] -= 1
        return Reply("answered", "x")

    with World(tmp_path, FakeModel(answer), "run", threads=3) as world:
        for future in [world.caller.submit(question(f"{n}")) for n in range(15)]:
            future.result(5)
    assert most[0] == 3


def test_a_bug_in_a_provider_reaches_the_reader(tmp_path):
    def answer(asked):
        raise ZeroDivisionError("oops")

    with World(tmp_path, FakeModel(answer), "run") as world, pytest.raises(ZeroDivisionError, match="oops"):
        world.caller.submit(question()).result(5)


def test_waiting_to_retry_ends_with_the_run():
    pool = Pool(FakeModel(said("x")), 1, time.monotonic)
    threading.Timer(0.05, pool.close).start()
    with pytest.raises(CallError, match="the run ended"):
        pool.pause(30)


def test_what_another_process_answered_is_read_while_all_threads_wait_to_ask(tmp_path):
    go, theirs_asked, ours_asked = threading.Event(), threading.Event(), threading.Event()

    def answer_elsewhere(asked):
        theirs_asked.set()
        assert go.wait(5)
        return Reply("answered", "theirs")

    def never(asked):
        ours_asked.set()
        assert end.wait(5)
        return Reply("answered", "ours")

    end = threading.Event()
    with World(tmp_path, FakeModel(answer_elsewhere), "run") as other:
        theirs = other.caller.submit(question("shared"))
        assert theirs_asked.wait(5)
        with World(tmp_path, FakeModel(never), "run", threads=1) as world:
            shared, own = world.caller.submit(question("shared")), world.caller.submit(question("own"))
            assert ours_asked.wait(5)
            go.set()
            assert shared.result(3).text == theirs.result(3).text == "theirs"
            assert not own.done()
            end.set()


def test_a_fault_in_a_thread_leaves_nobody_waiting(tmp_path):
    def fail(question):
        raise AssertionError("a fault")

    pool = Pool(FakeModel(said("x")), 1, time.monotonic, settled=fail)
    first, second = pool.submit_all([question("first"), question("second")])
    assert first.result(5).text == "x"
    with pytest.raises((AssertionError, CallError), match=r"a fault|the run ended"):
        second.result(5)
    with pytest.raises(CallError, match="the run ended"):
        pool.submit(question("third")).result(5)
    pool.close()


def test_what_another_process_gave_up_is_asked_before_what_is_queued(tmp_path):
    def answer(asked):
        time.sleep(0.02)
        return Reply("answered", asked.prompt)

    with World(tmp_path, FakeModel(said("x")), "other") as other, World(tmp_path, FakeModel(answer), "run") as world:
        key = key_of(key_parts(world.caller.provider.identity, question("shared")))
        with other.store.lease(key):
            shared, *own = [world.caller.submit(question(text)) for text in ["shared", *map(str, range(400))]]
            own[0].result(5)
        assert shared.result(5).text == "shared"
        assert not own[-1].done()


def wait_until(condition, seconds=5.0):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.005)
    assert condition()


def test_pictures_are_read_shortly_before_they_are_shown(tmp_path):
    go, read = threading.Event(), []

    def picture(name):
        def load():
            read.append(name)
            return "image/png", plain_png(name)

        return Picture(name, load)

    def answer(asked):
        assert go.wait(5)
        return Reply("answered", asked.prompt)

    model = FakeModel(answer)
    questions = [Question(f"{n}", (picture(f"{n}.png"),)) for n in range(200)]
    with World(tmp_path, model, "run", threads=4) as world:
        replies = world.caller.submit_all(questions)
        wait_until(lambda: len(model.asked) == 4)
        time.sleep(0.1)
        assert len(read) < 100
        go.set()
        assert [reply.result(5).text for reply in replies] == [f"{n}" for n in range(200)]
    assert len(read) == 200


def test_no_more_are_in_work_than_are_of_use():
    going, useful = threading.Semaphore(0), [2]

    def answer(asked):
        assert going.acquire(timeout=5)
        return Reply("answered", asked.prompt)

    model = FakeModel(answer)
    pool = Pool(model, 8, time.monotonic, useful=lambda: useful[0])
    replies = pool.submit_all([question(f"{n}") for n in range(40)])
    wait_until(lambda: len(model.asked) == 2)
    time.sleep(0.05)
    assert len(model.asked) == 2
    useful[0] = 5
    going.release()
    wait_until(lambda: len(model.asked) == 1 + 5)
    going.release(39)
    assert [reply.result(5).text for reply in replies] == [f"{n}" for n in range(40)]
    pool.close()


def test_stored_replies_behind_questions_that_wait_are_read_soon(tmp_path):
    go = threading.Event()
    with World(tmp_path, FakeModel(said("stored")), "earlier") as world:
        for number in range(40):
            world.caller.submit(question(f"known {number}")).result(5)

    def answer(asked):
        assert go.wait(5)
        return Reply("answered", "new")

    texts = ["known 0", *(f"new {number}" for number in range(20)), *(f"known {number}" for number in range(1, 40))]
    with World(tmp_path, FakeModel(answer), "run", threads=1) as world:
        replies = dict(zip(texts, world.caller.submit_all([question(text) for text in texts]), strict=True))
        assert replies["known 0"].result(0.5).text == "stored"
        assert [replies[f"known {number}"].result(2).text for number in range(40)] == ["stored"] * 40
        assert not replies["new 1"].done()
        go.set()


@pytest.mark.parametrize("fault", ["prepare", "useful"])
def test_a_fault_before_a_question_is_queued_leaves_nobody_waiting(fault):
    def fail():
        raise AssertionError("a fault")

    pool = Pool(FakeModel(said("x")), 1, time.monotonic, **{fault: fail})
    for promise in pool.submit_all([question("first"), question("second")]):
        with pytest.raises((AssertionError, CallError), match=r"a fault|the run ended"):
            promise.result(5)
    pool.close()


def test_waiting_for_calls_ends_when_they_are_under_way_or_the_reply_is_there(tmp_path):
    prepare, go = threading.Event(), threading.Event()

    def answer(asked):
        assert go.wait(5)
        return Reply("answered", "x")

    model = FakeModel(answer)
    model.prepare = lambda: prepare.wait(5)
    with World(tmp_path, model, "run") as world:
        promise = world.caller.submit(question())
        waiting = threading.Thread(target=world.caller.wait_for_calls, args=(promise,))
        waiting.start()
        waiting.join(0.2)
        assert waiting.is_alive()
        prepare.set()
        waiting.join(5)
        assert not waiting.is_alive()
        assert not promise.done()
        go.set()
        promise.result(5)
    with World(tmp_path, model, "again") as world:
        # Nothing is asked, so nothing will be under way.
        world.caller.wait_for_calls(world.caller.submit(question()))
