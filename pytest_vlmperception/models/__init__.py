"""Who answers: one module a provider, and the registry that finds it by name."""

from pytest_vlmperception.models.base import (
    Identity,
    Model,
    ModelSpec,
    Provider,
    ProviderFactory,
    resolve_parameters,
)
from pytest_vlmperception.models.registry import create, parse

__all__ = [
    "Identity",
    "Model",
    "ModelSpec",
    "Provider",
    "ProviderFactory",
    "create",
    "parse",
    "resolve_parameters",
]
