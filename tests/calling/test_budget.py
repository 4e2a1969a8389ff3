"""What a run may spend is never exceeded, by no number of threads, workers, retries or deaths."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from fakes import FakeModel, said
from hypothesis import given
from hypothesis import strategies as st

from pytest_vlmperception.calling import Ledger, MemoryCell, Pace, Store, ThreadSlots
from pytest_vlmperception.calling.budget import Budget, BudgetState, Share
from pytest_vlmperception.calling.budget_layer import Budgeted
from pytest_vlmperception.calling.layers import Cached, Counted, Paced, Retried
from pytest_vlmperception.calling.pool import Pool
from pytest_vlmperception.calling.renewer import Renewer
from pytest_vlmperception.calling.rows import budget_from_json, budget_to_json
from pytest_vlmperception.calling.spending import Amount, Limits
from pytest_vlmperception.errors import CallError, StoreError, UsageError
from pytest_vlmperception.records import Picture, Question, Reply


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def budget_of():
    """Make budgets, in memory unless a cell is given; all are closed at the end."""
    made = []

    def make(max_calls=None, usd=None, cell=None, clock=time.monotonic, **times):
        made.append(Budget(Limits(max_calls, usd), cell or MemoryCell(BudgetState()), clock, **times))
        return made[-1]

    yield make
    for budget in made:
        budget.close()


def question(text="What is it?"):
    return Question(text, (Picture("p", lambda: ("image/png", b"p")),))


def budgeted(model, budget, upper_usd=0.0, cost_usd=0.0, pause=time.sleep):
    return Budgeted(model, budget, lambda question: upper_usd, lambda reply: cost_usd, pause)


def outcomes(models, number, finish=lambda: None):
    """Ask each model `number` questions in 8 threads; return the words of replies and kinds of errors."""

    def ask(model):
        try:
            return model.ask(question()).text
        except CallError as error:
            return error.kind
        finally:
            finish()

    with ThreadPoolExecutor(8) as threads:
        return list(threads.map(ask, models * number))


class Gate:
    """A model whose answers wait to be let go, each by name of its question."""

    def __init__(self):
        self.arrived = {}
        self.go = {}

    def __getitem__(self, name):
        self.arrived.setdefault(name, threading.Event())
        return self.go.setdefault(name, threading.Event())

    def expect(self, *names):
        for name in names:
            _ = self[name]

    def answer(self, asked):
        self.arrived[asked.prompt].set()
        assert self.go[asked.prompt].wait(5)
        return Reply("answered", asked.prompt)


# Never more than was given


def test_threads_make_no_more_calls_than_allowed(budget_of):
    model, budget = FakeModel(said("yes")), budget_of(max_calls=20)
    said_or_not = outcomes([budgeted(model, budget)], 60)
    assert (said_or_not.count("yes"), said_or_not.count("budget")) == (20, 40)
    assert len(model.asked) == 20
    assert budget.paid() == Amount(20, 0)


def test_workers_make_no_more_calls_than_allowed(tmp_path, budget_of):
    model, stores = FakeModel(said("yes")), [Store(tmp_path, "run") for _ in range(2)]
    budgets = [budget_of(max_calls=20, cell=store.budget_cell(), at_exit=store.close_thread) for store in stores]
    models = [budgeted(model, budget) for budget in budgets]
    said_or_not = outcomes(models, 30, finish=lambda: [store.close_thread() for store in stores])
    assert (said_or_not.count("yes"), said_or_not.count("budget")) == (20, 40)
    assert [budget.paid().calls for budget in budgets] == [20, 20]
    other = Store(tmp_path, "another run")
    assert budget_of(max_calls=1, cell=other.budget_cell()).paid() == Amount()
    other.close()
    for budget, store in zip(budgets, stores, strict=True):
        budget.close()
        store.close()


def test_money_in_flight_and_paid_never_exceeds_the_budget(budget_of):
    """Each question may cost 3 cents and costs 1 or 3 in turn; what is in flight counts in full."""
    lock, in_flight, most, costs = threading.Lock(), [0.0], [0.0], iter([0.01, 0.03] * 200)
    budget = budget_of(usd=0.50)

    def answer(asked):
        with lock:
            in_flight[0] += 0.03
            most[0] = max(most[0], in_flight[0] + budget.paid().usd)
        time.sleep(0.002)
        with lock:
            in_flight[0] -= 0.03
        return Reply("answered", "yes")

    layer = Budgeted(FakeModel(answer), budget, lambda q: 0.03, lambda r: next(costs), time.sleep)
    said_or_not = outcomes([layer], 60)
    # 24 answers cost 0.48, and 0.03 do not fit any more; an odd one costs 0.01 less.
    assert said_or_not.count("yes") in (24, 25)
    assert most[0] <= 0.50 + 1e-9
    assert 0.47 < budget.paid().usd <= 0.50


def test_one_call_more_is_not_asked_for(budget_of):
    model = FakeModel(said("never"))
    with pytest.raises(CallError, match="--vlm-max-calls=0 is used up"):
        budgeted(model, budget_of(max_calls=0)).ask(question())
    assert model.asked == []


# Waiting


def test_question_that_does_not_fit_goes_on_when_another_was_cheaper_than_reserved(budget_of):
    gate = Gate()
    gate.expect("first", "second")
    layer = budgeted(FakeModel(gate.answer), budget_of(usd=0.05), upper_usd=0.03, cost_usd=0.01)
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(layer.ask, question("first"))
        assert gate.arrived["first"].wait(5)
        second = threads.submit(layer.ask, question("second"))
        assert not gate.arrived["second"].wait(0.2)
        gate["first"].set()
        gate["second"].set()
        assert (first.result(5).text, second.result(5).text) == ("first", "second")


def test_question_that_never_fits_ends_only_when_nothing_is_reserved(budget_of):
    gate = Gate()
    gate.expect("first", "second")
    layer = budgeted(FakeModel(gate.answer), budget_of(usd=0.05), upper_usd=0.03, cost_usd=0.03)
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(layer.ask, question("first"))
        assert gate.arrived["first"].wait(5)
        second = threads.submit(layer.ask, question("second"))
        time.sleep(0.2)
        assert not second.done()
        gate["first"].set()
        assert first.result(5).text == "first"
        with pytest.raises(CallError, match=r"budget of USD 0\.05 is used up: spent USD 0\.03") as caught:
            second.result(5)
    assert (caught.value.kind, caught.value.sent, caught.value.whole_model) == ("budget", False, False)
    assert not caught.value.transient
    assert not gate.arrived["second"].is_set()


def test_waiting_for_money_takes_no_slot(budget_of):
    """Two slots: one is in use, one question waits for money, and a free one is asked meanwhile."""
    gate = Gate()
    gate.expect("dear", "too dear", "free")
    pace = Pace(2, MemoryCell(Pace.start(2)), time.monotonic)
    paced = Paced(FakeModel(gate.answer), ThreadSlots(pace), pace, lambda: None)
    prices = {"dear": 0.05, "too dear": 0.04, "free": 0.0}
    layer = Budgeted(paced, budget_of(usd=0.05), lambda q: prices[q.prompt], lambda r: prices[r.text], time.sleep)
    with ThreadPoolExecutor(3) as threads:
        dear = threads.submit(layer.ask, question("dear"))
        assert gate.arrived["dear"].wait(5)
        too_dear = threads.submit(layer.ask, question("too dear"))
        time.sleep(0.05)
        gate["free"].set()
        assert threads.submit(layer.ask, question("free")).result(5).text == "free"
        gate["dear"].set()
        assert dear.result(5).text == "dear"
        with pytest.raises(CallError, match="used up"):
            too_dear.result(5)


def test_waiting_ends_with_the_run(budget_of):
    pool, budget = Pool(FakeModel(said("x")), 1, time.monotonic), budget_of(max_calls=1)
    reserved = budget.reserve(None, time.sleep)
    threading.Timer(0.05, pool.close).start()
    with pytest.raises(CallError, match="the run ended") as caught:
        budgeted(FakeModel(said("never")), budget, pause=pool.pause).ask(question())
    assert caught.value.kind == "ended"
    budget.settle(reserved, reserved)
    assert budget.paid() == Amount(1, 0)


def test_waiting_looks_ever_less_often(budget_of):
    budget, pauses = budget_of(max_calls=1), []
    budget.reserve(None, time.sleep)

    def pause(seconds):
        pauses.append(seconds)
        if len(pauses) == 7:
            raise CallError("the run ended", "ended", sent=False)

    with pytest.raises(CallError, match="the run ended"):
        budget.reserve(None, pause)
    assert pauses == [0.02, 0.04, 0.08, 0.16, 0.32, 0.5, 0.5]


# What counts


def failing(*errors):
    """A model that fails with each error in turn and then answers."""
    left = list(errors)

    def answer(asked):
        if left:
            raise left.pop(0)
        return Reply("answered", "at last")

    return FakeModel(answer)


def busy(**fields):
    return CallError("busy", "server", transient=True, retry_after=0.0, **fields)


@pytest.mark.parametrize(("max_calls", "asked"), [(2, 2), (3, 3)])
def test_each_try_is_reserved_anew(budget_of, max_calls, asked):
    model, budget, ledger = failing(busy(), busy()), budget_of(max_calls=max_calls), Ledger()
    pace = Pace(4, MemoryCell(Pace.start(4)), time.monotonic)
    paced = Paced(Counted(model, ledger, "m"), ThreadSlots(pace), pace, lambda: None)
    retried = Retried(budgeted(paced, budget), time.monotonic, lambda seconds: None, random.Random(0))
    if max_calls == 3:
        assert retried.ask(question()).text == "at last"
    else:
        with pytest.raises(CallError, match="--vlm-max-calls=2 is used up: 2 calls made"):
            retried.ask(question())
    assert ledger.drain() == [("calls", "m", asked)]
    assert budget.paid().calls == len(model.asked) == asked


def test_attempt_that_failed_counts_as_a_call_without_cost(budget_of):
    budget = budget_of(usd=1.0)
    with pytest.raises(CallError, match="busy"):
        budgeted(failing(busy()), budget, upper_usd=0.03).ask(question())
    assert budget.paid() == Amount(1, 0)


def test_attempt_that_was_not_sent_costs_nothing(budget_of):
    budget = budget_of(max_calls=1)
    with pytest.raises(CallError, match="busy"):
        budgeted(failing(busy(sent=False)), budget, upper_usd=0.03).ask(question())
    assert budget.paid() == Amount()
    assert budgeted(FakeModel(said("yes")), budget).ask(question()).text == "yes"


def test_reply_without_known_cost_counts_as_reserved(budget_of):
    budget = budget_of(usd=1.0)
    budgeted(FakeModel(said("yes")), budget, upper_usd=0.03, cost_usd=None).ask(question())
    assert budget.paid() == Amount.of_call(0.03)


def test_bug_in_a_provider_counts_as_reserved(budget_of):
    budget = budget_of(usd=1.0)
    with pytest.raises(ZeroDivisionError):
        budgeted(failing(ZeroDivisionError()), budget, upper_usd=0.03).ask(question())
    assert budget.paid() == Amount.of_call(0.03)


def test_reply_dearer_than_reserved_is_paid_in_full_and_what_is_free_still_asked(budget_of):
    budget = budget_of(usd=0.05)
    budgeted(FakeModel(said("long")), budget, upper_usd=0.03, cost_usd=0.08).ask(question())
    assert budget.paid() == Amount.of_call(0.08)
    assert budgeted(FakeModel(said("free")), budget).ask(question()).text == "free"
    with pytest.raises(CallError, match=r"spent USD 0\.08.*give --vlm-budget=0\.11 or more"):
        budgeted(FakeModel(said("never")), budget, upper_usd=0.03).ask(question())


def test_stored_reply_costs_nothing(tmp_path, budget_of):
    model, ledger = FakeModel(said("a cup")), Ledger()
    for run, max_calls in [("run1", 1), ("run2", 0)]:
        store = Store(tmp_path, run)
        layer = Cached(budgeted(model, budget_of(max_calls=max_calls)), model.identity, store, ledger, "m")
        assert layer.ask(question()).text == "a cup"
        store.close()
    assert len(model.asked) == 1


# Sums


def test_budget_of_exactly_what_is_needed_suffices(budget_of):
    """0.1 + 0.2 > 0.3, and a thousand times 0.000123 is not 0.123, for floats."""
    budget = budget_of(usd=0.3)
    for usd in (0.1, 0.2):
        budgeted(FakeModel(said("yes")), budget, usd, usd).ask(question())
    assert budget.paid() == Amount.of_call(0.3) + Amount(1, 0)
    assert sum([0.000123] * 1000) != 0.123
    budget = budget_of(usd=0.123)
    for _ in range(1000):
        budget.settle(budget.reserve(0.000123, time.sleep), Amount.of_call(0.000123))
    assert budget.paid().usd == 0.123
    with pytest.raises(CallError, match="used up"):
        budget.reserve(1e-12, time.sleep)


def test_what_a_float_adds_to_a_price_does_not_count(budget_of):
    assert 3 * 0.1 > 0.3
    budget = budget_of(usd=0.3)
    assert budget.reserve(3 * 0.1, time.sleep) == Amount.of_call(0.3)


@given(st.lists(st.integers(1, 10**9).map(lambda nanos: Decimal(nanos) / 10**9), min_size=1, max_size=30))
def test_sums_are_exact_in_any_order(prices):
    total = sum(prices)
    for order in (prices, prices[::-1]):
        budget = Budget(Limits(usd=float(total)), MemoryCell(BudgetState()), time.monotonic, renew_s=60.0)
        for price in order:
            budget.settle(budget.reserve(float(price), time.sleep), Amount.of_call(float(price)))
        assert budget.paid().usd == float(total)
        with pytest.raises(CallError, match="used up"):
            budget.reserve(1e-9, time.sleep)
        budget.close()


# Messages


@pytest.mark.parametrize(
    ("limit", "paid", "need", "message"),
    [
        (
            0.5,
            0.48,
            0.03,
            "budget of USD 0.50 is used up: spent USD 0.48, this question needs about USD 0.03; "
            "give --vlm-budget=0.51 or more",
        ),
        (
            0.5,
            0.4837,
            0.0291,
            "budget of USD 0.50 is used up: spent USD 0.48, this question needs about USD 0.03; "
            "give --vlm-budget=0.52 or more",
        ),
        (
            0.001,
            0.0009,
            0.00024,
            "budget of USD 0.0010 is used up: spent USD 0.0009, this question needs about USD 0.0003; "
            "give --vlm-budget=0.0012 or more",
        ),
        (
            10,
            9,
            12.5,
            "budget of USD 10.00 is used up: spent USD 9.00, this question needs about USD 12.50; "
            "give --vlm-budget=21.50 or more",
        ),
        (
            0.125,
            0.1,
            0.05,
            "budget of USD 0.125 is used up: spent USD 0.10, this question needs about USD 0.05; "
            "give --vlm-budget=0.15 or more",
        ),
    ],
)
def test_message_says_limit_spent_and_needed(budget_of, limit, paid, need, message):
    budget = budget_of(usd=limit, cell=MemoryCell(BudgetState(Amount.of_call(paid))))
    with pytest.raises(CallError) as caught:
        budget.reserve(need, time.sleep)
    assert caught.value.message == message
    suffices = float(message.split("--vlm-budget=")[1].split()[0])
    budget_of(usd=suffices, cell=MemoryCell(BudgetState(Amount.of_call(paid)))).reserve(need, time.sleep)


def test_message_of_used_up_calls(budget_of):
    budget = budget_of(max_calls=100, usd=1.0, cell=MemoryCell(BudgetState(Amount(100, 0))))
    expected = "--vlm-max-calls=100 is used up: 100 calls made; give --vlm-max-calls=101 or more"
    with pytest.raises(CallError) as caught:
        budget.reserve(0.01, time.sleep)
    assert caught.value.message == expected


def test_unknown_price_cannot_be_kept_within_a_sum_but_within_a_number_of_calls(budget_of):
    with pytest.raises(CallError, match=r"price of this question is not known.*--vlm-budget=0\.5.*--vlm-max-calls"):
        budget_of(usd=0.5).reserve(None, time.sleep)
    assert budget_of(max_calls=1).reserve(None, time.sleep) == Amount(1, 0)


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ({"max_calls": -1}, "--vlm-max-calls=-1; expected a number of calls, 0 or more"),
        ({"usd": -0.5}, "--vlm-budget=-0.5; expected US dollars, 0 or more"),
        ({"usd": float("nan")}, "--vlm-budget=nan; expected US dollars"),
        ({"usd": float("inf")}, "--vlm-budget=inf; expected US dollars"),
    ],
)
def test_limit_that_is_none(limits, message):
    with pytest.raises(UsageError, match=message):
        Limits(**limits)


# Leases

HOLDER = """
import sys, time
from pathlib import Path
from pytest_vlmperception.calling import Store
from pytest_vlmperception.calling.budget import Budget
from pytest_vlmperception.calling.spending import Limits
cell = Store(Path(sys.argv[1]), "run").budget_cell()
budget = Budget(Limits(max_calls=1), cell, time.monotonic, lease_s=1.0, renew_s=0.1)
budget.reserve(None, time.sleep)
print("reserved", flush=True)
time.sleep(60)
"""


def test_killed_process_frees_its_reservation_when_it_expires(tmp_path, budget_of):
    process = subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    store = Store(tmp_path, "run")
    budget = budget_of(max_calls=1, cell=store.budget_cell(), at_exit=store.close_thread)
    with process, ThreadPoolExecutor(1) as threads:
        assert process.stdout.readline() == "reserved\n"
        waiting = threads.submit(budget.reserve, None, time.sleep)
        time.sleep(1.3)
        assert not waiting.done()  # longer than a lease, which is renewed while the process lives
        process.kill()
        killed = time.monotonic()
        assert waiting.result(10) == Amount(1, 0)
        assert time.monotonic() - killed < 3
        threads.submit(store.close_thread).result(5)
    budget.close()
    store.close()


def test_lease_expires_by_the_clock_and_is_taken_up_again_by_a_process_that_lives(budget_of):
    cell, clock = MemoryCell(BudgetState()), Clock()
    one, two = (budget_of(max_calls=number, cell=cell, clock=clock, renew_s=60.0) for number in (3, 1))
    one.reserve(None, time.sleep)
    clock.now += 9.5
    assert cell.read().at(clock.now).reserved == Amount(1, 0)
    clock.now += 1.0
    two.settle(two.reserve(None, time.sleep), Amount(1, 0))
    assert cell.read() == BudgetState(Amount(1, 0), {})
    one.reserve(None, time.sleep)
    assert cell.read().reserved == Amount(2, 0)


def test_call_longer_than_a_lease_keeps_its_reservation(budget_of):
    cell = MemoryCell(BudgetState())
    budget = budget_of(max_calls=1, cell=cell, lease_s=0.3, renew_s=0.05)
    budget.reserve(None, time.sleep)
    time.sleep(0.5)
    assert cell.read().at(time.monotonic()).reserved == Amount(1, 0)


def test_renewer_ends_its_thread_and_stays_closed():
    ended = []
    renewer = Renewer(lambda: None, 60.0, lambda: ended.append(threading.current_thread().name))
    renewer.start()
    renewer.start()
    renewer.close()
    renewer.start()
    assert ended == ["vlmperception-renewer"]


# Store


class Broken(MemoryCell):
    """A cell that cannot be written while it is said to be full."""

    full = False

    def change(self, function):
        if self.full:
            raise StoreError("disk full")
        return super().change(function)


def test_reply_is_not_lost_to_a_store_that_cannot_note_its_cost(budget_of):
    cell = Broken(BudgetState())
    budget = budget_of(usd=0.1, cell=cell)

    def answer(asked):
        cell.full = True
        return Reply("answered", "paid for")

    assert budgeted(FakeModel(answer), budget, 0.08, 0.05).ask(question()).text == "paid for"
    assert budget.paid() == Amount.of_call(0.05)
    with pytest.raises(StoreError, match="disk full"):
        budget.reserve(0.01, time.sleep)
    cell.full = False
    budget.settle(budget.reserve(0.05, time.sleep), Amount.of_call(0.05))
    assert cell.read() == BudgetState(Amount(2, 10**11), {})


def test_cost_that_could_not_be_noted_is_noted_at_the_end(budget_of):
    cell = Broken(BudgetState())
    budget = budget_of(usd=0.1, cell=cell)
    reserved = budget.reserve(0.08, time.sleep)
    cell.full = True
    budget.settle(reserved, reserved)
    cell.full = False
    budget.close()
    assert cell.read() == BudgetState(Amount.of_call(0.08), {})


AMOUNTS = st.builds(Amount, st.integers(0, 2**70), st.integers(0, 2**70))
SHARES = st.builds(Share, AMOUNTS, st.floats(allow_nan=False, allow_infinity=False))


@given(st.builds(BudgetState, AMOUNTS, st.dictionaries(st.text(), SHARES, max_size=3)))
def test_state_round_trip(state):
    assert budget_from_json(budget_to_json(state)) == state


VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just([]) | st.just({})


@given(st.data())
def test_any_change_of_the_state_is_read_as_amounts_or_refused(data):
    content = json.loads(budget_to_json(BudgetState(Amount(1, 2), {"a": Share(Amount(1, 2), 3.0)})))
    share = content["shares"]["a"]
    part = data.draw(st.sampled_from([content, content["paid"], content["shares"], share, share["amount"]]))
    part[data.draw(st.sampled_from(sorted(part)) | st.text())] = data.draw(VALUES)
    try:
        state = budget_from_json(json.dumps(content).encode())
    except StoreError:
        return
    total = state.paid + state.reserved
    assert total.calls >= 1
    assert total.picos >= 0
