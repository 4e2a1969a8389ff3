"""Anthropic's models, and every server that speaks the same protocol: the Messages API."""

from __future__ import annotations

import base64
import os
import time
import weakref
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from pytest_vlmperception.errors import CallError, ModelError
from pytest_vlmperception.models import anthropic_replies as replies
from pytest_vlmperception.models.addresses import ANTHROPIC, base_url_query, check_base_url, shown
from pytest_vlmperception.models.base import Identity, ModelSpec, resolve_parameters
from pytest_vlmperception.models.bodies import read_json
from pytest_vlmperception.models.converters import choice, number, whole
from pytest_vlmperception.models.failures import transport_error
from pytest_vlmperception.models.keys import check_destination, key_for, sends_vendor_key
from pytest_vlmperception.models.late import Late
from pytest_vlmperception.models.quota import Quota
from pytest_vlmperception.models.reading import Reader, cleaned
from pytest_vlmperception.models.sdks import loading
from pytest_vlmperception.records import Picture, Question, Reply

if TYPE_CHECKING:
    from anthropic import Anthropic

__all__ = ["AnthropicModel"]

# Raise when a change to the request can change an answer: stored answers are then asked anew.
ADAPTER = 1
BASE_URL_ENV = "ANTHROPIC_BASE_URL"
INSTALL = 'pip install "pytest-vlmperception[anthropic]"'

# A host that is not there need not take the time of an answer to be found out.
CONNECT_S = 10.0
KEYS: Mapping[str, Any] = {
    "vendor_hosts": ("api.anthropic.com",),
    "vendor_variables": ("ANTHROPIC_API_KEY",),
    "default_base_url_env": BASE_URL_ENV,
}

# Sent with every request, so that another version of the SDK asks the same. The newer version
# takes no sampling parameters, and differs in nothing else that is sent here.
SAMPLING_VERSION, NEWER_VERSION = "2023-06-01", "2026-10-21"

# The API wants a limit. It counts thinking too, which most models do unasked.
MAX_TOKENS = 4096

PARAMETERS: Mapping[str, Callable[[str], Any]] = {
    "api_version": choice(SAMPLING_VERSION, NEWER_VERSION),
    "effort": choice("low", "medium", "high", "xhigh", "max"),
    "max_tokens": whole(1),
    "oversized_image": choice("downsize", "error"),
    "service_tier": choice("auto", "standard_only"),
    "temperature": number(0.0),
    "thinking": choice("adaptive", "between_tools", "disabled"),
    "thinking_budget": whole(1024),
    "timeout": number(0.0, above=True),
    "top_k": whole(0),
    "top_p": number(0.0),
}
SAMPLING = ("temperature", "top_k", "top_p")
AS_GIVEN = ("max_tokens", "service_tier", *SAMPLING)


class AnthropicModel:
    """A model behind the Messages API.

    Parameters
    ----------
    spec : ModelSpec
        Its name taken apart. Parameters: ``max_tokens`` (4096, and the thinking budget),
        ``temperature``, ``top_p``, ``top_k``, ``thinking`` (adaptive, between_tools, disabled) or
        ``thinking_budget``, ``effort``, ``oversized_image`` (downsize), ``service_tier``,
        ``api_version`` (2023-06-01) and ``timeout`` (120 s). Models differ in what they take.

    Raises
    ------
    ModelError
        If the SDK is not installed, a parameter is unknown or wrong, or a key would go where it
        does not belong.
    """

    def __init__(self, spec: ModelSpec) -> None:
        settings = {"timeout": 120.0, **resolve_parameters(spec, PARAMETERS)}
        if not spec.model:
            raise ModelError(f"model {spec.name!r} names no model; write anthropic/MODEL")
        if find_spec("anthropic") is None:
            raise ModelError(f"model {spec.name!r} needs the package anthropic; install it with {INSTALL}")
        self._spec = spec
        self._timeout = settings.pop("timeout")
        self._settings = resolved(spec, settings)
        self._base_url = check_base_url(spec.name, spec.base_url or os.environ.get(BASE_URL_ENV) or ANTHROPIC)
        check_destination(spec, **KEYS)
        self.quota = Quota()
        self._connection: Late[tuple[Callable[[dict[str, Any]], Any], str]] = Late()

    @property
    def identity(self) -> Identity:
        """What goes into the key of an answer."""
        where = self._spec.identity or root_of(self._base_url)
        return Identity("anthropic", self._spec.model, dict(self._settings), where, ADAPTER)

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
        request = request_of(self._spec.model, self._settings, question)
        started = time.perf_counter()
        try:
            response = post(request)
        except Exception as error:
            raise self._failed(error, key) from None
        latency = time.perf_counter() - started
        root = read_json(self._spec.name, response.content, key)
        return cleaned(replies.read(root, response.headers.get("request-id", ""), latency, key), key)

    def _connect(self) -> tuple[Callable[[dict[str, Any]], Any], str]:
        """Return what sends a request, and the key.

        The SDK's `messages.create` has no sampling parameters any more, and warns of models that
        retire: a suite that makes warnings errors would get no answer.
        """
        key = key_for(self._spec, **KEYS)
        try:
            with loading():
                from anthropic import APIResponse
        except ImportError as error:
            raise CallError(f"{self._spec.name}: {error}", "model", whole_model=True, sent=False) from None
        client = self._make_client(key)

        def post(request: dict[str, Any]) -> Any:
            return client.post("/v1/messages", cast_to=APIResponse[object], body=request).http_response

        return post, key

    def _make_client(self, key: str) -> Anthropic:
        """Make the client. It follows no redirect: that would carry the pictures, and perhaps the key, elsewhere."""
        from anthropic import Anthropic, DefaultHttpxClient, Timeout, omit

        timeout = Timeout(self._timeout, connect=min(CONNECT_S, self._timeout))
        hooks = Reader(self._spec.name, self._timeout, self.quota.note).hooks
        http = DefaultHttpxClient(follow_redirects=False, timeout=timeout, event_hooks=hooks)
        # A client from outside is not closed by the SDK, and its sockets would be reported as leaked.
        weakref.finalize(self, http.close)
        # The SDK takes these from the environment, for the vendor; none is for another's server.
        own = {"authorization": f"Bearer {key}", "x-api-key": key}
        ambient: dict[str, Any] = {name: own.get(name.lower(), omit) for name in ambient_headers()}
        vendor = sends_vendor_key(self._spec, KEYS["vendor_hosts"], os.environ.get(BASE_URL_ENV, ""))
        client = Anthropic(
            api_key=key,
            base_url=root_of(self._base_url),
            default_query=base_url_query(self._base_url),
            default_headers={**({} if vendor else ambient), "anthropic-version": self._settings["api_version"]},
            max_retries=0,
            timeout=timeout,
            http_client=http,
        )
        # Older versions take it from the environment, beside the key.
        client.auth_token = None
        return client

    def _failed(self, error: Exception, key: str) -> CallError:
        """Return what an exception of the SDK or of its HTTP client means."""
        response = getattr(error, "response", None)
        if response is None:
            return transport_error(self._spec.name, error, key)
        return replies.failed(self._spec.name, response, key)


def resolved(spec: ModelSpec, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings as they are sent, all named and with their values.

    Raises
    ------
    ModelError
        If two of them contradict each other.
    """
    if "thinking" in given and "thinking_budget" in given:
        raise ModelError(f"model {spec.name!r} has both thinking and thinking_budget; give one")
    budget = given.get("thinking_budget", 0)
    defaults = {"api_version": SAMPLING_VERSION, "max_tokens": MAX_TOKENS + budget, "oversized_image": "downsize"}
    settings = {**defaults, **given}
    if settings["max_tokens"] <= budget:
        raise ModelError(
            f"model {spec.name!r}: max_tokens={settings['max_tokens']} leaves nothing to answer with beside "
            f"thinking_budget={budget}; give more max_tokens"
        )
    sampling = [name for name in SAMPLING if name in settings]
    if sampling and settings["api_version"] != SAMPLING_VERSION:
        raise ModelError(
            f"model {spec.name!r}: {sampling[0]} needs api_version={SAMPLING_VERSION}; leave one of them out"
        )
    return settings


def request_of(model: str, settings: Mapping[str, Any], question: Question) -> dict[str, Any]:
    """Return the body of a request: the text first, then the pictures in order."""
    content: list[dict[str, Any]] = [{"type": "text", "text": question.prompt}]
    content += [picture_block(picture, settings["oversized_image"]) for picture in question.pictures]
    request: dict[str, Any] = {
        "model": model,
        "messages": [{"role": "user", "content": content}],
        **{name: settings[name] for name in AS_GIVEN if name in settings},
    }
    if "thinking" in settings:
        request["thinking"] = {"type": settings["thinking"]}
    if "thinking_budget" in settings:
        request["thinking"] = {"type": "enabled", "budget_tokens": settings["thinking_budget"]}
    if "effort" in settings:
        request["output_config"] = {"effort": settings["effort"]}
    return request


def picture_block(picture: Picture, oversized: str) -> dict[str, Any]:
    """Return a picture as a content block. Encoding takes a millisecond a megabyte: no copy is kept."""
    data = base64.b64encode(picture.bytes).decode("ascii")
    block = {"type": "image", "source": {"type": "base64", "media_type": picture.media_type, "data": data}}
    # The default is left out: other servers of this protocol need not know the field.
    return block if oversized == "downsize" else {**block, "transformations": {"oversized_image": oversized}}


def root_of(base_url: str) -> str:
    """Return where the API's paths begin. The SDK adds the ``/v1`` that other SDKs want in a base URL."""
    return shown(base_url).removesuffix("/v1")


def ambient_headers() -> list[str]:
    """Return the names of the headers that the SDK takes from the environment for the vendor."""
    lines = os.environ.get("ANTHROPIC_CUSTOM_HEADERS", "").split("\n")
    return [line.partition(":")[0].strip() for line in lines if ":" in line]
