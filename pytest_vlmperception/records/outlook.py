"""What lies before a run that is about to make its first call to a model."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Outlook"]


@dataclass(frozen=True)
class Outlook:
    """What was submitted so far.

    Attributes
    ----------
    model : str
        What the user calls the model.
    calls : int
        Questions that are not stored.
    stored : int
        Questions that are.
    exact : bool
        Whether each of them was looked up; else these numbers are estimated from some of them.
    tokens_in, tokens_out : int
        Of a call on average, at most; estimated.
    """

    model: str
    calls: int
    stored: int
    exact: bool
    tokens_in: int
    tokens_out: int
