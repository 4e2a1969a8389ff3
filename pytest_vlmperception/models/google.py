"""Google's Gemini models, through the Gemini API."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from pytest_vlmperception.errors import ModelError
from pytest_vlmperception.models import google_replies as replies
from pytest_vlmperception.models.addresses import shown
from pytest_vlmperception.models.base import Identity, ModelSpec, resolve_parameters
from pytest_vlmperception.models.bodies import read_json
from pytest_vlmperception.models.converters import choice, number, whole
from pytest_vlmperception.models.google_client import base_url_of, failed, make_client, send
from pytest_vlmperception.models.late import Late
from pytest_vlmperception.models.quota import Quota
from pytest_vlmperception.models.reading import cleaned
from pytest_vlmperception.records import Question, Reply

if TYPE_CHECKING:
    from google.genai import Client

__all__ = ["GoogleModel"]

# Raise when a change to the request can change an answer: stored answers are then asked anew.
ADAPTER = 1

PARAMETERS: Mapping[str, Callable[[str], Any]] = {
    "api_version": choice("v1", "v1beta", "v1alpha"),
    "max_output_tokens": whole(1),
    "media_resolution": choice("low", "medium", "high", "ultra_high"),
    "seed": whole(),
    "temperature": number(0.0),
    "thinking_budget": whole(-1),
    "thinking_level": choice("minimal", "low", "medium", "high", "xhigh"),
    "timeout": number(0.0, above=True),
    "top_k": whole(1),
    "top_p": number(0.0),
}
SAMPLING = ("max_output_tokens", "seed", "temperature", "top_k", "top_p")


class GoogleModel:
    """A Gemini model.

    Parameters
    ----------
    spec : ModelSpec
        Its name taken apart. Parameters: ``media_resolution`` (high), ``thinking_level``
        (google-genai before 3 warns of xhigh) or ``thinking_budget``, ``temperature``, ``top_p``, ``top_k``, ``seed``,
        ``max_output_tokens``, ``api_version`` (v1beta) and ``timeout`` (120 s).

    Raises
    ------
    ModelError
        If a parameter is unknown or wrong, or a key would go where it does not belong.
    """

    def __init__(self, spec: ModelSpec) -> None:
        given = resolve_parameters(spec, PARAMETERS)
        if not spec.model:
            raise ModelError(f"model {spec.name!r} names no model; write google/MODEL")
        if "thinking_level" in given and "thinking_budget" in given:
            raise ModelError(f"model {spec.name!r} has both thinking_level and thinking_budget; give one")
        settings = {"api_version": "v1beta", "media_resolution": "high", "timeout": 120.0, **given}
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

    def ask(self, question: Question) -> Reply:
        """Answer one question.

        Raises
        ------
        CallError
            If there is no completed reply.
        """
        client, key = self._connection.get(self._connect)
        pictures = [(picture.bytes, picture.media_type) for picture in question.pictures]
        started = time.perf_counter()
        try:
            body = self._send(client, question.prompt, pictures)
        except Exception as error:
            raise failed(self._spec, error, key) from None
        latency = time.perf_counter() - started
        return cleaned(replies.read(read_json(self._spec.name, body, key), latency, key), key)

    def _connect(self) -> tuple[Client, str]:
        version = self._settings["api_version"]
        return make_client(self._spec, self._base_url, version, self._timeout, self.quota.note)

    def _send(self, client: Client, prompt: str, pictures: list[tuple[bytes, str]]) -> str | bytes:
        from google.genai import types

        resolution = self._settings["media_resolution"]
        # Only a part can have the highest resolution.
        per_part = f"MEDIA_RESOLUTION_{resolution.upper()}" if resolution == "ultra_high" else None
        parts = [types.Part.from_text(text=prompt)]
        parts += [
            types.Part.from_bytes(data=data, mime_type=media_type, media_resolution=per_part)
            for data, media_type in pictures
        ]
        return send(client, self._spec.model, parts, config_of(self._settings))


def config_of(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings as the SDK's configuration."""
    config = {name: settings[name] for name in SAMPLING if name in settings}
    if settings["media_resolution"] != "ultra_high":
        config["media_resolution"] = f"MEDIA_RESOLUTION_{settings['media_resolution'].upper()}"
    if "thinking_level" in settings:
        config["thinking_config"] = {"thinking_level": settings["thinking_level"].upper()}
    if "thinking_budget" in settings:
        config["thinking_config"] = {"thinking_budget": settings["thinking_budget"]}
    return config
