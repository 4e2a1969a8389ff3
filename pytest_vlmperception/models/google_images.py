"""Google's Gemini models that make pictures, through the Gemini API."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pytest_vlmperception.errors import ModelError
from pytest_vlmperception.models.addresses import shown
from pytest_vlmperception.models.base import Identity, ModelSpec, resolve_parameters
from pytest_vlmperception.models.bodies import Node, empty, read_json
from pytest_vlmperception.models.converters import choice, number, whole
from pytest_vlmperception.models.failures import call_error
from pytest_vlmperception.models.google_client import base_url_of, failed, make_client, send
from pytest_vlmperception.models.google_replies import BLOCKED, failure_of, usage
from pytest_vlmperception.models.late import Late
from pytest_vlmperception.models.made_pictures import BROKEN, encoded_mask, made_of
from pytest_vlmperception.models.quota import Quota
from pytest_vlmperception.models.reading import MAX_PICTURE_REPLY_BYTES, cleaned
from pytest_vlmperception.records import Made, Question, Reply, ReplyKind

if TYPE_CHECKING:
    from google.genai import Client, types

__all__ = ["GoogleImageModel"]

# Raise when a change to the request can change an answer: stored pictures are then asked for anew.
ADAPTER = 1

# A picture takes up to two minutes, and the end of a run waits 150 s.
TIMEOUT_S = 140.0

PARAMETERS: Mapping[str, Callable[[str], Any]] = {
    "api_version": choice("v1", "v1beta", "v1alpha"),
    "aspect_ratio": choice("1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9"),
    "image_size": choice("512", "1K", "2K", "4K"),
    "seed": whole(),
    "temperature": number(0.0),
    "timeout": number(0.0, above=True),
    "top_k": whole(1),
    "top_p": number(0.0),
}
PICTURE = ("aspect_ratio", "image_size")
SAMPLING = ("seed", "temperature", "top_k", "top_p")

# The API has no field for a mask: the model is told by words beside it.
MASKED = "Edit the picture above only where the next picture, its mask, is white. Leave everything else as it is."

# The model made none, for reasons of its own.
NONE_MADE = frozenset({"IMAGE_OTHER", "NO_IMAGE"})


class GoogleImageModel:
    """A Gemini model that makes pictures.

    A mask is sent as a second picture, white where to edit and black elsewhere, with a sentence that says so.

    Parameters
    ----------
    spec : ModelSpec
        Its name taken apart. Parameters: ``aspect_ratio`` (16:9 or the like; a picture that does not keep to it is
        unparsed), ``image_size`` (1K ...), ``temperature``, ``top_p``, ``top_k``, ``seed``, ``api_version`` (v1beta)
        and ``timeout`` (140 s).

    Raises
    ------
    ModelError
        If a parameter is unknown or wrong, or a key would go where it does not belong.
    """

    def __init__(self, spec: ModelSpec) -> None:
        given = resolve_parameters(spec, PARAMETERS)
        if not spec.model:
            raise ModelError(f"model {spec.name!r} names no model; write google/MODEL")
        settings = {"api_version": "v1beta", "timeout": TIMEOUT_S, **given}
        self._spec = spec
        self._timeout = settings.pop("timeout")
        self._settings = settings
        self._base_url = base_url_of(spec)
        self.quota = Quota()
        self._connection: Late[tuple[Client, str]] = Late()

    @property
    def identity(self) -> Identity:
        """What goes into the key of an answer."""
        where = self._spec.identity or shown(self._base_url)
        return Identity("google", self._spec.model, dict(self._settings), where, ADAPTER)

    def prepare(self) -> None:
        """Load the SDK and make the client, if that was not done.

        Raises
        ------
        CallError
            If that cannot be done.
        """
        self._connection.get(self._connect)

    def _connect(self) -> tuple[Client, str]:
        version = self._settings["api_version"]
        return make_client(self._spec, self._base_url, version, self._timeout, self.quota.note, MAX_PICTURE_REPLY_BYTES)

    def ask(self, question: Question) -> Reply:
        """Make one picture.

        Raises
        ------
        CallError
            If there is no completed reply.
        """
        client, key = self._connection.get(self._connect)
        parts = parts_of(question, encoded_mask(self._spec.name, question, "white"))
        started = time.perf_counter()
        try:
            body = send(client, self._spec.model, parts, config_of(self._settings))
        except Exception as error:
            raise failed(self._spec, error, key) from None
        latency = time.perf_counter() - started
        return cleaned(read(read_json(self._spec.name, body, key), latency, key), key)


def parts_of(question: Question, mask: bytes | None) -> list[types.Part]:
    """Return what is sent: the prompt, the picture to edit, and its mask."""
    from google.genai import types

    parts = [types.Part.from_text(text=question.prompt)]
    parts += [types.Part.from_bytes(data=picture.bytes, mime_type=picture.media_type) for picture in question.pictures]
    if mask is not None:
        parts += [types.Part.from_text(text=MASKED), types.Part.from_bytes(data=mask, mime_type="image/png")]
    return parts


def config_of(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings as the SDK's configuration."""
    config: dict[str, Any] = {name: settings[name] for name in SAMPLING if name in settings}
    picture = {name: settings[name] for name in PICTURE if name in settings}
    return {**config, "response_modalities": ["IMAGE"], **({"image_config": picture} if picture else {})}


def read(root: Node, latency_s: float, secret: str) -> Reply:
    """Return the reply in a body that came with status 200.

    Parameters
    ----------
    root : Node
        The body.
    latency_s : float
        Seconds that the call took.
    secret : str
        The key, to keep it out of messages.

    Raises
    ------
    CallError
        If the body holds an error or no answer, or is of another shape.
    """
    if isinstance(root["error"].value, dict):
        raise call_error(root.model, failure_of(0, root.value, {}), secret)
    candidate = root["candidates"].first()
    finish = candidate["finishReason"].label()
    kind, text, made = said(root, candidate, finish)
    return Reply(
        kind=kind,
        text=text,
        model=root["modelVersion"].label(),
        finish_reason=finish or text,
        usage=usage(root["usageMetadata"]),
        latency_s=latency_s,
        request_id=root["responseId"].label(),
        pictures=() if made is None else (made,),
    )


def said(root: Node, candidate: Node, finish: str) -> tuple[ReplyKind, str, Made | None]:
    """Return what the first candidate is: its first picture, or why there is none."""
    block = root["promptFeedback"]["blockReason"].label()
    if block and candidate.value is None:
        return "filtered", block, None
    if finish in BLOCKED:
        return "filtered", finish, None
    parts = [part for part in candidate["content"]["parts"].items() if part["thought"].value is not True]
    text = "".join(part["text"].text() for part in parts)
    for encoded, media_type in pictures_of(parts):
        made = made_of(encoded, media_type)
        return ("truncated", BROKEN, None) if made is None else ("answered", text, made)
    if finish == "MAX_TOKENS":
        return "truncated", text, None
    if not text.strip() and finish not in NONE_MADE:
        raise empty(root.model, f"no picture (finish reason {finish or 'not given'})")
    return "refused", text.strip() or finish, None


def pictures_of(parts: list[Node]) -> Iterator[tuple[str, str]]:
    """Yield the pictures among the parts of a message: base64 and media type."""
    for part in parts:
        inline = part["inlineData"]
        if inline["data"].text():
            yield inline["data"].text(), inline["mimeType"].label()
