"""Who answers: one module a provider, and the registry that finds it by name."""

from pytest_vlmperception.models.base import (
    Identity,
    Model,
    ModelSpec,
    Provider,
    ProviderFactory,
    resolve_parameters,
)
from pytest_vlmperception.models.registry import IMAGES, VISION, create, create_image, parse

__all__ = [
    "IMAGES",
    "VISION",
    "Identity",
    "Model",
    "ModelSpec",
    "Provider",
    "ProviderFactory",
    "create",
    "create_image",
    "parse",
    "resolve_parameters",
]
