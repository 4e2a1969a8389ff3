"""What a server's replies say of how much more it takes: read from real SDKs, and kept by all workers."""

from __future__ import annotations

import math
import random
import time
from datetime import UTC, datetime, timedelta

import pytest
import servers
from hypothesis import given
from hypothesis import strategies as st

from pytest_vlmperception.calling import Caller, FileSlots, Ledger, Live, Pace, Store, ThreadSlots
from pytest_vlmperception.models import create, parse
from pytest_vlmperception.models.quota import Quota, pause_s
from pytest_vlmperception.records import Picture, Question

NOW = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC).timestamp()
USED_UP = {"x-ratelimit-remaining-requests": "0"}


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        # The forms that OpenAI documents.
        ({**USED_UP, "x-ratelimit-reset-requests": "1s"}, 1.0),
        ({**USED_UP, "x-ratelimit-reset-requests": "6m0s"}, 360.0),
        ({**USED_UP, "x-ratelimit-reset-requests": "20ms"}, 0.02),
        ({**USED_UP, "x-ratelimit-reset-requests": "2.5"}, 2.5),
        ({"x-ratelimit-remaining-tokens": " 0 ", "x-ratelimit-reset-tokens": "3s"}, 3.0),
        # Anthropic's are times, RFC 3339.
        (
            {
                "anthropic-ratelimit-requests-remaining": "0",
                "anthropic-ratelimit-requests-reset": "2026-11-21T12:00:07Z",
            },
            7.0,
        ),
        (
            {
                "anthropic-ratelimit-input-tokens-remaining": "0",
                "anthropic-ratelimit-input-tokens-reset": "2026-11-21T13:00:09+01:00",
            },
            9.0,
        ),
        ({"retry-after": "4"}, 4.0),
        ({"retry-after": "Sat, 21 Nov 2026 12:00:05 GMT"}, 5.0),
        # The longest of several.
        ({**USED_UP, "x-ratelimit-reset-requests": "1s", "retry-after": "2"}, 2.0),
        # Something is left, or it is over.
        ({"x-ratelimit-remaining-requests": "1", "x-ratelimit-reset-requests": "1s"}, 0.0),
        ({"x-ratelimit-reset-requests": "1s"}, 0.0),
        (
            {
                "anthropic-ratelimit-tokens-remaining": "0",
                "anthropic-ratelimit-tokens-reset": "2026-11-21T11:59:00Z",
            },
            0.0,
        ),
        # Absurd, or no time.
        ({**USED_UP, "x-ratelimit-reset-requests": "24h0m0s"}, 0.0),
        ({**USED_UP, "x-ratelimit-reset-requests": "1795000000"}, 0.0),
        ({**USED_UP, "x-ratelimit-reset-requests": "-5"}, 0.0),
        ({**USED_UP, "x-ratelimit-reset-requests": "nan"}, 0.0),
        ({**USED_UP, "x-ratelimit-reset-requests": "soon"}, 0.0),
        ({**USED_UP, "x-ratelimit-reset-requests": "2026-11-21T12:00:07"}, 0.0),
        (USED_UP, 0.0),
        ({}, 0.0),
    ],
)
def test_pause(headers, seconds):
    assert pause_s(headers, NOW) == pytest.approx(seconds)


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_header_breaks_it_or_makes_it_wait_for_long(reset, after):
    headers = {**USED_UP, "x-ratelimit-reset-requests": reset, "anthropic-ratelimit-tokens-remaining": "0"}
    seconds = pause_s({**headers, "anthropic-ratelimit-tokens-reset": reset, "retry-after": after}, NOW)
    assert math.isfinite(seconds)
    assert 0 <= seconds <= 3600


def test_what_was_taken_is_not_told_again():
    quota = Quota(clock=lambda: 100.0)
    quota.note({**USED_UP, "x-ratelimit-reset-requests": "3s"})
    quota.note({**USED_UP, "x-ratelimit-reset-requests": "2s"})
    assert (quota.take(), quota.take()) == (3.0, 0.0)


def used_up_once(reset):
    """Answer, and say in the third reply that nothing is left."""
    numbers = iter(range(1, 100))

    def respond(request):
        response = servers.says(request, "A")
        headers = reset() if next(numbers) == 3 else {"x-ratelimit-remaining-requests": "9"}
        return servers.Response(response.status, response.body, {**response.headers, **headers})

    return respond


def openai_reset():
    return {**USED_UP, "x-ratelimit-reset-requests": "0m0.5s"}


def anthropic_reset():
    when = datetime.now(UTC) + timedelta(seconds=0.5)
    return {"anthropic-ratelimit-requests-remaining": "0", "anthropic-ratelimit-requests-reset": when.isoformat()}


def retry_after():
    return {"retry-after": "0.5"}


@pytest.mark.parametrize(
    ("wire", "name", "reset"),
    [
        ("openai", "openai/x", openai_reset),
        ("openai", "openai/x?api=responses", openai_reset),
        ("gemini", "google/x", retry_after),
        ("anthropic", "anthropic/x", anthropic_reset),
    ],
)
def test_calls_pause_until_a_quota_is_whole_again(tmp_path, wire, name, reset):
    with servers.serve(wire, used_up_once(reset)) as server:
        separator = "&" if "?" in name else "?"
        provider = create(parse(f"{name}{separator}base_url={server.url}", trusted=True))
        store, ledger = Store(tmp_path, "run"), Ledger()
        cell = store.pace_cell("x", Pace.start(1))
        pace = Pace(1, cell, time.monotonic)
        live = Live("x", provider, store, ledger, pace, ThreadSlots(pace), rng=random.Random(0))
        caller = Caller("x", provider, ledger, live, 2, at_exit=store.close_thread)
        futures = caller.submit_all([Question(f"{n}", (PICTURE,)) for n in range(6)])
        assert [future.result(20).text for future in futures] == ["A"] * 6
        assert cell.read().until > 0
        caller.close()
        store.close()
    arrived = [request.arrived for request in server.requests]
    assert len(arrived) == 6
    assert arrived[3] - arrived[2] >= 0.45


PICTURE = Picture("p", lambda: ("image/png", b"\x89PNG"))


def test_pause_is_bounded_and_never_shortened(tmp_path):
    store = Store(tmp_path, "run")
    one, two = (Pace(32, store.pace_cell("m", Pace.start(32)), lambda: 100.0) for _ in range(2))
    one.used_up(20.0)
    two.used_up(10.0)
    assert (one.hold(), two.hold()) == (20.0, 20.0)
    # As after a rejection, five minutes at most; what was learnt of the limit stays.
    two.used_up(3000.0)
    assert one.hold() == 300.0
    assert one.limit() == 16
    store.close()


@pytest.mark.parametrize("slots", ["threads", "files"])
def test_run_that_ends_does_not_wait_for_a_quota(tmp_path, slots):
    def minutes():
        return {**USED_UP, "x-ratelimit-reset-requests": "4m0s"}

    with servers.serve("openai", used_up_once(minutes)) as server:
        provider = create(parse(f"openai/x?base_url={server.url}", trusted=True))
        store, ledger = Store(tmp_path / "store", "run"), Ledger()
        pace = Pace(1, store.pace_cell("x", Pace.start(1)), time.monotonic)
        places = ThreadSlots(pace) if slots == "threads" else FileSlots(tmp_path / "slots", pace)
        live = Live("x", provider, store, ledger, pace, places, rng=random.Random(0))
        caller = Caller("x", provider, ledger, live, 3, at_exit=store.close_thread)
        promises = caller.submit_all([Question(f"{n}", (PICTURE,)) for n in range(6)])
        while pace.hold() <= 0:
            time.sleep(0.01)
        began = time.monotonic()
        caller.close()
        assert time.monotonic() - began < 10
        outcomes = [promise.done() for promise in promises]
        store.close()
    assert outcomes == [True] * 6
    assert len(server.requests) == 3
