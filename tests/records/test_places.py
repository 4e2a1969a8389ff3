"""GenEval's rule of positions, on cases worked by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_vlmperception.records import Detection, relative_position


def at(x: float, y: float, side: float = 20.0) -> Detection:
    half = side / 2
    return Detection("dog", (x - half, y - half, x + half, y + half))


@pytest.mark.parametrize(
    ("a", "b", "relations"),
    [
        # Offset (-100, 0), widths 20 + 20: shrunk by 4 to -96, over 100: -0.96.
        (at(0, 0), at(100, 0), {"left of"}),
        (at(100, 0), at(0, 0), {"right of"}),
        # Down is positive.
        (at(0, 0), at(0, 100), {"above"}),
        (at(0, 100), at(0, 0), {"below"}),
        # (-100, -100) shrunk to (-96, -96), over 141.4: both -0.679.
        (at(0, 0), at(100, 100), {"left of", "above"}),
        (at(100, 0), at(0, 100), {"right of", "above"}),
        # (100, 60) shrunk to (96, 56), over 116.6: 0.823 and 0.480.
        (at(100, 60), at(0, 0), {"right of"}),
        # (100, 70) shrunk to (96, 66), over 122.1: 0.786 and 0.541.
        (at(100, 70), at(0, 0), {"right of", "below"}),
        # (50, 50), sides 80 + 80: shrunk to (34, 34), over 70.7: both 0.481.
        (at(50, 50, 80), at(0, 0, 80), set()),
        # (7, 0), sides 40 + 40: shrunk by 8 to nothing.
        (at(7, 0, 40), at(0, 0, 40), set()),
        # (16, 0), shrunk by 8 to 8, over 16: 0.5 is not above 0.5.
        (at(16, 0, 40), at(0, 0, 40), set()),
        (at(17, 0, 40), at(0, 0, 40), {"right of"}),
        (at(0, 0), at(0, 0), set()),
        # 60 degrees from one axis: cos 60 = 0.5 is not more than half, the less so when shrunk.
        (at(50, 86.6), at(0, 0), {"below"}),
    ],
)
def test_relative_position(a: Detection, b: Detection, relations: set[str]) -> None:
    assert relative_position(a, b) == relations


def test_widths_and_heights_shrink_their_own_component() -> None:
    # (20, 20); widths 100 + 100 shrink 20 to 0; heights 10 + 10 shrink 20 to 18, over 28.3: 0.636.
    wide, other = Detection("bus", (-30, 15, 70, 25)), Detection("bus", (-50, -5, 50, 5))
    assert relative_position(wide, other) == {"below"}


OPPOSITE = {"left of": "right of", "right of": "left of", "above": "below", "below": "above"}
PLACES = st.floats(-500, 500)


@given(PLACES, PLACES, st.floats(1, 200), PLACES, PLACES, st.floats(1, 200))
def test_positions_are_mutual_and_never_both_ways(
    x: float, y: float, side: float, x2: float, y2: float, side2: float
) -> None:
    there, back = (
        relative_position(at(x, y, side), at(x2, y2, side2)),
        relative_position(at(x2, y2, side2), at(x, y, side)),
    )
    assert {OPPOSITE[relation] for relation in there} == back
    assert not any(OPPOSITE[relation] in there for relation in there)
