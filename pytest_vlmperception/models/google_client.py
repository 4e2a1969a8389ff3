"""The client of Google's SDK, for models that answer with words and those that answer with pictures."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from pytest_vlmperception.errors import CallError
from pytest_vlmperception.models import google_replies as replies
from pytest_vlmperception.models.addresses import GOOGLE, base_url_query, check_base_url, shown
from pytest_vlmperception.models.base import ModelSpec
from pytest_vlmperception.models.failures import transport_error
from pytest_vlmperception.models.keys import check_destination, key_for
from pytest_vlmperception.models.reading import MAX_REPLY_BYTES, Reader
from pytest_vlmperception.models.sdks import loading

if TYPE_CHECKING:
    from google.genai import Client, types

__all__ = ["RAW", "base_url_of", "failed", "make_client", "send"]

BASE_URL_ENV = "GOOGLE_GEMINI_BASE_URL"
KEYS: Mapping[str, Any] = {
    "vendor_hosts": ("generativelanguage.googleapis.com",),
    # In the SDK's order of precedence.
    "vendor_variables": ("GOOGLE_API_KEY", "GEMINI_API_KEY"),
    "default_base_url_env": BASE_URL_ENV,
}

# Nothing is called, and the reply is left as it came.
RAW: Mapping[str, Any] = {"automatic_function_calling": {"disable": True}, "should_return_http_response": True}


def base_url_of(spec: ModelSpec) -> str:
    """Return where a model lives.

    Raises
    ------
    ModelError
        If that is no URL, or a key would go where it does not belong.
    """
    base_url = check_base_url(spec.name, spec.base_url or os.environ.get(BASE_URL_ENV) or GOOGLE)
    check_destination(spec, **KEYS)
    return base_url


def make_client(
    spec: ModelSpec,
    base_url: str,
    api_version: str,
    timeout_s: float,
    note: Callable[[Mapping[str, str]], None],
    most: int = MAX_REPLY_BYTES,
) -> tuple[Client, str]:
    """Make the client, to be kept: the SDK closes one that nobody holds. The key comes with it.

    It follows no redirect: that would carry the pictures, and perhaps the key, elsewhere.

    Parameters
    ----------
    spec : ModelSpec
        The model's name taken apart.
    base_url, api_version : str
        Where it lives.
    timeout_s : float
        Seconds for a whole reply.
    note : callable
        Takes the headers of each reply that is no error.
    most : int
        Bytes of a reply at most.
    """
    key = key_for(spec, **KEYS)
    try:
        with loading():
            from google.genai import Client
    except ImportError as error:
        raise CallError(f"{spec.name}: {error}", "model", whole_model=True, sent=False) from None
    options = {
        "api_version": api_version,
        "base_url": shown(base_url),
        "client_args": {
            "event_hooks": Reader(spec.name, timeout_s, note, most).hooks,
            "follow_redirects": False,
            "params": base_url_query(base_url),
        },
        "retry_options": {"attempts": 1},
        "timeout": max(1, round(timeout_s * 1000)),
    }
    # Set, so that the variables that switch the SDK to Vertex AI change nothing silently.
    return Client(vertexai=False, api_key=key, http_options=options), key  # type: ignore[arg-type]


def send(client: Client, model: str, parts: list[types.Part], config: Mapping[str, Any]) -> str | bytes:
    """Return the body of the reply: the SDK's own reading warns of, or breaks on, what it does not know."""
    from google.genai import types

    content = types.Content(role="user", parts=parts)
    validated = types.GenerateContentConfig.model_validate({**config, **RAW})
    response = client.models.generate_content(model=model, contents=content, config=validated)
    return (response.sdk_http_response or types.HttpResponse()).body or ""


def failed(spec: ModelSpec, error: Exception, key: str) -> CallError:
    """Return what an exception of the SDK or of its HTTP client means."""
    code = getattr(error, "code", None)
    if isinstance(code, int):
        return replies.failed(spec.name, code, error, key)
    return transport_error(spec.name, error, key)
