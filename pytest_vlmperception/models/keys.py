"""Where keys may go: to the vendor that made them, and to whom the user names himself."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from pytest_vlmperception.errors import CallError, ModelError
from pytest_vlmperception.models.addresses import host_of, is_loopback, origin, shown
from pytest_vlmperception.models.base import ModelSpec

__all__ = ["check_destination", "key_for", "sends_vendor_key"]

ANTHROPIC = ("api.anthropic.com",)
GOOGLE = ("generativelanguage.googleapis.com",)
OPENAI = ("api.openai.com",)

# The variables that hold a vendor's key, whichever provider asks for them.
OWNERS: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "ANTHROPIC_API_KEY": ANTHROPIC,
    "ANTHROPIC_AUTH_TOKEN": ANTHROPIC,
    "GEMINI_API_KEY": GOOGLE,
    "GOOGLE_API_KEY": GOOGLE,
    "OPENAI_ADMIN_KEY": OPENAI,
    "OPENAI_API_KEY": OPENAI,
})

# Servers on this machine seldom want a key, but the SDKs do.
PLACEHOLDER = "none"


def key_for(
    spec: ModelSpec,
    *,
    vendor_hosts: Sequence[str],
    vendor_variables: Sequence[str],
    default_base_url_env: str,
    env: Mapping[str, str] = os.environ,
) -> str:
    """Return the key to send, from the first variable that holds one.

    Parameters
    ----------
    spec : ModelSpec
        The model.
    vendor_hosts, vendor_variables : sequence of str
        Where the provider lives, and the variables with its key, in order of precedence.
    default_base_url_env : str
        The variable with which a user moves the provider elsewhere.
    env : mapping of str to str
        The environment.

    Raises
    ------
    ModelError
        If the key may not go where the model lives.
    CallError
        If there is no key, or what the variable holds cannot be one.
    """
    check_destination(
        spec,
        vendor_hosts=vendor_hosts,
        vendor_variables=vendor_variables,
        default_base_url_env=default_base_url_env,
        env=env,
    )
    variables = wanted(spec, vendor_variables)
    for variable in variables:
        key = env.get(variable, "").strip()
        if key:
            return checked(spec, variable, key)
    base_url = spec.base_url or env.get(default_base_url_env, "")
    if base_url and is_loopback(host_of(base_url)):
        return PLACEHOLDER
    raise no_key(spec, f"no key; set {' or '.join(variables)}")


def check_destination(
    spec: ModelSpec,
    *,
    vendor_hosts: Sequence[str],
    vendor_variables: Sequence[str],
    default_base_url_env: str,
    env: Mapping[str, str] = os.environ,
) -> None:
    """Raise `ModelError` if a key that `spec` would send may not go where it points.

    A vendor's key goes to the vendor over https, to this machine, and to where the command
    line or the environment points. A key of the model's own goes where the model's base_url
    says, over http too: servers in a lab seldom have certificates.
    """
    for variable in wanted(spec, vendor_variables):
        owners = OWNERS.get(variable, vendor_hosts if variable in vendor_variables else ())
        if owners and not may_go(spec, owners, vendor_hosts, env.get(default_base_url_env, "")):
            raise misplaced(spec, variable, vendor_hosts)


def sends_vendor_key(spec: ModelSpec, vendor_hosts: Sequence[str], default_base_url: str) -> bool:
    """Tell whether the vendor's own credentials may go where `spec` points."""
    return may_go(spec, vendor_hosts, vendor_hosts, default_base_url)


def may_go(spec: ModelSpec, owners: Sequence[str], vendor_hosts: Sequence[str], default_base_url: str) -> bool:
    """Tell whether a key of the hosts `owners` may go where `spec` points."""
    if not spec.base_url and not default_base_url:
        return belongs(vendor_hosts[0], owners)
    if not spec.base_url or spec.base_url_trusted:
        return True
    scheme, host, _ = origin(spec.base_url)
    if is_loopback(host) or (scheme == "https" and belongs(host, owners)):
        return True
    return bool(default_base_url) and origin(spec.base_url) == origin(default_base_url)


def belongs(host: str, owners: Sequence[str]) -> bool:
    """Tell whether `host` is one of `owners` or below one, as the regional hosts are."""
    return any(host == owner or host.endswith(f".{owner}") for owner in owners)


def wanted(spec: ModelSpec, vendor_variables: Sequence[str]) -> tuple[str, ...]:
    """Return the variables that may hold the key, in order."""
    return (spec.api_key_env,) if spec.api_key_env else tuple(vendor_variables)


def checked(spec: ModelSpec, variable: str, key: str) -> str:
    """Return `key` if a header can carry it; the SDKs' own errors would show it."""
    if not key.isascii() or not key.isprintable() or " " in key:
        raise no_key(spec, f"{variable} holds characters that no key has; set it anew")
    return key


def no_key(spec: ModelSpec, why: str) -> CallError:
    """Return the error of every question to a model without a usable key."""
    return CallError(f"{spec.name}: {why}", "key", whole_model=True, sent=False)


def misplaced(spec: ModelSpec, variable: str, vendor_hosts: Sequence[str]) -> ModelError:
    """Say which key would go where it does not belong, and the ways out."""
    if not spec.base_url:
        return ModelError(
            f"model {spec.name!r}: the key in {variable} is another vendor's and is not sent to {vendor_hosts[0]}; "
            "name the right variable with api_key_env"
        )
    return ModelError(
        f"model {spec.name!r}: the key in {variable} is not sent to {shown(spec.base_url)}, which only a file names; "
        "name a variable of its own with api_key_env, or give the base_url on the command line"
    )
