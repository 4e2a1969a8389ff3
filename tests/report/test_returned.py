"""The warning for replies of several models under one name."""

from __future__ import annotations

import pytest

from pytest_vlmperception.report import returned_line


@pytest.mark.parametrize(
    ("stored", "new", "replayed", "line"),
    [
        ({}, {}, False, ""),
        ({}, {"m-1": 3}, False, ""),
        ({"m-1": 2}, {"m-1": 3}, False, ""),
        (
            {},
            {"m-3": 1, "m-2": 480, "m-1": 120},
            False,
            "m answered as m-1 (120 new replies), m-2 (480 new replies) and m-3 (1 new reply): the provider changed "
            "the model in the middle of this run; ask all anew with --vlm-cache=refresh once it has settled, or name "
            "the model by one of these ids",
        ),
        (
            {"m-1": 1},
            {"m-2": 2},
            False,
            "m answered as m-1 (1 stored reply) and m-2 (2 new replies): the provider changed the model since they "
            "were stored; ask all anew with --vlm-cache=refresh",
        ),
        (
            {"m-1": 1, "m-2": 1},
            {"m-2": 2},
            False,
            "m answered as m-1 (1 stored reply), m-2 (1 stored reply) and m-2 (2 new replies): the provider changed "
            "the model since they were stored; ask all anew with --vlm-cache=refresh",
        ),
        (
            {"m-1": 1, "m-2": 5},
            {},
            False,
            "m answered as m-1 (1 stored reply) and m-2 (5 stored replies): the provider changed the model between "
            "the runs that asked; ask all anew with --vlm-cache=refresh",
        ),
        (
            {"m-1": 1, "m-2": 5},
            {},
            True,
            "m answered as m-1 (1 stored reply) and m-2 (5 stored replies): the provider changed the model between "
            "the runs that asked; ask all anew with --vlm-cache=refresh, and record that with --vlm-record",
        ),
    ],
)
def test_line(stored, new, replayed, line):
    assert returned_line("m", stored, new, replayed=replayed) == line
