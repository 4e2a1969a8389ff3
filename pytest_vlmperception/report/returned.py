"""Lines on the model ids that a provider returned."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_vlmperception.records import counted

__all__ = ["returned_line"]


def returned_line(model: str, stored: Mapping[str, int], new: Mapping[str, int], *, replayed: bool = False) -> str:
    """Return the warning for replies that came from more than one model; empty where they came from one.

    Parameters
    ----------
    model : str
        Name of the model that was asked.
    stored, new : mapping of str to int
        Replies by the id that the provider returned with them: of earlier runs, and of calls of this run.
    replayed : bool
        Whether the stored ones are those of a recording.

    >>> returned_line("openai/gpt", {"gpt-2026-01": 120}, {"gpt-2026-03": 480}).partition(": ")[0]
    'openai/gpt answered as gpt-2026-01 (120 stored replies) and gpt-2026-03 (480 new replies)'
    """
    if len(stored.keys() | new.keys()) < 2:
        return ""
    how = changed(stored, new)
    remedy = "ask all anew with --vlm-cache=refresh"
    if replayed:
        remedy += ", and record that with --vlm-record"
    elif len(new) > 1:
        remedy += " once it has settled, or name the model by one of these ids"
    shown = [*kinds(stored, "stored reply"), *kinds(new, "new reply")]
    return f"{model} answered as {listed(shown)}: {how}; {remedy}"


def changed(stored: Mapping[str, int], new: Mapping[str, int]) -> str:
    """Say when the provider changed the model."""
    if len(new) > 1:
        return "the provider changed the model in the middle of this run"
    if new:
        return "the provider changed the model since they were stored"
    return "the provider changed the model between the runs that asked"


def kinds(replies: Mapping[str, int], unit: str) -> list[str]:
    """Return counts of replies by id."""
    return [f"{name} ({counted(count, unit)})" for name, count in sorted(replies.items())]


def listed(parts: list[str]) -> str:
    """Return parts joined as in a sentence."""
    *before, last = parts
    return f"{', '.join(before)} and {last}"
