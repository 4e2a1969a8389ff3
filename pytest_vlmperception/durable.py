"""Names of tests that hold no model: the same before and after an upgrade."""

from __future__ import annotations

from typing import Any

from pytest_vlmperception.lookahead import params_of

__all__ = ["Variant", "durable_id", "without_model"]


class Variant(str):
    """A model under test as a parameter of tests: its name, and what part it plays.

    Attributes
    ----------
    shown : bool
        Whether the name is part of the tests' ids.
    reference : bool
        Whether the tests only show what another model is held against.
    """

    __slots__ = ("reference", "shown")

    shown: bool
    reference: bool

    def __new__(cls, name: str, *, shown: bool = True, reference: bool = False) -> Variant:
        """Make the parameter of a name."""
        variant = super().__new__(cls, name)
        variant.shown, variant.reference = shown, reference
        return variant


def durable_id(item: Any) -> str:
    """Return the node id of a test without the model under test."""
    return without_model(item, item.nodeid)


def without_model(item: Any, name: str) -> str:
    """Return a name that ends with a test's parameters, without the model under test among them."""
    spec, model = getattr(item, "callspec", None), params_of(item).get("vlm")
    if spec is None or model is None or (isinstance(model, Variant) and not model.shown):
        return name
    ids, names = list(spec._idlist), list(spec.params)
    if len(ids) == len(names):
        del ids[names.index("vlm")]
    elif str(model) in ids:
        # Some parameters share an id, or are hidden.
        ids.remove(str(model))
    suffix = f"[{'-'.join(ids)}]" if ids else ""
    return f"{name.removesuffix(f'[{spec.id}]')}{suffix}"
