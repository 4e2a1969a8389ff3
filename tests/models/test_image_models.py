"""Image generators over loopback, with the vendors' own SDKs, in both wire formats."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
import servers
from fakes import plain_png
from PIL import Image

from pytest_vlmperception.errors import CallError, ModelError
from pytest_vlmperception.models import IMAGES, create_image, parse
from pytest_vlmperception.records import Picture, Question

WIRES = ("openai", "gemini")
MODELS = {"openai": "openai/gpt-image-2", "gemini": "google/gemini-3.1-flash-image"}
KEY = "sk-of-the-test-0123456789"


@pytest.fixture(params=WIRES)
def wire(request):
    return request.param


@pytest.fixture(autouse=True)
def key(monkeypatch):
    for variable in ("OPENAI_API_KEY", "GOOGLE_API_KEY"):
        monkeypatch.setenv(variable, KEY)


def model_at(server, wire, query=""):
    name = f"{MODELS[wire]}?base_url={server.url}{query}"
    return create_image(parse(name, trusted=True, kind=IMAGES))


def picture(text, size=(16, 16)):
    return Picture(text, lambda: ("image/png", plain_png(text, size)))


def drawn(request):
    return plain_png(request.text)


GENERATE = Question("a cat", (), makes="picture")
EDIT = Question("Make it night.", (picture("source"),), makes="picture")


def mask_file(mode="L"):
    """Return a mask of 16 x 16 whose left half is to be edited."""
    pixels = np.zeros((16, 16), np.uint8)
    pixels[:, :8] = 255
    picture = Image.fromarray(pixels)
    if mode == "alpha":
        picture = Image.merge("RGBA", [Image.new("L", (16, 16), 255)] * 3 + [picture])
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def test_generate(wire):
    with servers.serve(wire, servers.draws(drawn, words="A cat, sitting.")) as server:
        reply = model_at(server, wire).ask(GENERATE)
    assert (reply.kind, reply.text, reply.model, reply.request_id) == (
        "answered",
        "A cat, sitting.",
        servers.MODEL,
        servers.REQUEST_ID,
    )
    assert [made.data for made in reply.pictures] == [plain_png("a cat")]
    assert reply.usage.output_image_tokens == {"openai": 1056, "gemini": 1120}[wire]
    assert reply.usage.output_tokens == {"openai": 1056, "gemini": 1125}[wire]
    assert reply.usage.input_tokens == 10
    (request,) = server.requests
    assert request.text == "a cat"


def test_what_openai_is_sent():
    query = "&size=1024x1024&quality=low&background=opaque&output_format=webp"
    with servers.serve("openai", servers.draws(drawn)) as server:
        model_at(server, "openai", query).ask(GENERATE)
    assert server.requests[0].path == "/v1/images/generations"
    assert server.requests[0].body == {
        "model": "gpt-image-2",
        "prompt": "a cat",
        "n": 1,
        "size": "1024x1024",
        "quality": "low",
        "background": "opaque",
        "output_format": "webp",
    }


def test_other_servers_are_asked_for_the_picture_itself():
    with servers.serve("openai", servers.draws(drawn)) as server:
        name = f"openai/flux-1?base_url={server.url}"
        create_image(parse(name, trusted=True, kind=IMAGES)).ask(GENERATE)
        create_image(parse(f"{name}&response_format=none", trusted=True, kind=IMAGES)).ask(GENERATE)
    assert [request.body.get("response_format") for request in server.requests] == ["b64_json", None]


def test_what_google_is_sent():
    with servers.serve("gemini", servers.draws(drawn)) as server:
        model_at(server, "gemini", "&aspect_ratio=16:9&image_size=2K&seed=3").ask(GENERATE)
    assert server.requests[0].path == "/v1beta/models/gemini-3.1-flash-image:generateContent"
    assert server.requests[0].body["generationConfig"] == {
        "responseModalities": ["IMAGE"],
        "imageConfig": {"aspectRatio": "16:9", "imageSize": "2K"},
        "seed": 3,
    }


def test_edit(wire):
    with servers.serve(wire, servers.draws(lambda request: request.pictures[0])) as server:
        reply = model_at(server, wire).ask(EDIT)
    assert reply.pictures[0].data == EDIT.pictures[0].bytes
    (request,) = server.requests
    assert (request.text, request.pictures) == ("Make it night.", (EDIT.pictures[0].bytes,))


@pytest.mark.parametrize("mode", ["L", "alpha"])
def test_openai_mask_is_transparent_where_to_edit(mode):
    question = Question(EDIT.prompt, EDIT.pictures, mask=Picture("m", lambda: ("image/png", mask_file(mode))))
    with servers.serve("openai", servers.draws(drawn)) as server:
        model_at(server, "openai", "&input_fidelity=high").ask(question)
    (request,) = server.requests
    assert request.path == "/v1/images/edits"
    assert request.body["input_fidelity"] == "high"
    sent = Image.open(io.BytesIO(request.mask))
    assert (sent.format, sent.mode, sent.size) == ("PNG", "RGBA", (16, 16))
    alpha = np.asarray(sent)[..., 3]
    assert (alpha[:, :8] == 0).all()
    assert (alpha[:, 8:] == 255).all()


def test_google_mask_comes_with_words():
    question = Question(EDIT.prompt, EDIT.pictures, mask=Picture("m", lambda: ("image/png", mask_file("alpha"))))
    with servers.serve("gemini", servers.draws(drawn)) as server:
        model_at(server, "gemini").ask(question)
    (request,) = server.requests
    source, mask = request.pictures
    assert source == EDIT.pictures[0].bytes
    assert request.text.splitlines()[1].startswith("Edit the picture above only where the next picture, its mask")
    pixels = np.asarray(Image.open(io.BytesIO(mask)))
    assert (pixels[:, :8] == 255).all()
    assert (pixels[:, 8:] == 0).all()


@pytest.mark.parametrize(
    ("mask", "message"),
    [
        (plain_png("x", (8, 16)), "mask 'm' has 8 x 16 pixels, its picture 16 x 16; give one of the same proportions"),
        (b"no picture", "'m' is text that starts 'no picture'"),
    ],
    ids=["size", "text"],
)
def test_a_mask_that_is_none(wire, mask, message):
    question = Question(EDIT.prompt, EDIT.pictures, mask=Picture("m", lambda: ("image/png", mask)))
    with servers.serve(wire, servers.draws(drawn)) as server:
        with pytest.raises(CallError, match=message) as caught:
            model_at(server, wire).ask(question)
        assert caught.value.kind == "request"
        assert not server.requests


def test_a_mask_that_marks_nothing():
    file = io.BytesIO()
    Image.new("L", (16, 16), 0).save(file, "PNG")
    question = Question(EDIT.prompt, EDIT.pictures, mask=Picture("m", lambda: ("image/png", file.getvalue())))
    with servers.serve("openai") as server, pytest.raises(CallError, match="mask 'm' marks nothing to edit"):
        model_at(server, "openai").ask(question)


# Outcomes


@pytest.mark.parametrize("code", ["moderation_blocked", "content_policy_violation"])
def test_openai_moderation(code):
    with servers.serve("openai", servers.blocked_prompt(code)) as server:
        reply = model_at(server, "openai").ask(GENERATE)
    assert (reply.kind, reply.finish_reason) == ("filtered", code)
    assert reply.text == "Your request was rejected by the safety system."
    assert not reply.pictures


@pytest.mark.parametrize("finish", ["IMAGE_SAFETY", "PROHIBITED_CONTENT", "IMAGE_PROHIBITED_CONTENT", "RECITATION"])
def test_google_moderation_of_the_picture(finish):
    with servers.serve("gemini", lambda request: servers.says(request, None, finish=finish)) as server:
        reply = model_at(server, "gemini").ask(GENERATE)
    assert (reply.kind, reply.text) == ("filtered", finish)


def test_google_moderation_of_the_prompt():
    with servers.serve("gemini", servers.blocked_prompt()) as server:
        reply = model_at(server, "gemini").ask(GENERATE)
    assert (reply.kind, reply.text) == ("filtered", "SAFETY")


def test_google_words_instead_of_a_picture():
    with servers.serve("gemini", servers.letter("I would rather not draw that.")) as server:
        reply = model_at(server, "gemini").ask(GENERATE)
    assert (reply.kind, reply.text) == ("refused", "I would rather not draw that.")


@pytest.mark.parametrize("finish", ["NO_IMAGE", "IMAGE_OTHER"])
def test_google_made_none(finish):
    with servers.serve("gemini", lambda request: servers.says(request, None, finish=finish)) as server:
        reply = model_at(server, "gemini").ask(GENERATE)
    assert (reply.kind, reply.text) == ("refused", finish)


def test_google_ran_out_of_tokens():
    with servers.serve("gemini", servers.truncated("Here is")) as server:
        assert model_at(server, "gemini").ask(GENERATE).kind == "truncated"


@pytest.mark.parametrize("encoded", ["iVBORw0KGgo", "iVBOR!w0", "iVBORw0KGg=o"])
def test_broken_base64(wire, encoded):
    with servers.serve(wire, servers.draws_base64(lambda request: encoded)) as server:
        reply = model_at(server, wire).ask(GENERATE)
    assert (reply.kind, reply.pictures) == ("truncated", ())
    assert "no whole base64" in reply.text


@pytest.mark.parametrize("form", ["{}", "data:image/png;base64,{}", "{}\n"])
def test_forms_of_base64(wire, form):
    data = plain_png("x")
    encoded = form.format(base64.b64encode(data).decode())
    with servers.serve(wire, servers.draws_base64(lambda request: encoded)) as server:
        assert model_at(server, wire).ask(GENERATE).pictures[0].data == data


@pytest.mark.parametrize(
    ("body", "kind", "message"),
    [
        ({"data": []}, "empty", "empty reply: no picture"),
        ({"data": [{"b64_json": ""}]}, "empty", "empty reply: no picture"),
        ({"data": [{"b64_json": 3}]}, "malformed", r"body\.data\[0\]\.b64_json is of type int, expected text"),
        ({"data": "x"}, "malformed", "body.data is of type str, expected a list"),
        ({"data": [{"url": "http://127.0.0.1/x.png"}]}, "request", "not followed; ask for it with response_format="),
        (b'{"data": [{"b64', "malformed", "the body is no JSON"),
    ],
)
def test_openai_odd_bodies(body, kind, message):
    with servers.serve("openai", servers.body(body)) as server, pytest.raises(CallError, match=message) as caught:
        model_at(server, "openai").ask(GENERATE)
    assert caught.value.kind == kind
    assert len(server.requests) == 1


def test_google_empty_reply():
    silent = servers.serve("gemini", lambda request: servers.says(request, None))
    with silent as server, pytest.raises(CallError, match="empty reply: no picture") as caught:
        model_at(server, "gemini").ask(GENERATE)
    assert caught.value.transient


@pytest.mark.parametrize(
    ("respond", "kind", "transient"),
    [
        (servers.busy("3"), "rate limit", True),
        (servers.broken(), "server", True),
        (servers.wrong_key(), "key", False),
        (servers.no_model(), "model", False),
        (servers.no_quota(), "quota", False),
        (servers.dropped, "network", True),
    ],
)
def test_errors(wire, respond, kind, transient):
    with servers.serve(wire, respond) as server, pytest.raises(CallError) as caught:
        model_at(server, wire).ask(GENERATE)
    assert (caught.value.kind, caught.value.transient) == (kind, transient)
    assert KEY not in str(caught.value)
    assert len(server.requests) == 1


def test_a_large_picture_is_read_and_one_without_end_is_not(wire):
    noise = np.random.default_rng(1).integers(0, 256, (2000, 2000, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).save(file, "PNG", compress_level=0)
    with servers.serve(wire, servers.draws(lambda request: file.getvalue())) as server:
        assert len(model_at(server, wire).ask(GENERATE).pictures[0].data) > 12_000_000
    endless = servers.serve(wire, servers.draws_base64(lambda request: "A" * (49 * 2**20)))
    with endless as server, pytest.raises(CallError, match="the reply has over"):
        model_at(server, wire).ask(GENERATE)


# Names


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("openai", "names no model; write openai/MODEL"),
        ("google", "names no model; write google/MODEL"),
        ("openai/gpt-image-2?size=big", "size='big' cannot be used: expected a size such as 1024x1024, or auto"),
        ("openai/gpt-image-2?quality=best", "quality='best' cannot be used: expected one of auto, low, medium"),
        ("openai/gpt-image-2?detail=high", "no parameter 'detail'"),
        ("google/gemini-3-pro-image?aspect_ratio=2:1", "aspect_ratio='2:1' cannot be used: expected one of 1:1"),
        ("opnai/gpt-image-2", "no provider 'opnai'; did you mean 'openai'"),
        ("observer", "is neither provider/model nor defined in pyproject.toml; known: google, openai, painter"),
    ],
)
def test_names_are_checked(name, message):
    with pytest.raises(ModelError, match=message):
        create_image(parse(name, trusted=True, kind=IMAGES))


def test_identity_names_what_was_given():
    spec = parse("openai/gpt-image-2?size=1024x1024&timeout=10", trusted=True, kind=IMAGES)
    identity = create_image(spec).identity
    assert (identity.provider, identity.model) == ("openai", "gpt-image-2")
    assert identity.parameters == {"size": "1024x1024", "response_format": "none"}


def test_a_key_goes_to_no_host_that_only_a_file_names():
    for name in MODELS.values():
        with pytest.raises(ModelError, match=r"is not sent to http://elsewhere\.example"):
            create_image(parse(f"{name}?base_url=http://elsewhere.example/v1", trusted=False, kind=IMAGES))
