"""Names of tests that hold no model: the same before and after an upgrade."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pytest_vlmperception.lookahead import params_of

__all__ = ["Variant", "durable_id", "fixture_name", "without_model"]


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
    shown = [model for model in fixtures if model in params and not is_hidden(params[model])]
    if spec is None or not shown:
        return name
    ids = list(spec._idlist)
    if len(ids) == len(params):
        ids = [id_ for id_, parameter in zip(ids, params, strict=True) if parameter not in shown]
    else:
        # Some parameters share an id, or are hidden; those of models come last.
        for model in {str(params[fixture]) for fixture in shown}.intersection(ids):
            del ids[len(ids) - 1 - ids[::-1].index(model)]
    suffix = f"[{'-'.join(ids)}]" if ids else ""
    # Pytest-xdist may have added a group.
    before, found, group = name.rpartition(f"[{spec.id}]")
    return f"{before}{suffix}{group}" if found else f"{name}{suffix}"


def is_hidden(model: object) -> bool:
    """Tell whether a model under test is no part of the ids of its tests."""
    return isinstance(model, Variant) and not model.shown


def fixture_name(item: Any, fixture: str) -> str:
    """Return a fixture's name with the parameters of a test, the model aside, that make it another one each."""
    needed = needed_by(fixture, getattr(item, "_fixtureinfo", None))
    ids = [id_ for name, id_ in ids_of(item).items() if name in needed and name != "vlm"]
    return f"{fixture}[{'-'.join(ids)}]" if ids else fixture


def needed_by(fixture: str, info: Any) -> set[str]:
    """Return the name of a fixture and of all that it is made of."""
    definitions = getattr(info, "name2fixturedefs", {})
    needed, new = set[str](), {fixture}
    while new:
        needed |= new
        new = {name for each in new for made in definitions.get(each, ()) for name in made.argnames} - needed
    return needed


def ids_of(item: Any) -> dict[str, str]:
    """Return the id of each parameter of a test; its place where several share one."""
    spec = getattr(item, "callspec", None)
    if spec is None:
        return {}
    names = [name for name, value in spec.params.items() if not is_hidden(value)]
    places = [str(spec.indices[name]) for name in names]
    return dict(zip(names, spec._idlist if len(spec._idlist) == len(names) else places, strict=True))
