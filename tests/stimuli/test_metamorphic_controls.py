"""Metamorphic controls: what they change, what they keep, and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest

from pytest_vlmperception.errors import PictureError, UsageError
from pytest_vlmperception.pictures import decode, encode_png
from pytest_vlmperception.records import Picture, Stimulus
from pytest_vlmperception.stimuli import blank, mirrored, reencoded, resized, text_only
from pytest_vlmperception.tasks import describe_trials

RAMP = np.broadcast_to(np.arange(60, dtype=np.uint8)[None, :, None] * 4, (40, 60, 3)).copy()


@pytest.fixture
def ramp() -> Stimulus:
    data = encode_png(RAMP)
    return Stimulus("ramp", Picture("ramp.png", lambda: ("image/png", data)), {"scene": "a"}, {"polarity": "positive"})


def pixels(stimulus: Stimulus) -> np.ndarray:
    return decode(stimulus.bytes, "x")


def test_mirrored(ramp: Stimulus) -> None:
    assert (pixels(mirrored(ramp)) == RAMP[:, ::-1]).all()


def test_reencoded(ramp: Stimulus) -> None:
    jpeg = reencoded(ramp, 60)
    assert jpeg.media_type == "image/jpeg"
    difference = np.abs(pixels(jpeg).astype(int) - RAMP)
    assert 0 < difference.max() < 30


@pytest.mark.parametrize(("factor", "shape"), [(0.8, (32, 48, 3)), (1.25, (50, 75, 3)), (1, (40, 60, 3))])
def test_resized(ramp: Stimulus, factor: float, shape: tuple[int, ...]) -> None:
    assert pixels(resized(ramp, factor)).shape == shape


def test_changes_keep_what_is_known_and_read_late(ramp: Stimulus) -> None:
    broken = Stimulus("broken", Picture("broken.png", lambda: ("image/png", b"no picture")))
    late = mirrored(broken)
    with pytest.raises(PictureError, match=r"broken\.png"):
        _ = late.bytes
    changed = [mirrored(ramp), reencoded(ramp, 60), resized(ramp, 0.8), mirrored(resized(ramp, 0.8))]
    assert [each.id for each in changed] == ["ramp-mirrored", "ramp-jpeg60", "ramp-x0.8", "ramp-x0.8-mirrored"]
    assert len({ramp, *changed}) == 5
    assert all(each.groups == ramp.groups and each.reference == ramp.reference for each in changed)


def test_blank() -> None:
    assert (pixels(blank()) == 255).all()
    assert (pixels(blank(100)) == 100).all()
    assert blank(100).id == "blank-100"


def test_text_only_shows_no_picture() -> None:
    (trial,) = describe_trials(text_only(), "What do you see?", 1)
    assert trial.question.pictures == ()
    with pytest.raises(
        PictureError, match="the text-only control has no picture; ask for it with describe, classify or rate"
    ):
        _ = text_only().bytes


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda ramp: reencoded(ramp, 0), "quality=0; expected a whole number from 1 to 95"),
        (lambda ramp: reencoded(ramp, 60.5), "quality=60.5; expected a whole number"),
        (lambda ramp: resized(ramp, 0), "factor=0; expected a number from 0.1 to 4"),
        (lambda ramp: resized(ramp, "2"), "factor='2'; expected a number from 0.1 to 4"),
        (lambda ramp: blank(256), "level=256; expected a whole number from 0 to 255"),
        (lambda ramp: blank(True), "level=True; expected a whole number from 0 to 255"),
    ],
)
def test_changes_that_cannot_be_made(ramp: Stimulus, make, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        make(ramp)
