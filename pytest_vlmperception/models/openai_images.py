"""OpenAI's image generators, and every server that speaks the same protocol: images/generations and images/edits."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from pytest_vlmperception.errors import CallError, ModelError
from pytest_vlmperception.models import openai_replies as replies
from pytest_vlmperception.models.addresses import shown
from pytest_vlmperception.models.base import Identity, ModelSpec, resolve_parameters
from pytest_vlmperception.models.bodies import Node, empty, read_json
from pytest_vlmperception.models.converters import choice, extent, number, whole
from pytest_vlmperception.models.late import Late
from pytest_vlmperception.models.made_pictures import BROKEN, encoded_mask, made_of
from pytest_vlmperception.models.openai_client import base_url_of, failed, make_client
from pytest_vlmperception.models.quota import Quota
from pytest_vlmperception.models.reading import MAX_PICTURE_REPLY_BYTES, cleaned
from pytest_vlmperception.models.sdks import loading
from pytest_vlmperception.records import Picture, Question, Reply

if TYPE_CHECKING:
    from openai.resources.images import ImagesWithRawResponse

__all__ = ["OpenAIImageModel"]

# Raise when a change to the request can change an answer: stored pictures are then asked for anew.
ADAPTER = 1

# A picture takes up to two minutes, and the end of a run waits 150 s.
TIMEOUT_S = 140.0

PARAMETERS: Mapping[str, Callable[[str], Any]] = {
    "background": choice("auto", "opaque", "transparent"),
    "input_fidelity": choice("high", "low"),
    "moderation": choice("auto", "low"),
    "output_compression": whole(0),
    "output_format": choice("png", "jpeg", "webp"),
    "quality": choice("auto", "low", "medium", "high", "xhigh", "max", "standard", "hd"),
    "response_format": choice("b64_json", "none"),
    "size": extent("auto"),
    "timeout": number(0.0, above=True),
}
ONLY_GENERATE = frozenset({"moderation"})
ONLY_EDIT = frozenset({"input_fidelity"})

# These always send the picture itself, and refuse to be told so.
ALWAYS_B64 = re.compile(r"(chat)?gpt-image")

MEDIA_TYPES = {"jpeg": "image/jpeg", "webp": "image/webp"}
SUFFIXES = {"image/jpeg": "jpg", "image/webp": "webp", "image/gif": "gif"}


class OpenAIImageModel:
    """An image generator behind OpenAI's protocol.

    One picture is asked for in each call. A mask is sent as OpenAI wants it, transparent where to edit.

    Parameters
    ----------
    spec : ModelSpec
        Its name taken apart. Parameters: ``size`` (1024x1024 or the like; a picture of another size is unparsed),
        ``quality``, ``background``, ``output_format``, ``output_compression``, ``moderation`` (generating only),
        ``input_fidelity`` (editing only), ``response_format`` (b64_json or none: whether to ask for the picture itself
        instead of its address, which only models other than OpenAI's own need) and ``timeout`` (140 s). What is not
        given is not sent.

    Raises
    ------
    ModelError
        If a parameter is unknown or wrong, or a key would go where it does not belong.
    """

    def __init__(self, spec: ModelSpec) -> None:
        given = resolve_parameters(spec, PARAMETERS)
        if not spec.model:
            raise ModelError(f"model {spec.name!r} names no model; write openai/MODEL")
        default = "none" if ALWAYS_B64.match(spec.model) else "b64_json"
        settings = {"response_format": default, "timeout": TIMEOUT_S, **given}
        self._spec = spec
        self._timeout = settings.pop("timeout")
        self._settings = settings
        self._base_url = base_url_of(spec)
        self.quota = Quota()
        self._connection: Late[tuple[ImagesWithRawResponse, str]] = Late()

    @property
    def identity(self) -> Identity:
        """What goes into the key of an answer."""
        where = self._spec.identity or shown(self._base_url)
        return Identity("openai", self._spec.model, dict(self._settings), where, ADAPTER)

    def prepare(self) -> None:
        """Load the SDK and make the client, if that was not done.

        Raises
        ------
        CallError
            If that cannot be done.
        """
        self._connection.get(self._connect)

    def ask(self, question: Question) -> Reply:
        """Make one picture.

        Raises
        ------
        CallError
            If there is no completed reply.
        """
        images, key = self._connection.get(self._connect)
        send, request = (images.edit, self._edit(question)) if question.pictures else (images.generate, {})
        request |= self._settings_for(editing=bool(question.pictures)) | {"prompt": question.prompt}
        started = time.perf_counter()
        try:
            raw = send(**request)
            body, headers = raw.content, raw.headers
        except Exception as error:
            return cleaned(failed(self._spec, error, key, time.perf_counter() - started), key)
        latency = time.perf_counter() - started
        root = read_json(self._spec.name, body, key)
        media_type = MEDIA_TYPES.get(self._settings.get("output_format", ""), "image/png")
        return cleaned(read(root, media_type, headers.get("x-request-id", ""), latency, key), key)

    def _connect(self) -> tuple[ImagesWithRawResponse, str]:
        with loading():
            client = make_client(
                self, self._spec, self._base_url, self._timeout, self.quota.note, MAX_PICTURE_REPLY_BYTES
            )
            return client.images.with_raw_response, client.api_key

    def _settings_for(self, *, editing: bool) -> dict[str, Any]:
        others = ONLY_GENERATE if editing else ONLY_EDIT
        settings = {name: value for name, value in self._settings.items() if name not in others}
        if settings["response_format"] == "none":
            del settings["response_format"]
        return {"model": self._spec.model, "n": 1, **settings}

    def _edit(self, question: Question) -> dict[str, Any]:
        files = [as_file(picture) for picture in question.pictures]
        request: dict[str, Any] = {"image": files[0] if len(files) == 1 else files}
        mask = encoded_mask(self._spec.name, question, "transparent")
        return request if mask is None else {**request, "mask": ("mask.png", mask, "image/png")}


def as_file(picture: Picture) -> tuple[str, bytes, str]:
    """Return a picture as a file to send: its name says nothing but the format."""
    return f"picture.{SUFFIXES.get(picture.media_type, 'png')}", picture.bytes, picture.media_type


def read(root: Node, media_type: str, request_id: str, latency_s: float, secret: str) -> Reply:
    """Return the reply in a body that came with status 200.

    Parameters
    ----------
    root : Node
        The body.
    media_type : str
        Of the format that was asked for.
    request_id : str
        From the headers.
    latency_s : float
        Seconds that the call took.
    secret : str
        The key, to keep it out of messages.

    Raises
    ------
    CallError
        If the body holds an error or no picture, or is of another shape.
    """
    if isinstance(root["error"].value, dict):
        block = replies.failed(root, secret)
        return Reply(block.kind, block.text, finish_reason=block.finish_reason, latency_s=latency_s)
    first = root["data"].first()
    encoded = first["b64_json"].text()
    if not encoded.strip():
        raise no_picture(root.model, first)
    made = made_of(encoded, media_type)
    return Reply(
        kind="truncated" if made is None else "answered",
        text=BROKEN if made is None else first["revised_prompt"].text(),
        model=root["model"].label(),
        usage=replies.usage(root["usage"]),
        latency_s=latency_s,
        request_id=request_id,
        pictures=() if made is None else (made,),
    )


def no_picture(model: str, item: Node) -> CallError:
    """Return the error for a reply without a picture."""
    if item["url"].label():
        # What a server names is not fetched: it could name a machine that only we can reach.
        words = "the server sent the address of a picture, which is not followed; ask for it with response_format"
        return CallError(f"{model}: {words}=b64_json", "request")
    return empty(model, "no picture")
