"""Replies with pictures as rows and lines: older ones stay as they are, forged ones are refused."""

from __future__ import annotations

import json

import pytest
from fakes import painted, plain_png

from pytest_vlmperception.calling import Row, Store
from pytest_vlmperception.calling.keys import key_of, key_parts
from pytest_vlmperception.calling.lines import from_line, to_line
from pytest_vlmperception.calling.rows import reply_content
from pytest_vlmperception.calling.whole import whole
from pytest_vlmperception.errors import StoreError
from pytest_vlmperception.models import Identity
from pytest_vlmperception.records import Made, Picture, Question, Reply, Usage

MODEL = Identity("fake", "m")
QUESTION = Question("a cat", (), makes="picture")
MADE = painted(QUESTION)

# What a reply had before there were pictures.
OLD_FIELDS = {"kind", "text", "model", "finish_reason", "usage", "latency_s", "request_id", "probabilities"}
OLD_COUNTS = {"input_tokens", "output_tokens", "cached_tokens", "image_tokens", "reasoning_tokens"}


def picture(text="p"):
    return Picture(text, lambda: ("image/png", plain_png(text)))


def test_a_reply_without_pictures_is_written_as_ever():
    content = reply_content(Reply("answered", "x", usage=Usage(1, 2)))
    assert set(content) == OLD_FIELDS
    assert set(content["usage"]) == OLD_COUNTS


def test_a_question_without_pictures_to_make_has_its_old_key():
    old = {
        "provider": "fake",
        "model": "m",
        "parameters": {},
        "base_url": "",
        "adapter": 1,
        "prompt": "Which?",
        "choices": [],
        "pictures": [picture().sha256],
        "repeat": 0,
    }
    assert key_parts(MODEL, Question("Which?", (picture(),))) == old


def test_making_and_mask_are_part_of_the_key():
    keys = {
        key_of(key_parts(MODEL, question))
        for question in (
            Question("x", (picture(),)),
            Question("x", (picture(),), makes="picture"),
            Question("x", (picture(),), makes="picture", mask=picture("m")),
            Question("x", (picture(),), makes="picture", mask=picture("n")),
        )
    }
    assert len(keys) == 4


def test_a_row_names_its_pictures_and_holds_no_bytes():
    row = Row(MADE, "run", key_parts(MODEL, QUESTION))
    again = Row.from_json(row.to_json())
    assert again.reply == MADE
    assert MADE.pictures[0].data not in row.to_json()
    with pytest.raises(StoreError, match="only the name of the picture is kept here"):
        _ = again.reply.pictures[0].data
    assert again.kept(lambda made: b"kept").reply.pictures[0].data == b"kept"


def test_a_line_of_a_recording_comes_back():
    row = Row(MADE, "", key_parts(MODEL, QUESTION))
    key, again = from_line(to_line(row))
    assert (key, again) == (key_of(row.parts), row)


SHA256 = "a" * 64


@pytest.mark.parametrize(
    ("pictures", "message"),
    [
        ([], "a reply whose pictures are no list of 1 to 16"),
        ({}, "a reply whose pictures are no list"),
        (None, "a reply whose pictures are no list"),
        ([{"media_type": "image/png", "sha256": SHA256}] * 17, "a reply whose pictures are no list of 1 to 16"),
        ([SHA256], "a picture with other fields than expected"),
        ([{"sha256": SHA256}], "a picture with other fields than expected"),
        ([{"media_type": "image/png", "sha256": SHA256, "path": "/etc"}], "a picture with other fields"),
        ([{"media_type": "image/svg+xml", "sha256": SHA256}], "a picture without media type or hash"),
        ([{"media_type": ["image/png"], "sha256": SHA256}], "a picture without media type or hash"),
        ([{"media_type": "image/png", "sha256": "../../etc/passwd"}], "a picture without media type or hash"),
        ([{"media_type": "image/png", "sha256": SHA256.upper()}], "a picture without media type or hash"),
        ([{"media_type": "image/png", "sha256": SHA256 + "\n"}], "a picture without media type or hash"),
    ],
)
def test_forged_pictures_are_refused(pictures, message):
    content = json.loads(Row(MADE, "run", key_parts(MODEL, QUESTION)).to_json())
    content["reply"]["pictures"] = pictures
    with pytest.raises(StoreError, match=message):
        Row.from_json(json.dumps(content).encode())


def test_one_picture_of_many_replies_is_stored_once(tmp_path):
    store = Store(tmp_path / "store", "run")
    for key in ("one", "two"):
        row = store.put(key, MADE, {})
        assert row.reply.pictures[0].data == MADE.pictures[0].data
    assert [key for key in store.cache.iterkeys() if key.startswith("picture/")] == [f"picture/{MADE.pictures[0]}"]
    assert [row.parts for row in Store(tmp_path / "store", "later").rows_before()] == [{}, {}]
    store.close()


def test_a_picture_that_goes_lost_between_two_looks(tmp_path):
    store = Store(tmp_path / "store", "run")
    kept = store.put("one", MADE, {}).reply.pictures[0]
    store.cache.delete(f"picture/{kept}")
    with pytest.raises(StoreError, match="is lost or damaged; ask for it anew with --vlm-cache=refresh"):
        _ = kept.data
    assert store.get("one") is None
    store.close()


def test_a_hash_does_not_make_a_picture_of_anything(tmp_path):
    store = Store(tmp_path / "store", "run")
    forged = Reply("answered", "", pictures=(Made("image/png", b"anything"),))
    store.put("one", forged, {})
    assert store.get("one") is None
    store.close()


def test_what_no_provider_takes_is_kept_as_png():
    import io

    from PIL import Image

    file = io.BytesIO()
    Image.new("RGB", (4, 4), "red").save(file, "BMP")
    (kept,) = whole(Reply("answered", "", pictures=(Made("image/bmp", file.getvalue()),))).pictures
    assert kept.media_type == "image/png"
    assert Image.open(io.BytesIO(kept.data)).getpixel((0, 0)) == (255, 0, 0)


def test_a_wrong_media_type_is_put_right():
    (kept,) = whole(Reply("answered", "", pictures=(Made("image/webp", plain_png("x")),))).pictures
    assert (kept.media_type, kept.data) == ("image/png", plain_png("x"))
