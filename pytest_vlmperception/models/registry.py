"""Finding a model by its name: ``provider/model?param=value``, or a name from pyproject.toml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType
from typing import Any, cast
from urllib.parse import unquote

from pytest_vlmperception.errors import ModelError, PerceptionError, choices_hint
from pytest_vlmperception.models.addresses import check_base_url, shown
from pytest_vlmperception.models.base import NOTHING, ModelSpec, Provider, ProviderFactory

__all__ = ["IMAGES", "VISION", "Kind", "create", "create_image", "parse"]


@dataclass(frozen=True)
class Kind:
    """What models do, and who has models that do it.

    Attributes
    ----------
    group : str
        The entry point group of third parties' providers.
    built_in : mapping of str to str
        Providers of ours: no other distribution can take their names.
    """

    group: str
    built_in: Mapping[str, str]

    def providers(self) -> set[str]:
        """Return the names of all providers, built in or installed."""
        return {*self.built_in, *(entry.name for entry in entry_points(group=self.group))}


VISION = Kind(
    "pytest_vlmperception.models",
    MappingProxyType({
        "anthropic": "pytest_vlmperception.models.anthropic:AnthropicModel",
        "google": "pytest_vlmperception.models.google:GoogleModel",
        "observer": "pytest_vlmperception.models.observer:Observer",
        "openai": "pytest_vlmperception.models.openai:OpenAIModel",
    }),
)
IMAGES = Kind(
    "pytest_vlmperception.image_models",
    MappingProxyType({
        "google": "pytest_vlmperception.models.google_images:GoogleImageModel",
        "openai": "pytest_vlmperception.models.openai_images:OpenAIImageModel",
        "painter": "pytest_vlmperception.models.painter:Painter",
    }),
)

# A name is printed, stored and used as a test id: no key may be in it.
SECRETS = frozenset({"apikey", "auth", "authorization", "key", "passwd", "password", "secret", "token"})
KEY = re.compile(r"sk-[\w-]{12,}|AIza[\w-]{20,}")
VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")
PARAMETER = re.compile(r"[a-z_][a-z0-9_]*", re.IGNORECASE)
IN_HEAD = str.maketrans({"%": "%25", "?": "%3F"})
IN_VALUE = str.maketrans({"%": "%25", "&": "%26"})


def parse(
    name: str, *, trusted: bool, named: Mapping[str, Mapping[str, Any]] = NOTHING, kind: Kind = VISION
) -> ModelSpec:
    """Take a model's name apart.

    Parameters
    ----------
    name : str
        ``provider/model?param=value&...``, a provider that needs no model, or a key of `named`
        with an optional query. Values are percent-decoded; a base_url is written as it is, but
        for ``&`` (``%26``) and ``%`` (``%25``).
    trusted : bool
        Whether the name comes from the command line or the environment, not from a suite's files.
    named : mapping of str to mapping
        The tables of pyproject.toml by name: ``model``, and ``base_url``, ``api_key_env``,
        ``identity`` or any parameter. A base_url in a table is never trusted.
    kind : Kind
        What the model does.

    Raises
    ------
    ModelError
        If the name cannot be understood, or holds a secret.
    """
    check_no_key(name)
    text, _, query = name.strip().partition("?")
    head = decoded(text, text)
    given = parse_query(head, query)
    if head in named:
        spec = table_spec(head, named[head], kind)
    else:
        provider, model = split_head(head, named, kind)
        spec = ModelSpec(name="", provider=provider, model=model)
    return replace(merged(spec, given, trusted=trusted), name=written(head, given))


def create(spec: ModelSpec) -> Provider:
    """Make the provider that `spec` names. No network call is made, no key is read.

    Raises
    ------
    ModelError
        If the provider is not known, cannot be imported, or refuses the name.
    """
    return created(spec, VISION)


def create_image(spec: ModelSpec) -> Provider:
    """Make the image generator that `spec` names, as `create` makes a model that sees."""
    return created(spec, IMAGES)


def created(spec: ModelSpec, kind: Kind) -> Provider:
    """Make a provider of one kind."""
    entry = find(spec, kind)
    factory = load(spec, entry)
    try:
        return factory(spec)
    except PerceptionError:
        raise
    except Exception as error:
        raise ModelError(f"model {bare(spec)!r}: {source(entry)} failed: {type(error).__name__}: {error}") from error


def check_no_key(text: str) -> None:
    """Refuse a name or value with a key in it, without repeating it."""
    if KEY.search(text):
        raise ModelError(
            "a model's name or setting holds what looks like a key; "
            "put the key into an environment variable and name that with api_key_env"
        )


def split_head(head: str, named: Mapping[str, Any], kind: Kind) -> tuple[str, str]:
    """Split ``provider/model``; a provider alone has no model."""
    provider, slash, model = head.partition("/")
    if provider and model:
        return provider, model
    known = kind.providers()
    if not slash and provider in known:
        return provider, ""
    hint = choices_hint(head, {*known, *named})
    raise ModelError(f"model {head!r} is neither provider/model nor defined in pyproject.toml; {hint}")


def parse_query(head: str, query: str) -> dict[str, str]:
    """Return the settings of a query, checked."""
    given: dict[str, str] = {}
    for part in filter(None, query.split("&")):
        name, equals, value = part.partition("=")
        if not equals or not PARAMETER.fullmatch(name):
            raise ModelError(f"model {head!r}: its query must be name=value pairs joined by &")
        if name in given:
            raise ModelError(f"model {head!r}: {name} is given twice; give it once")
        given[name] = decoded(head, value)
    return checked(head, given)


def decoded(head: str, text: str) -> str:
    """Undo percent-encoding."""
    try:
        plain = unquote(text, errors="strict")
    except UnicodeDecodeError:
        plain = "\0"
    if not plain.isprintable():
        raise ModelError(f"model {head!r}: a % in it does not encode a printable character; write % as %25")
    return plain


def checked(head: str, given: dict[str, str]) -> dict[str, str]:
    """Return settings, refusing what must not be in them."""
    for name, value in given.items():
        if name.lower().replace("_", "") in SECRETS:
            raise ModelError(f"model {head!r}: no key in a name ({name}=); name its variable with api_key_env")
        check_no_key(value)
    if not VARIABLE.fullmatch(given.get("api_key_env", "_")):
        raise ModelError(f"model {head!r}: api_key_env takes the name of an environment variable, in capitals")
    if "base_url" in given:
        check_base_url(head, given["base_url"])
    return given


def merged(spec: ModelSpec, given: Mapping[str, str], *, trusted: bool) -> ModelSpec:
    """Return `spec` with settings that replace its own."""
    base_url = given.get("base_url", "")
    parameters = {name: value for name, value in given.items() if name not in {"base_url", "api_key_env"}}
    return replace(
        spec,
        parameters=MappingProxyType({**spec.parameters, **parameters}),
        base_url=base_url or spec.base_url,
        base_url_trusted=trusted if base_url else spec.base_url_trusted,
        api_key_env=given.get("api_key_env", spec.api_key_env),
    )


def table_spec(name: str, table: Mapping[str, Any], kind: Kind) -> ModelSpec:
    """Return what a table ``[tool.pytest_vlmperception.models.NAME]`` defines."""
    if "/" in name or name in {*VISION.built_in, *IMAGES.built_in}:
        raise ModelError(f"model {name!r} of pyproject.toml hides a model of that name; call the table otherwise")
    texts = {key: as_text(name, key, value) for key, value in table.items()}
    model = texts.pop("model", "")
    if not model:
        raise ModelError(f"model {name!r} of pyproject.toml says no model; add: model = 'provider/model'")
    identity = texts.pop("identity", "")
    return replace(
        merged(parse(model, trusted=False, kind=kind), checked(name, texts), trusted=False), identity=identity
    )


def as_text(name: str, key: str, value: object) -> str:
    """Return a value of a table as it would stand in a query."""
    match value:
        case bool():
            return str(value).lower()
        case str() | int() | float():
            return str(value)
    kind = type(value).__name__
    raise ModelError(f"model {name!r} of pyproject.toml: {key} is a {kind}; expected a text, number or boolean")


def written(head: str, given: Mapping[str, str]) -> str:
    """Return the name as the user wrote it, less what of a base_url could be secret."""
    values = {name: shown(value) if name == "base_url" else value for name, value in given.items()}
    query = "&".join(f"{name}={value.translate(IN_VALUE)}" for name, value in values.items())
    return head.translate(IN_HEAD) + (f"?{query}" if query else "")


def find(spec: ModelSpec, kind: Kind) -> EntryPoint:
    """Return the entry point of a provider; a built-in one always wins."""
    if spec.provider in kind.built_in:
        return EntryPoint(spec.provider, kind.built_in[spec.provider], kind.group)
    entries = list(entry_points(group=kind.group, name=spec.provider))
    if not entries:
        raise ModelError(
            f"model {bare(spec)!r}: no provider {spec.provider!r}; {choices_hint(spec.provider, kind.providers())}"
        )
    if len(entries) > 1:
        rivals = " and ".join(sorted(source(entry) for entry in entries))
        raise ModelError(f"model {bare(spec)!r}: more than one provider {spec.provider!r}: {rivals}; uninstall one")
    return entries[0]


def load(spec: ModelSpec, entry: EntryPoint) -> ProviderFactory:
    """Import what makes the provider, whatever goes wrong in it."""
    try:
        return cast(ProviderFactory, entry.load())
    except Exception as error:
        what = f"{type(error).__name__}: {error}"
        raise ModelError(f"model {bare(spec)!r}: {source(entry)} cannot be imported: {what}") from error


def bare(spec: ModelSpec) -> str:
    """Return a model's name without parameters: those of a provider nobody knows may be secrets."""
    return spec.name.partition("?")[0]


def source(entry: EntryPoint) -> str:
    """Name an entry point and the distribution that it comes from."""
    distribution = entry.dist.name if entry.dist else "pytest-vlmperception"
    return f"entry point {entry.name} = {entry.value} of {distribution}"
