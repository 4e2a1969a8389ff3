"""Reference values of stimuli, however a test names them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pytest_vlmperception.errors import UsageError, choices_hint
from pytest_vlmperception.records import Stimulus

__all__ = ["Reference", "reference_values"]

Reference = str | Mapping[Stimulus, Any] | Callable[[Stimulus], Any]


def reference_values(reference: Reference, stimuli: Iterable[Stimulus]) -> list[Any]:
    """Return the reference value of each stimulus.

    Parameters
    ----------
    reference : str, mapping or callable
        A key of `Stimulus.reference`, a value for each stimulus, or a function of the stimulus.
    stimuli : iterable of Stimulus
        Whose values are needed.

    Raises
    ------
    UsageError
        If a stimulus has none.
    """
    if callable(reference):
        return [found(stimulus, reference(stimulus)) for stimulus in stimuli]
    if isinstance(reference, str):
        return [named(stimulus, reference) for stimulus in stimuli]
    if not isinstance(reference, Mapping):
        raise UsageError(f"reference={reference!r}; expected a key of Stimulus.reference, a mapping or a function")
    return [found(stimulus, reference.get(stimulus)) for stimulus in stimuli]


def named(stimulus: Stimulus, key: str) -> Any:
    """Return one of the values that a stimulus carries."""
    if key not in stimulus.reference:
        hint = choices_hint(key, stimulus.reference)
        raise UsageError(f"there is no reference value {key!r} for {stimulus.id!r}; {hint}")
    return stimulus.reference[key]


def found(stimulus: Stimulus, value: Any) -> Any:
    """Return a value that is there."""
    if value is None:
        raise UsageError(f"there is no reference value for {stimulus.id!r}; give one for each stimulus that was asked")
    return value
