"""What comes in, what is sent, and what is refused."""

from __future__ import annotations

import io
import os
import struct
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from pytest_vlmperception.errors import PictureError
from pytest_vlmperception.pictures import check_whole, codec, decode, encode_png, encoded, read_file

PIXELS = np.random.default_rng(11).integers(0, 256, (12, 20, 3), dtype=np.uint8)
# Left half red, right half blue, top row white: no turn or flip leaves it as it is.
MARKED = np.zeros((8, 12, 3), np.uint8)
MARKED[:, :6, 0], MARKED[:, 6:, 2], MARKED[0] = 200, 200, 255

VERBATIM = [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/webp"), ("GIF", "image/gif")]


def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def file_of(kind: str, **options: object) -> bytes:
    return saved(Image.fromarray(PIXELS), kind, **options)


def png_claiming(width: int, height: int) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("kind", "media_type"), VERBATIM)
def test_usual_formats_are_sent_as_they_are(kind: str, media_type: str) -> None:
    data = file_of(kind)
    assert encoded("a", data) == (media_type, data)


@pytest.mark.parametrize("kind", ["BMP", "TIFF"])
def test_other_formats_become_png_without_loss(kind: str) -> None:
    media_type, data = encoded("a", file_of(kind))
    assert media_type == "image/png"
    assert (decode(data, "a") == PIXELS).all()


def test_mpo_becomes_png_of_its_first_picture() -> None:
    first, second = Image.fromarray(PIXELS), Image.fromarray(255 - PIXELS)
    mpo = saved(first, "MPO", save_all=True, append_images=[second])
    media_type, data = encoded("a", mpo)
    assert media_type == "image/png"
    assert (decode(data, "a") == decode(saved(first, "JPEG"), "a")).all()


def test_png_round_trip_is_exact_and_deterministic() -> None:
    assert (decode(encode_png(PIXELS), "a") == PIXELS).all()
    assert encode_png(PIXELS) == encode_png(PIXELS.copy(order="F"))
    with pytest.raises(PictureError, match="expected uint8 of shape"):
        encode_png(PIXELS / 255)


# EXIF 2.32, 4.6.4 A, tag 0x0112: where row 0 and column 0 of the stored picture are when shown.
STORED = {
    1: lambda shown: shown,
    2: lambda shown: shown[:, ::-1],
    3: lambda shown: shown[::-1, ::-1],
    4: lambda shown: shown[::-1],
    5: lambda shown: shown.transpose(1, 0, 2),
    6: lambda shown: np.rot90(shown, 1),
    7: lambda shown: shown[::-1, ::-1].transpose(1, 0, 2),
    8: lambda shown: np.rot90(shown, -1),
}


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", STORED)
def test_turned_pictures_are_sent_upright(orientation: int, kind: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"lossless": True} if kind == "WEBP" else {}
    stored = Image.fromarray(np.ascontiguousarray(STORED[orientation](MARKED)))
    data = saved(stored, kind, exif=exif, **options)
    assert (decode(data, "a") == MARKED).all()
    media_type, sent = encoded("a", data)
    if orientation == 1 and kind != "TIFF":
        assert sent == data
    else:
        assert media_type == "image/png"
        assert b"eXIf" not in sent
        assert (decode(sent, "a") == MARKED).all()


def test_orientation_that_makes_no_sense_is_none() -> None:
    exif = Image.Exif()
    exif[0x0112] = 42
    data = saved(Image.fromarray(MARKED), "PNG", exif=exif)
    assert encoded("a", data) == ("image/png", data)


def test_transparency_is_on_white() -> None:
    # 200 at an opacity of 51/255 = 0.2 on 255: 0.2 * 200 + 0.8 * 255 = 244
    layer = Image.new("RGBA", (3, 2), (200, 200, 200, 51))
    assert decode(saved(layer, "PNG"), "a") == pytest.approx(244, abs=1)
    palette = Image.new("P", (3, 2), 1)
    palette.putpalette([0, 0, 0, 10, 20, 30])
    assert (decode(saved(palette, "PNG", transparency=1), "a") == 255).all()
    assert (decode(saved(palette, "PNG", transparency=bytes([255, 0])), "a") == 255).all()
    assert (decode(saved(palette, "PNG"), "a") == [10, 20, 30]).all()


def test_grey_and_sixteen_bits() -> None:
    assert (decode(saved(Image.new("L", (3, 2), 77), "PNG"), "a") == 77).all()
    assert (decode(saved(Image.new("1", (3, 2), 1), "PNG"), "a") == 255).all()
    assert (decode(saved(Image.new("LA", (3, 2), (77, 0)), "PNG"), "a") == 255).all()
    # 16 bits to 8: v * 255 / 65535 = v / 257
    wide = Image.fromarray(np.array([[0, 257 * 100, 65535]], np.uint16))
    assert decode(saved(wide, "PNG"), "a")[0, :, 0].tolist() == [0, 100, 255]
    assert decode(saved(wide, "TIFF"), "a")[0, :, 0].tolist() == [0, 100, 255]


def test_cmyk() -> None:
    # No ink is white; full black ink is black.
    assert (decode(saved(Image.new("CMYK", (8, 8), (0, 0, 0, 0)), "JPEG"), "a") >= 254).all()
    assert (decode(saved(Image.new("CMYK", (8, 8), (0, 0, 0, 255)), "TIFF"), "a") == 0).all()


def test_samples_of_unknown_range_are_refused() -> None:
    data = saved(Image.new("F", (3, 2), 0.5), "TIFF")
    with pytest.raises(PictureError, match=r"'a' cannot be converted .* 32-bit samples is not known\); save it as PNG"):
        decode(data, "a")


def test_icc_profile_is_applied_unless_it_is_srgb() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert (decode(file_of("PNG", icc_profile=srgb), "a") == PIXELS).all()
    # The same profile, under another name, with the primaries of red and blue exchanged.
    swapped = srgb.replace(b"rXYZ", b"....").replace(b"bXYZ", b"rXYZ").replace(b"....", b"bXYZ")
    swapped = swapped.replace("sRGB".encode("utf-16-be"), "mine".encode("utf-16-be"))
    assert np.abs(decode(file_of("PNG", icc_profile=swapped), "a") - PIXELS[..., ::-1].astype(int)).max() <= 1


def test_broken_icc_profile_is_ignored() -> None:
    assert (decode(file_of("PNG", icc_profile=b"no profile"), "a") == PIXELS).all()
    grey = saved(
        Image.new("L", (3, 2), 77),
        "PNG",
        icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
    )
    assert (decode(grey, "a") == 77).all()


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF"])
def test_moving_pictures_are_refused(kind: str) -> None:
    frames = [Image.fromarray(PIXELS), Image.fromarray(255 - PIXELS)]
    data = saved(frames[0], kind, save_all=True, append_images=frames[1:])
    with pytest.raises(PictureError, match=r"'film' has several frames or pages; .*: save one of them as PNG"):
        encoded("film", data)


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"", "'x' is empty"),
        (b"hello, world", "'x' is text that starts 'hello, world'"),
        (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', "'x' is an SVG drawing"),
        (b"<!DOCTYPE html><html>", "'x' is an HTML page"),
        (b"version https://git-lfs.github.com/spec/v1", r"'x' is a Git LFS pointer \(run 'git lfs pull'\)"),
        (b"\0\0\0\x18ftypheic", "'x' is a HEIC or AVIF picture"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", "'x' is a PDF, PostScript or EPS document"),
        (bytes([1, 2, 250, 251]), r"'x' is no picture \(its first bytes are 01 02 fa fb\)"),
    ],
)
def test_what_is_no_picture_is_named(data: bytes, found: str) -> None:
    for read in (lambda: encoded("x", data), lambda: decode(data, "x")):
        with pytest.raises(PictureError, match=f"^{found}; expected a still picture: PNG, JPEG"):
            read()


def send(name: str, data: bytes) -> tuple[str, bytes]:
    """Do what a file goes through before it is sent."""
    media_type, sent = encoded(name, data)
    check_whole(name, sent)
    return media_type, sent


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_cut_off_files_are_refused_before_they_are_sent(kind: str, share: float) -> None:
    data = file_of(kind)
    with pytest.raises(PictureError, match=f"^'x' is no whole {kind} picture .*; save or copy it anew$"):
        send("x", data[: int(len(data) * share)])


def test_png_without_its_end_and_with_a_wrong_byte() -> None:
    data = file_of("PNG")
    middle = len(data) // 2
    for bad in (data[:-1], data[:-12], data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]):
        with pytest.raises(PictureError, match="no whole PNG picture"):
            send("x", bad)


BOMBS = {
    "png": png_claiming(60_000, 60_000),
    # Between Pillow's warning and its error.
    "png that Pillow warns of": png_claiming(10_000, 10_000),
    "gif": b"GIF89a" + struct.pack("<HH", 65535, 65535) + bytes(3) + b"," + bytes(9) + b"\x08\0;",
}


@pytest.mark.parametrize("data", BOMBS.values(), ids=BOMBS)
def test_bombs_are_refused_without_a_warning(data: bytes) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with pytest.raises(PictureError, match=r"'x' has \d+ x \d+ pixels; expected 1 to 50,000,000: make it smaller"):
            encoded("x", data)
    assert not caught


def test_limits_hold(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    data = file_of("PNG")
    monkeypatch.setattr(codec, "MAX_PIXELS", PIXELS[..., 0].size)
    encoded("x", data)
    monkeypatch.setattr(codec, "MAX_PIXELS", PIXELS[..., 0].size - 1)
    with pytest.raises(PictureError, match="20 x 12 pixels; expected 1 to 239"):
        encoded("x", data)
    monkeypatch.setattr(codec, "MAX_BYTES", len(data) - 1)
    (tmp_path / "a.png").write_bytes(data)
    for read in (lambda: encoded("x", data), lambda: decode(data, "x"), lambda: read_file(tmp_path / "a.png")):
        with pytest.raises(PictureError, match=rf"has {len(data):,} bytes; at most {len(data) - 1:,} are read: make"):
            read()


def test_only_regular_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"data")
    assert read_file(tmp_path / "a.png") == b"data"
    (tmp_path / "empty.png").touch()
    with pytest.raises(PictureError, match=r"empty\.png' is empty; expected a still picture"):
        read_file(tmp_path / "empty.png")
    with pytest.raises(PictureError, match="is a folder; expected a still picture"):
        read_file(tmp_path)
    with pytest.raises(PictureError, match=r"no\.png' cannot be read \(No such file or directory\); expected a still"):
        read_file(tmp_path / "no.png")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in this file system")
def test_pipes_and_devices_never_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    for path in (tmp_path / "pipe.png", Path("/dev/zero")):
        with pytest.raises(PictureError, match="is no regular file"):
            read_file(path)


def test_threads_decode_side_by_side() -> None:
    files = [file_of(kind) for kind in ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")] * 5
    alone = [decode(data, "a").tobytes() for data in files]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda data: decode(data, "a").tobytes(), files)) == alone


STARTS = [file_of(kind) for kind in ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")]
damages = st.lists(st.tuples(st.integers(0, 4000), st.binary(min_size=1, max_size=4)), max_size=4)


@settings(max_examples=150, deadline=None)
@given(
    start=st.sampled_from([b"", *STARTS, *[data[:40] for data in STARTS]]), tail=st.binary(max_size=60), damage=damages
)
@example(start=b"", tail=b"BM", damage=[])
def test_any_bytes_are_a_picture_or_a_picture_error(start: bytes, tail: bytes, damage: list[tuple[int, bytes]]) -> None:
    data = bytearray(start + tail)
    for place, patch in damage:
        data[place : place + len(patch)] = patch
    try:
        media_type, sent = send("x", bytes(data))
        pixels = decode(bytes(data), "x")
    except PictureError as error:
        refusal = str(error)
    else:
        refusal = ""
        assert media_type.startswith("image/")
        assert (decode(sent, "x") == pixels).all()
    assert refusal == "" or refusal.startswith("'x' ")
    assert "\n" not in refusal
