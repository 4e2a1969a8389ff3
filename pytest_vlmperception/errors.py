"""Every exception of the package.

::

    PerceptionError
    ├── UsageError            bad input: what was given, what was expected, what to do
    │   ├── PictureError      bytes that are no picture, or one that is too large
    │   ├── StimulusError     a set, manifest, folder or table
    │   │   └── MissingData   a data set that was not given: the test is skipped
    │   ├── PromptError       a prompt file or its placeholders
    │   └── ModelError        the name, parameters or key of a model
    ├── Outcome               reading a value that is not there
    │   ├── Inconclusive      there is an answer, but it decides nothing
    │   │   ├── Refused       the model, or a filter before it, declined
    │   │   ├── Unparsed      the answer is none of the allowed ones
    │   │   └── Truncated     the answer was cut off
    │   └── Unavailable       no answer could be had: key, network, quota, retired model
    ├── CallError             one attempt to call a model failed
    │   └── NotMadeError      a picture that a question shows was not made
    └── StoreError            the store of answers cannot be used
        └── UnwritableError   it can be read, but not be written now

    StimulusWarning           what was left out of a set
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = [
    "CallError",
    "CannotJudge",
    "Inconclusive",
    "MissingData",
    "ModelError",
    "NotMadeError",
    "Outcome",
    "PerceptionError",
    "PictureError",
    "PromptError",
    "Refused",
    "StimulusError",
    "StimulusWarning",
    "StoreError",
    "Truncated",
    "Unavailable",
    "Unparsed",
    "UnwritableError",
    "UsageError",
    "choices_hint",
]


class PerceptionError(Exception):
    """Base of all exceptions of pytest-vlmperception."""


class UsageError(PerceptionError, ValueError):
    """Input that cannot be used: one line that says what, why and what to do."""


class PictureError(UsageError):
    """Bytes that are no picture, or a picture over the limits."""


class StimulusError(UsageError):
    """A stimulus set, manifest, folder or table that cannot be used."""


class MissingData(StimulusError):
    """A data set whose path was not given, so that its tests are skipped."""


class StimulusWarning(UserWarning):
    """Something was left out of a set of stimuli."""


class PromptError(UsageError):
    """A prompt file that cannot be used, or a placeholder without a value."""


class ModelError(UsageError):
    """A model's name, parameter or key setting that cannot be used."""


class Outcome(PerceptionError):
    """A value was read that the answers do not give."""


class Inconclusive(Outcome):
    """The answers there are decide nothing."""


class Refused(Inconclusive):
    """The model, or a filter before it, declined to answer."""


class CannotJudge(Refused):
    """The built-in observer has no measure for what was asked: the test is skipped."""


class Unparsed(Inconclusive):
    """The answer is none of the allowed ones."""


class Truncated(Inconclusive):
    """The answer was cut off before its end."""


class Unavailable(Outcome):
    """No answer could be had: no key, no network, quota, retired model."""


class CallError(PerceptionError):
    """One attempt to call a model failed.

    Parameters
    ----------
    message : str
        What happened, with the server's own words where there are any.
    kind : str
        A short class for counting: ``key``, ``network``, ``timeout``, ``rate limit``,
        ``server``, ``quota``, ``model``, ``request``, ``malformed`` or ``empty``.
    transient : bool
        Whether asking again may help.
    retry_after : float or None
        Seconds that the server asked to wait.
    whole_model : bool
        Whether every other question to the same model must fail alike.
    sent : bool
        Whether a request left this machine.
    """

    def __init__(
        self,
        message: str,
        kind: str,
        *,
        transient: bool = False,
        retry_after: float | None = None,
        whole_model: bool = False,
        sent: bool = True,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.kind = kind
        self.transient = transient
        self.retry_after = retry_after
        self.whole_model = whole_model
        self.sent = sent

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle with the fields, so that the error survives a process boundary."""
        return (type(self), (self.message, self.kind), self.__dict__)


class NotMadeError(CallError):
    """A picture that a question shows was not made, so that the question is not asked.

    Parameters
    ----------
    message : str
        Which picture, and why.
    kind : str
        How the making ended in detail, e.g. ``filtered`` or ``network``.
    status : str
        How it ended: the `Status` of the draw that should have been the picture.
    """

    def __init__(self, message: str, kind: str, status: str = "unavailable") -> None:
        super().__init__(message, kind, sent=False)
        self.status = status


class StoreError(PerceptionError):
    """The store of answers is damaged, foreign or cannot be written."""


class UnwritableError(StoreError):
    """The store cannot be written now: its disk is full, read-only or broken. A run goes on in memory.

    Parameters
    ----------
    message : str
        What to tell the user.
    reason : str
        The system's own words.
    """

    def __init__(self, message: str, reason: str = "") -> None:
        super().__init__(message)
        self.reason = reason

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle with the reason, so that the error survives a process boundary."""
        return (type(self), (str(self), self.reason))


def choices_hint(word: str, known: Iterable[str]) -> str:
    """Say what `word` could have been: the nearest known word first, then all of them."""
    choices = sorted(known)
    near = difflib.get_close_matches(word, choices, n=1)
    guess = f"did you mean {near[0]!r}? " if near else ""
    return f"{guess}known: {', '.join(choices) or 'none'}"
