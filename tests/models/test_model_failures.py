"""Waits that servers ask for, in all the forms they use."""

from __future__ import annotations

import pytest

from pytest_vlmperception.models.failures import printable, reset, retry_after, span, until


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        # The forms of OpenAI's x-ratelimit-reset-* headers and of google.rpc.RetryInfo.
        ("1s", 1.0),
        ("6m0s", 360.0),
        ("20ms", 0.02),
        ("1m30.5s", 90.5),
        ("1h2m3s", 3723.0),
        ("0.7s", 0.7),
        ("2d", 172800.0),
        ("", None),
        ("7", None),
        ("s", None),
        ("1s!", None),
        ("-1s", None),
        ("9" * 400 + "s", None),
    ],
)
def test_a_span(text: str, seconds: float | None) -> None:
    assert span(text) == (None if seconds is None else pytest.approx(seconds))


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "1e999"}, None),
        ({"retry-after-ms": "250", "retry-after": "3"}, 0.25),
        ({"retry-after-ms": "x", "retry-after": "3"}, 3.0),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
        ({"retry-after": "soon", "x-ratelimit-reset-requests": "2s"}, 2.0),
    ],
)
def test_headers(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


def test_a_date() -> None:
    # 2015-10-21 07:28:00 UTC is 1445412480 s after the epoch.
    assert until("Wed, 21 Oct 2015 07:28:00 GMT", 1445412470.0) == 10.0


def test_the_longest_limit_that_is_used_up_counts() -> None:
    headers = {
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": "2s",
        "x-ratelimit-remaining-tokens": "0",
        "x-ratelimit-reset-tokens": "5s",
    }
    assert reset(headers) == 5.0
    assert reset({**headers, "x-ratelimit-remaining-tokens": "9"}) == 2.0


def test_a_key_is_taken_out_before_the_line_is_cut() -> None:
    line = printable("x" * 290 + "k-secret-0123456789", "k-secret-0123456789")
    assert "secret" not in line
    assert "k-" not in line


def test_what_stands_in_for_a_key_is_left_in_a_message() -> None:
    assert printable("none of these", "none") == "none of these"
