"""Two texts side by side."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from pytest_vlmperception.report import side_by_side


def cells(line):
    """Count cells as a terminal does: wide characters take two, combining marks none."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in line)
    return len(line) + wide - sum(unicodedata.category(c) in ("Mn", "Me") for c in line)


def test_words_are_wrapped_and_columns_aligned():
    assert side_by_side("The eyes are wide open.", "He smiles.", 27) == [
        "The eyes are | He smiles.",
        "wide open.   |",
    ]


def test_a_wide_character_takes_two_cells():
    assert side_by_side("怒っています。", "a\nb", 15) == [
        "怒って | a",
        "います | b",
        "。     |",
    ]


def test_a_combining_mark_takes_none():
    assert side_by_side("cafe\u0301s x", "y", 13) == ["cafe\u0301s | y", "x     |"]


def test_long_words_are_broken_and_control_characters_spelt_out():
    assert side_by_side("abcdefgh", "\x1b[1m\u202e\t", 15) == [
        r"abcdef | \x1b[1",
        r"gh     | m\u202",
        "       | e",
    ]


@given(*2 * [st.text(st.characters(codec=None, categories=None), max_size=60)], st.sampled_from([70, 110]))
def test_no_line_is_wider_than_it_may_be_and_none_breaks_the_terminal(left, right, width):
    lines = side_by_side(left, right, width)
    assert lines
    assert all(cells(line) <= width for line in lines)
    assert all(c.isprintable() or c == "\u3000" for line in lines for c in line)
