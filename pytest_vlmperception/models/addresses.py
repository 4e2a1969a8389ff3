"""Base URLs: which are allowed, where they point, and what of them may be shown."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, parse_qsl, urlsplit, urlunsplit

from pytest_vlmperception.errors import ModelError

__all__ = [
    "ANTHROPIC",
    "GOOGLE",
    "OPENAI",
    "base_url_query",
    "check_base_url",
    "host_of",
    "is_loopback",
    "origin",
    "shown",
]

# Two parsers of one URL can disagree about its host; of these characters all make the same.
HOST = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?\.?", re.IGNORECASE)
# Where the vendors' own APIs are.
ANTHROPIC = "https://api.anthropic.com"
GOOGLE = "https://generativelanguage.googleapis.com"
OPENAI = "https://api.openai.com/v1"

PORTS = {"http": 80, "https": 443}


def check_base_url(model: str, base_url: str) -> str:
    """Return `base_url`, checked. No message repeats it: it may hold a password.

    Raises
    ------
    ModelError
        If it is no plain ``http`` or ``https`` URL, or holds user information.
    """
    try:
        parts = urlsplit(base_url)
        _ = parts.port
    except ValueError:
        raise ModelError(f"model {model!r}: its base_url is no URL; write it as http://host:port/v1") from None
    if "@" in parts.netloc:
        raise ModelError(
            f"model {model!r}: its base_url holds user information (user:password@); "
            "leave it out and name the variable that holds the key with api_key_env"
        )
    if parts.scheme not in PORTS or not is_host(parts.hostname or "") or not is_plain(base_url):
        raise ModelError(f"model {model!r}: its base_url is no http or https URL; write it as http://host:port/v1")
    return base_url


def is_plain(base_url: str) -> bool:
    """Tell whether `base_url` has only visible ASCII characters and no backslash."""
    return base_url.isascii() and base_url.isprintable() and not re.search(r"[\s\\]", base_url)


def is_host(host: str) -> bool:
    """Tell whether `host` is a name or an address that every parser reads alike."""
    return bool(HOST.fullmatch(host)) or address(host) is not None


def address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the IP address that `host` is; None for a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def host_of(base_url: str) -> str:
    """Return the host of a base URL, in lower case."""
    return urlsplit(base_url).hostname or ""


def is_loopback(host: str) -> bool:
    """Tell whether `host` is this machine: ``localhost``, 127.0.0.0/8 or ::1."""
    ip = address(host)
    return host == "localhost" or (ip is not None and ip.is_loopback)


def origin(base_url: str) -> tuple[str, str, int]:
    """Return scheme, host and port: what decides who reads a request."""
    parts = urlsplit(base_url)
    return parts.scheme, parts.hostname or "", parts.port or PORTS.get(parts.scheme, 0)


def shown(base_url: str) -> str:
    """Return a base URL without user information, query, fragment and trailing slash."""
    parts = urlsplit(base_url)
    netloc = parts.netloc.rpartition("@")[2].lower()
    return urlunsplit(SplitResult(parts.scheme, netloc, parts.path.rstrip("/"), "", ""))


def base_url_query(base_url: str) -> dict[str, str]:
    """Return the query of a base URL, which goes with every request."""
    return dict(parse_qsl(urlsplit(base_url).query, keep_blank_values=True))
