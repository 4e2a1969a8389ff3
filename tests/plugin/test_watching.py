"""The parts of telling: figures merged over processes, the time left, prices, and letters between processes."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest

from pytest_vlmperception.calling import Ledger
from pytest_vlmperception.letters import Inbox, Outbox
from pytest_vlmperception.models import Identity, create, parse
from pytest_vlmperception.models.prices import Price, Rate
from pytest_vlmperception.records import Figures, Outlook, Picture, Progress, Question, Reply, Usage
from pytest_vlmperception.report import asking_line, progress_line
from pytest_vlmperception.watching import Announcer, Controller, Speed, Watch


def question(text, repeat=0):
    return Question(text, (Picture("p", lambda: ("image/png", b"p")),), repeat=repeat)


def dollar_each(provider, model, base_url):
    return lambda usage: None if usage.input_tokens is None else 1.0


def heard(ledger):
    """What a ledger heard, as it arrives in another process."""
    return [list(event) for event in ledger.heard()]


def worker():
    ledger = Ledger()
    ledger.listen()
    ledger.known("m", "openai", "m", "")
    return ledger


def test_a_question_that_two_processes_ask_counts_once():
    progress, one, two = Progress(dollar_each), worker(), worker()
    one.asked("m", [question("a"), question("b"), question("c")])
    two.asked("m", [question("a"), question("b"), question("b", repeat=1)])
    one.hit("m", "key of a", Reply("answered", "x"))
    two.hit("m", "key of a", Reply("answered", "x"))
    one.replied("m", "key of b", Reply("answered", "x", usage=Usage(10, 1)))
    two.failed("m", "key of b1", "server")
    with one.sending(), two.sending(), two.sending():
        progress.add("one", heard(one))
        progress.add("two", heard(two))
        assert progress.figures() == Figures(asked=4, done=3, hits=1, failures=1, in_flight=3, usd=1.0)
    progress.add("one", heard(one))
    assert progress.figures().in_flight == 2


def test_money_is_unknown_where_one_cost_is():
    progress, ledger = Progress(dollar_each), worker()
    ledger.replied("m", "a", Reply("answered", "x", usage=Usage(10, 1)))
    ledger.replied("m", "b", Reply("answered", "x"))
    progress.add("", heard(ledger))
    assert progress.figures().usd is None


def test_what_nobody_listens_to_is_not_kept():
    ledger = Ledger()
    ledger.asked("m", [question("a")])
    ledger.hit("m", "a", Reply("answered", "x"))
    assert heard(ledger) == [["in flight", "", 0]]


def test_time_left_follows_from_what_was_answered_lately():
    speed = Speed(look_back_s=10.0)
    assert speed.seconds_left(0.0, Figures(asked=100, done=20, hits=20)) is None
    # 10 answered in 5 s, 70 to go: hits take no time and are no measure of it.
    assert speed.seconds_left(5.0, Figures(asked=100, done=30, hits=20)) == pytest.approx(35.0)
    # One a second in the last 10 s, 60 to go.
    assert speed.seconds_left(15.0, Figures(asked=100, done=40, hits=20)) == pytest.approx(60.0)


@pytest.mark.parametrize(
    ("figures", "seconds", "line"),
    [
        (
            Figures(630, 352, 12, 2, 32, 0.1234),
            75.2,
            "vlm: 350/630 answered, 12 hits, 32 in flight, 2 failures, USD 0.12, 1:16 left",
        ),
        (
            Figures(1, 0, 0, 0, 1, None),
            None,
            "vlm: 0/1 answered, 0 hits, 1 in flight, 0 failures, USD unknown, time left unknown",
        ),
        (
            Figures(9, 1, 1, 1, 0, 0.0),
            7384.0,
            "vlm: 0/9 answered, 1 hit, 0 in flight, 1 failure, USD 0.00, 2:03:04 left",
        ),
    ],
)
def test_progress_line(figures, seconds, line):
    assert progress_line(figures, seconds) == line


@pytest.mark.parametrize(
    ("outlook", "usd", "line"),
    [
        (
            Outlook("m", 630, 12, True, 100, 10),
            (0.0512, 0.41),
            "vlm: asking m: at least 630 calls, USD 0.05 to 0.41 (stored: 12)",
        ),
        (
            Outlook("m", 1, 0, False, 100, 10),
            (0.00123, 0.00123),
            "vlm: asking m: at least about 1 call, about USD 0.0012 (stored: 0)",
        ),
        (Outlook("m", 2, 0, True, 100, 10), None, "vlm: asking m: at least 2 calls, USD unknown (stored: 0)"),
    ],
)
def test_asking_line(outlook, usd, line):
    assert asking_line(outlook, usd) == line


class FakeScreen:
    def __init__(self):
        self.said, self.shown = [], None

    def say(self, line):
        self.said.append(line)

    def show(self, line):
        self.shown = line

    def hide(self):
        self.shown = None


def test_prices_of_vendors_are_known():
    screen = FakeScreen()
    announcer = Announcer(screen, {})
    identity = create(parse("openai/gpt-4o-mini", trusted=False)).identity
    announcer.expect(identity)
    announcer.announce(Outlook("openai/gpt-4o-mini", 100, 0, True, 1_000_000, 1_000_000), identity)
    # OpenAI's prices of gpt-4o-mini since July 2024: USD 0.15 and 0.60 for a million tokens in and out.
    assert screen.said == ["vlm: asking openai/gpt-4o-mini: at least 100 calls, USD 15.00 to 75.00 (stored: 0)"]


def test_what_is_free_is_not_announced():
    screen = FakeScreen()
    free = Price(Rate(0.0), Rate(0.0), Rate(0.0))
    Announcer(screen, {"openai/m": free}).announce(Outlook("m", 1, 0, True, 9, 9), Identity("openai", "m"))
    assert screen.said == []


def test_progress_is_shown_after_some_seconds_and_while_questions_are_open():
    screen, ledger, now = FakeScreen(), worker(), [0.0]
    watch = Watch(screen, lambda: [("", heard(ledger))], {}, clock=lambda: now[0])
    watch.look()
    ledger.asked("m", [question("a"), question("b")])
    for now[0], shown in [(10.0, False), (12.9, False), (13.0, True)]:
        watch.look()
        assert (screen.shown is not None) == shown
    ledger.replied("m", "a", Reply("answered", "x"))
    ledger.failed("m", "b", "server")
    watch.look()
    assert screen.shown is None


def test_letters_arrive_once_and_half_lines_do_not(tmp_path):
    inbox, outbox = Inbox(tmp_path), Outbox(tmp_path, "gw0")
    outbox.tell([["hit", "m", "a", "answered"]])
    outbox.tell([["hit", "m", "b", "answered"]])
    path = tmp_path / "letters" / "gw0.events"
    whole = path.read_text("ascii")
    path.write_text(whole[:-9], "ascii")
    assert list(inbox.events()) == [("gw0", [["hit", "m", "a", "answered"]])]
    path.write_text(whole + "[broken\n", "ascii")
    assert list(inbox.events()) == [("gw0", [["hit", "m", "b", "answered"]])]
    assert list(inbox.events()) == []
    inbox.gone("gw0")
    assert list(inbox.events()) == [("gw0", [["in flight", "", 0]])]


def test_worker_waits_until_its_call_is_announced_and_no_longer(tmp_path):
    screen = FakeScreen()
    controller = Controller(Inbox(tmp_path), Announcer(screen, {}), None)
    outlook, identity = Outlook("m", 3, 0, True, 9, 9), Identity("openai", "m", base_url="http://localhost/v1")
    workers = [threading.Thread(target=Outbox(tmp_path, f"gw{n}").announce, args=(outlook, identity)) for n in range(2)]
    for thread in workers:
        thread.start()
    assert screen.said == []
    controller.start()
    for thread in workers:
        thread.join(10)
    controller.pytest_sessionfinish()
    assert screen.said == ["vlm: asking m: at least 3 calls, USD unknown (stored: 0)"]


def test_worker_without_a_folder_for_letters_goes_on(tmp_path):
    outbox = Outbox(tmp_path / "missing", "gw0")
    outbox.tell([["hit", "m", "a", "answered"]])
    outbox.announce(Outlook("m", 3, 0, True, 9, 9), Identity("openai", "m"))
    assert list(tmp_path.iterdir()) == []


def test_worker_that_ended_has_nothing_in_flight(tmp_path):
    inbox, outbox, ledger = Inbox(tmp_path), Outbox(tmp_path, "gw1"), worker()
    progress = Progress(dollar_each)
    with ledger.sending():
        outbox.tell(ledger.heard())
    Controller(inbox, None, None).pytest_testnodedown(SimpleNamespace(gateway=SimpleNamespace(id="gw1")))
    for process, events in inbox.events():
        progress.add(process, events)
    assert progress.figures().in_flight == 0
