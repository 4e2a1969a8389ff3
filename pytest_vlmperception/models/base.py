"""The seam: one verb, ``ask``, that a provider, a wrapper and a fake all have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Protocol, TypeVar

from pytest_vlmperception.errors import ModelError, choices_hint
from pytest_vlmperception.records import Question, Reply

__all__ = ["Identity", "Model", "ModelSpec", "Provider", "ProviderFactory", "resolve_parameters"]

T = TypeVar("T")
# What the package brings with it and computes itself.
IN_PROCESS = frozenset({"observer", "painter"})
NOTHING: Mapping[str, Any] = MappingProxyType({})


class Model(Protocol):
    """Anything that answers a question: a provider, a layer around one, or a fake."""

    def ask(self, question: Question) -> Reply:
        """Answer one question.

        Raises
        ------
        CallError
            If there is no completed reply.
        """


@dataclass(frozen=True)
class Identity:
    """What makes two models the same for the store of answers. Holds no secret.

    Attributes
    ----------
    provider, model : str
        As in ``provider/model``.
    parameters : mapping
        Every parameter that can change an answer, resolved to its value.
    base_url : str
        Where the model lives, without user information and query; empty for in-process models.
    adapter : int
        Version of the code that builds the request.
    sees_task : bool
        Whether the answer depends on `Question.task`, as the built-in observer's does.
    takes_schema : bool
        Whether `Question.schema` is sent.
    """

    provider: str
    model: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    base_url: str = ""
    adapter: int = 1
    sees_task: bool = False
    takes_schema: bool = False

    @property
    def is_built_in(self) -> bool:
        """Whether it is the built-in observer or painter: free, and asked without leaving the process."""
        return self.provider in IN_PROCESS


class Provider(Model, Protocol):
    """A model at the end of the chain: it knows who it is.

    Where it has a method ``prepare()``, that is called before the first question is asked, to load what asking
    takes; nothing is announced where it raises `CallError`. Where it has a `quota` too, with a method
    ``take()`` that returns for how many seconds the server wants no further call by what its replies said
    since the last time, no worker sends one meanwhile.
    """

    @property
    def identity(self) -> Identity:
        """What goes into the key of an answer."""


@dataclass(frozen=True)
class ModelSpec:
    """A model's name taken apart.

    Attributes
    ----------
    name : str
        What the user calls it, without secrets; shown everywhere.
    provider, model : str
        ``openai`` and ``gpt-5.2`` of ``openai/gpt-5.2?detail=high``.
    parameters : mapping of str to str
        The query's other parameters, as text.
    base_url : str
        Empty for the provider's own.
    api_key_env : str
        Name of the environment variable with the key; empty for the provider's own.
    base_url_trusted : bool
        Whether the command line or the environment named `base_url`: a vendor's key goes to
        no host that only a suite's files name.
    identity : str
        Replaces `base_url` in the key of an answer, where a named model sets it.
    """

    name: str
    provider: str
    model: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    base_url: str = ""
    api_key_env: str = ""
    base_url_trusted: bool = False
    identity: str = ""


class ProviderFactory(Protocol):
    """Makes a provider from its name; what the entry point group holds."""

    def __call__(self, spec: ModelSpec) -> Provider:
        """Make the provider without any network call, or raise `ModelError`."""


def resolve_parameters(spec: ModelSpec, known: Mapping[str, Callable[[str], Any]]) -> dict[str, Any]:
    """Convert the parameters of `spec` by the table `known` of name to converter.

    Raises
    ------
    ModelError
        If a parameter is not known, or its converter rejects the value.
    """
    for name in spec.parameters:
        if name not in known:
            # What stands behind a mistyped name can be a key: no value is repeated.
            head = spec.name.partition("?")[0]
            raise ModelError(f"model {head!r} has no parameter {name!r}; {choices_hint(name, known)}")
    return {name: convert(spec, name, text, known) for name, text in spec.parameters.items()}


def convert(spec: ModelSpec, name: str, text: str, known: Mapping[str, Callable[[str], T]]) -> T:
    """Convert one parameter, or say what is wrong with it."""
    try:
        return known[name](text)
    except ValueError as error:
        raise ModelError(f"model {spec.name!r}: {name}={text!r} cannot be used: {error}") from None
