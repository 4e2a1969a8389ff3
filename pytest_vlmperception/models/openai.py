"""OpenAI's models, and every server that speaks the same protocol: Chat Completions and Responses."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from pytest_vlmperception.errors import ModelError
from pytest_vlmperception.models import openai_replies as replies
from pytest_vlmperception.models.addresses import shown
from pytest_vlmperception.models.base import Identity, ModelSpec, resolve_parameters
from pytest_vlmperception.models.bodies import read_json
from pytest_vlmperception.models.converters import choice, number, whole
from pytest_vlmperception.models.late import Late
from pytest_vlmperception.models.openai_client import base_url_of, failed, make_client
from pytest_vlmperception.models.quota import Quota
from pytest_vlmperception.models.reading import cleaned
from pytest_vlmperception.models.schemas import openai_format
from pytest_vlmperception.models.sdks import loading
from pytest_vlmperception.records import Picture, Question, Reply

__all__ = ["OpenAIModel"]

# Raise when a change to the request can change an answer: stored answers are then asked anew.
ADAPTER = 1

PARAMETERS: Mapping[str, Callable[[str], Any]] = {
    "api": choice("chat", "responses"),
    "compression": choice("disabled", "auto", "enabled"),
    "detail": choice("auto", "low", "high", "original"),
    "max_completion_tokens": whole(1),
    "max_tokens": whole(1),
    "reasoning_effort": choice("none", "minimal", "low", "medium", "high", "xhigh", "max"),
    "seed": whole(),
    "service_tier": choice("auto", "default", "flex", "scale", "priority", "fast"),
    "structured": choice("on", "off"),
    "temperature": number(0.0),
    "timeout": number(0.0, above=True),
    "top_p": number(0.0),
}
LIMITS = frozenset({"max_tokens", "max_completion_tokens"})
SAMPLING = ("temperature", "top_p", "service_tier")


class OpenAIModel:
    """A model behind OpenAI's protocol.

    Parameters
    ----------
    spec : ModelSpec
        Its name taken apart. Parameters: ``api`` (chat, responses), ``detail`` (high),
        ``compression`` (disabled; responses only), ``temperature``, ``top_p``, ``seed`` (chat
        only), ``max_tokens`` or ``max_completion_tokens``, ``reasoning_effort``,
        ``service_tier``, ``structured`` (on; off for servers that refuse a JSON Schema) and
        ``timeout`` (120 s).

    Raises
    ------
    ModelError
        If a parameter is unknown or wrong, or a key would go where it does not belong.
    """

    def __init__(self, spec: ModelSpec) -> None:
        defaults = {"api": "chat", "detail": "high", "structured": "on", "timeout": 120.0}
        settings = {**defaults, **resolve_parameters(spec, PARAMETERS)}
        if not spec.model:
            raise ModelError(f"model {spec.name!r} names no model; write openai/MODEL")
        self._spec = spec
        self._timeout = settings.pop("timeout")
        # Not among the settings: it changes nothing for questions without a schema.
        self._structured = settings.pop("structured") == "on"
        self._settings = resolved(spec, settings)
        self._base_url = base_url_of(spec)
        self.quota = Quota()
        self._connection: Late[tuple[Callable[..., Any], str]] = Late()

    @property
    def identity(self) -> Identity:
        """What goes into the key of an answer."""
        where = self._spec.identity or shown(self._base_url)
        settings = dict(self._settings)
        return Identity("openai", self._spec.model, settings, where, ADAPTER, takes_schema=self._structured)

    def prepare(self) -> None:
        """Load the SDK and make the client, if that was not done.

        Raises
        ------
        CallError
            If that cannot be done.
        """
        self._connection.get(self._connect)

    def ask(self, question: Question) -> Reply:
        """Answer one question.

        Raises
        ------
        CallError
            If there is no completed reply.
        """
        post, key = self._connection.get(self._connect)
        request = self._request(question)
        started = time.perf_counter()
        try:
            response = post(body=request).response
            body, headers = response.content, response.headers
        except Exception as error:
            return cleaned(failed(self._spec, error, key, time.perf_counter() - started), key)
        latency = time.perf_counter() - started
        root = read_json(self._spec.name, body, key)
        reply = replies.read(root, self._settings["api"], headers.get("x-request-id", ""), latency, key)
        return cleaned(reply, key)

    def _connect(self) -> tuple[Callable[..., Any], str]:
        """Return what sends a request, and the key.

        The SDK's methods for these two paths walk through the whole request by the API's types, which for one that
        is of plain values already takes as long as sending it: its ``post`` is what they call afterwards.
        """
        with loading():
            client = make_client(self, self._spec, self._base_url, self._timeout, self.quota.note)
            from openai import HttpxBinaryResponseContent as Raw
        path = "/responses" if self._settings["api"] == "responses" else "/chat/completions"
        # The key of a model and no other, as for those methods: the SDK knows one for administrators, too.
        return partial(client.post, path, cast_to=Raw, options={"security": {"bearer_auth": True}}), client.api_key

    def _request(self, question: Question) -> dict[str, Any]:
        api = self._settings["api"]
        build = responses_request if api == "responses" else chat_request
        shape = openai_format(question.schema, api) if self._structured and question.schema else {}
        return {**build(self._spec.model, self._settings, question), **shape}


def resolved(spec: ModelSpec, settings: dict[str, Any]) -> dict[str, Any]:
    """Return the settings as they are sent, all named and with their values.

    Raises
    ------
    ModelError
        If two of them contradict each other, or the API has no such setting.
    """
    limits = sorted(LIMITS & settings.keys())
    if len(limits) > 1:
        raise ModelError(f"model {spec.name!r} has both max_tokens and max_completion_tokens; give one")
    if settings["api"] == "chat":
        return refuse(spec, settings, "compression", "responses")
    refuse(spec, settings, "seed", "chat")
    limit = {"max_output_tokens": settings.pop(limits[0])} if limits else {}
    return {"compression": "disabled", **settings, **limit}


def refuse(spec: ModelSpec, settings: dict[str, Any], name: str, api: str) -> dict[str, Any]:
    """Return `settings`, which must not have `name`: only `api` knows it."""
    if name in settings:
        raise ModelError(f"model {spec.name!r}: {name} needs api={api}; add it or leave {name} out")
    return settings


def chat_request(model: str, settings: Mapping[str, Any], question: Question) -> dict[str, Any]:
    """Return the body of a Chat Completions call."""
    content: list[dict[str, Any]] = [{"type": "text", "text": question.prompt}]
    content += [
        {"type": "image_url", "image_url": {"url": data_uri(picture), "detail": settings["detail"]}}
        for picture in question.pictures
    ]
    names = (*SAMPLING, "seed", "max_tokens", "max_completion_tokens", "reasoning_effort")
    return {"model": model, "messages": [{"role": "user", "content": content}], **chosen(settings, names)}


def responses_request(model: str, settings: Mapping[str, Any], question: Question) -> dict[str, Any]:
    """Return the body of a Responses call."""
    content: list[dict[str, Any]] = [{"type": "input_text", "text": question.prompt}]
    content += [
        {"type": "input_image", "image_url": data_uri(picture), "detail": settings["detail"]}
        for picture in question.pictures
    ]
    request = {
        "model": model,
        "input": [{"role": "user", "content": content}],
        "store": False,
        "image": {"context_compression": settings["compression"]},
        **chosen(settings, (*SAMPLING, "max_output_tokens")),
    }
    if "reasoning_effort" in settings:
        request["reasoning"] = {"effort": settings["reasoning_effort"]}
    return request


def chosen(settings: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """Return the settings of these names that were given."""
    return {name: settings[name] for name in names if name in settings}


def data_uri(picture: Picture) -> str:
    """Return a picture as a data URI. Encoding takes a millisecond a megabyte: no copy is kept."""
    return f"data:{picture.media_type};base64,{base64.b64encode(picture.bytes).decode('ascii')}"
