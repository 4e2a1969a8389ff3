"""Names of tests that hold no model: the same before and after an upgrade."""

from __future__ import annotations

from collections.abc import Sequence
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


def without_model(item: Any, name: str, fixtures: Sequence[str] = ("vlm",)) -> str:
    """Return a name that ends with a test's parameters, without the models under test among them.

    Parameters
    ----------
    item : pytest.Item
        The test.
    name : str
        A node id, or another name with the same ending.
    fixtures : sequence of str
        Which fixtures' models are left out.
    """
    spec, params = getattr(item, "callspec", None), params_of(item)
    shown = [model for model in fixtures if model in params and is_shown(params[model])]
    if spec is None or not shown:
        return name
    ids = list(spec._idlist)
    if len(ids) == len(params):
        ids = [id_ for id_, parameter in zip(ids, params, strict=True) if parameter not in shown]
    else:
        # Some parameters share an id, or are hidden.
        for model in {str(params[fixture]) for fixture in shown}.intersection(ids):
            ids.remove(model)
    suffix = f"[{'-'.join(ids)}]" if ids else ""
    return f"{name.removesuffix(f'[{spec.id}]')}{suffix}"


def is_shown(model: object) -> bool:
    """Tell whether a model is part of the ids of its tests."""
    return not isinstance(model, Variant) or model.shown
