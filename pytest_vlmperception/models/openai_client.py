"""The client of OpenAI's SDK, for every API of the protocol."""

from __future__ import annotations

import os
import ssl
import weakref
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import getproxies

from pytest_vlmperception.errors import CallError
from pytest_vlmperception.models import openai_replies as replies
from pytest_vlmperception.models.addresses import OPENAI, base_url_query, check_base_url, shown
from pytest_vlmperception.models.base import ModelSpec
from pytest_vlmperception.models.failures import transport_error
from pytest_vlmperception.models.keys import check_destination, key_for, sends_vendor_key
from pytest_vlmperception.models.reading import MAX_REPLY_BYTES, Reader
from pytest_vlmperception.records import Reply

if TYPE_CHECKING:
    from openai import OpenAI

__all__ = ["base_url_of", "failed", "make_client"]

BASE_URL_ENV = "OPENAI_BASE_URL"

# A host that is not there need not take the time of an answer to be found out.
CONNECT_S = 10.0
KEYS: Mapping[str, Any] = {
    "vendor_hosts": ("api.openai.com",),
    "vendor_variables": ("OPENAI_API_KEY",),
    "default_base_url_env": BASE_URL_ENV,
}


def base_url_of(spec: ModelSpec) -> str:
    """Return where a model lives.

    Raises
    ------
    ModelError
        If that is no URL, or a key would go where it does not belong.
    """
    base_url = check_base_url(spec.name, spec.base_url or os.environ.get(BASE_URL_ENV) or OPENAI)
    check_destination(spec, **KEYS)
    return base_url


def make_client(
    owner: object,
    spec: ModelSpec,
    base_url: str,
    timeout_s: float,
    note: Callable[[Mapping[str, str]], None],
    most: int = MAX_REPLY_BYTES,
) -> OpenAI:
    """Make the client. It follows no redirect: that would carry the pictures, and perhaps the key, elsewhere.

    Parameters
    ----------
    owner : object
        Whoever keeps the client: its sockets are closed when that is gone.
    spec : ModelSpec
        The model's name taken apart.
    base_url : str
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
        from openai import DefaultHttpxClient, OpenAI, Timeout, omit
    except ImportError as error:
        raise CallError(f"{spec.name}: {error}", "model", whole_model=True, sent=False) from None
    timeout = Timeout(timeout_s, connect=min(CONNECT_S, timeout_s))
    hooks = Reader(spec.name, timeout_s, note, most).hooks
    http = DefaultHttpxClient(follow_redirects=False, timeout=timeout, event_hooks=hooks, verify=trusted(base_url))
    # A client from outside is not closed by the SDK, and its sockets would be reported as leaked.
    weakref.finalize(owner, http.close)
    # The SDK takes these from the environment, for the vendor; none is for another's server.
    ambient: dict[str, Any] = {
        name: f"Bearer {key}" if name.lower() == "authorization" else omit for name in ambient_headers()
    }
    vendor = sends_vendor_key(spec, KEYS["vendor_hosts"], os.environ.get(BASE_URL_ENV, ""))
    client = OpenAI(
        api_key=key,
        base_url=shown(base_url),
        default_query=base_url_query(base_url),
        default_headers={} if vendor else ambient,
        max_retries=0,
        timeout=timeout,
        http_client=http,
    )
    if not vendor:
        client.organization = client.project = None
    return client


def trusted(base_url: str) -> bool | ssl.SSLContext:
    """Return what TLS is to trust: nobody where there is none, since reading the machine's certificates takes a while.

    A proxy may be spoken to by TLS whatever the URL says.
    """
    plain = urlsplit(base_url).scheme == "http" and not getproxies().keys() - {"no"}
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if plain else True


def ambient_headers() -> list[str]:
    """Return the names of the headers that the SDK takes from the environment for the vendor."""
    lines = os.environ.get("OPENAI_CUSTOM_HEADERS", "").split("\n")
    return [line.partition(":")[0].strip() for line in lines if ":" in line]


def failed(spec: ModelSpec, error: Exception, key: str, latency_s: float) -> Reply:
    """Return the reply that a refused request is, or raise the `CallError` that it means."""
    response = getattr(error, "response", None)
    if response is None:
        raise transport_error(spec.name, error, key) from None
    return replies.read_failure(spec.name, response, key, latency_s)
